// Many simulated histories, judged: how right the families are where the machine tells less or more.
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { Accuracy } from './accuracy.ts';
import { Simulator, type Telling } from './simulator.ts';

const HISTORIES = 100;
const STEPS = 400;

/** Audit records alone, with audit rules on the calls, with ancestries from /proc, and with both. */
export const SIMULATED_TELLINGS: readonly Telling[] = [
  {},
  { calls: true },
  { lineages: true },
  { calls: true, lineages: true },
];

/** A small generator of its own, so that a seed alone repeats a history. */
export function belowFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return bound === 0 ? 0 : state % bound;
  };
}

/** The same histories each time. */
export function judgeSimulated(telling: Telling): Accuracy {
  const accuracy = new Accuracy();
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const simulator = new Simulator(belowFrom(seed * 15_485_863), STEPS, telling);
    const isAncestor = (ancestor: string, domain: string) => simulator.isAncestor(ancestor, domain);
    accuracy.add(simulator.observations, inferParents(simulator.observations), isAncestor);
  }
  return accuracy;
}
