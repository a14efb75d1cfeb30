import { expect, it } from 'vitest';
import { DenialRows, ROWS_MAX } from '../../../web/state/denial-rows.ts';
import { BEYOND_ROWS, rowWindow } from '../../../web/state/window-range.ts';
import { makeDenial } from '../../e2e/support/canned-answers.ts';

const denial = (index: number) => makeDenial(index, index * 1_000);
const ids = (rows: DenialRows) => rows.rows.map((one) => one.event.sequence - 1_000);

it('grows at both ends, each denial once', () => {
  const rows = new DenialRows();
  expect(rows.takeNewest([denial(5), denial(4)])).toBe(true);
  rows.takeOlder([denial(4), denial(3)]);
  expect(rows.add(denial(6))).toBe(true);
  expect(rows.add(denial(6))).toBe(false);
  expect([ids(rows), rows.waitingCount]).toEqual([[5, 4, 3], 1]);
  expect(rows.release()).toEqual(new Set([denial(6).event.id]));
  expect([ids(rows), rows.waitingCount]).toEqual([[6, 5, 4, 3], 0]);
});

it('begins anew where the newest page does not reach what is known', () => {
  const rows = new DenialRows();
  rows.takeNewest([denial(2), denial(1)]);
  expect(rows.takeNewest([denial(3), denial(2)])).toBe(false);
  expect(rows.takeNewest([denial(9), denial(8)])).toBe(true);
  expect(ids(rows)).toEqual([9, 8]);
});

it('asks again after a flood instead of keeping it', () => {
  const rows = new DenialRows();
  for (let index = 0; index < 600; index += 1) {
    rows.add(denial(index));
  }
  expect([rows.waitingCount, rows.hasHole]).toEqual([600, true]);
  rows.takeNewest([denial(599)]);
  expect([rows.waitingCount, rows.hasHole, ids(rows)]).toEqual([0, false, [599]]);
});

it('keeps no more than its bound', () => {
  const rows = new DenialRows();
  rows.takeNewest(Array.from({ length: ROWS_MAX + 3 }, (_, index) => denial(ROWS_MAX + 3 - index)));
  expect([rows.rows.length, rows.isCut, ids(rows).at(-1)]).toEqual([ROWS_MAX, true, 4]);
});

it('draws what is in sight and a little more', () => {
  const facts = { count: 10_000, rowHeight: 30, viewHeight: 900 };
  expect(rowWindow({ ...facts, top: 300 })).toEqual({ start: 0, end: 20 + BEYOND_ROWS });
  expect(rowWindow({ ...facts, top: -30_000 })).toEqual({ start: 1_000 - BEYOND_ROWS, end: 1_030 + BEYOND_ROWS });
  expect(rowWindow({ ...facts, top: -299_900 }).end).toBe(10_000);
  expect(rowWindow({ ...facts, top: 5_000 }).start).toBe(0);
  expect(rowWindow({ ...facts, count: 0, top: 0 })).toEqual({ start: 0, end: 0 });
});
