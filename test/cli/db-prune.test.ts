// `trespass db prune` on a database file, also one that another process writes to.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { denial } from '../store/support/documents.ts';
import { useDatabaseFile } from './database-file.ts';

const DAY = 86_400_000;
const file = useDatabaseFile();
const { trespass } = file;

async function removed(...argv: string[]): Promise<unknown> {
  const { exitCode, out, err } = await trespass('db', 'prune', ...argv);
  expect([exitCode, err, out.split('\n').length]).toEqual([0, '', 2]);
  return JSON.parse(out);
}

/** Ten denials of now, 40 and 400 days ago each, by turns of two hosts and users. */
function fill(): void {
  const db = openDatabase(file.path);
  const writer = new EventWriter(db);
  for (const [group, days] of [400, 40, 0].entries()) {
    const ms = Date.now() - days * DAY;
    const lines = Array.from({ length: 10 }, (_, i) => {
      const host = `secret-host-${i % 2}`;
      const doc = denial({
        n: group * 10 + i,
        ms,
        host,
        uid: String(1000 + (i % 5)),
        path: `/home/${host}/${i % 5}-home`,
      });
      return { doc, raw: `records of ${host}, ${i % 5}-home` };
    });
    writer.write(lines, ms);
  }
  closeDatabase(db);
}

async function stored(): Promise<{ denials: number; removed: readonly { kind: string; count: number }[] }> {
  return JSON.parse((await trespass('db', 'stats')).out);
}

describe('trespass db prune', () => {
  it('removes what the defaults say is too old, says how much, and counts it', async () => {
    fill();
    expect(await removed('--dry-run')).toEqual({ dry_run: true, removed: { denials: 10, raw_blocks: 2 } });
    expect((await stored()).denials).toBe(30);
    expect(await removed()).toEqual({ dry_run: false, removed: { denials: 10, raw_blocks: 2 } });
    const after = await stored();
    expect(after.denials).toBe(20);
    expect(after.removed.map(({ kind, count }) => [kind, count])).toEqual([
      ['denials', 10],
      ['raw_blocks', 2],
    ]);
    expect(await removed()).toEqual({ dry_run: false, removed: {} });
  });

  it('goes by the configuration that it is given', async () => {
    fill();
    const config = join(file.directory, 'trespass.toml');
    writeFileSync(config, '[store]\ndenials_days = 20\nraw_days = 0\n', { mode: 0o600 });
    expect(await removed('--config', config)).toEqual({ dry_run: false, removed: { denials: 20 } });
  });

  it('removes what is older than it is told', async () => {
    fill();
    expect(await removed('--older-than', '30d', '--dry-run')).toMatchObject({ removed: { denials: 20 } });
    expect(await removed('--older-than', '30d')).toEqual({ dry_run: false, removed: { denials: 20, raw_blocks: 2 } });
    expect((await stored()).denials).toBe(10);
  });

  it('removes a host, or a user, so that nothing of it is left in a copy', async () => {
    fill();
    let copies = 0;
    const bytes = async () => {
      const copy = join(file.directory, `copy-${copies++}.db`);
      expect((await trespass('db', 'backup', copy)).exitCode).toBe(0);
      return readFileSync(copy, 'latin1');
    };
    expect(await bytes()).toContain('2-home');
    expect(await removed('--user', '1002', '--dry-run')).toEqual({ dry_run: true, removed: { denials: 6 } });
    expect(await removed('--user', '1002')).toMatchObject({ removed: { denials: 6, issues: 1, strings: 2 } });
    expect(await bytes()).not.toContain('2-home');
    expect(await removed('--host', 'secret-host-1', '--dry-run')).toMatchObject({ removed: { denials: 12, hosts: 1 } });
    expect(await removed('--host', 'secret-host-1')).toMatchObject({ removed: { denials: 12, hosts: 1 } });
    expect(await bytes()).not.toContain('secret-host-1');
    expect(await bytes()).toContain('secret-host-0');
    expect((await stored()).denials).toBe(12);
    expect((await trespass('db', 'check')).out).toMatch(/is sound/);
  });

  it('works beside a writer, which goes on with what is left', async () => {
    fill();
    const db = openDatabase(file.path);
    const writer = new EventWriter(db);
    const doc = denial({ n: 900, ms: Date.now(), host: 'secret-host-0' });
    expect(writer.write([{ doc }], Date.now()).stored).toBe(1);
    await removed('--host', 'secret-host-0');
    expect(writer.write([{ doc }], Date.now()).stored).toBe(1);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    closeDatabase(db);
  });

  it.each([
    [['--older-than', 'soon'], /--older-than "soon"/],
    [['--user', 'root'], /--user "root" is no user id/],
    [['--user', '1', '--host', 'a'], /exclude each other/],
    [['surplus'], /unexpected argument "surplus"/],
  ])('refuses %j before it touches the database', async (argv, message) => {
    const { exitCode, err } = await trespass('db', 'prune', ...argv);
    expect([exitCode, statSync(file.path, { throwIfNoEntry: false })]).toEqual([2, undefined]);
    expect(err).toMatch(message);
  });

  it('refuses its options elsewhere, a host that is not there, and a database that is not there', async () => {
    expect((await trespass('db', 'stats', '--dry-run')).err).toMatch(/go with prune/);
    expect((await trespass('db', 'prune')).err).toMatch(/there is no database/);
    fill();
    expect(await trespass('db', 'prune', '--host', 'nobody')).toMatchObject({ exitCode: 2, err: /no host "nobody"/ });
  });
});
