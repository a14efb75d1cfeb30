// SIGKILL a hundred times at random, in whatever a process does to a database: taking batches, migrating, copying,
// taking away what is old. After each the database is sound, what was acknowledged is in it once, the rest wholly or
// not at all, and the rollups agree.
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { closeDatabase, type Database, openDatabase } from '../../src/store/database/open.ts';
import { getDocument } from '../../src/store/denials/documents.ts';
import { checkHistory, type Migration, migrate, shippedMigrations } from '../../src/store/migrate.ts';
import { takeOlderThan } from '../../src/store/retention/retention.ts';
import { readRemovals } from '../../src/store/retention-marks.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { ensureBuilt, startProgram } from '../support/built-program.ts';
import { makePlace } from '../support/local-run.ts';
import { temporaryDirectory } from './support/temporary-database.ts';
import { expectWhole, type Known } from './support/whole-database.ts';
import { deliver, LINES_OF_BATCH, linesOf, timeOf } from './support/wire-batches.ts';
import { forkDurable, WriterProcess } from './support/writer-process.ts';

const KILLS = { writer: 38, server: 6, migration: 17, backup: 18, retention: 18 } as const;
/** Migrations that are killed at the word that they are committed. */
const KILLS_AFTER_COMMIT = 3;
const SEED = Number(process.env.TRESPASS_TEST_SEED ?? Date.now() % 1_000_000);
const killed = new Map<string, number>();
const startMs = performance.now();

beforeAll(ensureBuilt, 120_000);
afterAll(() => {
  const total = [...killed.values()].reduce((sum, n) => sum + n, 0);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  const parts = [...killed].map(([what, n]) => `${what} ${n}`).join(', ');
  process.stderr.write(`killed ${total} times in ${seconds} s (${parts}); TRESPASS_TEST_SEED=${SEED}\n`);
});

function countKill(what: keyof typeof KILLS): void {
  killed.set(what, (killed.get(what) ?? 0) + 1);
}

/** Numbers from 0 to 1 that come again with the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function inspect<T>(path: string, look: (db: Database) => T): T {
  const db = openDatabase(path);
  try {
    return look(db);
  } finally {
    closeDatabase(db);
  }
}

/** A database with the batches 0 to `batches` - 1. */
function fill(path: string, batches: number): void {
  inspect(path, (db) => {
    const writer = new EventWriter(db);
    for (let batch = 0; batch < batches; batch++) writer.write(linesOf(batch), 0);
  });
}

