// The store's side of the hierarchy: where families go that nothing can be added to any more, and where they come back
// from when one of them is named again. What is in memory is then what lives, and little more.
import type { Family } from './family.ts';
import type { Observation } from './observation.ts';

/** Of one boot of one machine. Both are called while an observation is taken note of, so neither may wait. */
export interface FamilyMemory {
  /**
   * The last word on a domain: it has ended, and with it everything inside of it, some time ago. It leaves memory.
   * Told again where it was recalled since, and settles again.
   */
  settled(family: Family): void;
  /**
   * What is stored of a domain that is not in memory, in any order. Its family rests on its own records, on those that
   * name its processes or the parents of these, and on the beginning and end of each domain named by any of them: what
   * is left out is evidence that is missing. At most a few hundred, since they are all taken note of at once. Nothing
   * where none are stored; asked for each domain that appears, so a lookup by key has to do for that.
   */
  recall(domain: string): Iterable<Observation>;
}
