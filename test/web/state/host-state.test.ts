// How a host is called, and which fleet is meant where none is named.
import { expect, it } from 'vitest';
import { busiestFleet, hostLine, hostsToShow } from '../../../web/state/host-state.ts';
import { makeCollector, makeHost } from '../../e2e/support/canned-answers.ts';

const NOW = Date.UTC(2026, 2, 1);

it('does not call a host online whose test denial does not come back, and shows it first', () => {
  const hosts = [makeHost('web-1', 3, NOW), makeHost('web-2', 3, NOW)];
  const heard = makeCollector('web-2', NOW);
  const deaf = { ...heard, heartbeat: { ...heard.heartbeat, canary: { state: 'missed' as const } } };
  const collectors = [makeCollector('web-1', NOW), deaf];
  expect(hosts.map((host) => hostLine(host, collectors).state)).toEqual(['online', 'deaf']);
  expect(hostLine(makeHost('web-2', 3, NOW), [{ ...deaf, state: 'offline' }]).state).toBe('offline');
  expect(hostsToShow(hosts, collectors).map(({ name }) => name)).toEqual(['web-2', 'web-1']);
});

it('means the fleet with most denials where none is named', () => {
  const of = (name: string, fleet: string, denials: number) => makeHost(name, denials, NOW, { fleet });
  expect(busiestFleet([of('a', 'web', 3), of('b', 'desktops', 5), of('c', 'web', 4)])).toBe('web');
  expect(busiestFleet([of('a', 'web', 0), of('b', 'build', 0)])).toBe('build');
  expect(busiestFleet([])).toBeUndefined();
});
