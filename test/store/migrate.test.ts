import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { closeDatabase, type Database, openDatabase } from '../../src/store/database/open.ts';
import { checkHistory, type Migration, migrate, shippedMigrations } from '../../src/store/migrate.ts';
import { temporaryDatabase, temporaryDirectory } from './support/temporary-database.ts';

/** A migration beyond those that are shipped. */
function next(sql: string): Migration {
  const version = shippedMigrations().length + 1;
  return { version, name: `${version}_next.sql`, sql, sha256: `of ${sql}` };
}

function schemaOf(db: Database): string {
  const rows = db
    .prepare<[], { sql: string }>(
      'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name',
    )
    .all();
  return `${rows.map((row) => `${row.sql};`).join('\n\n')}\n`;
}

describe('migrate', () => {
  it('makes the schema of migrations/schema.golden.sql', async () => {
    await expect(schemaOf(temporaryDatabase())).toMatchFileSnapshot('../../migrations/schema.golden.sql');
  });

  it('keeps every table strict and names every index after its table and columns', () => {
    const db = temporaryDatabase();
    const loose = db.prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'",
    );
    expect(loose.all()).toEqual([]);
    const indexes = db
      .prepare<[], { name: string; tbl_name: string }>(
        "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
      )
      .all();
    expect(indexes.filter(({ name, tbl_name }) => !name.startsWith(`${tbl_name}_by_`))).toEqual([]);
  });

  it('does nothing to a database that has its version', () => {
    const db = temporaryDatabase();
    expect(migrate(db, db.name)).toBeUndefined();
    expect(readdirSync(dirname(db.name)).filter((name) => name.includes('backup'))).toEqual([]);
  });

  it('keeps a backup of an older database beside it', () => {
    const db = temporaryDatabase();
    db.prepare("INSERT INTO fleets (name, created_ms) VALUES ('kept', 1)").run();
    const backup = migrate(db, db.name, [
      ...shippedMigrations(),
      next('CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT'),
    ]);
    expect(backup).toBe(`${db.name}.version-${shippedMigrations().length}.backup`);
    const kept = openDatabase(backup ?? '', { readonly: true });
    expect(kept.prepare("SELECT count(*) AS n FROM fleets WHERE name = 'kept'").get()).toEqual({ n: 1 });
    expect(kept.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'more'").get()).toEqual({ n: 0 });
    closeDatabase(kept);
    expect(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'more'").get()).toEqual({ n: 1 });
  });

  it('changes nothing where one of several migrations fails', () => {
    const db = temporaryDatabase();
    const before = schemaOf(db);
    const broken = [
      ...shippedMigrations(),
      next('CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; CREATE TABLE more (x)'),
    ];
    expect(() => migrate(db, db.name, broken)).toThrow('already exists');
    expect(schemaOf(db)).toBe(before);
    expect(checkHistory(db, db.name, shippedMigrations())).toBe(shippedMigrations().length);
  });

  it('refuses a newer database, for reading too', () => {
    const db = temporaryDatabase();
    migrate(db, db.name, [...shippedMigrations(), next('CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT')]);
    for (const readonly of [true, false]) {
      expect(() => openDatabase(db.name, { readonly })).toThrow(expect.objectContaining({ code: 'database-newer' }));
    }
  });

  it('refuses a database whose history differs', () => {
    const db = temporaryDatabase();
    db.prepare("UPDATE migrations SET sha256 = 'other' WHERE version = 1").run();
    expect(() => openDatabase(db.name)).toThrow(expect.objectContaining({ code: 'database-history-differs' }));
  });

  it('refuses to read an older database', () => {
    const path = join(temporaryDirectory(), 'old.db');
    closeDatabase(openDatabase(path));
    const db = new BetterSqlite3(path);
    db.exec('DELETE FROM migrations');
    db.close();
    expect(() => openDatabase(path, { readonly: true })).toThrow(expect.objectContaining({ code: 'database-older' }));
  });

  it('refuses a database of another program and leaves it alone', () => {
    const path = join(temporaryDirectory(), 'other.db');
    const other = new BetterSqlite3(path);
    other.exec('PRAGMA page_size = 1024; CREATE TABLE theirs (x)');
    other.close();
    const before = readFileSync(path);
    expect(() => openDatabase(path)).toThrow(expect.objectContaining({ code: 'database-foreign' }));
    expect(readFileSync(path).equals(before)).toBe(true);
    const again = new BetterSqlite3(path, { readonly: true });
    expect(again.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }]);
    again.close();
    expect(existsSync(`${path}.version-0.backup`)).toBe(false);
  });
});
