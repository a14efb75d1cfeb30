import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { blockerClass } from '../../src/landlock/blockers.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import type { Scope, SeriesKey } from '../../src/store/answers.ts';
import { summary } from '../../src/store/counts/summary.ts';
import { timeSeries } from '../../src/store/counts/time-series.ts';
import { trends } from '../../src/store/counts/trends.ts';
import type { Database } from '../../src/store/database/open.ts';
import { saveHeartbeat } from '../../src/store/fleets/agents.ts';
import { isRefused } from '../../src/store/refused.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, gap, malformed, T0, time } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const HOUR = 3_600_000;

/** Denials of some hours, with few distinct values so that they meet. */
function someDenials(count: number): Denial[] {
  const facts = fc.record({
    offset: fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
    host: fc.constantFrom('host-1', 'host-2', 'host-3'),
    blockers: fc.constantFrom<readonly string[]>(
      ['fs.read_file'],
      ['fs.make_reg', 'fs.refer'],
      ['net.bind_tcp'],
      ['new.thing'],
      [],
      ['fs.refer', 'net.bind_tcp'],
    ),
    program: fc.constantFrom('/usr/bin/a', '/usr/bin/b', '/usr/bin/c'),
    tags: fc.constantFrom<Denial['tags']>(undefined, undefined, undefined, ['canary'], ['replay']),
  });
  const list = fc.sample(facts, { numRuns: count, seed: 7 });
  return list.map(({ offset, tags, ...rest }, n) =>
    denial({ n, ms: T0 + offset, ...rest, ...(tags === undefined ? {} : { tags }) }),
  );
}

function answered<T>(answer: T): Exclude<T, { kind: 'refused' }> {
  if (isRefused(answer)) throw new Error(answer.message);
  return answer as Exclude<T, { kind: 'refused' }>;
}

/** What the scope means, said once more and simply. */
function inScope(doc: Denial, scope: Scope): boolean {
  const ms = Date.parse(doc['@timestamp']);
  return (
    ms >= (scope.fromMs ?? 0) &&
    ms < (scope.toMs ?? Number.MAX_SAFE_INTEGER) &&
    (scope.includeCanary === true || doc.tags?.includes('canary') !== true) &&
    (scope.host === undefined || doc.host.id === scope.host || doc.host.name === scope.host) &&
    (scope.fleet === undefined || scope.fleet === 'default') &&
    (scope.query === undefined || doc.process?.executable === '/usr/bin/a')
  );
}

