import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Family, Strength } from '../../../src/landlock/hierarchy/family.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import { Simulator, type Telling } from './simulator.ts';

/** A small generator of its own, so that a seed alone repeats a history. */
function belowFrom(seed: number): (bound: number) => number {
  let state = seed >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return bound === 0 ? 0 : state % bound;
  };
}

function shuffle<T>(list: readonly T[], below: (bound: number) => number): T[] {
  const shuffled = [...list];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

interface Count {
  edges: number;
  right: number;
}

function tally(simulator: Simulator, families: Iterable<Family>, table: Map<Strength, Count>): string[] {
  const wrongProofs: string[] = [];
  for (const { domain, ancestors } of families) {
    for (const { domain: ancestor, strength, evidence } of ancestors) {
      const row = table.get(strength) ?? { edges: 0, right: 0 };
      table.set(strength, row);
      row.edges += 1;
      if (simulator.isAncestor(ancestor, domain)) {
        row.right += 1;
      } else if (strength === 'proof') {
        wrongProofs.push(`${domain} ← ${ancestor}: ${JSON.stringify(evidence)}`);
      }
    }
  }
  return wrongProofs;
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 });

it('never proves what is not so, whatever is lost, doubled or out of order', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 0, max: 60 }), fc.boolean(), (seed, lossPercent, isShuffled) => {
      const below = belowFrom(seed);
      const simulator = new Simulator(below, 300);
      const kept = simulator.observations.filter(() => below(100) >= lossPercent);
      const doubled = kept.flatMap((seen) => (below(20) === 0 ? [seen, seen] : [seen]));
      const heard = isShuffled ? shuffle(doubled, below) : doubled;
      expect(tally(simulator, inferParents(heard).values(), new Map())).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

it('is right with at least 98 of 100 strong edges, among threads, forks, TSYNC and files passed on', () => {
  const table = new Map<Strength, Count>();
  let parents = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const simulator = new Simulator(belowFrom(seed * 7919), 400);
    const families = inferParents(simulator.observations);
    tally(simulator, families.values(), table);
    for (const { parent } of families.values()) {
      parents += Number(parent !== undefined);
    }
  }
  console.table(
    [...table].map(([strength, { edges, right }]) => ({
      strength,
      edges,
      right,
      precision: (right / edges).toFixed(4),
    })),
  );
  const strong = table.get('strong') ?? { edges: 0, right: 0 };
  expect(parents).toBeGreaterThan(500);
  expect(strong.edges).toBeGreaterThan(500);
  expect(strong.right / strong.edges).toBeGreaterThanOrEqual(0.98);
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

/** Strong and hinted edges, and how many domains with an ancestor got their nearest one, over 100 histories. */
function judge(telling: Telling): { strong: Count; hint: Count; recall: number; wrongProofs: string[] } {
  const table = new Map<Strength, Count>();
  const wrongProofs: string[] = [];
  let [withAncestor, isNearest] = [0, 0];
  for (let seed = 1; seed <= 100; seed++) {
    const simulator = new Simulator(belowFrom(seed * 15_485_863), 400, telling);
    const families = inferParents(simulator.observations);
    wrongProofs.push(...tally(simulator, families.values(), table));
    const known = [...families.keys()].sort();
    for (const { domain, parent } of families.values()) {
      const nearest = known.filter((other) => simulator.isAncestor(other, domain)).at(-1);
      withAncestor += Number(nearest !== undefined);
      isNearest += Number(nearest !== undefined && parent?.domain === nearest);
    }
  }
  const none = { edges: 0, right: 0 };
  const [strong, hint] = [table.get('strong') ?? none, table.get('hint') ?? none];
  return { strong, hint, recall: isNearest / withAncestor, wrongProofs };
}

it('knows more, and is no less right, where /proc tells of ancestries and audit rules of calls', () => {
  const tellings: readonly Telling[] = [{}, { calls: true }, { lineages: true }, { calls: true, lineages: true }];
  const verdicts = tellings.map(judge);
  const share = ({ edges, right }: Count) => (right / edges).toFixed(4);
  console.table(
    verdicts.map(({ strong, hint, recall }, index) => ({
      told: Object.keys(tellings[index] ?? {}).join(' and ') || 'audit records alone',
      strong: strong.edges,
      strongRight: share(strong),
      hint: hint.edges,
      hintRight: share(hint),
      recall: recall.toFixed(3),
    })),
  );
  const [alone, , , all] = verdicts;
  expect(verdicts.flatMap(({ wrongProofs }) => wrongProofs)).toEqual([]);
  for (const { strong } of verdicts) {
    expect(strong.right / strong.edges).toBeGreaterThanOrEqual(0.98);
  }
  expect(all?.strong.edges).toBeGreaterThan((alone?.strong.edges ?? 0) * 1.02);
  expect((all?.hint.right ?? 0) / (all?.hint.edges ?? 1)).toBeGreaterThan(
    (alone?.hint.right ?? 0) / (alone?.hint.edges ?? 1),
  );
});

it('finds the nearest known ancestor of most domains that have one', () => {
  let [withAncestor, found, isNearest] = [0, 0, 0];
  for (let seed = 1; seed <= 100; seed++) {
    const simulator = new Simulator(belowFrom(seed * 31_337), 400);
    const families = inferParents(simulator.observations);
    const known = [...families.keys()];
    for (const { domain, parent } of families.values()) {
      const nearest = known
        .filter((other) => simulator.isAncestor(other, domain))
        .sort()
        .at(-1);
      if (nearest !== undefined) {
        withAncestor += 1;
        found += Number(parent !== undefined);
        isNearest += Number(parent?.domain === nearest);
      }
    }
  }
  console.table([{ withAncestor, found, isNearest, recall: (isNearest / withAncestor).toFixed(3) }]);
  expect(isNearest / withAncestor).toBeGreaterThan(0.5);
});
