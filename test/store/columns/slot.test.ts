import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstSlot,
  SlotAllocator,
  slotHour,
  slotMs,
  TIME_MS_MAX,
  TIME_MS_MIN,
} from '../../../src/store/columns/slot.ts';

const anyMs = fc.integer({ min: TIME_MS_MIN, max: TIME_MS_MAX });

/** An allocator over a set, as the table of denials would be. */
function allocator() {
  const taken = new Set<number>();
  const slots = new SlotAllocator((from, to) => {
    const within = [...taken].filter((slot) => slot >= from && slot < to);
    return within.length === 0 ? undefined : Math.max(...within);
  });
  const take = (ms: number) => {
    const slot = slots.take(ms);
    expect(taken.has(slot)).toBe(false);
    taken.add(slot);
    return slot;
  };
  return { slots, take };
}

describe('slots', () => {
  it('give back the time and are exact numbers', () => {
    fc.assert(
      fc.property(anyMs, (ms) => {
        expect(Number.isSafeInteger(firstSlot(ms) + 255)).toBe(true);
        expect([slotMs(firstSlot(ms)), slotMs(firstSlot(ms) + 255)]).toEqual([ms, ms]);
        expect(slotHour(firstSlot(ms))).toBe(Math.floor(ms / 3_600_000));
      }),
    );
  });

  it('are each given once, whatever the order of times and wherever transactions begin', () => {
    const step = fc.record({
      ms: fc.integer({ min: 5, max: 9 }),
      times: fc.integer({ min: 1, max: 200 }),
      begins: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { slots, take } = allocator();
        let greatest = Number.NEGATIVE_INFINITY;
        for (const { ms, times, begins } of steps) {
          if (begins) slots.begin(greatest);
          for (let i = 0; i < times; i++) {
            const slot = take(ms);
            expect(slotMs(slot)).toBeGreaterThanOrEqual(ms);
            greatest = Math.max(greatest, slot);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are each given once, in order, and spill into the next millisecond', () => {
    const { take } = allocator();
    const given = Array.from({ length: 600 }, () => take(5));
    expect(given).toEqual([...given].sort((a, b) => a - b));
    expect([slotMs(given[255] ?? 0), slotMs(given[256] ?? 0), slotMs(given[599] ?? 0)]).toEqual([5, 6, 7]);
  });

  it('are each given once when milliseconds mix and what is known is forgotten', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean()), { maxLength: 1_200 }), (steps) => {
        const { slots, take } = allocator();
        for (const [ms, forget] of steps) {
          if (forget && ms === 0) slots.clear();
          expect(slotMs(take(ms))).toBeGreaterThanOrEqual(ms);
        }
      }),
      { numRuns: 20 },
    );
  });
});
