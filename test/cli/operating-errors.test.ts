// What the user can mend comes as one line that says what and how, with its exit code; nothing was changed before.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt, mainPath, runProgramOnce } from '../support/built-program.ts';
import { makePlace, type RunPlace } from '../support/local-run.ts';

const isRoot = process.getuid?.() === 0;
let place: RunPlace;

beforeAll(ensureBuilt, 120_000);
beforeEach(() => {
  place = makePlace();
  mkdirSync(dirname(place.databasePath));
});
afterEach(() => place.remove());

/** One line on stderr, nothing on stdout. */
function expectOneLine(
  result: { exitCode: number | string; out: string; err: string },
  exitCode: number,
  line: RegExp,
) {
  expect(result.err).toMatch(line);
  expect(result.err).toMatch(/^trespass: [^\n]+: [^\n]+\n$/);
  expect([result.exitCode, result.out]).toEqual([exitCode, '']);
}

/** `run` with a source that needs no rights, so that everybody can see the server fail. */
function runOnFile(...argv: string[]) {
  const log = join(place.directory, 'audit.log');
  writeFileSync(log, '');
  return runProgramOnce(['run', ...place.argv, '--source', 'file', '--path', log, ...argv]);
}

describe('trespass run', () => {
  it.each(['run', 'collect'])('without the right to audit: %s ends with 4 and says which right', (command) => {
    const argv = [mainPath, command, ...place.argv];
    const child = isRoot
      ? spawnSync('setpriv', ['--bounding-set', '-audit_read,-audit_control', process.execPath, ...argv])
      : spawnSync(process.execPath, argv);
    const result = { exitCode: child.status ?? '', out: String(child.stdout), err: String(child.stderr) };
    expectOneLine(result, 4, /needs CAP_AUDIT_CONTROL and CAP_AUDIT_READ: start it as root \(sudo trespass /);
  });

  it('on a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expectOneLine(await runOnFile('--listen', `127.0.0.1:${port}`), 1, new RegExp(`\\b${port}\\b`));
    other.close();
  });

  it('on a listen address that is none', async () => {
    expectOneLine(await runOnFile('--listen', 'nonsense'), 2, /nonsense/);
  });

  it('on a database from a newer version', async () => {
    const first = new BetterSqlite3(place.databasePath);
    first.close();
    const made = await runProgramOnce(['db', 'migrate', '--db', place.databasePath]);
    expect(made.exitCode).toBe(0);
    const db = new BetterSqlite3(place.databasePath);
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE '%migration%'").pluck().all();
    const version = Number(db.pragma('user_version', { simple: true }));
    if (tables.length > 0) {
      const columns = db.pragma(`table_info(${String(tables[0])})`) as { name: string; type: string }[];
      const values = columns.map(({ type }) => (type === 'INTEGER' ? 9_999 : 'from-the-future'));
      db.prepare(`INSERT INTO ${String(tables[0])} VALUES (${values.map(() => '?').join(',')})`).run(...values);
    } else {
      db.pragma(`user_version = ${version + 1}`);
    }
    db.close();
    expectOneLine(await runOnFile(), 1, /newer/);
  });

  it('on a corrupt database, and on a file that is none', async () => {
    writeFileSync(place.databasePath, `SQLite format 3\0${'x'.repeat(8_000)}`);
    expectOneLine(await runOnFile(), 1, /database/);
    writeFileSync(place.databasePath, 'Dear diary,'.repeat(1_000));
    expectOneLine(await runOnFile(), 1, /is no SQLite database/);
  });

  it('on a database that another process holds locked', async () => {
    const made = await runProgramOnce(['db', 'migrate', '--db', place.databasePath]);
    expect(made.exitCode).toBe(0);
    const other = new BetterSqlite3(place.databasePath);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    expectOneLine(await runOnFile(), 1, /locked|busy|another process/);
    other.close();
  });

  /** The database's directory is a file system of its own, made by `mount OPTIONS`, that only this run sees. */
  function runOnMount(mount: string) {
    const log = join(place.directory, 'audit.log');
    writeFileSync(log, '');
    const command = [process.execPath, mainPath, 'run', ...place.argv, '--source', 'file', '--path', log];
    const script = `${mount} && shift && exec "$@"`;
    const folder = dirname(place.databasePath);
    const child = spawnSync('unshare', ['--mount', 'sh', '-c', script, 'sh', folder, ...command], { timeout: 25_000 });
    return { exitCode: child.status ?? '', out: String(child.stdout), err: String(child.stderr) };
  }

  it.runIf(isRoot)('on a file system that is read-only', () => {
    const result = runOnMount('mount -t tmpfs none "$1" && mount -o remount,ro "$1"');
    expectOneLine(result, 1, /read-only/);
  });

  it.runIf(isRoot)('on a disk that is full', () => {
    expectOneLine(runOnMount('mount -t tmpfs -o size=160k none "$1"'), 1, /disk is full|ENOSPC/);
  });

  it('with a configuration that everybody may write', async () => {
    const config = join(place.directory, 'trespass.toml');
    writeFileSync(config, '');
    chmodSync(config, 0o666);
    expectOneLine(await runOnFile('--config', config), 1, /is writable by everybody: chmod o-w /);
  });

  it('with a key that it does not know', async () => {
    const config = join(place.directory, 'trespass.toml');
    writeFileSync(config, '[colector]\n');
    expectOneLine(
      await runOnFile('--config', config),
      2,
      /:1: unknown table \[colector\] \(did you mean "collector"\?\): /,
    );
  });

  it('with a source file that is not there', async () => {
    const result = await runProgramOnce(['run', ...place.argv, '--source', 'file', '--path', '/nonexistent.log']);
    expect(result.exitCode).toBe(1);
    expect(result.err).toMatch(/^trespass: there is no file \/nonexistent\.log: [^\n]+\n$/);
  });
});
