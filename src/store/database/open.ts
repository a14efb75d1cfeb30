// Opening and closing the database file: settings that are read back, and each way in which it can fail as a
// StoreError. Migrations are migrate.ts's part; making directories and giving the file away are the caller's.
import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { checkHistory, migrate, shippedMigrations } from '../migrate.ts';
import { makeIndexes } from './deferred-indexes.ts';
import { StoreError, toStoreError } from './store-error.ts';

/** A connection of better-sqlite3: synchronous, for one thread. */
export type Database = BetterSqlite3.Database;

export interface OpenOptions {
  /** Neither creates nor migrates; for readers beside a writer. */
  readonly readonly?: boolean;
  /** How long a statement waits for another process's lock. */
  readonly busyTimeoutMs?: number;
  /**
   * Who moves the log into the file. Default `own`: this connection, in the commit that makes it long. `elsewhere`:
   * another one (log-mover.ts), and this one only where the other does not come round to it.
   */
  readonly checkpoints?: 'own' | 'elsewhere';
}

const busyTimeoutMsDefault = 5_000;
/**
 * Pages of 4 KiB. Fewer, larger checkpoints: 78,000 rows/s instead of 57,000. Also bounds the WAL to ~80 MB, or ~240 MB
 * where another connection usually comes first.
 */
const walAutocheckpointPages = { own: 20_000, elsewhere: 60_000 } as const;
const journalSizeLimitBytes = 64 * 1024 * 1024;
/** The smallest page. */
const databaseBytesMin = 512;
/** KiB, negative as SQLite wants it. */
const writerCacheKib = -65_536;
const readerCacheKib = -16_384;

/**
 * Opens the database at `path`, creating and migrating it unless `readonly`. Throws StoreError.
 * A new file is readable by its owner alone; SQLite gives the same mode to the two files beside it.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const readonly = options.readonly === true;
  // Absolute, so that a name like `file:x?mode=…` is a name and not a URI.
  const file = path === ':memory:' ? path : resolve(path);
  if (file !== ':memory:') checkPlace(file, readonly);
  let db: Database | undefined;
  try {
    db = new BetterSqlite3(file, {
      readonly,
      fileMustExist: readonly,
      timeout: options.busyTimeoutMs ?? busyTimeoutMsDefault,
    });
    // Before any setting: the write-ahead log is one that stays in the file, also where it is another program's.
    const version = checkHistory(db, file, shippedMigrations());
    if (!db.memory) refuseCutOff(db, file);
    if (readonly) {
      applyReaderSettings(db);
      refuseOlder(version, file);
    } else {
      applyWriterSettings(db, file, options.checkpoints ?? 'own');
      migrate(db, file);
      makeIndexes(db);
    }
    return db;
  } catch (error) {
    db?.close();
    throw toStoreError(error, file);
  }
}

/**
 * Closes; the last connection also empties the WAL. Closing twice does nothing. No `PRAGMA optimize`: without
 * statistics the planner chooses what the golden query plans say.
 */
export function closeDatabase(db: Database): void {
  if (db.open) db.close();
}

/** From now on the connection moves its log into the file by itself; see OpenOptions.checkpoints. */
export function moveOwnLog(db: Database): void {
  setPragma(db, 'wal_autocheckpoint', walAutocheckpointPages.own);
}

/** The mistakes that SQLite would all call "unable to open database file". */
function checkPlace(file: string, readonly: boolean): void {
  const directory = dirname(file);
  refuseHidden(file);
  if (!isDirectory(directory)) {
    throw new StoreError(
      'database-directory-missing',
      `there is no directory ${directory}`,
      'create it, or name another file with --db',
    );
  }
  const exists = existsSync(file);
  if (readonly && !exists) {
    throw new StoreError('database-missing', `there is no database ${file}`, 'start `trespass run`, or check --db');
  }
  if (exists && !statSync(file).isFile()) {
    throw new StoreError('database-foreign', `${file} is not a file`, 'name a file with --db');
  }
  if (exists) refuseLostFile(file);
  const wanted = readonly ? constants.R_OK : constants.R_OK | constants.W_OK;
  try {
    if (exists) accessSync(file, wanted);
    else closeSync(openSync(file, 'wx', 0o600));
    if (!readonly) accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw toPlaceError(error, file);
  }
}

/** Throws where a directory on the way may not be searched: then nobody knows whether there is such a file. */
export function refuseHidden(file: string): void {
  try {
    statSync(resolve(file), { throwIfNoEntry: false });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw toPlaceError(error, file);
  }
}

/** SQLite takes an empty file, or one of a byte, for a new database, and would remove the log of the one that was. */
function refuseLostFile(file: string): void {
  const { size } = statSync(file);
  if (size >= databaseBytesMin || (size === 0 && logBytesOf(file) === 0)) return;
  throw cutOff(size === 0 ? `the database is empty, but the log beside it is not (${file})` : undefined, file);
}

/** SQLite takes what is missing of the last page for zeros. A log that has not been moved into the file may have it. */
function refuseCutOff(db: Database, file: string): void {
  const pageBytes = Number(db.pragma('page_size', { simple: true }));
  if (logBytesOf(file) === 0 && statSync(file).size % pageBytes !== 0) throw cutOff(undefined, file);
}

function logBytesOf(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function cutOff(message: string | undefined, file: string): StoreError {
  return new StoreError(
    'database-corrupt',
    message ?? `the database is corrupt: the file is cut off (${file})`,
    'restore a backup, or move it aside with `trespass db check --move-aside` and start with an empty one',
  );
}

function toPlaceError(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const mend = 'change the rights or the mount, or name another file with --db';
  if (code === 'EROFS') {
    return new StoreError('database-read-only', `the file system of ${file} is read-only`, mend, error);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new StoreError('database-permission', `no permission to use ${file}`, mend, error);
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError('disk-full', `the disk is full (${file})`, 'free some space', error);
  }
  return error;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function applyReaderSettings(db: Database): void {
  setPragma(db, 'query_only', 1);
  setPragma(db, 'cache_size', readerCacheKib);
  db.pragma('temp_store = MEMORY');
}

function applyWriterSettings(db: Database, file: string, checkpoints: 'own' | 'elsewhere'): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal' && !db.memory) {
    throw new StoreError(
      'database-read-only',
      `the file system of ${file} cannot hold a write-ahead log (journal mode ${String(mode)})`,
      'put the database on a local file system',
    );
  }
  setPragma(db, 'synchronous', 1);
  setPragma(db, 'foreign_keys', 1);
  setPragma(db, 'temp_store', 2);
  setPragma(db, 'cache_size', writerCacheKib);
  setPragma(db, 'wal_autocheckpoint', walAutocheckpointPages[checkpoints]);
  setPragma(db, 'journal_size_limit', journalSizeLimitBytes);
}

/** SQLite ignores what it does not know without a word, so each setting is read back. */
function setPragma(db: Database, name: string, value: number): void {
  db.pragma(`${name} = ${value}`);
  const got = db.pragma(name, { simple: true });
  if (got !== value) throw new Error(`PRAGMA ${name}: asked for ${value}, got ${String(got)}`);
}

function refuseOlder(version: number, file: string): void {
  const needed = shippedMigrations().length;
  if (version === needed) return;
  throw new StoreError(
    'database-older',
    `the database has version ${version}, this program needs ${needed} (${file})`,
    'start the server once, or run `trespass db migrate`',
  );
}
