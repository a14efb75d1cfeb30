// The flood guard: identical denials of a flood share a row, and nothing that is counted or asked knows the difference.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Denial } from '../../src/landlock/document.ts';
import { WEIGHT } from '../../src/store/columns/repeats.ts';
import { listPrograms } from '../../src/store/counts/programs.ts';
import { summary } from '../../src/store/counts/summary.ts';
import { timeSeries } from '../../src/store/counts/time-series.ts';
import { listValues, topValues } from '../../src/store/counts/value-counts.ts';
import { type Database, openDatabase } from '../../src/store/database/open.ts';
import { getDenial, listDenials } from '../../src/store/denials/denials.ts';
import { getIssue, listIssues } from '../../src/store/issues/issues.ts';
import { isRefused } from '../../src/store/refused.ts';
import { retain, takeOlderThan } from '../../src/store/retention/retention.ts';
import { readRemovals } from '../../src/store/retention-marks.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { floodOfChild } from './support/child-batches.ts';
import { audited, denial, T0 } from './support/documents.ts';
import { FOR_EVER } from './support/for-ever.ts';
import { expectExactRollups } from './support/rollups.ts';
import { temporaryDatabase, temporaryDirectory } from './support/temporary-database.ts';

const HOUR = 3_600_000;
const PER_MINUTE = 5;

const numbers = (db: Database, sql: string) => db.prepare<[], { n: number }>(sql).get()?.n ?? 0;
const rowsOf = (db: Database) => numbers(db, 'SELECT count(*) AS n FROM denials');
const denialsOf = (db: Database) => numbers(db, `SELECT total(${WEIGHT}) AS n FROM denials d`);
const lines = (docs: readonly Denial[]) => docs.map((doc) => ({ doc, raw: `raw of ${doc.event.id}` }));

/** What a denial says is up to its number, so that it comes again as the same one: few kinds, in three seconds. */
function numbered(n: number): Denial {
  const second = [T0 - HOUR, T0 - 1_000, T0][n % 3] ?? T0;
  const doc = denial({
    n: n + 1,
    ms: second + ((n * 37) % 1_000),
    host: `host-${n % 2}`,
    boot: `boot-${n % 2}`,
    path: `/srv/${Math.floor(n / 6) % 2}`,
    pid: 100 + (Math.floor(n / 12) % 2),
    ...(n % 7 === 0 && { tags: ['replay'] as const }),
    ...(n % 11 === 0 && { tags: ['canary'] as const }),
  });
  return n % 13 === 0 ? doc : audited(doc, n % 2);
}

/** What may happen to a store, in any order. `crash`: the batch is rolled back, and comes again later or never. */
type Act =
  | { readonly kind: 'write' | 'crash'; readonly numbers: readonly number[] }
  | { readonly kind: 'restart' }
  | { readonly kind: 'retain'; readonly ageMs: number; readonly steps: number }
  | { readonly kind: 'older'; readonly ageMs: number };

const batch = fc.array(fc.integer({ min: 0, max: 240 }), { maxLength: 60 });
const age = fc.oneof(fc.integer({ min: -1_000, max: 2_500 }), fc.integer({ min: HOUR - 1_500, max: HOUR + 1_500 }));
const acts: fc.Arbitrary<readonly Act[]> = fc.array(
  fc.oneof<fc.Arbitrary<Act>[]>(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('write' as const), numbers: batch }) } as never,
    fc.record({ kind: fc.constant('crash' as const), numbers: batch }),
    fc.record({ kind: fc.constant('restart' as const) }),
    fc.record({ kind: fc.constant('retain' as const), ageMs: age, steps: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('older' as const), ageMs: age }),
  ),
  { maxLength: 14 },
);

function crash(writer: EventWriter, docs: readonly Denial[]): void {
  const killed = {
    get doc(): unknown {
      throw new Error('killed');
    },
  };
  expect(() => writer.write([...lines(docs), killed], T0)).toThrow('killed');
}

function take(db: Database, act: Extract<Act, { ageMs: number }>): void {
  if (act.kind === 'older') {
    for (const _ of takeOlderThan(db, T0 - act.ageMs, T0));
    return;
  }
  let left = act.steps;
  for (const _ of retain(db, { ...FOR_EVER, denialsMs: act.ageMs }, T0)) if (--left <= 0) break;
}

