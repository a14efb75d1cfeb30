import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importCommand } from '../../src/cli/import.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { runCommand } from './captured-io.ts';

const CORPUS = new URL('../fixtures/conformance/', import.meta.url).pathname;
const RAW = join(CORPUS, 'kernel-7.3.4/all.log');

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-import-'));
  path = join(directory, 'new', 'trespass.db');
});
afterEach(() => rmSync(directory, { recursive: true }));

async function importFiles(...argv: string[]): Promise<Record<string, number>> {
  const { exitCode, stdout, stderr } = await runCommand(importCommand, ['--db', path, ...argv]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const lines = stdout.split('\n');
  return JSON.parse(lines.at(-2) ?? '');
}

function rows(sql: string): unknown[] {
  const db = openDatabase(path, { readonly: true });
  try {
    return db.prepare<[], unknown>(sql).all();
  } finally {
    closeDatabase(db);
  }
}

function file(name: string, content: string): string {
  const at = join(directory, name);
  writeFileSync(at, content);
  return at;
}

describe('trespass import', () => {
  it('stores what a file holds and ends with the summary', async () => {
    expect(await importFiles('--host', 'lab', RAW)).toEqual({
      records: 710,
      events: 247,
      denials: 153,
      domains: 56,
      malformed: 0,
      lost: 0,
      lost_by_cause: {},
      duplicates: 0,
      seconds: expect.any(Number),
    });
    expect(rows('SELECT count(*) AS denials FROM denials')).toEqual([{ denials: 153 }]);
    expect(rows('SELECT count(*) AS domains FROM domains')).toEqual([{ domains: 56 }]);
    expect(rows('SELECT name FROM hosts')).toEqual([{ name: 'lab' }]);
  });

  it('stores nothing twice, malformed records and gaps included', async () => {
    const mixed = file('mixed.log', `${readFileSync(RAW, 'latin1').split('\n').toSpliced(100, 40).join('\n')}junk\n`);
    const first = await importFiles('--host', 'lab', mixed);
    expect(first.malformed).toBe(1);
    expect(first.lost).toBeGreaterThan(0);
    const before = rows('SELECT (SELECT count(*) FROM denials) AS a, (SELECT count(*) FROM gaps) AS b');
    const second = await importFiles('--host', 'lab', mixed);
    expect(rows('SELECT (SELECT count(*) FROM denials) AS a, (SELECT count(*) FROM gaps) AS b')).toEqual(before);
    expect(second).toEqual({ ...first, duplicates: expect.any(Number), seconds: expect.any(Number) });
    expect(second.duplicates).toBeGreaterThan(200);
  });

  it('knows the events of a boot again when the file now begins elsewhere', async () => {
    const lines = readFileSync(RAW, 'latin1').split('\n');
    const later = lines.slice(lines.findIndex((line) => line.includes(':60)')));
    await importFiles('--host', 'lab', RAW);
    await importFiles('--host', 'lab', file('later.log', later.join('\n')));
    expect(rows('SELECT count(*) AS denials FROM denials')).toEqual([{ denials: 153 }]);
    expect(rows('SELECT count(*) AS boots FROM boots')).toEqual([{ boots: 1 }]);
  });

  it('takes the host from node= where there is one, and the real boot for this host’s own records', async () => {
    const nowS = Math.floor(Date.now() / 1000);
    const access = (node: string, serial: number): string =>
      `${node}type=LANDLOCK_ACCESS msg=audit(${nowS}.001:${serial}): domain=1af495b5 blockers=ptrace opid=1 ocomm="a"\n`;
    await importFiles(
      file('nodes.log', access('', 5) + access(`node=${hostname()} `, 6) + access('node=elsewhere ', 7)),
    );
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    expect(rows('SELECT hosts.name, is_derived, boot_id FROM boots JOIN hosts ON hosts.id = host')).toEqual([
      { name: hostname(), is_derived: 0, boot_id: bootId },
      { name: 'elsewhere', is_derived: 1, boot_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ]);
  });

  it('keeps what was read before an input that cannot be read', async () => {
    const { exitCode, stderr } = await runCommand(importCommand, ['--db', path, '--host', 'lab', RAW, directory]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('no audit.log');
    const interpreted = join(CORPUS, 'ausearch/interpreted.log');
    expect((await runCommand(importCommand, ['--db', path, '--host', 'lab', RAW, interpreted])).exitCode).toBe(1);
    expect(rows('SELECT count(*) AS denials FROM denials')).toEqual([{ denials: 153 }]);
  });

  it('refuses a file that is no database', async () => {
    const text = file('text', 'this is no database, but it is long enough to look at '.repeat(100));
    const { exitCode, stderr } = await runCommand(importCommand, ['--db', text, RAW]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^trespass: .*\n$/);
    expect(readFileSync(text, 'utf8')).toContain('this is no database');
  });
});
