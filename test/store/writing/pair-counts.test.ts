import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PairCounts } from '../../../src/store/writing/pair-counts.ts';

const SECONDS = 2 ** 27;

it('counts each pair as a map would', () => {
  // Few values, so that pairs come again; and those whose bits are alike.
  const first = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -(2 ** 25), max: 2 ** 25 }));
  const second = fc.oneof(
    fc.nat(20),
    fc.nat(SECONDS - 1),
    fc.nat(26).map((bit) => 2 ** bit),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(first, second), { maxLength: 300 }), (pairs) => {
      const counts = new PairCounts();
      const wanted = new Map<string, number>();
      for (const [a, b] of pairs) {
        const count = (wanted.get(`${a} ${b}`) ?? 0) + 1;
        wanted.set(`${a} ${b}`, count);
        expect(counts.add(a, b, SECONDS)).toBe(count);
      }
      expect(counts.size).toBe(wanted.size);
    }),
  );
});

it('counts many, wherever they begin', () => {
  const counts = new PairCounts();
  for (let round = 1; round <= 2; round++) {
    let right = 0;
    for (let n = 0; n < 20_000; n++) if (counts.add(n % 2 === 0 ? n : -n, n * 64, SECONDS) === round) right++;
    expect(right).toBe(20_000);
  }
  expect(counts.size).toBe(20_000);
});