function countBy<K>(docs: readonly Denial[], keysOf: (doc: Denial) => Iterable<K>): Map<K, number> {
  const counts = new Map<K, number>();
  for (const doc of docs) for (const key of new Set(keysOf(doc))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** Fingerprints; these denials are too few for any to be gathered with others. */
const fingerprints = new Map<Denial, string>();
function issueOf(doc: Denial): string {
  const known = fingerprints.get(doc) ?? fingerprintOf(doc).fingerprint;
  fingerprints.set(doc, known);
  return known;
}

const classes = ({ landlock }: Denial) =>
  landlock.blockers.length === 0 ? ['other'] : landlock.blockers.map(blockerClass);

const instant = fc.oneof(
  fc.integer({ min: T0 - 4 * HOUR, max: T0 + 4 * HOUR }),
  fc.integer({ min: -4, max: 4 }).map((hours) => T0 + hours * HOUR),
);
const scopes: fc.Arbitrary<Scope> = fc
  .record(
    {
      fromMs: instant,
      toMs: instant,
      host: fc.constantFrom('host-1', 'name of host-2', 'host-9'),
      fleet: fc.constantFrom('default', 'other'),
      query: fc.constant('program:/usr/bin/a'),
      includeCanary: fc.boolean(),
    },
    { requiredKeys: ['fromMs', 'toMs'] },
  )
  .map((scope) => ({ ...scope, fromMs: Math.min(scope.fromMs, scope.toMs), toMs: Math.max(scope.fromMs, scope.toMs) }));

function filled(docs: readonly Denial[]): Database {
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  for (let i = 0; i < docs.length; i += 37)
    writer.write(
      docs.slice(i, i + 50).map((doc) => ({ doc })),
      T0,
    );
  return db;
}

describe('summary', () => {
  it('counts what is stored, whatever the scope and however the rollups lie', () => {
    const docs = someDenials(400);
    const db = filled(docs);
    fc.assert(
      fc.property(scopes, (scope) => {
        const answer = answered(summary(db, scope));
        const inside = docs.filter((doc) => inScope(doc, scope));
        const spanMs = (scope.toMs ?? 0) - (scope.fromMs ?? 0);
        const before = { ...scope, fromMs: (scope.fromMs ?? 0) - spanMs, toMs: scope.fromMs ?? 0 };
        const last = inside
          .map((doc) => doc['@timestamp'])
          .sort()
          .at(-1);
        expect({
          denials: answer.denials,
          before: answer.denials_before,
          programs: answer.programs,
          denied: answer.hosts.denied,
          classes: new Map(answer.by_class.map((row) => [row.class, row.denials])),
          blockers: new Map(answer.by_blocker.map((row) => [row.blocker, row.denials])),
          last: answer.last_denial_at,
        }).toEqual({
          denials: inside.length,
          before: docs.filter((doc) => inScope(doc, before)).length,
          programs: countBy(inside, (doc) => [doc.process?.executable]).size,
          denied: countBy(inside, (doc) => [doc.host.id]).size,
          classes: countBy(inside, classes),
          blockers: countBy(inside, (doc) => doc.landlock.blockers),
          last,
        });
      }),
      { numRuns: 150 },
    );
  });

  it('tells beside every number what may distort it', () => {
    const db = temporaryDatabase();
    const docs = [
      denial({ n: 1, domain: 'a' }),
      deallocated({ n: 2, domain: 'a', denials: 5 }),
      allocated({ n: 3, domain: 'b' }),
      deallocated({ n: 4, domain: 'c', denials: 2, ms: T0 + HOUR }),
      deallocated({ n: 5, domain: 'd', denials: 9, tags: ['canary'] }),
      malformed({ n: 6 }),
      gap({ n: 7, cause: 'kernel-lost', count: 3 }),
      gap({ n: 8, cause: 'kernel-lost', count: 4 }),
      gap({ n: 9, cause: 'serial-gap', count: 1, host: 'host-2' }),
    ];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    expect(answered(summary(db, { fromMs: T0, toMs: T0 + HOUR }))).toEqual({
      from: time(T0),
      to: time(T0 + HOUR),
      denials: 1,
      denials_before: 0,
      domains: { allocated: 1, live: 1, deallocated: 1 },
      programs: 1,
      hosts: { total: 2, denied: 1 },
      by_class: [{ class: 'fs', denials: 1 }],
      by_blocker: [{ blocker: 'fs.read_file', denials: 1 }],
      last_denial_at: time(T0 + 1),
      malformed: 1,
      lost: [
        { cause: 'kernel-lost', count: 7 },
        { cause: 'serial-gap', count: 1 },
      ],
      unlogged: 4,
    });
  });

  it('of an empty database is all zeros', () => {
    const answer = answered(summary(temporaryDatabase(), {}));
    expect([answer.denials, answer.by_class, answer.hosts, answer.unlogged]).toEqual([
      0,
      [],
      { total: 0, denied: 0 },
      0,
    ]);
    expect(answer.from).toBe(answer.to);
  });

  it('refuses a span that ends before it begins, and a query that makes no sense', () => {
    const db = temporaryDatabase();
    expect(summary(db, { fromMs: 2, toMs: 1 })).toMatchObject({ kind: 'refused', code: 'invalid-range' });
    expect(summary(db, { fromMs: Number.NaN })).toMatchObject({ kind: 'refused', code: 'invalid-range' });
    expect(summary(db, { query: 'a (' })).toMatchObject({ kind: 'refused', code: 'invalid-query', position: 3 });
  });
});

describe('trends', () => {
  it('tell of the span, of the one before and of its parts what is stored', () => {
    const docs = someDenials(400);
    const db = filled(docs);
    const firstSeen = new Map<string, number>();
    for (const doc of docs.filter(({ tags }) => tags?.includes('canary') !== true)) {
      const ms = Date.parse(doc['@timestamp']);
      firstSeen.set(issueOf(doc), Math.min(ms, firstSeen.get(issueOf(doc)) ?? ms));
    }
    const own = scopes.map(({ includeCanary: _, ...scope }) => scope);
    fc.assert(
      fc.property(own, ({ fromMs = 0, toMs = 0, ...rest }) => {
        const answer = answered(trends(db, { ...rest, fromMs, toMs }));
        const beforeMs = fromMs - (toMs - fromMs);
        const within = (from: number, to: number) =>
          docs.filter((doc) => inScope(doc, { ...rest, fromMs: from, toMs: to }));
        const hosts = (from: number, to: number) => countBy(within(from, to), (doc) => [doc.host.id]).size;
        const known = new Set(within(beforeMs, toMs).map(issueOf));
        const issues = (from: number, to: number) =>
          [...firstSeen].filter(([issue, ms]) => known.has(issue) && ms >= from && ms < to).length;
        const { new_issues: fresh, hosts_denied: denied } = answer;
        expect([denied.now, denied.before]).toEqual([hosts(fromMs, toMs), hosts(beforeMs, fromMs)]);
        expect([fresh.now, fresh.before]).toEqual([issues(fromMs, toMs), issues(beforeMs, fromMs)]);
        expect(fresh.points.reduce((sum, n) => sum + n, 0)).toBe(fresh.now);
        expect(Math.max(0, ...denied.points)).toBeLessThanOrEqual(denied.now);
        expect(Math.max(0, ...denied.points) > 0).toBe(denied.now > 0);
      }),
      { numRuns: 60 },
    );
  });

  it('count hosts by days where the span is long, and unlogged denials when their domain ended', () => {
    const db = filled([
      denial({ n: 1, ms: T0, domain: 'a', host: 'host-1' }),
      denial({ n: 2, ms: T0 + 48 * HOUR, host: 'host-1' }),
      denial({ n: 3, ms: T0 + 48 * HOUR, host: 'host-2' }),
    ]);
    const ended = [
      deallocated({ n: 4, domain: 'a', denials: 6, ms: T0 + 47 * HOUR }),
      deallocated({ n: 5, domain: 'b', denials: 2, ms: T0 - HOUR }),
    ];
    new EventWriter(db).write(
      ended.map((doc) => ({ doc })),
      T0,
    );
    const { hosts_denied: hosts } = answered(trends(db, { fromMs: T0 - 48 * HOUR, toMs: T0 + 240 * HOUR }));
    expect(hosts.points.filter((n) => n > 0)).toEqual([1, 2]);
    const { unlogged } = answered(trends(db, { fromMs: T0, toMs: T0 + 48 * HOUR }));
    expect([unlogged.now, unlogged.before, unlogged.points.indexOf(5), unlogged.points.length]).toEqual([5, 2, 23, 24]);
  });
});

describe('timeSeries', () => {
  it('counts what is stored in each interval, whatever the scope and the interval', () => {
    const docs = someDenials(400);
    const db = filled(docs);
    const intervals = fc.constantFrom(60_000 * 7, 60_000 * 30, HOUR, 2 * HOUR, 24 * HOUR, 90 * 60_000);
    const keys = fc.constantFrom<SeriesKey>('class', 'blocker', 'program', 'host', 'fleet', 'issue', 'none');
    const namesOf: Record<SeriesKey, (doc: Denial) => Iterable<string>> = {
      class: classes,
      blocker: (doc) => doc.landlock.blockers,
      host: (doc) => [doc.host.name ?? doc.host.id],
      program: (doc) => [doc.process?.executable ?? ''],
      issue: (doc) => [issueOf(doc)],
      fleet: () => ['default'],
      none: () => ['denials'],
    };
    fc.assert(
      fc.property(scopes, intervals, keys, (scope, intervalMs, groupBy) => {
        const answer = answered(timeSeries(db, scope, intervalMs, groupBy));
        const inside = docs.filter((doc) => inScope(doc, scope));
        const points = Math.ceil(((scope.toMs ?? 0) - answer.start_ms) / intervalMs);
        const expected = new Map<string, number[]>(groupBy === 'none' ? [['denials', Array(points).fill(0)]] : []);
        for (const doc of inside) {
          for (const name of new Set(namesOf[groupBy](doc))) {
            const series = expected.get(name) ?? Array(points).fill(0);
            series[Math.floor((Date.parse(doc['@timestamp']) - answer.start_ms) / intervalMs)] += 1;
            expected.set(name, series);
          }
        }
        expect(new Map(answer.series.map((series) => [series.key, series.points]))).toEqual(expected);
        expect(answer.start_ms % intervalMs).toBe(0);
        expect(answer.start_ms).toBeLessThanOrEqual(scope.fromMs ?? 0);
      }),
      { numRuns: 150 },
    );
  });

  it('sums up the smallest series beyond those that it shows', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 60 }, (_, n) => denial({ n, ms: T0, blockers: [`new.${n % 30}`] }));
    new EventWriter(db).write(
      [...docs, denial({ n: 99, ms: T0, blockers: ['new.0'] })].map((doc) => ({ doc })),
      T0,
    );
    const { series } = answered(timeSeries(db, { fromMs: T0, toMs: T0 + HOUR }, HOUR, 'blocker'));
    expect([series.length, series[0], series.at(-1)]).toEqual([
      25,
      { key: 'new.0', points: [3] },
      { key: '(others)', points: [12] },
    ]);
  });

  it.each(['program', 'host', 'issue'] as const)('looks for no hours that there are not, by %s', (groupBy) => {
    const db = filled(someDenials(60));
    const ask = (fromMs: number, toMs: number) =>
      answered(timeSeries(db, { fromMs, toMs }, 365 * 24 * HOUR, groupBy)).series.map(({ key, points }) => [
        key,
        points.reduce((a, b) => a + b),
      ]);
    // All of it reaches over millions of hours.
    const [firstMs, lastMs] = [Date.UTC(1000, 0, 1), Date.UTC(2900, 0, 1)];
    const looked = vi.spyOn(JSON, 'stringify');
    const all = ask(firstMs, lastMs);
    const longest = Math.max(0, ...looked.mock.results.map(({ value }) => String(value).length));
    looked.mockRestore();
    expect(all).toEqual(ask(T0 - 24 * HOUR, T0 + 24 * HOUR));
    expect(longest).toBeLessThan(1_000);
  });

  it.each(['program', 'host', 'issue'] as const)('counts what is beyond those by the hour too, by %s', (groupBy) => {
    const db = temporaryDatabase();
    // Of one name 32, of each of 29 others two in different hours.
    const docs = Array.from({ length: 90 }, (_, n) => {
      const name = n < 30 ? 0 : n % 30;
      const tags = n % 45 === 7 ? { tags: ['canary' as const] } : {};
      return denial({ n, ms: T0 + (n % 4) * HOUR, host: `host-${name}`, program: `/usr/bin/${name}`, ...tags });
    });
    const { executable: _, ...nameless } = denial({ n: 0 }).process ?? { pid: 1 };
    const all = [...docs, { ...denial({ n: 90, ms: T0, host: 'host-0' }), process: nameless }];
    new EventWriter(db).write(
      all.map((doc) => ({ doc })),
      T0,
    );
    const namesOf: Record<typeof groupBy, (doc: Denial) => readonly string[]> = {
      program: ({ process }) => (process?.executable === undefined ? [] : [process.executable]),
      host: ({ host }) => [host.name ?? host.id],
      issue: (doc) => [issueOf(doc)],
    };
    const counted = all.filter((doc) => doc.tags === undefined && namesOf[groupBy](doc).length > 0);
    const startMs = Math.floor(T0 / HOUR) * HOUR;
    const { series } = answered(timeSeries(db, { fromMs: startMs, toMs: startMs + 5 * HOUR }, HOUR, groupBy));
    const sums = series.reduce((sum, { points }) => sum.map((n, i) => n + (points[i] ?? 0)), [0, 0, 0, 0, 0]);
    const byHour = countBy(counted, (doc) => [Math.floor((Date.parse(doc['@timestamp']) - startMs) / HOUR)]);
    expect(sums).toEqual([0, 1, 2, 3, 4].map((hour) => byHour.get(hour) ?? 0));
    const byName = countBy(counted, namesOf[groupBy]);
    const shown = series.filter(({ key }) => key !== '(others)');
    expect(series.length).toBe(Math.min(byName.size, 25));
    for (const { key, points } of shown) expect([key, points.reduce((a, b) => a + b)]).toEqual([key, byName.get(key)]);
  });

  it('tells what was lost in each interval, and during which something may be missing', () => {
    const db = temporaryDatabase();
    const lost = (
      n: number,
      hours: number,
      since: number | undefined,
      rest: Partial<Parameters<typeof gap>[0]> = {},
    ) => ({
      ...gap({ n, ms: T0 + hours * HOUR, cause: 'kernel-lost', count: n, ...rest }),
      ...(since === undefined ? {} : { since: time(T0 + since * HOUR) }),
    });
    const docs = [
      lost(1, 0.5, undefined),
      lost(2, 3.5, 2.2),
      lost(4, 4.1, 3.9),
      lost(8, 9.5, 7.5),
      lost(16, -0.5, -2),
      lost(32, 0, -3),
      lost(64, 5.5, undefined, { cause: 'serial-gap' }),
      lost(128, 5.5, undefined, { cause: 'serial-gap', host: 'host-2' }),
      lost(256, 20, 10),
    ];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    const scope = { fromMs: T0, toMs: T0 + 8 * HOUR };
    const { losses, lost: sums } = answered(timeSeries(db, scope, HOUR, 'none'));
    expect(losses).toEqual([
      {
        cause: 'kernel-lost',
        points: [33, 0, 0, 2, 4, 0, 0, 0],
        during: [
          { first: 0, last: 0 },
          { first: 2, last: 4 },
          { first: 7, last: 7 },
        ],
      },
      { cause: 'serial-gap', points: [0, 0, 0, 0, 0, 192, 0, 0], during: [{ first: 5, last: 5 }] },
    ]);
    expect(sums).toEqual(losses.map(({ cause, points }) => ({ cause, count: points.reduce((sum, n) => sum + n, 0) })));
    const ofHost = answered(timeSeries(db, { ...scope, host: 'host-2' }, HOUR, 'none'));
    expect(ofHost.losses.map(({ cause, points }) => [cause, points[5]])).toEqual([['serial-gap', 128]]);
  });

  it('tells when hosts were not heard of', () => {
    const db = temporaryDatabase();
    const MINUTE = 60_000;
    const hear = (host: string, ...minutes: readonly number[]) => {
      for (const minute of minutes)
        saveHeartbeat(db, { host: { id: host, name: `name of ${host}`, boot_id: 'b' } } as never, T0 + minute * MINUTE);
    };
    hear('host-1', 0, 1, 11, 12, 40, 41);
    hear('host-2', 0, 1, 2);
    const silence = (host: string, since: number, until?: number) => ({
      host,
      name: `name of ${host}`,
      since: time(T0 + since * MINUTE),
      ...(until === undefined ? {} : { until: time(T0 + until * MINUTE) }),
    });
    const of = (from: number, to: number, host?: string) => {
      const scope = { fromMs: T0 + from * MINUTE, toMs: T0 + to * MINUTE, ...(host === undefined ? {} : { host }) };
      return answered(timeSeries(db, scope, MINUTE, 'none')).silences;
    };
    expect([of(0, 30), of(5, 30, 'host-1'), of(13, 39), of(41, 50)]).toEqual([
      [silence('host-2', 2), silence('host-1', 12, 40), silence('host-1', 1, 11)],
      [silence('host-1', 12, 40), silence('host-1', 1, 11)],
      [silence('host-1', 12, 40)],
      [silence('host-1', 41)],
    ]);
  });

  it('says what it was counted from', () => {
    const db = temporaryDatabase();
    new EventWriter(db).write([{ doc: denial({ n: 1, ms: T0 + 1 }) }], T0);
    const of = (fromMs: number, intervalMs: number, query?: string) => {
      const scope = { fromMs, toMs: T0 + 2 * HOUR, ...(query === undefined ? {} : { query }) };
      const answer = answered(timeSeries(db, scope, intervalMs, 'program'));
      return [answer.counted_from, answer.series.flatMap(({ points }) => points).reduce((sum, n) => sum + n, 0)];
    };
    expect([
      of(T0, HOUR),
      of(T0 - 1, HOUR),
      of(T0, HOUR / 2),
      of(T0, HOUR, 'program:/usr/*'),
      of(T0, HOUR, 'path:/etc/*'),
    ]).toEqual([
      ['rollups', 1],
      ['rollups-and-denials', 1],
      ['denials', 1],
      ['rollups', 1],
      ['denials', 1],
    ]);
  });

  it('refuses more points than anyone can look at, and intervals of nothing', () => {
    const db = temporaryDatabase();
    const scope = { fromMs: T0, toMs: T0 + 24 * HOUR };
    expect(timeSeries(db, scope, 1_000, 'none')).toMatchObject({ kind: 'refused', code: 'too-many-points' });
    expect(timeSeries(db, scope, 0, 'none')).toMatchObject({ kind: 'refused', code: 'invalid-range' });
  });
});