describe('SIGKILL at random', () => {
  it('of the writer, while it opens, writes and checkpoints', async () => {
    const random = randomOf(SEED);
    const path = join(temporaryDirectory(), 'trespass.db');
    let stored = 0;
    for (let kill = 0; kill < KILLS.writer; kill++) {
      const writer = new WriterProcess(path, stored);
      // One in four while it starts and recovers the log.
      if (kill % 4 !== 0) await writer.wrote(1 + Math.floor(random() * 4));
      await sleep(random() * 60);
      const known = await writer.kill();
      countKill('writer');
      stored = inspect(path, (db) => expectWhole(db, known));
    }
    expect(stored).toBeGreaterThan(KILLS.writer / 2);
    // All of them, one by one; and sent again, all are known.
    inspect(path, (db) => {
      expectWhole(db, { acknowledged: stored, sent: stored }, stored);
      const again = new EventWriter(db).write(linesOf(stored - 1), 0);
      expect([again.stored, again.duplicates]).toEqual([0, linesOf(stored - 1).length]);
    });
  }, 240_000);

  it('of the server, while batches come in over its socket', async () => {
    const random = randomOf(SEED + 1);
    const place = makePlace();
    onTestFinished(() => place.remove());
    mkdirSync(dirname(place.databasePath));
    let stored = 0;
    for (let kill = 0; kill < KILLS.server; kill++) {
      const server = startProgram(['serve', ...place.argv]);
      onTestFinished(() => {
        server.process.kill('SIGKILL');
      });
      let known: Known = { acknowledged: stored, sent: stored };
      const delivering = deliverUntilGone(join(place.runtimeDirectory, 'ingest.sock'), stored, server.ended, (news) => {
        known = news;
      });
      await delivering.begun;
      await sleep(random() * 250);
      server.process.kill('SIGKILL');
      expect(await server.ended).toBe('SIGKILL');
      await delivering.over;
      countKill('server');
      stored = inspect(place.databasePath, (db) => expectWhole(db, known));
    }
    expect(stored).toBeGreaterThan(KILLS.server);
  }, 240_000);

  it('in a migration, which leaves the old database or the new one, and no half of a backup', async () => {
    const random = randomOf(SEED + 2);
    const directory = temporaryDirectory();
    const old = join(directory, 'old.db');
    const batches = 80;
    fill(old, batches);
    const known = { acknowledged: batches, sent: batches };
    const path = join(directory, 'trespass.db');
    const versions: number[] = [];
    const runOnce = async (until: Moment) => {
      for (const name of readdirSync(directory)) if (name !== 'old.db') rmSync(join(directory, name));
      copyFileSync(old, path);
      const run = await runUntil(['migrate', path, JSON.stringify(NEXT)], until);
      const version = expectOldOrNew(path, known);
      if (run.isKilled) versions.push(version);
      if (!run.isKilled || until === 'done') expect(version).toBe(NEXT.version);
      return run;
    };
    await killInTheMiddle('migration', random, runOnce);
    // What is killed by the clock hardly ever dies between its commit and its end.
    for (let kill = 0; kill < KILLS_AFTER_COMMIT; kill++) {
      expect((await runOnce('done')).isKilled).toBe(true);
      countKill('migration');
    }
    expect([...new Set(versions)].sort()).toEqual([NEXT.version - 1, NEXT.version]);
  }, 240_000);

  it('in retention, which takes each denial or leaves it, and no count with it', async () => {
    const random = randomOf(SEED + 4);
    const directory = temporaryDirectory();
    const ever = join(directory, 'ever.db');
    const batches = 160;
    fill(ever, batches);
    const untilMs = median(Array.from({ length: batches }, (_, batch) => timeOf(batch)));
    const path = join(directory, 'trespass.db');
    const left = new Set<number>();
    await killInTheMiddle('retention', random, async (until) => {
      for (const name of readdirSync(directory)) if (name !== 'ever.db') rmSync(join(directory, name));
      copyFileSync(ever, path);
      const run = await runUntil(['retain', path, String(untilMs)], until);
      left.add(inspect(path, (db) => expectRetained(db, ever, batches)));
      inspect(path, (db) => {
        for (const _ of takeOlderThan(db, untilMs, Date.now()));
        const kept = Array.from({ length: batches }, (_, batch) => batch).filter((batch) => timeOf(batch) >= untilMs);
        expect(expectRetained(db, ever, batches)).toBe(kept.length * (LINES_OF_BATCH - 2));
        for (const batch of kept) expect(storedOf(db, batch)).toBe(LINES_OF_BATCH);
      });
      return run;
    });
    // Not only before the first step and after the last.
    expect(left.size).toBeGreaterThan(2);
  }, 240_000);

  it('in a backup beside a busy writer, which leaves a whole copy or none', async () => {
    const random = randomOf(SEED + 3);
    const directory = temporaryDirectory();
    const path = join(directory, 'trespass.db');
    let stored = 120;
    fill(path, stored);
    const copies = { none: 0, whole: 0 };
    for (let kill = 0; kill < KILLS.backup; kill++) {
      const writer = new WriterProcess(path, stored);
      await writer.wrote(1);
      const target = join(directory, `copy-${kill % 2}.db`);
      const atLeast = writer.known.acknowledged;
      const backup = startProgram(['db', 'backup', target, '--db', path]);
      await sleep(80 + random() * 220);
      // The process that copies; or the writer, whose end must not keep the other from its copy.
      const isWriterFirst = kill % 4 === 0;
      if (isWriterFirst) await writer.kill();
      else backup.process.kill('SIGKILL');
      const ended = await backup.ended;
      const known = await writer.kill();
      expect(isWriterFirst ? [0] : [0, 'SIGKILL'], backup.err()).toContain(ended);
      countKill('backup');
      stored = inspect(path, (db) => expectWhole(db, known));
      if (existsSync(target)) {
        copies.whole++;
        inspect(target, (db) => expectWhole(db, { acknowledged: atLeast, sent: known.sent }));
        rmSync(target);
      } else {
        copies.none++;
        expect(ended).toBe('SIGKILL');
      }
    }
    expect(copies.none).toBeGreaterThan(0);
    expect(copies.whole).toBeGreaterThan(0);
  }, 240_000);
});

/** Sends batches from `first` on, one by one, again and again where there is no answer, until the server is gone. */
function deliverUntilGone(
  socketPath: string,
  first: number,
  ended: Promise<unknown>,
  onNews: (known: Known) => void,
): { readonly begun: Promise<void>; readonly over: Promise<void> } {
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  let begin: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const run = async () => {
    for (let batch = first; !isGone; ) {
      onNews({ acknowledged: batch, sent: batch + 1 });
      const answer = await deliver(socketPath, batch);
      if (answer === undefined) {
        await sleep(5);
        continue;
      }
      expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('"rejected":[]')]);
      batch++;
      onNews({ acknowledged: batch, sent: batch });
      begin();
    }
  };
  return { begun, over: run() };
}

