// Every number of a fleet against a count over the documents themselves, whatever they are.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addFleets } from '../../../src/api/monitoring/fleet-metrics-text.ts';
import { MetricsText } from '../../../src/api/monitoring/prometheus-text.ts';
import { findBlocker } from '../../../src/landlock/blockers.ts';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { fleetFacts } from '../../../src/store/fleets/fleet-facts.ts';
import { fleetMetrics } from '../../../src/store/fleets/fleet-metrics.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../../api/support/documents.ts';
import { allocated, deallocated, denial, gap, malformed } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 2, 10);
const HOSTS = ['a', 'b', 'c', 'd', 'e'];
const KERNELS = ['6.15.1-amd64', '6.15.9', '7.2.0', '<script>"}', '6.18.3'];
const fleetOf = (host: string) => (HOSTS.indexOf(host) < 3 ? 'default' : 'lab "x"');
const kernelOf = (host: string) => KERNELS[HOSTS.indexOf(host)] ?? '';
const abiOf = (host: string) => 6 + (HOSTS.indexOf(host) % 2);

interface Event {
  readonly kind: 'denial' | 'domain' | 'gap' | 'malformed' | 'canary';
  readonly host: string;
  readonly ms: number;
  readonly program: string;
  readonly blockers: readonly string[];
  readonly count: number;
}

const event: fc.Arbitrary<Event> = fc.record({
  kind: fc.constantFrom('denial', 'denial', 'denial', 'domain', 'gap', 'malformed', 'canary'),
  host: fc.constantFrom(...HOSTS),
  // Two days, of which the second is asked for.
  ms: fc.integer({ min: 0, max: 2 * DAY - 1 }),
  program: fc.constantFrom('/usr/bin/a', '/usr/bin/b', '/usr/bin/c'),
  blockers: fc.constantFrom(
    ['fs.read_file'],
    ['fs.read_file', 'net.bind_tcp'],
    ['new.thing', 'newer.thing', 'fs.refer'],
  ),
  count: fc.integer({ min: 1, max: 9 }),
});

function toDocuments({ kind, host, ms, program, blockers, count }: Event, n: number): readonly AnyDocument[] {
  const on = { n, ms: T + ms, host, boot: `boot of ${host}`, domain: `d${n}` };
  if (kind === 'denial') return [denial({ ...on, program, blockers })];
  if (kind === 'canary') return [denial({ ...on, program, blockers, tags: ['canary' as const] })];
  if (kind === 'gap') return [gap({ ...on, cause: 'serial-gap', count })];
  if (kind === 'malformed') return [malformed(on)];
  const { domain, ...landlock } = allocated(on).landlock;
  const made = { ...allocated(on), landlock: { ...landlock, domain: { ...domain, creator: { executable: program } } } };
  return [made, deallocated({ ...on, n: n + 50_000, denials: count })];
}

function stored(events: readonly Event[]) {
  const db = temporaryDatabase();
  db.prepare('INSERT INTO fleets (name, created_ms) VALUES (?, 0)').run('lab "x"');
  for (const host of HOSTS) {
    const said = { ...testHeartbeat().host, id: host, name: host, boot_id: `boot of ${host}` };
    const about = { ...said, kernel: kernelOf(host), landlock_abi: abiOf(host) };
    for (const ms of [T, T + 2 * DAY]) saveHeartbeat(db, { ...testHeartbeat(), host: about }, ms);
    db.prepare('UPDATE hosts SET fleet = (SELECT id FROM fleets WHERE name = ?) WHERE host_id = ?').run(
      fleetOf(host),
      host,
    );
  }
  const docs = events.flatMap((one, at) => toDocuments(one, at + 1));
  const { rejected } = new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T,
  );
  expect(rejected).toEqual([]);
  return db;
}

/** By name: how many denials, and on how many hosts. */
function countBy(events: readonly Event[], namesOf: (one: Event) => readonly string[]) {
  const names = new Set(events.flatMap((one) => namesOf(one)));
  return [...names].sort().map((name) => {
    const own = events.filter((one) => namesOf(one).includes(name));
    return { name, denials: own.length, hosts: new Set(own.map(({ host }) => host)).size };
  });
}

const byName = (parts: readonly { readonly denials: number; readonly hosts: number }[]) =>
  parts
    .map(({ denials, hosts, ...rest }) => ({
      name: 'label' in rest ? rest.label : Reflect.get(rest, 'value'),
      denials,
      hosts,
    }))
    .sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const rounded = (value: number) => Math.round(value * 1_000) / 1_000;

