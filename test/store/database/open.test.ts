import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeDatabase, openDatabase } from '../../../src/store/database/open.ts';
import { StoreError } from '../../../src/store/database/store-error.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { denial, T0 } from '../support/documents.ts';
import { temporaryDatabase, temporaryDirectory } from '../support/temporary-database.ts';

function errorOf(action: () => unknown): StoreError {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('nothing went wrong');
}

/** A file system of its own; answers undefined where this machine does not let us mount one. */
function mounted(options: string): string | undefined {
  const directory = temporaryDirectory();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', directory], { stdio: 'ignore' });
  });
  return directory;
}

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    doc: denial({ n: from + i, path: `/some/path/${from + i}` }),
    raw: 'x'.repeat(500),
  }));

describe('openDatabase', () => {
  it('makes a database that only its owner can read, with the settings that it needs', () => {
    const db = temporaryDatabase();
    const pragma = (name: string) => db.pragma(name, { simple: true });
    expect(
      ['journal_mode', 'synchronous', 'foreign_keys', 'temp_store', 'wal_autocheckpoint', 'busy_timeout'].map(pragma),
    ).toEqual(['wal', 1, 1, 2, 20_000, 5_000]);
    expect([db.name, `${db.name}-wal`, `${db.name}-shm`].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ]);
  });

  it('opens for reading beside a writer, and then cannot write', () => {
    const db = temporaryDatabase();
    const reader = openDatabase(db.name, { readonly: true });
    onTestFinished(() => closeDatabase(reader));
    new EventWriter(db).write(lines(0, 3), T0);
    expect(reader.prepare('SELECT count(*) AS n FROM denials').get()).toEqual({ n: 3 });
    expect(errorOf(() => new EventWriter(reader).write(lines(9, 1), T0)).code).toBe('database-read-only');
  });

  it('closes twice without complaint and takes a name that looks like a URI for a name', () => {
    const path = join(temporaryDirectory(), 'file:x.db?mode=memory');
    const db = openDatabase(path);
    closeDatabase(db);
    closeDatabase(db);
    expect(statSync(path).isFile()).toBe(true);
  });

  it('says what is wrong with the place', () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'folder.db'));
    expect([
      errorOf(() => openDatabase(join(directory, 'no', 'x.db'))).code,
      errorOf(() => openDatabase(join(directory, 'x.db'), { readonly: true })).code,
      errorOf(() => openDatabase(join(directory, 'folder.db'))).code,
    ]).toEqual(['database-directory-missing', 'database-missing', 'database-foreign']);
  });

  it('says that a file is no database, or a damaged one', () => {
    const directory = temporaryDirectory();
    const text = join(directory, 'text.db');
    writeFileSync(text, 'This is a letter to my grandmother.\n'.repeat(100));
    const damaged = join(directory, 'damaged.db');
    const db = openDatabase(damaged);
    new EventWriter(db).write(lines(0, 500), T0);
    closeDatabase(db);
    const bytes = readFileSync(damaged);
    bytes.fill(0xa5, 4_096);
    writeFileSync(damaged, bytes);
    const cut = join(directory, 'cut.db');
    closeDatabase(openDatabase(cut));
    truncateSync(cut, 5_000);
    for (const path of [text, damaged, cut]) {
      const error = errorOf(() => openDatabase(path));
      expect([error.code, error.message.includes(path), error.mend.length > 0]).toEqual([
        'database-corrupt',
        true,
        true,
      ]);
    }
  });

  it('says that another process writes', () => {
    const db = temporaryDatabase();
    const other = new BetterSqlite3(db.name);
    onTestFinished(() => {
      other.close();
    });
    const second = openDatabase(db.name, { busyTimeoutMs: 10 });
    onTestFinished(() => closeDatabase(second));
    const writer = new EventWriter(second);
    other.exec('BEGIN IMMEDIATE');
    expect(errorOf(() => writer.write(lines(0, 1), T0)).code).toBe('database-locked');
    other.exec('ROLLBACK');
    expect(writer.write(lines(0, 1), T0).stored).toBe(1);
  });

  it('says that it may not', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'x.db');
    closeDatabase(openDatabase(path));
    chmodSync(path, 0o444);
    chmodSync(directory, 0o555);
    onTestFinished(() => chmodSync(directory, 0o755));
    const readOnly = mounted('size=1m,ro');
    // Root may do everything but write to a read-only file system.
    if (process.getuid?.() !== 0) {
      expect(errorOf(() => openDatabase(path)).code).toBe('database-permission');
      expect(errorOf(() => openDatabase(join(directory, 'y.db'))).code).toBe('database-permission');
    } else {
      expect(readOnly).toBeDefined();
    }
    if (readOnly !== undefined) {
      expect(errorOf(() => openDatabase(join(readOnly, 'x.db'))).code).toBe('database-read-only');
    }
  });

  it('says that it may not look, and not that nothing is there', () => {
    const directory = join(temporaryDirectory(), 'hidden');
    mkdirSync(directory);
    closeDatabase(openDatabase(join(directory, 'x.db')));
    chmodSync(directory, 0o000);
    onTestFinished(() => chmodSync(directory, 0o755));
    const asNobody = <T>(action: () => T): T => {
      if (process.geteuid?.() !== 0) return action();
      process.seteuid?.(65_534);
      try {
        return action();
      } finally {
        process.seteuid?.(0);
      }
    };
    for (const readonly of [true, false]) {
      const open = () => asNobody(() => openDatabase(join(directory, 'x.db'), { readonly }));
      expect(errorOf(open)).toMatchObject({
        code: 'database-permission',
        message: expect.stringMatching(/^no permission/),
      });
    }
  });

  it('stores nothing of a batch that the disk has no room for, and goes on when it has', () => {
    const directory = mounted('size=3m');
    if (directory === undefined) {
      expect(process.getuid?.()).not.toBe(0);
      return;
    }
    const db = openDatabase(join(directory, 'x.db'));
    onTestFinished(() => closeDatabase(db));
    const writer = new EventWriter(db);
    let stored = 0;
    const fill = () => {
      for (;;) stored += writer.write(lines(stored, 300), T0).stored;
    };
    expect(errorOf(fill).code).toBe('disk-full');
    expect(stored).toBeGreaterThan(300);
    expect(db.prepare('SELECT count(*) AS n FROM denials').get()).toEqual({ n: stored });
    execFileSync('mount', ['-o', 'remount,size=32m', directory]);
    expect(writer.write(lines(0, stored + 300), T0)).toMatchObject({ stored: 300, duplicates: stored });
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
