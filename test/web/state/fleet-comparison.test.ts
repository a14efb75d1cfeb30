import { expect, it } from 'vitest';
import type { Agent } from '../../../src/api/schemas/agent.ts';
import { changeWords, comparedParts, rateText } from '../../../web/state/fleet-comparison.ts';
import { clockWords, hostLines, hostsToShow, stateCounts } from '../../../web/state/host-state.ts';
import { refusals } from '../../../web/state/refusals.ts';
import { makeCollector, makeDenial, makeHost } from '../../e2e/support/canned-answers.ts';

it('says how a number changed, and what is not known', () => {
  const pairs = [
    [3, 2],
    [2, 3],
    [40, 4],
    [1, 10],
    [5, 5],
    [5, 0],
    [0, 5],
    [0, 0],
    [undefined, 1],
  ] as const;
  expect(pairs.map(([now, before]) => changeWords(now, before))).toEqual([
    ...['▲ 50%', '▼ 33%', '▲ 10×', '▼ 10×', 'same', 'new', 'none any more', 'same', ''],
  ]);
  expect([0.44, 12.3, 1_234].map(rateText)).toEqual(['0.4', '12', '1,234']);
});

it('puts counts of two fleets into proportion by their running time', () => {
  const metrics = (hostDays: number, counts: Readonly<Record<string, number>>) => ({
    host_days: hostDays,
    per_100_host_days: 1,
    by_program: Object.entries(counts).map(([value, denials]) => ({ value, denials, hosts: 1 })),
  });
  const [here, there] = [metrics(10, { a: 20, b: 5 }), metrics(100, { a: 100, c: 9 })] as unknown as Parameters<
    typeof comparedParts
  > extends [infer One, infer Other, ...unknown[]]
    ? [One, Other]
    : never;
  expect(comparedParts(here, there, (one) => one.by_program)).toEqual([
    { value: 'a', here: 20, there: 100, change: '▲ 100%' },
    { value: 'c', here: 0, there: 9, change: 'none any more' },
    { value: 'b', here: 5, there: 0, change: 'new' },
  ]);
});

it('puts hosts that need somebody first, and finds them by any of their words', () => {
  const hosts = ['b', 'a', 'c'].map((name) => makeHost(name, 1, 0));
  const collectors = [makeCollector('a', 0), { ...makeCollector('b', 0), state: 'offline' as const }];
  const lines = hostLines(hosts, collectors, [], '');
  expect(lines.map(({ host, state }) => [host.name, state])).toEqual([
    ['b', 'offline'],
    ['a', 'online'],
    ['c', 'none'],
  ]);
  expect(stateCounts(lines)).toBe('1 offline, 1 online, 1 no collector');
  expect(hostLines(hosts, collectors, [], ' OFFLINE ').map(({ host }) => host.name)).toEqual(['b']);
});

it('tells of agents what somebody has to decide, how their clocks are, and the newest of a host', () => {
  const agent = (host: string, state: Agent['state'], skewMs?: number): Agent => ({
    id: `${host} ${state}`,
    host: { id: `id-${host}`, name: host },
    fleet: 'web',
    labels: [{ name: 'rack', value: '4' }],
    version: '0.1.0',
    state,
    enrolled_at: '2026-03-01T10:00:00.000Z',
    ...(skewMs === undefined ? {} : { clock_skew_ms: skewMs }),
  });
  const agents = [
    agent('a', 'revoked', 9_000),
    agent('a', 'online', 9_000),
    agent('b', 'conflict'),
    agent('c10', 'revoked'),
  ];
  const hosts = ['c10', 'c9', 'b', 'a'].map((name) => makeHost(name, 1, 0));
  const lines = hostLines(hosts, [], agents, '');
  expect(lines.map((line) => [line.host.name, line.state, clockWords(line)?.words])).toEqual([
    ['b', 'conflict', undefined],
    ['a', 'online', '9 s ahead'],
    ['c10', 'revoked', undefined],
    ['c9', 'none', undefined],
  ]);
  expect(hostLines(hosts, [], agents, 'rack=4').map(({ host }) => host.name)).toEqual(['b', 'a', 'c10']);
  expect(hostsToShow(hosts, []).map(({ name }) => name)).toEqual(['a', 'b', 'c9', 'c10']);
});

it('tells the same refusal once', () => {
  const denials = [makeDenial(8, 3_000), makeDenial(0, 2_000, { host: makeDenial(8, 0).host }), makeDenial(1, 1_000)];
  expect(refusals(denials).map((one) => one.denials.length)).toEqual([2, 1]);
});