it('is what counting the documents of the fleet by hand gives', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const db = stored(events);
      const facts = fleetFacts(db, { nowMs: T + 2 * DAY - HOUR / 2 });
      expect(facts.omitted).toBe(0);
      for (const fleet of ['default', 'lab "x"']) {
        const hosts = HOSTS.filter((host) => fleetOf(host) === fleet);
        const own = events.filter(({ host, ms }) => fleetOf(host) === fleet && ms >= DAY);
        const denials = own.filter(({ kind }) => kind === 'denial');
        const ended = own.filter(({ kind }) => kind === 'domain');
        const of = (kind: Event['kind']) => own.filter((one) => one.kind === kind);
        const wanted = {
          denials: denials.length,
          host_days: hosts.length,
          per_100_host_days: rounded((denials.length * 100) / hosts.length),
          hosts_total: hosts.length,
          hosts_reporting: hosts.length,
          hosts_affected: new Set(denials.map(({ host }) => host)).size,
          malformed: of('malformed').length,
          unlogged: sum(ended.map(({ count }) => count)),
          lost:
            of('gap').length === 0 ? [] : [{ cause: 'serial-gap', count: sum(of('gap').map(({ count }) => count)) }],
          usage: {
            programs: new Set(ended.map(({ program }) => program)).size,
            domains: ended.length,
            sandboxes: 0,
            programs_per_host_day: rounded(new Set(ended.map(({ program }) => program)).size / hosts.length),
            domains_per_host_day: rounded(ended.length / hosts.length),
          },
          ...(ended.length > 0 && { unlogged_share: 1 }),
        };
        const rest = fleetMetrics(db, { fleet, scope: { fromMs: T + DAY, toMs: T + 2 * DAY } });
        if (rest === undefined || isRefused(rest)) throw new Error('refused');
        const gauges = facts.fleets.find((one) => one.fleet === fleet);
        expect(rest).toMatchObject(wanted);
        expect(gauges).toMatchObject(wanted);
        expect(byName(rest.by_program)).toEqual(countBy(denials, ({ program }) => [program]));
        expect(byName(rest.by_blocker)).toEqual(countBy(denials, ({ blockers }) => blockers));
        const affected = (groups: typeof rest.by_kernel) =>
          groups.filter((one) => one.denials > 0).map((one) => ({ ...one, hosts: one.hosts_affected }));
        expect(
          byName(affected(rest.by_kernel).map(({ value, denials: n, hosts: h }) => ({ value, denials: n, hosts: h }))),
        ).toEqual(countBy(denials, ({ host }) => [kernelOf(host)]));
        expect(byName(gauges?.by_blocker ?? []).map(({ name, hosts: n }) => [name, n])).toEqual(
          countBy(denials, ({ blockers }) => blockers.map((name) => (findBlocker(name) ? name : 'other'))).map(
            ({ name, hosts: n }) => [name, n],
          ),
        );
        expect(byName(gauges?.by_abi ?? [])).toEqual(countBy(denials, ({ host }) => [String(abiOf(host))]));
        const seriesOf = ({ host }: Event) => [/^\d+\.\d+/.exec(kernelOf(host))?.[0] ?? 'other'];
        expect(byName(gauges?.by_kernel ?? [])).toEqual(countBy(denials, seriesOf));
        // Most hosts first.
        const ranks = rest.by_program.map((one) => one.hosts);
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
      }
      db.close();
    }),
    { numRuns: 25 },
  );
});

it('stands in the text for Prometheus under labels that nobody who reports can choose', () => {
  const one = { ms: DAY + HOUR, program: '/usr/bin/a', blockers: ['new.thing', 'newer.thing', 'fs.refer'], count: 3 };
  const db = stored([
    { ...one, kind: 'denial', host: 'd' },
    { ...one, kind: 'denial', host: 'e' },
    { ...one, kind: 'domain', host: 'e' },
    { ...one, kind: 'gap', host: 'e' },
  ]);
  const text = new MetricsText();
  addFleets(text, fleetFacts(db, { nowMs: T + 2 * DAY }));
  const lines = text
    .end()
    .split('\n')
    .filter((line) => line.includes('{fleet="lab \\"x\\""') && !line.endsWith(' 0'));
  expect(
    lines.map((line) => line.replace('{fleet="lab \\"x\\""', '{').replace('{,', '{').replace('{}', '')).sort(),
  ).toEqual([
    'trespass_fleet_denials 2',
    'trespass_fleet_denials_by_abi{abi="6"} 1',
    'trespass_fleet_denials_by_abi{abi="7"} 1',
    'trespass_fleet_denials_by_blocker{blocker="fs.refer"} 2',
    'trespass_fleet_denials_by_blocker{blocker="other"} 2',
    'trespass_fleet_denials_by_kernel{kernel="6.18"} 1',
    'trespass_fleet_denials_by_kernel{kernel="other"} 1',
    'trespass_fleet_denials_per_100_host_days 100',
    'trespass_fleet_domains 1',
    'trespass_fleet_domains_per_host_day 0.5',
    'trespass_fleet_host_up_seconds 172800',
    'trespass_fleet_hosts_affected_by_abi{abi="6"} 1',
    'trespass_fleet_hosts_affected_by_abi{abi="7"} 1',
    'trespass_fleet_hosts_affected_by_blocker{blocker="fs.refer"} 2',
    'trespass_fleet_hosts_affected_by_blocker{blocker="other"} 2',
    'trespass_fleet_hosts_affected_by_kernel{kernel="6.18"} 1',
    'trespass_fleet_hosts_affected_by_kernel{kernel="other"} 1',
    'trespass_fleet_hosts{of="affected"} 2',
    'trespass_fleet_hosts{of="all"} 2',
    'trespass_fleet_hosts{of="reporting"} 2',
    'trespass_fleet_lost{cause="serial-gap"} 3',
    'trespass_fleet_sandboxed_programs 1',
    'trespass_fleet_unlogged_share 1',
  ]);
});