interface RunOfChild {
  readonly isKilled: boolean;
  /** From its beginning. */
  readonly ms: number;
}

/** When to kill: so many milliseconds after the beginning, at the word that the work is done, or never. */
type Moment = number | 'done' | 'never';

/** Once undisturbed, to see how long it takes; then again and again until enough kills did not come too late. */
async function killInTheMiddle(
  what: keyof typeof KILLS,
  random: () => number,
  run: (until: Moment) => Promise<RunOfChild>,
): Promise<void> {
  const undisturbed = await run('never');
  for (let kills = 0; kills < KILLS[what]; ) {
    const { isKilled } = await run(random() * undisturbed.ms);
    if (!isKilled) continue;
    kills++;
    countKill(what);
  }
}

/** A process that says when it begins and when it is done. Rejects where it ends otherwise than in order. */
async function runUntil(argv: readonly string[], until: Moment): Promise<RunOfChild> {
  const child = forkDurable(...argv);
  const closed = once(child, 'close');
  await once(child, 'message');
  const startMs = performance.now();
  const done = once(child, 'message');
  if (until === 'done') await done;
  // Gone where it was killed meanwhile.
  else void done.then(() => child.send('well', () => {}));
  if (typeof until === 'number') await sleep(until);
  if (until !== 'never') child.kill('SIGKILL');
  await closed;
  const isKilled = child.signalCode === 'SIGKILL';
  if (!isKilled && child.exitCode !== 0) throw new Error(`${argv[0]} ended with ${child.exitCode}`);
  return { isKilled, ms: performance.now() - startMs };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Tables that go on counting what was taken. */
const COUNTS = [
  'hour_issues',
  'host_issues',
  'denial_hours',
  'blocker_hours',
  'day_counts',
  'program_hours',
  'hour_programs',
  'user_hours',
  'host_days',
  'issues',
];

/** Sound; every count is that of all that ever was; what is gone was counted as taken. Answers how many denials are left. */
function expectRetained(db: Database, ever: string, batches: number): number {
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  inspect(ever, (before) => {
    for (const table of COUNTS) {
      const rows = (of: Database) => of.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`).all();
      expect(rows(db), table).toEqual(rows(before));
    }
  });
  const left = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM denials').get()?.n ?? 0;
  const taken = readRemovals(db).find(({ kind }) => kind === 'denials')?.count ?? 0;
  expect(left + taken).toBe(batches * (LINES_OF_BATCH - 2));
  return left;
}

/** Documents of a batch that are there. */
function storedOf(db: Database, batch: number): number {
  return linesOf(batch).filter(({ doc }) => getDocument(db, doc.event?.id ?? '') !== undefined).length;
}

/** A migration that rewrites much: a copy of the denials, an index, a change to each row. */
const NEXT: Migration = (() => {
  const version = shippedMigrations().length + 1;
  const sql = `
    CREATE TABLE copies (id INTEGER PRIMARY KEY, shape INTEGER NOT NULL, args ANY) STRICT;
    INSERT INTO copies SELECT id, shape, args FROM denials;
    CREATE INDEX copies_by_shape ON copies (shape, args);
    UPDATE denials SET flags = flags;`;
  return { version, name: `${version}_copies.sql`, sql, sha256: 'of the copies' };
})();

/** Answers the version. */
function expectOldOrNew(path: string, known: Known): number {
  const migrations = [...shippedMigrations(), NEXT];
  const db = new BetterSqlite3(path);
  try {
    expectWhole(db, known);
    const version = checkHistory(db, path, migrations);
    expectWholeBackups(path, known, version);
    // Once more, to the end.
    migrate(db, path, migrations);
    expect(checkHistory(db, path, migrations)).toBe(NEXT.version);
    const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
    expect(count('copies')).toEqual(count('denials'));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expectWholeBackups(path, known, NEXT.version);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('.partial'))).toEqual([]);
    return version;
  } finally {
    db.close();
  }
}

/** What is called a backup is one of the old database; a new one has at least one. */
function expectWholeBackups(path: string, known: Known, version: number): void {
  const names = readdirSync(dirname(path)).filter((name) => /\.backup(-\d+)?$/.test(name));
  if (version === NEXT.version) expect(names).not.toEqual([]);
  for (const name of names) {
    const backup = openDatabase(join(dirname(path), name), { readonly: true });
    try {
      expectWhole(backup, known, 1);
    } finally {
      closeDatabase(backup);
    }
  }
}
