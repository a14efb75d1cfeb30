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

const RULED_OUT: ReadonlyMap<string, string> = new Map([
  ['freed-before', 'it ended before this domain did, and a parent outlives its children'],
  ['forked-before', 'the process was there before that domain was'],
  ['outside', 'it refused to signal or trace a process that is in this domain'],
  ['would-have-refused', 'it had refused the same access before that an older domain refused here'],
  ['several-chains', 'the process has threads in different domains, or its number was used again'],
  ['tracepoint', 'the kernel itself named another parent'],
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

/** One piece of evidence that `ancestor` is one, as a sentence. What the server says of it comes first. */
export function evidenceSentence(evidence: Evidence, ancestor: string): string {
  const { kind, pid, parent_pid: parentPid } = evidence;
  if (typeof evidence.text === 'string' && evidence.text !== '') {
    return evidence.text;
  }
  const process = pid === undefined ? 'A process' : `Process ${String(pid)}`;
  const parent = parentPid === undefined ? 'its parent' : `process ${String(parentPid)} above it`;
  switch (kind) {
    case 'tracepoint':
      return `The kernel said when it made the domain that ${ancestor} is the parent.`;
    case 'same-event':
      return 'Both domains refused one and the same system call, so they are of one chain.';
    case 'born-inside':
      return `${process} was in ${ancestor} from its birth, as it did not make it, and is in this domain too.`;
    case 'same-thread':
      return `${process} met both domains in a thread of the same name.`;
    case 'parent-born-inside':
      return `${process} is in this domain, and ${parent} was in ${ancestor} from its birth.`;
    case 'proc-ancestry':
      return `/proc showed that ${parent} was in ${ancestor} already when the one below it in the chain started.`;
    case 'same-process':
      return `${process} has to do with both domains; its threads might be in different ones.`;
    case 'parent-process':
      return `${process} is in this domain, and ${parent} in ${ancestor}; it might have been forked before that.`;
    default:
      return `${process} speaks for it (${kind}).`;
  }
}

/** Event ids of the records that a piece of evidence rests on. */
export function evidenceRecords(evidence: Evidence): readonly string[] {
  return Array.isArray(evidence.records) ? evidence.records.filter((id) => typeof id === 'string') : [];
}

/** Why something that looked like an ancestor is none. What the server says of it comes first. */
export function ruledOutWords({ because, text }: { readonly because: string; readonly text?: string }): string {
  return text ?? RULED_OUT.get(because) ?? because;
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
