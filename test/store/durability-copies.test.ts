// Copies of a database: whole, nobody else's to read, never over another file; made beside a busy server too, and then
// as good as the original to go on with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { copyDatabase } from '../../src/store/database/copy-database.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/store/database/open.ts';
import { type Migration, migrate, shippedMigrations } from '../../src/store/migrate.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { ensureBuilt, runProgramOnce, startProgram } from '../support/built-program.ts';
import { makePlace, type RunPlace } from '../support/local-run.ts';
import { temporaryDatabase } from './support/temporary-database.ts';
import { expectWhole } from './support/whole-database.ts';
import { deliver, LINES_OF_BATCH, linesOf } from './support/wire-batches.ts';

const COPIES = 3;
/** So that a copy takes long enough for batches to come in between. */
const BATCHES_BEFORE = 150;

const next: Migration = {
  version: shippedMigrations().length + 1,
  name: 'next.sql',
  sql: 'CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT',
  sha256: 'of the next',
};

function filledDatabase(batches: number): Database {
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  for (let batch = 0; batch < batches; batch++) writer.write(linesOf(batch), 0);
  return db;
}

function expectWholeFile(path: string, batches: number): void {
  const db = openDatabase(path, { readonly: true });
  try {
    expectWhole(db, { acknowledged: batches, sent: batches }, batches);
  } finally {
    closeDatabase(db);
  }
}

describe('copyDatabase', () => {
  it('copies all of it, from a connection that can only read too, for its owner alone', () => {
    const db = filledDatabase(3);
    const reader = openDatabase(db.name, { readonly: true });
    onTestFinished(() => closeDatabase(reader));
    const umask = process.umask(0);
    try {
      for (const [from, name] of [
        [db, 'one.db'],
        [reader, 'two.db'],
      ] as const) {
        const target = join(dirname(db.name), name);
        copyDatabase(from, target);
        expect(statSync(target).mode & 0o777).toBe(0o600);
        expectWholeFile(target, 3);
      }
    } finally {
      process.umask(umask);
    }
    expect(reader.pragma('query_only', { simple: true })).toBe(1);
  });

  it('takes what a crash left for what it is, and nothing else', async () => {
    const db = filledDatabase(1);
    const target = join(dirname(db.name), 'copy.db');
    writeFileSync(`${target}.partial`, 'half a copy');
    copyDatabase(db, target);
    expectWholeFile(target, 1);
    expect(() => copyDatabase(db, target)).toThrow(expect.objectContaining({ code: 'file-exists' }));
    const other = join(dirname(db.name), 'other.db');
    // Another process that is in the middle of it: SQLite holds a lock on the file that it writes.
    const holder = spawn(process.execPath, ['-e', HOLD_LOCK, `${other}.partial`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      holder.kill('SIGKILL');
    });
    await once(holder.stdout, 'data');
    expect(() => copyDatabase(db, other)).toThrow(`process ${holder.pid} is writing ${other}.partial`);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    copyDatabase(db, other);
    expectWholeFile(other, 1);
  });

  it('says where it cannot be made, and leaves nothing there', () => {
    const db = filledDatabase(1);
    const missing = join(dirname(db.name), 'no', 'copy.db');
    expect(() => copyDatabase(db, missing)).toThrow(expect.objectContaining({ code: 'database-directory-missing' }));
    expect(readdirSync(dirname(db.name)).filter((name) => name.includes('copy'))).toEqual([]);
  });
});

const HOLD_LOCK = `
  const Database = require(${JSON.stringify(join(import.meta.dirname, '../../node_modules/better-sqlite3'))});
  const db = new Database(process.argv[1]);
  db.exec('BEGIN EXCLUSIVE; CREATE TABLE t (x)');
  console.log('locked');
  setInterval(() => {}, 1_000);`;

describe('the backup before a migration', () => {
  it('is as readable as the database, and stays when the migration fails', () => {
    const db = filledDatabase(2);
    chmodSync(db.name, 0o640);
    const broken = { ...next, sql: `${next.sql}; SELECT no_such_function()` };
    expect(() => migrate(db, db.name, [...shippedMigrations(), broken])).toThrow('no_such_function');
    expectWhole(db, { acknowledged: 2, sent: 2 });
    const first = `${db.name}.version-${shippedMigrations().length}.backup`;
    expect(statSync(first).mode & 0o777).toBe(0o640);
    expectWholeFile(first, 2);
    expect(migrate(db, db.name, [...shippedMigrations(), next])).toBe(`${first}-2`);
    expectWholeFile(`${first}-2`, 2);
  });

  it('keeps the database as it is where the backup cannot be made', () => {
    const db = filledDatabase(1);
    // What would be removed as a leftover, were it not a directory.
    mkdirSync(`${db.name}.version-${shippedMigrations().length}.backup.partial`);
    expect(() => migrate(db, db.name, [...shippedMigrations(), next])).toThrow();
    expectWhole(db, { acknowledged: 1, sent: 1 });
    expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'more'").get()).toBeUndefined();
  });
});

describe('trespass db backup beside a server that takes batches', () => {
  beforeAll(ensureBuilt, 120_000);

  const newPlace = (): RunPlace => {
    const place = makePlace();
    onTestFinished(() => place.remove());
    mkdirSync(dirname(place.databasePath));
    return place;
  };

  async function serve(place: RunPlace) {
    const server = startProgram(['serve', ...place.argv]);
    onTestFinished(() => {
      server.process.kill('SIGKILL');
    });
    await server.waitForLine(/^dashboard /);
    return { server, ingest: (batch: number) => deliver(join(place.runtimeDirectory, 'ingest.sock'), batch) };
  }

  it('gives a copy of one moment, with which a server goes on', async () => {
    const place = newPlace();
    const { server, ingest } = await serve(place);
    let acknowledged = 0;
    let isOver = false;
    const deliverNext = async () => {
      const answer = await ingest(acknowledged);
      expect(answer?.status).toBe(200);
      acknowledged++;
    };
    while (acknowledged < BATCHES_BEFORE) await deliverNext();
    const delivering = (async () => {
      while (!isOver) await deliverNext();
    })();
    const copies: { readonly path: string; readonly atLeast: number; readonly atMost: number }[] = [];
    for (let n = 0; n < COPIES; n++) {
      const path = join(place.directory, 'work', `copy-${n}.db`);
      const atLeast = acknowledged;
      const backup = await runProgramOnce(['db', 'backup', path, '--db', place.databasePath]);
      expect(backup).toEqual({ exitCode: 0, out: `${path}\n`, err: '' });
      copies.push({ path, atLeast, atMost: acknowledged + 1 });
      await sleep(50);
    }
    isOver = true;
    await delivering;
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);

    // The writer went on meanwhile.
    expect(copies.every(({ atLeast, atMost }) => atMost > atLeast + 1)).toBe(true);
    for (const { path, atLeast, atMost } of copies) {
      const restored = newPlace();
      copyFileSync(path, restored.databasePath);
      const db = openDatabase(path);
      const batches = expectWhole(db, { acknowledged: atLeast, sent: atMost });
      closeDatabase(db);
      const again = await serve(restored);
      const answers = [await again.ingest(batches - 1), await again.ingest(batches)].map((answer) =>
        JSON.parse(answer?.body ?? ''),
      );
      expect(answers).toMatchObject([
        { stored: 0, duplicates: LINES_OF_BATCH },
        { stored: LINES_OF_BATCH, duplicates: 0 },
      ]);
      again.server.process.kill('SIGTERM');
      expect(await again.server.ended).toBe(0);
      expectWholeFile(restored.databasePath, batches + 1);
    }
  }, 120_000);
});
