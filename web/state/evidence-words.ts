// How it is known what a domain is nested in, in plain words: the kernel's audit log names no parent, so every edge
// says which observation it rests on and how far that may be trusted. Pure; the texts may hold what records hold.
import type { DomainAnswer, Evidence } from '../../src/api/schemas/domain.ts';

export type Strength = Evidence['strength'];
/** `unknown`: the answer came without evidence. */
export type EdgeStrength = Strength | 'unknown';

export const STRENGTHS: readonly EdgeStrength[] = ['proof', 'strong', 'hint', 'unknown'];

export const TRUST: Readonly<Record<EdgeStrength, string>> = {
  proof: 'follows from how the kernel works, whatever programs do',
  strong: 'true but for rare and exotic cases',
  hint: 'likely, but it may be otherwise',
  unknown: 'nothing is said of how this is known',
};

const SHORT: ReadonlyMap<string, string> = new Map([
  ['tracepoint', 'the kernel said so'],
  ['same-event', 'both refused one call'],
  ['born-inside', 'its process was born inside'],
  ['same-thread', 'one thread met both'],
  ['parent-born-inside', 'a parent process was born inside'],
  ['proc-ancestry', 'start times in /proc'],
  ['same-process', 'one process met both'],
  ['parent-process', 'a parent process was inside'],
]);

/** Of the best evidence. */
export function strengthOf(evidence: readonly Evidence[]): EdgeStrength {
  return STRENGTHS.find((strength) => evidence.some((one) => one.strength === strength)) ?? 'unknown';
}

/** The best evidence in a few words; empty where there is none. */
export function shortEvidence(evidence: readonly Evidence[]): string {
  const best = strengthOf(evidence);
  const kind = evidence.find((one) => one.strength === best)?.kind;
  return kind === undefined ? '' : (SHORT.get(kind) ?? kind);
}

/** One piece of evidence as the sentence that the server made of it. */
export function evidenceSentence({ kind, text }: Evidence): string {
  return typeof text === 'string' && text !== '' ? text : kind;
}

/** Event ids of the records that a piece of evidence rests on. */
export function evidenceRecords(evidence: Evidence): readonly string[] {
  return Array.isArray(evidence.records) ? evidence.records.filter((id) => typeof id === 'string') : [];
}

/** How deep the domain is at least, as unknown layers may lie between the known ones; empty where nothing is above it. */
export function depthWords({ depth_min: depth, parent }: DomainAnswer): string {
  if (parent === undefined) {
    return '';
  }
  return depth <= 1
    ? 'Only hints say so: it may as well stand alone.'
    : `At least ${depth === 2 ? '1 layer is' : `${depth - 1} layers are`} above it, not counting hints.`;
}
