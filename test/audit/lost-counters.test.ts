import { describe, expect, it } from 'vitest';
import { countersMax, LostCounters } from '../../src/audit/lost-counters.ts';

/** What each number after another means, on one node. */
function told(totals: readonly (number | 'reason')[], counters = new LostCounters()): number[] {
  return totals.map((total) => (total === 'reason' ? counters.reason('a') : counters.lost('a', total)));
}

describe('the kernel’s counter of lost records', () => {
  it('says one at first, since what it counted before is not in the log, then how much it grew', () => {
    expect(told([285, 286, 287, 3923, 3923])).toEqual([1, 1, 1, 3636, 0]);
  });

  it('is counted from 0 where the boot was seen', () => {
    const counters = new LostCounters();
    counters.restart('a');
    expect(told([285, 286], counters)).toEqual([285, 1]);
    counters.restart('a');
    expect(told([4], counters)).toEqual([4]);
  });

  it('wraps at 32 bits, may be printed out of turn, and may be set back', () => {
    expect(told([2 ** 32 - 2, 3])).toEqual([1, 5]);
    expect(told([286, 285, 287])).toEqual([1, 0, 1]);
    expect(told([5000, 7, 9])).toEqual([1, 7, 2]);
  });

  it('is not counted once more by its reason, which counts alone where the counter was not printed', () => {
    expect(told([5, 'reason', 6, 'reason'])).toEqual([1, 0, 1, 0]);
    expect(told([5, 'reason', 'reason', 'reason', 9])).toEqual([1, 0, 1, 1, 2]);
    expect(told(['reason', 'reason'])).toEqual([1, 1]);
  });

  it('is each node’s own, and forgotten for the oldest beyond the bound', () => {
    const counters = new LostCounters();
    counters.lost('a', 10);
    expect(counters.lost('b', 500)).toBe(1);
    expect(counters.lost('a', 12)).toBe(2);
    for (let i = 0; i < countersMax; i++) counters.lost(`node-${i}`, 1);
    expect(counters.lost('a', 20)).toBe(1);
  });
});
