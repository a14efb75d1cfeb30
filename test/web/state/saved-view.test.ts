import { expect, it } from 'vitest';
import type { SavedView } from '../../../src/api/schemas/view.ts';
import { parseAddress } from '../../../web/state/page-address.ts';
import { fromSaved, toSaved } from '../../../web/state/saved-view.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const saved = (content: object) => fromSaved({ name: 'x', page: 'denials', ...content } as SavedView, NOW_MS);

it.each([
  '/denials?range=7d&host=h&fleet=f&q=pid>1',
  '/denials?from=2026-03-01T09:00:00.000Z&to=2026-03-01T10:00:00.000Z',
  '/denials',
])('keeps what %s shows', (address) => {
  const view = parseAddress(address);
  expect(saved(toSaved(view, 'x', false))).toEqual(view);
});

it('keeps a chosen class of blockers as a query', () => {
  expect(toSaved(parseAddress('/denials?class=net&q=pid>1'), 'x', true)).toMatchObject({
    name: 'x',
    shared: true,
    q: expect.stringMatching(/^\(.*net.*\) and \(pid>1\)$/),
  });
});

it('shows whatever times others have kept', () => {
  const hour = 3_600_000;
  const ranges = [
    {},
    { from: 'now-90s' },
    { from: 'now-2h', to: 'now-1h' },
    { from: '2026-03-01T09:00:00Z' },
    { to: 'now' },
    { from: 'now+1h', to: 'now+2h' },
  ].map((times) => saved(times)?.range);
  const all = { kind: 'relative', preset: '3650d' };
  expect(ranges).toEqual([
    all,
    { kind: 'fixed', fromMs: NOW_MS - 90_000, toMs: NOW_MS },
    { kind: 'fixed', fromMs: NOW_MS - 2 * hour, toMs: NOW_MS - hour },
    { kind: 'fixed', fromMs: NOW_MS - 3 * hour, toMs: NOW_MS },
    all,
    { kind: 'fixed', fromMs: NOW_MS + hour, toMs: NOW_MS + 2 * hour },
  ]);
});

it('has no address for a query that is too long for one', () => {
  expect(saved({ q: 'x'.repeat(1_501) })).toBeUndefined();
});
