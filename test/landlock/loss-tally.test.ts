import { describe, expect, it } from 'vitest';
import { GAP_CAUSES } from '../../src/landlock/document.ts';
import { LossTally, talliesMax } from '../../src/landlock/loss-tally.ts';

describe('the tally of losses', () => {
  it('keeps every cause, and of those that may overlap only the largest counts', () => {
    const tally = new LossTally();
    expect([tally.atLeast, tally.byCause]).toEqual([0, {}]);
    tally.add('a', 'serial-gap', 5);
    tally.add('a', 'torn-event', 2);
    expect(tally.atLeast).toBe(7);
    tally.add('a', 'rate-limit', 6);
    expect(tally.atLeast).toBe(7);
    tally.add('a', 'kernel-lost', 30);
    expect(tally.atLeast).toBe(30);
    tally.add('a', 'socket-overrun', 100);
    tally.add('a', 'trace-lost', 100);
    tally.add('a', 'spool-overflow', 100);
    expect(tally.atLeast).toBe(30);
    expect(Object.entries(tally.byCause)).toEqual([
      ['serial-gap', 5],
      ['socket-overrun', 100],
      ['kernel-lost', 30],
      ['rate-limit', 6],
      ['torn-event', 2],
      ['trace-lost', 100],
      ['spool-overflow', 100],
    ]);
  });

  it('is never more than the sum of the causes, nor less than one of those in records', () => {
    for (const cause of GAP_CAUSES) {
      const tally = new LossTally();
      tally.add('a', cause, 9);
      expect([0, 9]).toContain(tally.atLeast);
    }
  });

  it('adds what is of different hosts and boots, also beyond its bound', () => {
    const tally = new LossTally();
    for (let i = 0; i < talliesMax + 10; i++) {
      tally.add(`boot ${i}`, 'serial-gap', 2);
      tally.add(`boot ${i}`, 'rate-limit', 3);
    }
    expect(tally.atLeast).toBe(3 * (talliesMax + 10));
  });
});
