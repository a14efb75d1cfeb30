import { expect, it } from 'vitest';
import { Arrivals, ROWS_MAX } from '../../../web/state/arrivals.ts';
import { makeDenial } from '../../e2e/support/canned-answers.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const idsOf = (denials: readonly { readonly event: { readonly id: string } }[]) =>
  denials.map((denial) => Number(denial.event.id.slice(1)));

it('shows what the server answered, newest first', () => {
  const arrivals = new Arrivals();
  arrivals.replace([makeDenial(1, NOW), makeDenial(2, NOW + 5), makeDenial(3, NOW)]);
  expect(idsOf(arrivals.shown)).toEqual([2, 3, 1]);
});

it('holds back what arrives until it is released, in the right place', () => {
  const arrivals = new Arrivals();
  arrivals.replace([makeDenial(1, NOW), makeDenial(3, NOW + 20)]);
  expect(arrivals.add(makeDenial(4, NOW + 30))).toBe(true);
  expect(arrivals.add(makeDenial(2, NOW + 10))).toBe(true);
  expect([arrivals.waitingCount, idsOf(arrivals.shown)]).toEqual([2, [3, 1]]);
  expect(idsOf(arrivals.release())).toEqual([4, 2]);
  expect([arrivals.waitingCount, idsOf(arrivals.shown)]).toEqual([0, [4, 3, 2, 1]]);
});

it('knows a denial again, whether from the answer or from the stream', () => {
  const arrivals = new Arrivals();
  arrivals.replace([makeDenial(1, NOW)]);
  expect(arrivals.add(makeDenial(1, NOW))).toBe(false);
  arrivals.add(makeDenial(2, NOW));
  expect(arrivals.add(makeDenial(2, NOW))).toBe(false);
  expect(arrivals.waitingCount).toBe(1);
});

it('counts a flood wholly and keeps the newest of it', () => {
  const arrivals = new Arrivals();
  const flood = ROWS_MAX * 25;
  for (let index = 0; index < flood; index += 1) {
    arrivals.add(makeDenial(index, NOW + index));
  }
  expect(arrivals.waitingCount).toBe(flood);
  expect(idsOf(arrivals.release())).toEqual(Array.from({ length: ROWS_MAX }, (_, index) => flood - 1 - index));
  expect(arrivals.shown.length).toBe(ROWS_MAX);
});
