import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HostSet } from '../../../src/store/counts/host-set.ts';

it('has what a Set has, whatever the numbers and their order', () => {
  const host = fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(host, { maxLength: 200 }), (hosts) => {
      const set = new HostSet();
      for (const each of hosts) set.add(each);
      expect(set.size).toBe(new Set(hosts).size);
      expect(new Set(set)).toEqual(new Set(hosts));
      expect([...set].length).toBe(set.size);
    }),
  );
});
