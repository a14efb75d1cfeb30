import { describe, expect, it } from 'vitest';
import { BOUNDS, BootFamilies } from '../../../src/landlock/hierarchy/boot-families.ts';
import type { Family } from '../../../src/landlock/hierarchy/family.ts';
import type { FamilyMemory } from '../../../src/landlock/hierarchy/family-memory.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import type { Observation } from '../../../src/landlock/hierarchy/observation.ts';
import { belowFrom } from './judge-simulated.ts';
import { Simulator } from './simulator.ts';

const SETTLING_MAX = 8;

/** Keeps everything that was observed, as a store does, and what settled. */
class KeepingMemory implements FamilyMemory {
  readonly families = new Map<string, Family>();
  readonly #stored: Observation[] = [];
  recalled: string[] = [];

  store(seen: Observation): void {
    this.#stored.push(seen);
  }

  settled(family: Family): void {
    this.families.set(family.domain, family);
  }

  recall(domain: string): readonly Observation[] {
    const own = this.#stored.filter((seen) => seen.kind !== 'call' && seen.domain === domain);
    if (own.length > 0) this.recalled.push(domain);
    const pids = new Set(own.flatMap(pidsOf));
    for (let generation = 0; generation < 4; generation++) {
      const kin = this.#stored.filter((seen) => pidsOf(seen).some((pid) => pids.has(pid)));
      for (const pid of kin.flatMap(pidsOf)) pids.add(pid);
    }
    const about = this.#stored.filter((seen) => own.includes(seen) || pidsOf(seen).some((pid) => pids.has(pid)));
    const named = new Set(about.flatMap((seen) => (seen.kind === 'call' ? [] : [seen.domain])));
    const isEdge = (seen: Observation) => seen.kind === 'allocation' || seen.kind === 'deallocation';
    return this.#stored.filter((seen) => about.includes(seen) || (isEdge(seen) && named.has(seen.domain)));
  }
}

/** The process that an observation is about, and its parent. */
function pidsOf(seen: Observation): number[] {
  if (seen.kind === 'allocation') return seen.creator.pid === undefined ? [] : [seen.creator.pid];
  if (seen.kind !== 'denial' && seen.kind !== 'call') return [];
  return [seen.actor?.pid, seen.actor?.parentPid].filter((pid) => pid !== undefined && pid !== 1) as number[];
}

const edgeOf = (family: Family | undefined) => `${family?.parent?.domain} ${family?.parent?.strength}`;

interface Told {
  readonly simulator: Simulator;
  readonly boot: BootFamilies;
  readonly memory: KeepingMemory;
  readonly sizes: readonly number[];
}

/** A history, each observation stored first. */
function tell(seed: number): Told {
  const simulator = new Simulator(belowFrom(seed * 31_337), 400, { reusePercent: 0 });
  const memory = new KeepingMemory();
  const boot = new BootFamilies({ ...BOUNDS, settlingMax: SETTLING_MAX }, memory);
  const sizes = simulator.observations.map((seen) => {
    boot.observe(seen);
    memory.store(seen);
    return boot.size;
  });
  return { simulator, boot, memory, sizes };
}

describe('families that have ended', () => {
  it('leave memory, all but the last few, and are told of as if everything had stayed', () => {
    let [told, same] = [0, 0];
    for (let seed = 1; seed <= 40; seed++) {
      const { simulator, boot, memory, sizes } = tell(seed);
      const whole = inferParents(simulator.observations);
      // The simulator ends everything at the end.
      expect(boot.size).toBeLessThanOrEqual(SETTLING_MAX);
      expect(boot.size + memory.families.size).toBe(whole.size);
      expect(Math.max(...sizes)).toBeLessThan(whole.size + 1);
      for (const [id, family] of memory.families) {
        told += 1;
        same += Number(edgeOf(family) === edgeOf(whole.get(id)));
        expect(family.ancestors.filter(isWrongProof(simulator, id))).toEqual([]);
      }
    }
    expect(told).toBeGreaterThan(500);
    // A later contradiction about a process would have withdrawn a hint.
    expect(same / told).toBeGreaterThan(0.97);
  });

  it('come back when they are asked for, with the family that they had', () => {
    let [asked, same] = [0, 0];
    for (let seed = 1; seed <= 20; seed++) {
      const { simulator, boot, memory } = tell(seed);
      const whole = inferParents(simulator.observations);
      memory.recalled = [];
      for (const id of [...memory.families.keys()]) {
        asked += 1;
        same += Number(edgeOf(boot.family(id)) === edgeOf(whole.get(id)));
      }
      expect(memory.recalled.length).toBeGreaterThan(0);
    }
    expect(same / asked).toBeGreaterThan(0.9);
  });

  it('come back when a late record names them, and do not take their history for a new one', () => {
    const { simulator, boot, memory } = tell(3);
    const [id = ''] = memory.families.keys();
    const late = simulator.observations.find((seen) => seen.kind === 'denial' && seen.domain === id);
    if (late === undefined) throw new Error('the first domain to settle was never refused anything');
    memory.recalled = [];
    boot.observe(late);
    expect(memory.recalled).toEqual([id]);
    expect(boot.domain(id)?.freedAt).toBeDefined();
  });

  it('are asked for once, and never by a name that is none', () => {
    const asked: string[] = [];
    const boot = new BootFamilies(BOUNDS, {
      settled: () => {},
      recall: (id) => {
        asked.push(id);
        return [];
      },
    });
    const end: Observation = { kind: 'deallocation', domain: 'a0', record: 'd', serial: 1 };
    boot.observe(end);
    boot.observe(end);
    expect(boot.family("a0' OR 1=1")).toBeUndefined();
    expect(asked).toEqual(['a0']);
  });
});

function isWrongProof(simulator: Simulator, id: string): (ancestor: Family['ancestors'][number]) => boolean {
  return ({ domain, strength }) => strength === 'proof' && !simulator.isAncestor(domain, id);
}
