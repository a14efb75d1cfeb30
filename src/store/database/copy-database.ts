// A consistent copy of a database in a file of its own, also while another process writes. The copy gets its name only
// when it is whole and on disk: what a crash leaves behind is called `NAME.partial`.
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { freeBytes } from './free-bytes.ts';
import { lockHolders } from './lock-holders.ts';
import { StoreError, toStoreError } from './store-error.ts';

/**
 * Copies what was committed when it began to `target`, which must not exist; readable by its owner alone. Synchronous:
 * a GB takes some seconds. Throws StoreError with nothing at `target`, and the errors of the file system.
 */
export function copyDatabase(db: Database, target: string): void {
  const partial = `${target}.partial`;
  refuseTaken(target, partial);
  checkRoom(db, target);
  try {
    // Made here, so that it is nobody else's to read from the first byte on; SQLite takes an empty file.
    closeSync(openSync(partial, 'wx', 0o600));
    vacuumInto(db, partial);
    sync(partial);
    renameSync(partial, target);
  } catch (error) {
    removePartial(partial);
    throw toCopyError(error, db.name, target);
  }
  sync(dirname(target));
}

function refuseTaken(target: string, partial: string): void {
  if (existsSync(target)) throw new StoreError('file-exists', `${target} exists`, 'name a file that does not');
  if (!existsSync(partial)) return;
  const [pid] = lockHolders([partial]);
  if (pid !== undefined) {
    throw new StoreError(
      'file-exists',
      `process ${pid} is writing ${partial}`,
      'wait for its end, or name another file',
    );
  }
  removePartial(partial);
}

/** The whole copy: what is left free in the file is not copied, but an estimate had better be too high. */
function checkRoom(db: Database, target: string): void {
  const neededBytes =
    Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
  const free = freeBytes(dirname(target));
  if (free !== undefined && free < neededBytes) {
    throw new StoreError(
      'disk-full',
      `no room for a copy of the database: ${target} needs ${neededBytes} bytes, ${free} are free`,
      'free some space there',
    );
  }
}

/** One statement and so one snapshot, however much others write meanwhile. */
function vacuumInto(db: Database, partial: string): void {
  const isQueryOnly = Number(db.pragma('query_only', { simple: true })) === 1;
  // It forbids this too, although nothing of the database itself is changed.
  if (isQueryOnly) db.pragma('query_only = 0');
  try {
    db.prepare('VACUUM INTO ?').run(partial);
  } finally {
    if (isQueryOnly) db.pragma('query_only = 1');
  }
}

function removePartial(partial: string): void {
  for (const file of [partial, `${partial}-journal`]) rmSync(file, { force: true });
}

/** Of a file or of the names in a directory. */
function sync(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function toCopyError(error: unknown, source: string, target: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError(
      'disk-full',
      `no room for a copy of the database (${target})`,
      'free some space there',
      error,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new StoreError('database-permission', `cannot make ${target} (${code})`, 'name another place', error);
  }
  if (code === 'ENOENT') {
    return new StoreError('database-directory-missing', `there is no directory ${dirname(target)}`, 'create it', error);
  }
  const isOfSource = code === 'SQLITE_NOTADB' || String(code).startsWith('SQLITE_CORRUPT');
  return toStoreError(error, isOfSource ? source : target);
}
