import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BootFamilies } from '../../../src/landlock/hierarchy/boot-families.ts';
import { BoundedMap } from '../../../src/landlock/hierarchy/bounded-map.ts';
import { inferParents } from '../../../src/landlock/hierarchy/hierarchy.ts';
import type { DenialSeen, Observation } from '../../../src/landlock/hierarchy/observation.ts';
import { SerialOrder } from '../../../src/landlock/hierarchy/serial-order.ts';

function denial(
  serial: number,
  domain: string,
  pid: number,
  parentPid: number,
  more: Partial<DenialSeen> = {},
): DenialSeen {
  return {
    kind: 'denial',
    domain,
    record: `r${serial}`,
    serial,
    event: `e${serial}`,
    isOwnCheck: true,
    blockers: [`fs.right_${domain}`],
    actor: { pid, parentPid, executable: '/bin/x', name: 'x' },
    ...more,
  };
}

function allocation(serial: number, domain: string, pid: number): Observation {
  const creator = { pid, executable: '/bin/x', name: 'x' };
  return { kind: 'allocation', domain, record: `a${serial}`, serial, creator };
}

function freed(serial: number, domain: string): Observation {
  return { kind: 'deallocation', domain, record: `d${serial}`, serial };
}

/** The parent of `domain`, as `parent strength`, and what was ruled out. */
function verdict(domain: string, observations: readonly Observation[]): [string | undefined, readonly unknown[]] {
  const family = inferParents(observations).get(domain);
  const parent = family?.parent && `${family.parent.domain} ${family.parent.strength}`;
  return [parent, (family?.ruledOut ?? []).map((out) => `${out.domain} ${out.because}`)];
}

describe('evidence', () => {
  it('is strong where a process was born in the one domain and met another', () => {
    const seen = [denial(1, 'a0', 20, 10), allocation(1, 'a0', 10), denial(2, 'a9', 20, 10), allocation(2, 'a9', 20)];
    expect(verdict('a9', seen)).toEqual(['a0 strong', []]);
  });

  it('is a hint where a process made the domain that its child may have missed', () => {
    const seen = [denial(1, 'a0', 10, 1), allocation(1, 'a0', 10), denial(2, 'a9', 20, 10), allocation(2, 'a9', 20)];
    expect(verdict('a9', seen)).toEqual(['a0 hint', []]);
  });

  it('falls where the child had made a domain before', () => {
    const seen = [
      ...[denial(1, 'a5', 10, 1), allocation(1, 'a5', 10)],
      ...[denial(2, 'a0', 20, 10), allocation(2, 'a0', 20), denial(3, 'a9', 20, 10), allocation(3, 'a9', 20)],
    ];
    expect(verdict('a9', seen)).toEqual(['a0 strong', ['a5 forked-before']]);
  });

  it('falls where the older domain ended first: a parent outlives its children', () => {
    const seen = [denial(1, 'a0', 10, 1), denial(2, 'a9', 10, 1), freed(3, 'a0')];
    expect(verdict('a9', seen)).toEqual(['a0 strong', []]);
    expect(verdict('a9', [...seen, freed(4, 'a9')])).toEqual([undefined, ['a0 freed-before']]);
  });

  it('falls where the domain refused to signal the process: it is outside', () => {
    const seen = [denial(1, 'a0', 10, 1), allocation(1, 'a0', 10), denial(2, 'a9', 20, 10), allocation(2, 'a9', 20)];
    const signal = denial(3, 'a0', 10, 1, { blockers: ['scope.signal'], isOwnCheck: false, outsiderPid: 20 });
    expect(verdict('a9', [...seen, signal])).toEqual([undefined, ['a0 outside']]);
  });

  it('falls for a process where an older domain refuses what a younger one had refused: those are threads', () => {
    const same = { blockers: ['fs.read_file'], object: 'vda:1:/x' };
    const seen = [
      ...[denial(1, 'a0', 10, 1), allocation(1, 'a0', 10), denial(2, 'a9', 10, 1), allocation(2, 'a9', 10)],
      denial(3, 'a9', 10, 1, same),
    ];
    expect(verdict('a9', seen)).toEqual(['a0 strong', []]);
    expect(verdict('a9', [...seen, denial(4, 'a0', 10, 1, same)])).toEqual([undefined, ['a0 several-chains']]);
  });

  it('is not drawn from a process that has more domains than a chain can have', () => {
    const domains = Array.from({ length: 20 }, (_, index) => (0x100 + index).toString(16));
    const seen = domains.map((domain, index) => denial(index + 1, domain, 10, 1));
    expect(verdict('105', seen)[0]).toBeUndefined();
  });

  it('is a proof where two domains refused one system call, but not where the file was opened by somebody else', () => {
    const both = (isOwnCheck: boolean) => [
      denial(1, 'a0', 10, 1, { event: 'one', isOwnCheck }),
      denial(1, 'a9', 10, 1, { event: 'one', isOwnCheck, record: 'second' }),
    ];
    expect(verdict('a9', both(true))).toEqual(['a0 proof', []]);
    expect(verdict('a9', both(false))).toEqual(['a0 strong', []]);
  });

  it('does not join two processes that had the same number', () => {
    const other = { actor: { pid: 10, parentPid: 7, executable: '/bin/other', name: 'other' } };
    expect(verdict('a9', [denial(1, 'a0', 10, 1), denial(2, 'a9', 10, 7, other)])).toEqual([undefined, []]);
  });

  it('never makes a younger domain the parent', () => {
    expect(verdict('a0', [denial(1, 'a0', 10, 1), denial(2, 'a9', 10, 1)])).toEqual([undefined, []]);
  });
});

