import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import { reorderSerials, type SerialGap, SerialGaps, type Watched } from '../../src/audit/serial-gaps.ts';

interface Run {
  readonly gaps: SerialGap[];
  readonly restarts: number[];
  readonly see: (serial: number, ms?: number, type?: number) => void;
  readonly end: () => void;
  readonly sweep: () => void;
}

function run(watched?: Watched): Run {
  const gaps: SerialGap[] = [];
  const restarts: number[] = [];
  const detector = new SerialGaps({
    watched,
    onGap: (gap) => gaps.push(gap),
    onRestart: ({ serial }) => restarts.push(serial),
  });
  const see = (serial: number, ms = 0, type = 1423): void => {
    const seconds = 1000 + Math.floor(ms / 1000);
    const record: AuditRecord = { kind: 'record', type, node: '', seconds, millis: ms % 1000, serial, text: '' };
    detector.see(record);
  };
  return { gaps, restarts, see, end: () => detector.end(), sweep: () => detector.sweep() };
}

function spans(gaps: readonly SerialGap[]): number[][] {
  return gaps.map(({ first, last, count }) => [first, last, count]);
}

describe('missing serials', () => {
  it('are a gap once the input has ended', () => {
    const { gaps, see, end } = run();
    for (const serial of [5, 6, 10, 11]) see(serial);
    expect(gaps).toEqual([]);
    end();
    expect(spans(gaps)).toEqual([[7, 9, 3]]);
  });

  it('are a gap once the counter has moved on', () => {
    const { gaps, see } = run();
    see(1);
    for (let serial = 4; serial <= 5 + reorderSerials; serial++) see(serial);
    expect(spans(gaps)).toEqual([[2, 3, 2]]);
  });

  it('are a gap once time has moved on', () => {
    const { gaps, see } = run();
    see(1);
    see(3);
    see(4, 5100);
    see(5, 5200);
    expect(spans(gaps)).toEqual([[2, 2, 1]]);
  });

  it('are a gap for a live source after some sweeps', () => {
    const { gaps, see, sweep } = run();
    see(1);
    see(3);
    for (let count = 0; count < 9; count++) sweep();
    expect(spans(gaps)).toEqual([[2, 2, 1]]);
  });

  it('that come late are none', () => {
    const { gaps, see, end } = run();
    for (const serial of [1, 5, 3, 2, 4, 6]) see(serial);
    end();
    expect(gaps).toEqual([]);
  });

  it('are counted across the end of 32 bits', () => {
    const { gaps, see, end } = run();
    for (const serial of [4_294_967_294, 1, 2]) see(serial);
    end();
    expect(spans(gaps)).toEqual([[4_294_967_295, 0, 2]]);
  });

  it('of auditd itself are another counter', () => {
    const { gaps, see, end } = run();
    see(7);
    see(9079, 0, 1200);
    see(8);
    end();
    expect(gaps).toEqual([]);
  });

  it('are exactly those that never came, in any order within the window', () => {
    const serials = fc.uniqueArray(fc.integer({ min: 100, max: 400 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(serials, (chosen) => {
        const { gaps, restarts, see, end } = run();
        for (const serial of [99, ...chosen]) see(serial);
        end();
        const missing: number[] = [];
        for (let serial = 100; serial < Math.max(...chosen); serial++)
          if (!chosen.includes(serial)) missing.push(serial);
        const told = gaps.flatMap(({ first, count }) => Array.from({ length: count }, (_, at) => first + at));
        expect(told.toSorted((a, b) => a - b)).toEqual(missing);
        expect(restarts).toEqual([]);
      }),
    );
  });
});

describe('a counter that begins anew', () => {
  it('is a new boot and no gap', () => {
    const { gaps, restarts, see, end } = run();
    for (const serial of [500, 501, 502]) see(serial, 1000);
    for (const serial of [1, 2, 3]) see(serial, 60_000);
    end();
    expect(gaps).toEqual([]);
    expect(restarts).toEqual([1]);
  });

  it('is one from high serials, and at once', () => {
    const { restarts, see } = run();
    see(36_000_000, 1000);
    see(2, 1500);
    see(3, 1500);
    expect(restarts).toEqual([2]);
  });

  it('is not seen in a late record, or in one that came before', () => {
    const { restarts, see } = run();
    see(100, 1000);
    see(99, 1001);
    see(101, 1002);
    see(100, 1000);
    see(20, 500);
    expect(restarts).toEqual([]);
  });
});

describe('serials that went by since an earlier process', () => {
  const watched = { serial: 100, timeMs: 900_000 };

  it('are a gap of their own, with late records taken out', () => {
    const { gaps, see, end } = run(watched);
    for (const serial of [105, 103, 106, 108]) see(serial);
    end();
    expect(gaps).toEqual([
      { node: '', first: 101, last: 102, count: 2, timeMs: 1_000_000, unwatchedSinceMs: 900_000 },
      { node: '', first: 104, last: 104, count: 1, timeMs: 1_000_000, unwatchedSinceMs: 900_000 },
      { node: '', first: 107, last: 107, count: 1, timeMs: 1_000_000 },
    ]);
  });

  it('are none where the first serial follows, is older, or the counter has begun again', () => {
    for (const serial of [101, 100, 7]) {
      const { gaps, see, end } = run(watched);
      see(serial);
      end();
      expect(gaps).toEqual([]);
    }
    const wrapped = run({ serial: 4_294_967_295, timeMs: 0 });
    wrapped.see(2);
    wrapped.end();
    expect(spans(wrapped.gaps)).toEqual([[0, 1, 2]]);
  });

  it('are asked for once: a boot that follows begins anew', () => {
    const { gaps, restarts, see, end } = run(watched);
    see(101);
    see(5, 60_000);
    end();
    expect([gaps, restarts]).toEqual([[], [5]]);
  });
});
