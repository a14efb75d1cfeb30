import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import { KeptCounts, keptHours } from '../../../src/store/counts/kept-counts.ts';
import { listPrograms } from '../../../src/store/counts/programs.ts';
import { timeSeries } from '../../../src/store/counts/time-series.ts';
import { listUsers } from '../../../src/store/counts/users.ts';
import { topValues } from '../../../src/store/counts/value-counts.ts';
import { closeDatabase, type Database, openDatabase } from '../../../src/store/database/open.ts';
import { fleetMetrics } from '../../../src/store/fleets/fleet-metrics.ts';
import { takeDenialsBefore } from '../../../src/store/retention/retention-denials.ts';
import { takeHost } from '../../../src/store/retention/retention-host.ts';
import { takeIssuesBefore, takeRollupsBefore } from '../../../src/store/retention/retention-rollups.ts';
import { takeUser } from '../../../src/store/retention/retention-selected.ts';
import { countAdded, countTaken } from '../../../src/store/rollups/count-changes.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { answered } from '../support/answered.ts';
import { denial, T0 } from '../support/documents.ts';
import { temporaryDatabase, temporaryDirectory } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Everything that is answered from what is kept, over spans with and without whole days. */
function answers(db: Database): unknown {
  const spans = [
    { fromMs: T0 - 3 * DAY, toMs: T0 + 3 * DAY },
    { fromMs: T0 - 30 * HOUR, toMs: T0 + 31 * HOUR },
    { fromMs: T0 - 2 * DAY + 5, toMs: T0 + DAY + 7 },
  ];
  return spans.flatMap((span) =>
    [span, { ...span, includeCanary: true }, { ...span, host: 'host-1' }].map((scope) => [
      topValues(db, { scope, by: 'issue' }),
      answered(timeSeries(db, scope, 6 * HOUR, 'issue')).series,
      answered(timeSeries(db, scope, 6 * HOUR, 'host')).series,
      answered(timeSeries(db, scope, 6 * HOUR, 'program')).series,
      topValues(db, { scope, by: 'host' }),
      listPrograms(db, { scope, sort: 'denials' }),
      listUsers(db, { scope }),
      fleetMetrics(db, { fleet: 'default', scope }),
    ]),
  );
}

type Step = (db: Database, writer: EventWriter) => void;

const docs: fc.Arbitrary<readonly Denial[]> = fc.array(
  fc
    .record({
      n: fc.nat(60),
      hours: fc.integer({ min: -60, max: 40 }),
      host: fc.constantFrom('host-1', 'host-2', 'host-3'),
      program: fc.constantFrom('/usr/bin/a', '/usr/bin/b'),
      uid: fc.constantFrom('0', '1000'),
      tags: fc.constantFrom<Denial['tags']>(undefined, undefined, ['canary']),
    })
    .map(({ n, hours, tags, ...facts }) =>
      denial({ n, ms: T0 + hours * HOUR + n, ...facts, ...(tags === undefined ? {} : { tags }) }),
    ),
  { minLength: 1, maxLength: 30 },
);
/** Late arrivals and duplicates are among what is written. */
const writing = docs.map((batch): readonly [string, Step] => [
  `write ${batch.length}`,
  (_db, writer) => {
    writer.write(
      batch.map((doc) => ({ doc })),
      T0,
    );
  },
]);
const all = (steps: Iterable<unknown>) => {
  for (const _ of steps);
};
const hostRow = (db: Database) =>
  db.prepare<[], { id: number }>("SELECT id FROM hosts WHERE host_id = 'host-1'").get()?.id ?? -1;
const taking = fc.constantFrom<readonly [string, Step]>(
  ['retention of a day', (db) => age(db, T0 - DAY)],
  ['retention of two days', (db) => age(db, T0 + DAY)],
  ['deletion of a host', (db) => all(takeHost(db, hostRow(db), T0))],
  ['deletion of a user', (db) => all(takeUser(db, 1000, T0))],
);

function age(db: Database, ms: number): void {
  all(takeDenialsBefore(db, ms, 'all', ms));
  all(takeRollupsBefore(db, ms, ms));
  all(takeIssuesBefore(db, ms, ms));
}

