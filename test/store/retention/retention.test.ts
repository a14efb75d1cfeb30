import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AnyDocument, Denial } from '../../../src/landlock/document.ts';
import { storeFacts } from '../../../src/store/counts/store-facts.ts';
import { type Database, openDatabase } from '../../../src/store/database/open.ts';
import { getDocument } from '../../../src/store/denials/documents.ts';
import { changeIssue } from '../../../src/store/issues/issue-changes.ts';
import { bytesInUse, retain, takeOlderThan } from '../../../src/store/retention/retention.ts';
import { STEP_ROWS_MAX, type Taken } from '../../../src/store/retention/retention-step.ts';
import { readRemovals } from '../../../src/store/retention-marks.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { audited, denial, gap, malformed, T0 } from '../support/documents.ts';
import { FOR_EVER } from '../support/for-ever.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function all(steps: Iterable<Taken>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, count } of steps) {
    expect(count).toBeLessThan(STEP_ROWS_MAX * 1.5);
    if (count > 0) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

const count = (db: Database, table: string) =>
  db.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;

const write = (db: Database, docs: readonly AnyDocument[], nowMs = T0) =>
  new EventWriter(db).write(
    docs.map((doc) => ({ doc, raw: `raw of ${doc.event.id}` })),
    nowMs,
  );

/** What may happen to a store, in any order. */
type Act =
  | { readonly kind: 'write'; readonly docs: readonly Denial[] }
  | { readonly kind: 'restart' }
  | { readonly kind: 'retain'; readonly ageMs: number; readonly steps: number }
  | { readonly kind: 'older'; readonly ageMs: number };

const denials = fc
  .record({
    n: fc.integer({ min: 0, max: 60 }),
    isForeign: fc.boolean(),
    tags: fc.constantFrom<Denial['tags']>(undefined, undefined, ['canary'], ['replay']),
  })
  .map(({ n, isForeign, tags }) => {
    // What a denial says is up to its number, so that it comes again as the same one.
    const ms = T0 - (n % 7) * 9 * HOUR;
    const doc = denial({
      n,
      ms,
      host: `host-${n % 3}`,
      boot: `boot-${n % 2}`,
      path: `/srv/${n % 5}`,
      program: `/usr/bin/p${n % 4}`,
      ...(tags === undefined ? {} : { tags }),
    });
    const own = tags === undefined ? 'n' : tags.join();
    const id = `${doc.event.id.slice(0, 20)}${own === 'n' ? 'aaaaaa' : own === 'canary' ? 'bbbbbb' : 'cccccc'}`;
    return isForeign
      ? { ...doc, event: { ...doc.event, id, sequence: 1_000 + n } }
      : tags === undefined
        ? audited(doc)
        : { ...doc, event: { ...doc.event, id } };
  });

const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof<fc.Arbitrary<Act>[]>(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('write'), docs: fc.array(denials, { maxLength: 12 }) }),
    } as never,
    fc.record({ kind: fc.constant('restart' as const) }),
    fc.record({
      kind: fc.constant('retain' as const),
      ageMs: fc.integer({ min: 0, max: 60 }).map((hours) => hours * HOUR),
      steps: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ kind: fc.constant('older' as const), ageMs: fc.integer({ min: 20, max: 60 }).map((h) => h * HOUR) }),
  ),
  { maxLength: 14 },
);

afterEach(() => {
  vi.restoreAllMocks();
});

