import { expect, it } from 'vitest';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { fleetMetrics } from '../../../src/store/fleets/fleet-metrics.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../../api/support/documents.ts';
import { allocated, deallocated, denial, gap, malformed } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 2, 10);

/** Three hosts: `a` is up all four days, `b` for a day and then, after another, for half a day, `c` never denied anything. */
function fleet() {
  const db = temporaryDatabase();
  const beat = (id: string, boot: string, ms: number, kernel: string, abi: number, distribution?: string) => {
    const heartbeat = testHeartbeat();
    const { distribution: _, ...host } = heartbeat.host;
    const said = { ...host, id, name: id, boot_id: boot, kernel, landlock_abi: abi };
    saveHeartbeat(db, { ...heartbeat, host: { ...said, ...(distribution !== undefined && { distribution }) } }, ms);
  };
  for (let hour = 0; hour <= 96; hour += 1) beat('a', 'a1', T + hour * HOUR, '6.15.1', 7, 'Debian');
  for (let hour = 0; hour <= 24; hour += 1) beat('b', 'b1', T + hour * HOUR, '6.14.0', 6, 'Fedora');
  for (let hour = 48; hour <= 60; hour += 1) beat('b', 'b2', T + hour * HOUR, '6.15.1', 7, 'Fedora');
  beat('c', 'c1', T + DAY, '6.15.1', 7);
  beat('c', 'c1', T + 2 * DAY, '6.15.1', 7);
  const on = (host: string, boot: string) => ({ host, name: host, boot });
  const docs = [
    ...Array.from({ length: 40 }, (_, n) =>
      denial({ n, ms: T + 2 * DAY + n * 1_000, ...on('a', 'a1'), program: '/usr/bin/x', domain: 'd1' }),
    ),
    ...Array.from({ length: 10 }, (_, n) =>
      denial({
        n: 100 + n,
        ms: T + 2 * DAY + n * 1_000,
        ...on('b', 'b2'),
        program: '/usr/bin/x',
        blockers: ['net.bind_tcp', 'fs.read_file'],
      }),
    ),
    ...Array.from({ length: 5 }, (_, n) =>
      denial({ n: 200 + n, ms: T + n * 1_000, ...on('b', 'b1'), program: '/usr/bin/y' }),
    ),
    denial({ n: 300, ms: T + 2 * DAY, ...on('a', 'a1'), tags: ['canary'] }),
    allocated({ n: 400, ms: T + 2 * DAY, ...on('a', 'a1'), domain: 'd1' }),
    deallocated({ n: 401, ms: T + 3 * DAY, ...on('a', 'a1'), domain: 'd1', denials: 160 }),
    gap({ n: 500, ms: T + 2 * DAY, ...on('a', 'a1'), cause: 'serial-gap', count: 7 }),
    malformed({ n: 501, ms: T + 2 * DAY, ...on('a', 'a1') }),
  ];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T,
  );
  return db;
}

it('compares what is denied with how long hosts were up, and with the span before', () => {
  const db = fleet();
  const answer = fleetMetrics(db, {
    fleet: 'default',
    scope: { fromMs: T + 2 * DAY + 1, toMs: T + 4 * DAY - 1 },
  });
  expect(answer).toEqual({
    fleet: 'default',
    from: new Date(T + 2 * DAY).toISOString(),
    to: new Date(T + 4 * DAY).toISOString(),
    hosts_total: 3,
    denials: 50,
    // Two days of a, half a day of b, and c was heard of just when the span began.
    host_days: 2.5,
    per_100_host_days: 2_000,
    hosts_reporting: 3,
    hosts_affected: 2,
    unlogged_share: 0.75,
    usage: { programs: 1, domains: 1, sandboxes: 0, programs_per_host_day: 0.4, domains_per_host_day: 0.4 },
    before: { denials: 5, host_days: 4, per_100_host_days: 125, hosts_reporting: 3, hosts_affected: 1 },
    by_program: [{ value: '/usr/bin/x', denials: 50, hosts: 2 }],
    by_blocker: [
      { value: 'fs.read_file', denials: 50, hosts: 2 },
      { value: 'net.bind_tcp', denials: 10, hosts: 1 },
    ],
    by_kernel: [
      {
        value: '6.15.1',
        denials: 50,
        host_days: 2.5,
        per_100_host_days: 2_000,
        hosts_reporting: 3,
        hosts_affected: 2,
      },
    ],
    by_abi: [
      { value: '7', denials: 50, host_days: 2.5, per_100_host_days: 2_000, hosts_reporting: 3, hosts_affected: 2 },
    ],
    by_distribution: [
      { value: 'Debian', denials: 40, host_days: 2, per_100_host_days: 2_000, hosts_reporting: 1, hosts_affected: 1 },
      { value: 'Fedora', denials: 10, host_days: 0.5, hosts_reporting: 1, hosts_affected: 1 },
      { value: '(unknown)', denials: 0, host_days: 0, hosts_reporting: 1, hosts_affected: 0 },
    ],
    malformed: 1,
    lost: [{ cause: 'serial-gap', count: 7 }],
    unlogged: 120,
  });
});

it('counts the canary only where it is asked for, and knows no other fleets', () => {
  const db = fleet();
  const scope = { fromMs: T + 2 * DAY, toMs: T + 3 * DAY, includeCanary: true };
  expect(fleetMetrics(db, { fleet: 'default', scope })).toMatchObject({ denials: 51 });
  expect(fleetMetrics(db, { fleet: '__proto__', scope })).toBeUndefined();
});

it('counts time that several boots claim only once', () => {
  const db = fleet();
  db.prepare(
    `INSERT INTO boots (host, boot_id, is_derived, first_ms, last_ms)
     SELECT id, 'guessed', 1, ?, ? FROM hosts WHERE host_id = 'a'`,
  ).run(T + 2 * DAY + HOUR, T + 3 * DAY);
  const scope = { fromMs: T + 2 * DAY, toMs: T + 4 * DAY };
  expect(fleetMetrics(db, { fleet: 'default', scope })).toMatchObject({ host_days: 2.5 });
});