describe('bounds', () => {
  it('keep the memory of a boot constant, whatever comes', () => {
    const bounds = { domainsMax: 100, processesMax: 50, eventsMax: 10 };
    const boot = new BootFamilies(bounds);
    for (let i = 1; i <= 5_000; i++) {
      boot.observe(denial(i, (0x1_0000_0000 + i * 3).toString(16), i, i - 1));
    }
    expect([...boot.domains()]).toHaveLength(100);
    expect(boot.process(4_950)).toBeUndefined();
    expect(boot.process(4_951)).toBeDefined();
    expect(boot.family((0x1_0000_0000 + 15_000).toString(16))).toMatchObject({ depthMin: 1 });
    expect(boot.family((0x1_0000_0000 + 3).toString(16))).toBeUndefined();
  });

  it('forget what was touched longest ago', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect([...map.entries()]).toEqual([
      ['a', 3],
      ['c', 4],
    ]);
  });

  it('drop the oldest of what is left, also after all was dropped or deleted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('set', 'delete', 'drop'), fc.nat(6)), { maxLength: 60 }),
        (steps) => {
          const dropped: number[] = [];
          const map = new BoundedMap<number, number>(4, (value) => dropped.push(value));
          let expected: number[] = [];
          const gone: number[] = [];
          for (const [step, key] of steps) {
            if (step === 'drop') map.dropOldest();
            else if (step === 'delete') map.delete(key);
            else map.set(key, key);
            const others = expected.filter((other) => other !== key);
            if (step === 'delete') expected = others;
            if (step === 'set') expected = [...others, key];
            const surplus = step === 'drop' ? Math.min(1, expected.length) : Math.max(0, expected.length - 4);
            gone.push(...expected.splice(0, surplus));
          }
          expect([...map.keys()]).toEqual(expected);
          expect(dropped).toEqual(gone);
        },
      ),
    );
  });

  it('leave domain ids alone that are none', () => {
    const boot = new BootFamilies();
    for (const domain of ['', '0x1', '__proto__', 'g', '1'.repeat(17)]) {
      boot.observe(denial(1, domain, 1, 1));
    }
    expect([...boot.domains()]).toEqual([]);
  });
});

it('follows serials over their wrap', () => {
  const order = new SerialOrder();
  expect([2 ** 32 - 2, 2 ** 32 - 1, 0, 2 ** 32 - 3, 1].map((serial) => order.extend(serial))).toEqual([
    2 ** 32 - 2,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 - 3,
    2 ** 32 + 1,
  ]);
});
