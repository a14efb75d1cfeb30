// Brings a database to this program's version: plain numbered SQL files, forward only, all in one transaction,
// after a backup of an older database. Refuses a newer version and a history that differs from ours.
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { copyDatabase } from './database/copy-database.ts';
import { StoreError } from './database/store-error.ts';

/** "TRSP": what `PRAGMA application_id` says in a database of ours. */
export const APPLICATION_ID = 0x54525350;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly sha256: string;
}

const HISTORY = `
  CREATE TABLE migrations (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    applied_ms INTEGER NOT NULL
  ) STRICT`;

let shipped: readonly Migration[] | undefined;

/** The migrations of this program, by version from 1. Read once a process: it may lose the right to read later. */
export function shippedMigrations(): readonly Migration[] {
  shipped ??= readMigrations(fileURLToPath(new URL('../../migrations/', import.meta.url)));
  return shipped;
}

/** Reads `NNNN_what.sql` of a directory. Throws where the numbers do not run from 1 without a hole. */
export function readMigrations(directory: string): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort();
  return names.map((name, index) => {
    const version = Number(name.slice(0, 4));
    if (version !== index + 1) throw new Error(`migrations: ${name} stands where ${index + 1} should`);
    const sql = readFileSync(`${directory}/${name}`, 'utf8');
    return { version, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

/**
 * Checks that `db` is ours and not newer, and answers its version (0: empty). Throws StoreError.
 * `path` is for the messages.
 */
export function checkHistory(db: Database, path: string, migrations: readonly Migration[]): number {
  const tables = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (tables === 0) return 0;
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new StoreError(
      'database-foreign',
      `the file is a database of another program (${path})`,
      'name another file with --db',
    );
  }
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get() === undefined) {
    throw new StoreError(
      'database-corrupt',
      `the database has lost the list of its migrations (${path})`,
      'restore a backup, or move it aside with `trespass db check --move-aside` and start with an empty one',
    );
  }
  const applied = db.prepare<[], AppliedRow>('SELECT version, name, sha256 FROM migrations ORDER BY version').all();
  const version = applied.at(-1)?.version ?? 0;
  if (version > migrations.length) {
    throw new StoreError(
      'database-newer',
      `the database has version ${version}, this program knows ${migrations.length} (${path})`,
      'use the newer program that wrote it, or name another file with --db',
    );
  }
  const differing = applied.find((row) => migrations[row.version - 1]?.sha256 !== row.sha256);
  if (differing !== undefined) {
    throw new StoreError(
      'database-history-differs',
      `the database was made by a different ${differing.name} (${path})`,
      'it comes from an unreleased version: move the file aside, and import the logs again',
    );
  }
  return version;
}

/** Where the backup before a migration goes. Never overwrites one. */
function backupPath(path: string, version: number): string {
  const base = `${path}.version-${version}.backup`;
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}

/** Whoever may read the database may read its backup, and nobody else. */
function giveAsOriginal(path: string, backup: string): void {
  const { uid, gid, mode } = statSync(path);
  if (process.getuid?.() === 0) chownSync(backup, uid, gid);
  chmodSync(backup, mode & 0o666);
}

/**
 * Migrates `db` (a file at `path`, or in memory) to the last of `migrations`; answers the backup's path where an
 * older database was kept. All or nothing.
 */
export function migrate(
  db: Database,
  path: string,
  migrations: readonly Migration[] = shippedMigrations(),
): string | undefined {
  const version = checkHistory(db, path, migrations);
  if (version === migrations.length) return undefined;
  let backup: string | undefined;
  if (version > 0 && !db.memory) {
    backup = backupPath(path, version);
    copyDatabase(db, backup);
    giveAsOriginal(path, backup);
  }
  const apply = db.transaction(() => {
    // Another process may have migrated while this one waited for the lock.
    const from = checkHistory(db, path, migrations);
    if (from === 0) {
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.exec(HISTORY);
    }
    const insert = db.prepare('INSERT INTO migrations (version, name, sha256, applied_ms) VALUES (?, ?, ?, ?)');
    for (const migration of migrations.slice(from)) {
      db.exec(migration.sql);
      insert.run(migration.version, migration.name, migration.sha256, Date.now());
    }
  });
  apply.immediate();
  return backup;
}
