import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BLOCKER_CLASSES } from '../../../web/state/blocker-class.ts';
import {
  asksTheSame,
  DOMAIN_STATUSES,
  domainView,
  isNarrowed,
  parseAddress,
  toAddress,
  toPage,
  type View,
  without,
} from '../../../web/state/page-address.ts';
import { issueParameters, scopeParameters, streamParameters } from '../../../web/state/request-parameters.ts';
import { PRESET_NAMES } from '../../../web/state/time-range.ts';

it('shows the last day where the address says nothing or nonsense', () => {
  const day = { page: 'overview', range: { kind: 'relative', preset: '24h' } };
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
        {
          host: text,
          fleet: text,
          denial: text,
          boot: text,
          program: text,
          blockerClass: fc.constantFrom(...BLOCKER_CLASSES),
          status: fc.constantFrom(...DOMAIN_STATUSES),
          has: fc.constant('unlogged' as const),
        },
        { requiredKeys: [] },
      ),
      fc.oneof(
        fc.constantFrom('overview' as const, 'domains' as const, 'programs' as const).map((page) => ({ page })),
        fc
          .tuple(text, text, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
          .map(([host, boot, id]) => ({ page: 'domain' as const, host, boot, domain: id.toString(16) })),
        fc.stringMatching(/^[a-z2-7]{26}$/).map((issue) => ({ page: 'issue' as const, issue })),
        fc
          .record(
            {
              tab: fc.constantFrom('new' as const, 'regressed' as const, 'archived' as const, 'resolved' as const),
              order: fc.constantFrom('first_seen' as const, 'denials' as const, 'hosts' as const),
              query: text,
            },
            { requiredKeys: [] },
          )
          .map((list) => ({ page: 'issues' as const, ...list })),
      ),
    )
    .map(([range, rest, place]) => ({ range, ...rest, ...place }));
  fc.assert(
    fc.property(views, (view) => {
      expect(parseAddress(toAddress(view))).toEqual(view);
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

it('keeps dots and slashes of a host out of the path', () => {
  const view = domainView({ kind: 'relative', preset: '24h' }, '../a.b/c', '..', '195ba459b');
  expect(toAddress(view)).toBe('/domain?host=..%2Fa.b%2Fc&boot=..&id=195ba459b');
  expect(parseAddress(toAddress(view))).toEqual(view);
});

it('looks for a domain that is not named in full, or not by a number, in the list', () => {
  for (const search of [
    '?host=h&boot=b',
    '?host=h&id=12&boot=',
    '?host=h&boot=b&id=xyz',
    '?host=h&boot=b&id=12345678901234567',
  ]) {
    expect(parseAddress(`/domain${search}`)).toMatchObject({ page: 'domains', host: 'h' });
    expect(parseAddress(`/domain${search}`).domain).toBeUndefined();
  }
});

it('takes host and fleet along to another page, but not the host of a domain', () => {
  const list = parseAddress('/domains?range=7d&host=h&fleet=f&boot=b&status=live');
  expect(toAddress(toPage(list, 'overview'))).toBe('/?range=7d&host=h&fleet=f');
  expect(toAddress(toPage(domainView(list.range, 'h', 'b', '12'), 'overview'))).toBe('/?range=7d');
});

it('hears only of the domain that it shows', () => {
  expect(streamParameters(parseAddress('/domain?host=h&boot=b&id=12'))).toEqual([
    ['host', 'h'],
    ['q', 'domain:12'],
  ]);
});

it('calls a view narrowed by anything but time and drawer', () => {
  expect(isNarrowed(parseAddress('/domains?range=7d&denial=e'))).toBe(false);
  for (const search of ['host=h', 'boot=b', 'program=p', 'status=gone', 'has=unlogged', 'class=fs', 'fleet=f']) {
    expect(isNarrowed(parseAddress(`/domains?${search}`))).toBe(true);
  }
});

it('looks for an issue that is not named by a fingerprint in the list', () => {
  for (const search of ['', '?id=12', '?id=RE7KWYY42FL5SEN5AQKRIAAAAA', '?id=re7kwyy42fl5sen5aqkri']) {
    expect(parseAddress(`/issue${search}`)).toEqual(parseAddress('/issues'));
  }
});

it('asks for the issues of a tab, those that are done with of all times', () => {
  expect(issueParameters(parseAddress('/issues'))).toEqual([
    ['from', 'now-24h'],
    ['status', 'open'],
    ['sort', 'last_seen'],
    ['trend', 'true'],
  ]);
  expect(issueParameters(parseAddress('/issues?tab=new&sort=hosts'))).toContainEqual(['sort', 'first_seen']);
  expect(issueParameters(parseAddress('/issues?tab=resolved&sort=hosts&host=h&class=fs&q=a or b'))).toEqual([
    ['host', 'h'],
    ['q', '(blocker:fs.*) and (a or b)'],
    ['status', 'resolved'],
    ['sort', 'hosts'],
    ['trend', 'true'],
  ]);
});

it('leaves what is of the list of issues out of other pages', () => {
  expect(parseAddress('/?tab=new&sort=hosts&q=x&id=re7kwyy42fl5sen5aqkriaaaaa')).toEqual(parseAddress('/'));
  expect(parseAddress('/issues?tab=open&sort=last_seen')).toEqual(parseAddress('/issues'));
  expect(parseAddress('/issues?tab=constructor&sort=toString')).toEqual(parseAddress('/issues'));
});
