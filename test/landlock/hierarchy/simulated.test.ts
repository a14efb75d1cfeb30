import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import type { Observation } from '../../../src/landlock/hierarchy/observation.ts';
import { Accuracy } from './accuracy.ts';
import { belowFrom, judgeSimulated, SIMULATED_TELLINGS } from './judge-simulated.ts';
import { Simulator } from './simulator.ts';

function shuffle<T>(list: readonly T[], below: (bound: number) => number): T[] {
  const shuffled = [...list];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });

/** Proven edges that are not so, in words. */
function wrongProofs(simulator: Simulator, heard: readonly Observation[]): string[] {
  const accuracy = new Accuracy();
  accuracy.add(heard, inferParents(heard), (ancestor, domain) => simulator.isAncestor(ancestor, domain));
  return accuracy.wrong.filter(({ strength }) => strength === 'proof').map(({ edge }) => edge);
}

it('never proves what is not so, whatever is lost, doubled, out of order or numbered again', () => {
  fc.assert(
    fc.property(
      seeds,
      fc.integer({ min: 0, max: 90 }),
      fc.boolean(),
      fc.constantFrom(0, 1, 60),
      (seed, lossPercent, isShuffled, reusePercent) => {
        const below = belowFrom(seed);
        const simulator = new Simulator(below, 300, { calls: below(2) === 0, lineages: below(2) === 0, reusePercent });
        const kept = simulator.observations.filter(() => below(100) >= lossPercent);
        const doubled = kept.flatMap((seen) => (below(20) === 0 ? [seen, seen] : [seen]));
        expect(wrongProofs(simulator, isShuffled ? shuffle(doubled, below) : doubled)).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

it('says the same of doubled observations, and nearly the same of shuffled ones', () => {
  const edges = (heard: readonly Observation[]) =>
    [...inferParents(heard)].map(([id, { parent }]) => `${id} ${parent?.domain} ${parent?.strength}`).sort();
  let [same, all] = [0, 0];
  for (let seed = 1; seed <= 40; seed++) {
    const below = belowFrom(seed * 6151);
    const { observations } = new Simulator(below, 300, { reusePercent: 0 });
    const inOrder = edges(observations);
    expect(edges([...observations, ...observations])).toEqual(inOrder);
    const shuffled = new Set(edges(shuffle([...observations, ...observations], below)));
    all += inOrder.length;
    same += inOrder.filter((edge) => shuffled.has(edge)).length;
  }
  // A number's processes are told apart by what came before.
  expect(same / all).toBeGreaterThan(0.95);
});

it('simulates everything that misleads', () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    for (const trap of new Simulator(belowFrom(seed), 400).traps) seen.add(trap);
  }
  expect([...seen].sort()).toEqual(
    [
      'fork before restriction',
      'number used again',
      're-parented',
      'sibling domains of threads',
      'somebody else is named: fs.truncate',
      'somebody else is named: ptrace',
      'somebody else is named: scope.signal',
      'two domains refuse one call',
      'TSYNC',
    ].sort(),
  );
});

it('is exact where the kernel names the parents, also beside evidence that would mislead', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const below = belowFrom(seed * 104_729);
    const simulator = new Simulator(below, 300);
    const heard = shuffle([...simulator.observations, ...simulator.creations()], below);
    for (const { domain, parent, ancestors, depthMin } of inferParents(heard).values()) {
      expect(depthMin).toBe(simulator.depth(domain));
      expect(parent?.strength ?? 'proof').toBe('proof');
      expect(ancestors.filter((ancestor) => !simulator.isAncestor(ancestor.domain, domain))).toEqual([]);
    }
  }
});

it('is right with 98 of 100 strong edges and finds 95 of 100 parents that the records decide', () => {
  const judged = SIMULATED_TELLINGS.map((telling) => ({ telling, accuracy: judgeSimulated(telling) }));
  for (const { accuracy } of judged) {
    const { proof, strong } = Object.fromEntries(accuracy.rows().map(({ strength, edges }) => [strength, edges]));
    expect(proof?.given).toBeGreaterThan(100);
    expect(proof?.right).toBe(proof?.given);
    expect(strong?.given).toBeGreaterThan(3_000);
    expect(share(strong)).toBeGreaterThanOrEqual(0.98);
    expect(accuracy.decidable.given).toBeGreaterThan(1_000);
    expect(share(accuracy.decidable)).toBeGreaterThanOrEqual(0.95);
    // Of all that have an ancestor with a record, decidable or not.
    expect(share(accuracy.named)).toBeGreaterThan(0.8);
  }
  const [alone, , , all] = judged.map(({ accuracy }) => accuracy);
  expect(share(all?.named)).toBeGreaterThan(share(alone?.named) + 0.02);
  expect(share(all?.edges.get('hint'))).toBeGreaterThan(share(alone?.edges.get('hint')));
});

function share(count: { readonly given: number; readonly right: number } | undefined): number {
  return count === undefined ? Number.NaN : count.right / count.given;
}
