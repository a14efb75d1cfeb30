import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BLOCKER_CLASSES } from '../../../web/state/blocker-class.ts';
import {
  asksTheSame,
  parseAddress,
  scopeParameters,
  toAddress,
  type View,
  without,
} from '../../../web/state/page-address.ts';
import { PRESET_NAMES } from '../../../web/state/time-range.ts';

it('shows the last day where the address says nothing or nonsense', () => {
  const day = { range: { kind: 'relative', preset: '24h' } };
  for (const search of ['', '?', '?range=3y', '?from=x&to=y', '?from=2026-03-02&to=2026-03-01', '?class=nope&host=']) {
    expect(parseAddress(search)).toEqual(day);
  }
});

it('keeps the default view at the plain address', () => {
  expect(toAddress(parseAddress(''))).toBe('/');
});

it('writes every view so that it is read back the same', () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const views: fc.Arbitrary<View> = fc
    .tuple(
      fc.oneof(
        fc.constantFrom(...PRESET_NAMES).map((preset) => ({ kind: 'relative' as const, preset })),
        fc
          .tuple(fc.nat(2 ** 41), fc.integer({ min: 1, max: 2 ** 31 }))
          .map(([fromMs, spanMs]) => ({ kind: 'fixed' as const, fromMs, toMs: fromMs + spanMs })),
      ),
      fc.record(
        { host: text, fleet: text, denial: text, blockerClass: fc.constantFrom(...BLOCKER_CLASSES) },
        { requiredKeys: [] },
      ),
    )
    .map(([range, rest]) => ({ range, ...rest }));
  fc.assert(
    fc.property(views, (view) => {
      expect(parseAddress(new URL(toAddress(view), 'http://x').search)).toEqual(view);
    }),
  );
});

it('asks nothing new of the server when only the drawer opens', () => {
  const view = parseAddress('?host=h1&denial=e1');
  expect(asksTheSame(view, without(view, 'denial'))).toBe(true);
  expect(asksTheSame(view, without(view, 'host'))).toBe(false);
});

it('asks for one class of blockers in the query language', () => {
  expect(scopeParameters(parseAddress('?class=fs&fleet=web'))).toEqual([
    ['from', 'now-24h'],
    ['fleet', 'web'],
    ['q', 'blocker:fs.*'],
  ]);
  expect(scopeParameters(parseAddress('?class=other')).at(-1)?.[1]).toMatch(
    /^not \(blocker:fs\.\* or .*blocker:ptrace/,
  );
});
