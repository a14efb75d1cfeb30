import fc from 'fast-check';
import { expect, it } from 'vitest';
import { largestOf } from '../../../src/store/counts/largest.ts';

it('has whatever can be among the first, whatever is ranked among equals', () => {
  const rows = fc.array(fc.record({ denials: fc.integer({ min: 0, max: 20 }) }));
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 10 }), (all, count) => {
      const least = [...all].sort((a, b) => b.denials - a.denials)[count - 1]?.denials ?? 0;
      expect(largestOf(all, count)).toEqual(all.filter(({ denials }) => denials >= least));
    }),
  );
});
