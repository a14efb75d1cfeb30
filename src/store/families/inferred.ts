// What was inferred of some domains of one boot, ready for answers.
import type { Family } from '../../landlock/hierarchy/family.ts';
import { type Kinship, toKinship } from './kinship.ts';

export interface Inferred {
  /** By the domains' numbers. */
  readonly kinships: ReadonlyMap<string, Kinship>;
  /** The oldest first. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** Whether everything was looked at that says something about the domains. */
  readonly isWhole: boolean;
  /** Denials that were read for it. */
  readonly denials: number;
}

export function toInferred(families: ReadonlyMap<string, Family>, isWhole: boolean, denials: number): Inferred {
  const kinships = new Map([...families].map(([number, family]) => [number, toKinship(family, isWhole)]));
  return { kinships, children: childrenOf(kinships), isWhole, denials };
}

/** The oldest first: numbers grow with time. */
function childrenOf(kinships: ReadonlyMap<string, Kinship>): Map<string, string[]> {
  const children = new Map<string, string[]>();
  for (const [number, { parent }] of kinships) {
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [number]);
    else siblings.push(number);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return children;
}