describe('the flood guard', () => {
  it('leaves rollups and totals that tell each denial once, in any sequence', () => {
    fc.assert(
      fc.property(acts, (sequence) => {
        const [db, ever] = [openDatabase(':memory:'), openDatabase(':memory:')];
        const open = () => new EventWriter(db, { floodPerMinute: PER_MINUTE });
        const everWriter = new EventWriter(ever);
        const seen = new Set<string>();
        let writer = open();
        for (const act of sequence) {
          if (act.kind === 'restart') writer = open();
          if (act.kind === 'crash') crash(writer, act.numbers.map(numbered));
          if (act.kind === 'retain' || act.kind === 'older') take(db, act);
          if (act.kind !== 'write') continue;
          const { inserted, rejected } = writer.write(lines(act.numbers.map(numbered)), T0);
          for (const { reason } of rejected) expect(reason).toContain('older than what is kept');
          for (const { event } of inserted) {
            expect(seen.has(event.id), 'stored twice').toBe(false);
            seen.add(event.id);
          }
          everWriter.write(lines(inserted as readonly Denial[]), T0);
        }
        expect(denialsOf(ever)).toBe(seen.size);
        expectExactRollups(db, ever);
        const removed = readRemovals(db).find(({ kind }) => kind === 'denials')?.count ?? 0;
        expect(denialsOf(db) + removed).toBe(seen.size);
        expect(numbers(db, 'SELECT total(removed) AS n FROM hosts')).toBe(removed);
        expect(numbers(db, 'SELECT total(denials + canaries) AS n FROM hosts')).toBe(seen.size);
        expect(numbers(db, 'SELECT total(logged) AS n FROM domains')).toBe(seen.size);
        expect(db.pragma('foreign_key_check')).toEqual([]);
        db.close();
        ever.close();
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('answers all that is asked as if each had a row of its own', () => {
    const docs = Array.from({ length: 240 }, (_, n) => numbered(n));
    const [db, plain] = [temporaryDatabase(), temporaryDatabase()];
    const guarded = new EventWriter(db, { floodPerMinute: PER_MINUTE });
    // In another order than that of their times, and some of them twice.
    const mixed = docs.map((_, i) => docs[(i * 101) % 240] ?? numbered(0));
    for (let i = 0; i < 240; i += 40) guarded.write(lines([...mixed.slice(i, i + 40), ...mixed.slice(0, 9)]), T0);
    new EventWriter(plain).write(lines(docs), T0);
    expect(rowsOf(db)).toBeLessThan(160);
    expect([denialsOf(db), rowsOf(plain)]).toEqual([240, 240]);
    const ask = (store: Database) => {
      const answers: unknown[] = [];
      const spans = [T0 - HOUR - 1_000, T0 - HOUR, T0 - 1_000, T0, T0 + 1_000];
      for (const fromMs of spans) {
        for (const query of ['', 'program:/usr/bin/bash', 'pid:100', 'host:host-1 and path:"/srv/1"']) {
          const scope = { fromMs, toMs: T0 + 1_000, query, includeCanary: fromMs === T0 };
          const { last_denial_at: _, ...sums } = summary(store, { scope }.scope) as { last_denial_at?: string };
          answers.push(sums, timeSeries(store, scope, fromMs < T0 - 2_000 ? 60_000 : 1_000, 'blocker'));
          for (const by of ['path', 'host', 'issue', 'domain', 'program'] as const) {
            answers.push(topValues(store, { scope, by }), listValues(store, { scope, field: by }));
          }
          answers.push(listValues(store, { scope, field: 'pid' }));
          answers.push(listPrograms(store, { scope }));
        }
      }
      const issues = listIssues(store, { scope: {}, sort: 'denials' });
      if (isRefused(issues)) throw new Error(issues.message);
      for (const issue of [...issues.data].sort((a, b) => (a.id < b.id ? -1 : 1))) {
        const { samples: _, ...detail } = getIssue(store, issue.id) ?? { samples: [] };
        answers.push(issue, detail);
      }
      return JSON.parse(JSON.stringify(answers));
    };
    expect(ask(db)).toEqual(ask(plain));
  }, 60_000);

  it('stores one by one what stays below the bound, and says of what does not how often and when it was', () => {
    const db = temporaryDatabase();
    const flood = Array.from({ length: 40 }, (_, n) => audited(denial({ n: n + 1, ms: T0 + n * 10 })));
    const others = Array.from({ length: 5 }, (_, n) => audited(denial({ n: 100 + n, ms: T0 + n, path: '/other' })));
    new EventWriter(db, { floodPerMinute: PER_MINUTE }).write(lines([...flood, ...others]), T0);
    const page = listDenials(db, { scope: {} });
    if (isRefused(page)) throw new Error(page.message);
    const repeated = page.data.map((doc) => doc.landlock.repeated).filter((value) => value !== undefined);
    expect(page.data).toHaveLength(PER_MINUTE + 1 + 5);
    expect(repeated).toEqual([
      { count: 35, first: new Date(T0 + 50).toISOString(), last: new Date(T0 + 390).toISOString() },
    ]);
    // Each is found by its own id, in the row that stands for it, with a record.
    const row = flood[PER_MINUTE] as Denial;
    for (const doc of flood.slice(PER_MINUTE)) {
      const found = getDenial(db, doc.event.id);
      expect(found?.doc.event).toEqual(row.event);
      expect(found?.records).toEqual([`raw of ${row.event.id}`]);
    }
    expect(getDenial(db, (flood[0] as Denial).event.id)?.doc).toEqual(flood[0]);
  });

  it('keeps the records of an event for one of its denials that is not of the flood', () => {
    const db = temporaryDatabase();
    const flood = Array.from({ length: 9 }, (_, n) => audited(denial({ n: n + 1, ms: T0 + n })));
    const second = audited(denial({ n: 9, ms: T0 + 8, path: '/other' }), 1);
    new EventWriter(db, { floodPerMinute: PER_MINUTE }).write([...lines(flood), { doc: second }], T0);
    expect(getDenial(db, second.event.id)?.records).toEqual([`raw of ${flood[8]?.event.id}`]);
  });

  it('lets nobody else claim to stand for many', () => {
    const doc = denial({ n: 1 });
    const claim = { ...doc, landlock: { ...doc.landlock, repeated: { count: 9, first: 'x', last: 'y' } } };
    const { rejected } = new EventWriter(temporaryDatabase()).write([{ doc: claim }], T0);
    expect(rejected).toEqual([{ index: 0, reason: 'document.landlock.repeated: is for the store to say' }]);
  });

  it('knows what it has when the writer was killed in the middle of a flood', async () => {
    const path = join(temporaryDirectory(), 'flood.db');
    const child = fileURLToPath(new URL('./support/writing-child.ts', import.meta.url));
    let acknowledged = -1;
    for (let kill = 0; kill < 3; kill++) {
      const argv = ['--import', 'tsx', child, path, String(acknowledged + 1), '20'];
      const writing = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
      onTestFinished(() => void writing.kill('SIGKILL'));
      const closed = once(writing, 'close');
      let begun = 0;
      for await (const line of createInterface({ input: writing.stdout })) {
        acknowledged = Math.max(acknowledged, Number(line));
        begun += 1;
        if (begun === 12 + kill * 7) writing.kill('SIGKILL');
      }
      await closed;
    }
    const db = openDatabase(path);
    onTestFinished(() => void db.close());
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    const all = new Set<string>();
    for (let n = 0; n <= acknowledged; n++) for (const { doc } of floodOfChild(n)) all.add((doc as Denial).event.id);
    const again = new EventWriter(db, { floodPerMinute: 20 });
    for (let n = 0; n <= acknowledged; n++) expect(again.write(floodOfChild(n), T0).stored).toBe(0);
    expect(denialsOf(db)).toBeGreaterThanOrEqual(all.size);
    expect(rowsOf(db)).toBeLessThan(all.size / 2);
    expectExactRollups(db);
    expect(numbers(db, 'SELECT total(denials) AS n FROM hosts')).toBe(denialsOf(db));
  }, 60_000);
});
