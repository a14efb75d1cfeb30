// Whether a database file is whole, and putting one aside that is not. Nothing here repairs, and nothing removes.
import { existsSync, renameSync } from 'node:fs';
import { lockHolders } from './lock-holders.ts';
import { closeDatabase, type Database, openDatabase } from './open.ts';
import { StoreError, toStoreError } from './store-error.ts';

/** Problems that are named; one is enough to act. */
const problemsMax = 10;
/** What a database is made of; the file itself last. */
const ENDS = ['-wal', '-shm', ''] as const;

/** Reads the whole database at `path`; answers what is wrong with it, in SQLite's words, worst first. Throws StoreError. */
export function findDamage(path: string): readonly string[] {
  let db: Database | undefined;
  try {
    db = openDatabase(path, { readonly: true });
    return [...brokenPages(db), ...orphans(db)];
  } catch (thrown) {
    const error = toStoreError(thrown, path);
    if (error instanceof StoreError && error.code === 'database-corrupt') return [error.message];
    throw error;
  } finally {
    if (db !== undefined) closeDatabase(db);
  }
}

function brokenPages(db: Database): readonly string[] {
  const answer = db.pragma(`integrity_check(${problemsMax})`);
  const lines = (Array.isArray(answer) ? answer : []).flatMap((row) => Object.values(row).map(String));
  return lines.filter((line) => line !== 'ok').slice(0, problemsMax);
}

function orphans(db: Database): readonly string[] {
  const rows = db.pragma('foreign_key_check');
  const count = Array.isArray(rows) ? rows.length : 0;
  return count === 0 ? [] : [`${count} rows refer to rows that are missing`];
}

/**
 * Gives the database at `path` and the two files beside it another name, which it answers: `PATH.damaged-TIME`. The
 * log goes first: a database without it is found damaged again, a log without its database would be lost.
 * Throws StoreError `database-in-use`, and the errors of the file system.
 */
export function moveAside(path: string, nowMs: number): string {
  const [pid] = lockHolders(ENDS.map((end) => `${path}${end}`));
  if (pid !== undefined) {
    throw new StoreError('database-in-use', `process ${pid} uses ${path}`, 'stop it first');
  }
  const target = freeName(`${path}.damaged-${new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  for (const end of ENDS) {
    if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${target}${end}`);
  }
  return target;
}

function freeName(base: string): string {
  let name = base;
  for (let n = 2; ENDS.some((end) => existsSync(`${name}${end}`)); n++) name = `${base}-${n}`;
  return name;
}