describe('retention', () => {
  it('leaves rollups that tell all that was ever stored, each document once, in any sequence', () => {
    fc.assert(
      fc.property(acts, (sequence) => {
        const db = openDatabase(':memory:');
        const ever = openDatabase(':memory:');
        const kept = new Map<string, Denial>();
        const seen = new Set<string>();
        let writer = new EventWriter(db);
        let everWriter = new EventWriter(ever);
        for (const act of sequence) {
          if (act.kind === 'restart') [writer, everWriter] = [new EventWriter(db), new EventWriter(ever)];
          if (act.kind === 'write') {
            const { inserted } = writer.write(
              act.docs.map((doc) => ({ doc })),
              T0,
            );
            for (const doc of inserted as readonly Denial[]) {
              expect(seen.has(doc.event.id), 'stored twice').toBe(false);
              seen.add(doc.event.id);
              kept.set(doc.event.id, doc);
            }
            everWriter.write(
              inserted.map((doc) => ({ doc })),
              T0,
            );
          }
          if (act.kind === 'retain' || act.kind === 'older') {
            const policy = { ...FOR_EVER, denialsMs: act.ageMs, rollupsMs: 1_000 * DAY, issuesMs: 1_000 * DAY };
            let left = act.kind === 'retain' ? act.steps : Number.POSITIVE_INFINITY;
            const steps = act.kind === 'retain' ? retain(db, policy, T0) : takeOlderThan(db, T0 - act.ageMs, T0);
            // How many denials a step takes is up to the clock, so those of denials do not count.
            for (const { kind } of steps) if (kind !== 'denials' && --left <= 0) break;
            const isGone = (doc: Denial) =>
              Date.parse(doc['@timestamp']) < T0 - act.ageMs &&
              (act.kind === 'older' || doc.tags?.includes('replay') !== true);
            for (const [id, doc] of kept) if (isGone(doc)) kept.delete(id);
          }
        }
        expect(count(db, 'denials')).toBe(kept.size);
        expect(storeFacts(db).denials).toBe(kept.size);
        for (const [id, doc] of kept) expect(getDocument(db, id)?.doc).toEqual(doc);
        for (const id of seen) if (!kept.has(id)) expect(getDocument(db, id)).toBeUndefined();
        const foreign = db.prepare('SELECT 1 FROM foreign_ids WHERE denial NOT IN (SELECT id FROM denials)').all();
        expect(foreign).toEqual([]);
        expectExactRollups(db, ever);
        db.close();
        ever.close();
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  it('takes what is older than its kind is kept, counts it, and leaves the rest', () => {
    const db = temporaryDatabase();
    const old = T0 - 100 * DAY;
    write(
      db,
      [denial({ n: 1, ms: old }), denial({ n: 2, ms: old, tags: ['replay'] }), malformed({ n: 3, ms: old })],
      old,
    );
    write(db, [denial({ n: 4, ms: T0 }), gap({ n: 5, ms: T0, cause: 'serial-gap', count: 1 })], T0);
    const policy = { ...FOR_EVER, rawMs: 30 * DAY, denialsMs: 90 * DAY, lossesMs: 90 * DAY };
    const taken = all(retain(db, policy, T0));
    expect(taken).toEqual({ raw_blocks: 1, denials: 1, malformed: 1 });
    expect(readRemovals(db).map(({ kind, count: n }) => [kind, n])).toEqual([
      ['denials', 1],
      ['malformed', 1],
      ['raw_blocks', 1],
    ]);
    expect(getDocument(db, denial({ n: 2 }).event.id)?.records).toEqual([]);
    expect(getDocument(db, denial({ n: 4 }).event.id)?.records).toEqual([`raw of ${denial({ n: 4 }).event.id}`]);
    expect(all(retain(db, policy, T0))).toEqual({});
    const again = write(db, [denial({ n: 1, ms: old }), malformed({ n: 3, ms: old }), denial({ n: 6, ms: old - 1 })]);
    expect([again.stored, again.rejected.length, again.rejected[0]?.reason]).toEqual([
      0,
      3,
      expect.stringMatching(/older than what is kept/),
    ]);
    expect(readRemovals(db).find(({ kind }) => kind === 'too_old')?.count).toBe(3);
  });

  it('ends a step in the middle of a millisecond when its time is over, and stores nothing of it again', () => {
    const db = temporaryDatabase();
    const ever = temporaryDatabase();
    const docs = [0, 0, 0, 0, 5].map((later, n) => audited(denial({ n, ms: T0 - 100 * DAY + later })));
    const replay = denial({ n: 9, ms: T0 - 100 * DAY, tags: ['replay'] });
    for (const each of [db, ever]) write(each, [...docs, replay]);
    let clockMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      clockMs += 1_000;
      return clockMs;
    });
    const taken: number[] = [];
    for (const step of retain(db, { ...FOR_EVER, denialsMs: 90 * DAY }, T0)) {
      if (step.kind !== 'denials') continue;
      taken.push(step.count);
      const again = write(db, docs.slice(0, 4));
      expect([again.stored, again.duplicates + again.rejected.length]).toEqual([0, 4]);
    }
    expect(taken.filter((n) => n > 0)).toEqual([1, 1, 1, 1, 1]);
    expect([count(db, 'denials'), storeFacts(db).denials]).toEqual([1, 1]);
    expectExactRollups(db, ever);
  });

  it('takes rollups in whole days, but never of what is still listed', () => {
    const db = temporaryDatabase();
    const docs = [900, 800, 100, 1].map((days, n) => denial({ n, ms: T0 - days * DAY, path: `/srv/${n}` }));
    write(db, docs);
    const policy = { ...FOR_EVER, denialsMs: 850 * DAY, rollupsMs: 730 * DAY };
    all(retain(db, policy, T0));
    expect([count(db, 'denial_hours'), count(db, 'hour_issues'), count(db, 'program_hours')]).toEqual([3, 3, 3]);
    all(retain(db, { ...policy, denialsMs: 90 * DAY }, T0));
    const tables = ['denial_hours', 'blocker_hours', 'program_hours', 'hour_issues', 'denials'];
    expect(tables.map((table) => count(db, table))).toEqual([2, 2, 2, 2, 1]);
    expect(count(db, 'day_counts')).toBe(6);
  });

  it('takes issues that people are done with, and the writer makes them anew', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    const line = (n: number, ms: number) => ({ doc: denial({ n, ms, path: `/srv/${n % 2}` }) });
    writer.write([line(0, T0 - 400 * DAY), line(1, T0 - 400 * DAY)], T0);
    const fingerprints = db.prepare<[], { fingerprint: string }>('SELECT fingerprint FROM issues ORDER BY id').all();
    changeIssue(db, fingerprints[0]?.fingerprint ?? '', { status: 'resolved' }, T0 - 399 * DAY);
    const policy = { ...FOR_EVER, denialsMs: 90 * DAY, issuesMs: 180 * DAY };
    expect(all(retain(db, policy, T0))).toEqual({ denials: 2, issues: 1 });
    expect([count(db, 'issues'), count(db, 'host_issues'), count(db, 'hour_issues')]).toEqual([1, 1, 1]);
    expect(writer.write([line(2, T0), line(3, T0)], T0).stored).toBe(2);
    const issues = db.prepare('SELECT denials, hosts, status FROM issues ORDER BY denials').all();
    expect(issues).toEqual([
      { denials: 1, hosts: 1, status: 'open' },
      { denials: 2, hosts: 1, status: 'open' },
    ]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });

  it('takes the oldest of the least valuable first where there is no room, in steps that are bounded', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    for (let i = 0; i < 40; i++) {
      const lines = Array.from({ length: 500 }, (_, j) => {
        const n = i * 500 + j;
        return { doc: audited(denial({ n, ms: T0 + n })), raw: `${n} ${Math.sin(n)} ${Math.cos(n)}`.repeat(3) };
      });
      writer.write(lines, T0 + i * 500);
    }
    db.pragma('wal_checkpoint(TRUNCATE)');
    const full = bytesInUse(db);
    const nowMs = T0 + DAY;
    const first = all(retain(db, { ...FOR_EVER, bytesMax: Math.floor(full * 0.9) }, nowMs));
    expect(Object.keys(first)).toEqual(['raw_blocks']);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const second = all(retain(db, { ...FOR_EVER, bytesMax: Math.floor(full * 0.45) }, nowMs));
    expect(second).toMatchObject({ denials: expect.any(Number) });
    db.pragma('wal_checkpoint(TRUNCATE)');
    expect(bytesInUse(db)).toBeLessThanOrEqual(full * 0.45);
    const left = count(db, 'denials');
    expect(left).toBeGreaterThan(0);
    expect(db.prepare('SELECT min(serial) AS first FROM denials').get()).toEqual({ first: 20_000 - left });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('lets the look-up by id forget what is gone', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    for (let i = 0; i < 70; i++) {
      const docs = Array.from({ length: 1_000 }, (_, j) => {
        const n = i * 1_000 + j;
        // Every hundredth is a replay, which stays.
        return audited(denial({ n, ms: T0 + n, ...(n % 100 === 0 ? { tags: ['replay'] } : {}) }));
      });
      writer.write(
        docs.map((doc) => ({ doc })),
        T0,
      );
    }
    const entries = () =>
      db.prepare<[], { n: number }>('SELECT total(length(entries)) / 12 AS n FROM id_runs').get()?.n ?? 0;
    const before = entries();
    expect(before).toBeGreaterThan(65_000);
    const taken = all(retain(db, { ...FOR_EVER, denialsMs: DAY }, T0 + 2 * DAY));
    expect([taken.denials, entries(), taken.id_entries]).toEqual([69_300, before / 100, before * 0.99]);
    expect(getDocument(db, audited(denial({ n: 300, ms: T0 + 300 })).event.id)).toBeDefined();
  }, 60_000);
});
