// What a family (src/landlock/hierarchy) becomes in an answer: the parent with its evidence, and what else was found.
import type { Family } from '../../landlock/hierarchy/family.ts';
import type { DomainAnswer, Evidence } from '../answers.ts';
import { evidenceText, ruledOutText } from './evidence-text.ts';

/** The part of an answer that tells of descent. */
export type Kinship = Pick<
  DomainAnswer,
  'parent' | 'evidence' | 'depth_min' | 'other_ancestors' | 'ruled_out' | 'evidence_incomplete'
>;

/** Other candidates, and those ruled out, that one answer tells of: a chain has no more than 16 domains. */
const OTHERS_MAX = 16;

/** Nothing is known, although everything was looked at. */
export const NO_KIN: Kinship = { evidence: [], depth_min: 1 };

/** `isWhole`: whether all records of the boot were looked at. undefined: the domain is not among them. */
export function toKinship(family: Family | undefined, isWhole: boolean): Kinship {
  const incomplete = isWhole ? {} : { evidence_incomplete: true as const };
  if (family === undefined) return { ...NO_KIN, ...incomplete };
  const { parent, ancestors, ruledOut } = family;
  const others = ancestors.slice(1, OTHERS_MAX).map(({ domain, strength, evidence }) => {
    return { id: domain, strength, evidence: inWords(evidence, domain) };
  });
  // What speaks against it from one process does not undo what speaks for it from another.
  const without = ruledOut.filter(({ domain }) => !ancestors.some((ancestor) => ancestor.domain === domain));
  return {
    ...(parent !== undefined && { parent: parent.domain }),
    evidence: parent === undefined ? [] : inWords(parent.evidence, parent.domain),
    depth_min: family.depthMin,
    ...(others.length > 0 && { other_ancestors: others }),
    ...(without.length > 0 && {
      ruled_out: without.slice(0, OTHERS_MAX).map(({ domain, because }) => {
        return { id: domain, because, text: ruledOutText(because) };
      }),
    }),
    ...incomplete,
  };
}

function inWords(evidence: readonly Evidence[], ancestor: string): readonly Evidence[] {
  return evidence.map((one) => ({ ...one, text: evidenceText(one, ancestor) }));
}