it('answers what a connection that keeps nothing would, whatever was written and taken away in between', () => {
  const steps = fc.array(fc.oneof({ arbitrary: writing, weight: 3 }, { arbitrary: taking, weight: 1 }), {
    minLength: 2,
    maxLength: 7,
  });
  fc.assert(
    fc.property(steps, (list) => {
      const path = join(temporaryDirectory(), 'trespass.db');
      const db = openDatabase(path);
      const reader = openDatabase(path, { readonly: true });
      try {
        const writer = new EventWriter(db);
        for (const [name, step] of list) {
          step(db, writer);
          const fresh = openDatabase(path, { readonly: true });
          const expected = answers(fresh);
          closeDatabase(fresh);
          expect({ name, reader: answers(reader) }).toEqual({ name, reader: expected });
          expect({ name, writer: answers(db) }).toEqual({ name, writer: expected });
        }
      } finally {
        closeDatabase(reader);
        closeDatabase(db);
      }
    }),
    { numRuns: 12 },
  );
});

it('has the rows of the hours of a question, and is told of every change to their counts', () => {
  const db = temporaryDatabase();
  new EventWriter(db).write([{ doc: denial({ n: 1, ms: T0 }) }, { doc: denial({ n: 2, ms: T0 + HOUR }) }], T0);
  const hour = T0 / HOUR;
  expect(Math.floor(hour)).toBeGreaterThan(0);
  const rows = db.prepare('SELECT count(*) AS n FROM hour_changes WHERE hour IN (SELECT hour FROM blocker_hours)');
  expect(rows.get()).toEqual(db.prepare('SELECT count(DISTINCT hour) AS n FROM blocker_hours').get());
});

const HOURS = { from: 240, to: 264 };

it('forgets what was changed, and all when something was taken away', () => {
  const db = temporaryDatabase();
  countAdded(db, [240, 263]);
  const keep = () => new KeptCounts(db, HOURS).keep('a', 2, 'value', 1);
  const get = (changes = 2) => new KeptCounts(db, HOURS).get('a', changes);
  keep();
  expect([...new KeptCounts(db, HOURS).days]).toEqual([[10, 2]]);
  expect([get(), get(3)]).toEqual(['value', undefined]);
  countTaken(db, () => 0);
  expect(get()).toBe('value');
  countTaken(db, () => db.exec('DELETE FROM hour_changes WHERE hour = 240'));
  expect(get()).toBe(undefined);
});

it('keeps nothing of a transaction that may be rolled back', () => {
  const db = temporaryDatabase();
  db.exec('BEGIN');
  countAdded(db, [240]);
  new KeptCounts(db, HOURS).keep('a', 1, 'value', 1);
  db.exec('ROLLBACK');
  countAdded(db, [240]);
  expect(new KeptCounts(db, HOURS).get('a', 1)).toBe(undefined);
});

it('has a bound, at which what other questions used longest ago goes first, and nothing of the same question', () => {
  const db = temporaryDatabase();
  const mib = 1_024 * 1_024;
  const first = new KeptCounts(db, HOURS);
  for (const name of ['a', 'b', 'c', 'd']) first.keep(name, 1, name, 10 * mib);
  expect(['a', 'b', 'c', 'd'].map((name) => first.get(name, 1))).toEqual(['a', 'b', 'c', undefined]);
  const second = new KeptCounts(db, HOURS);
  expect(second.get('a', 1)).toBe('a');
  second.keep('d', 1, 'd', 10 * mib);
  expect(['a', 'b', 'c', 'd'].map((name) => second.get(name, 1))).toEqual(['a', undefined, 'c', 'd']);
  second.keep('e', 1, 'e', 40 * mib);
  expect(second.get('e', 1)).toBe(undefined);
});

it('reads only the days that are not kept', () => {
  const db = temporaryDatabase();
  countAdded(db, [240, 265, 313]);
  const read: number[][] = [];
  const ask = () =>
    keptHours(new KeptCounts(db, { from: 240, to: 336 }), 'hours', { from: 241, to: 315 }, ({ from, to }) => {
      read.push([from, to]);
      return Float64Array.from({ length: to - from }, (_, index) => from + index);
    });
  const expected = Array.from({ length: 74 }, (_, index) => 241 + index);
  expect([...ask()]).toEqual(expected);
  countAdded(db, [265]);
  expect([...ask()]).toEqual(expected);
  expect(read).toEqual([
    [240, 336],
    [264, 312],
  ]);
});
