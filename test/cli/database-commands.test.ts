// The commands on a database file: tokens, care, and the queries that read it directly.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { checkToken } from '../../src/store/access/tokens.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { sampleDenial } from '../support/sample-documents.ts';
import { testIo } from '../support/test-io.ts';
import { useDatabaseFile } from './database-file.ts';

const file = useDatabaseFile();
const { trespass } = file;

function store(count: number): void {
  const db = openDatabase(file.path);
  const lines = Array.from({ length: count }, (_, n) => ({ doc: sampleDenial(n) }));
  expect(new EventWriter(db).write(lines, Date.now()).rejected).toEqual([]);
  closeDatabase(db);
}

describe('trespass token', () => {
  it('prints a token alone that can be used, lists it, and revokes it', async () => {
    const created = await trespass('token', 'create', '--name', 'grafana', '--scope', 'read,write', '--expires', '30');
    expect(created).toEqual({ exitCode: 0, out: expect.stringMatching(/^trp_[0-9a-f]+\n$/), err: '' });
    const token = created.out.trim();
    const isInForce = () => {
      const db = openDatabase(file.path);
      try {
        const check = checkToken(db, token, Date.now());
        return check.state === 'valid' ? check.token.scopes : check.state;
      } finally {
        closeDatabase(db);
      }
    };
    expect(isInForce()).toEqual(['read', 'write']);
    expect(JSON.parse((await trespass('token', 'list', '--json')).out)).toMatchObject({
      id: 1,
      name: 'grafana',
      scopes: ['read', 'write'],
      state: 'in force',
    });
    expect(readFileSync(file.path).includes(token)).toBe(false);
    expect(await trespass('token', 'revoke', '1')).toEqual({ exitCode: 0, out: '', err: '' });
    expect(isInForce()).toBe('revoked');
    expect((await trespass('token', 'list')).out).toMatch(/grafana +read,write +revoked/);
    expect((await trespass('token', 'revoke', '1')).exitCode).toBe(3);
  });

  it.each([
    [['token'], /say what to do/],
    [['token', 'create', '--scope', 'read'], /--name must have 1 to 100 characters/],
    [['token', 'create', '--name', 'x'], /--scope is missing/],
    [['token', 'create', '--name', 'x', '--scope', 'raed'], /unknown scope "raed"/],
    [['token', 'revoke'], /--ID "" is no number/],
  ])('refuses %j before it touches the database', async (argv, message) => {
    const { exitCode, err } = await trespass(...argv);
    expect([exitCode, statSync(file.path, { throwIfNoEntry: false })]).toEqual([2, undefined]);
    expect(err).toMatch(message);
  });
});

describe('trespass db', () => {
  it('makes, measures, checks and backs up a database', async () => {
    expect((await trespass('db', 'migrate')).out).toMatch(/^\S+test\.db has version \d+\n$/);
    store(5);
    expect(JSON.parse((await trespass('db', 'stats')).out)).toMatchObject({ path: file.path, denials: 5 });
    expect(await trespass('db', 'check')).toEqual({ exitCode: 0, out: `${file.path} is sound\n`, err: '' });
    const copy = join(file.directory, 'copy.db');
    expect(await trespass('db', 'backup', 'copy.db')).toEqual({ exitCode: 0, out: `${copy}\n`, err: '' });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const denials = await trespass('denials', '--json');
    rmSync(file.path);
    file.path = copy;
    expect(await trespass('denials', '--json')).toEqual(denials);
  });

  it('tells what takes the room, to the page, and how much is left', async () => {
    store(50);
    const stats = JSON.parse((await trespass('db', 'stats')).out);
    const sizes: { name: string; bytes: number; index_bytes: number }[] = stats.tables;
    const total = sizes.reduce((sum, { bytes, index_bytes }) => sum + bytes + index_bytes, stats.reusable_bytes);
    expect(total).toBe(statSync(file.path).size);
    expect(sizes.find(({ name }) => name === 'denials')).toEqual({
      name: 'denials',
      bytes: expect.any(Number),
      index_bytes: expect.any(Number),
    });
    expect(stats).toMatchObject({ bytes: total + stats.log_bytes, disk_free_bytes: expect.any(Number) });
  });

  it('does not write over a file', async () => {
    await trespass('db', 'migrate');
    writeFileSync(join(file.directory, 'copy.db'), 'precious');
    expect(await trespass('db', 'backup', 'copy.db')).toMatchObject({ exitCode: 1, err: /exists: name a file/ });
    expect(readFileSync(join(file.directory, 'copy.db'), 'utf8')).toBe('precious');
  });

  it('finds damage', async () => {
    store(400);
    const db = openDatabase(file.path);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const pages = Number(db.pragma('page_count', { simple: true }));
    closeDatabase(db);
    const bytes = readFileSync(file.path);
    bytes.fill(0xff, Math.floor(pages / 2) * 4096, Math.floor(pages / 2) * 4096 + 8 * 4096);
    writeFileSync(file.path, bytes);
    const { exitCode, err } = await trespass('db', 'check');
    expect([exitCode, err]).toEqual([
      1,
      expect.stringMatching(/^trespass: [^\n]+damaged[^\n]+\n$|^trespass: [^\n]+corrupt[^\n]+\n$/),
    ]);
  });
});

describe('the queries on a database file', () => {
  it('list what is stored, beside a writer', async () => {
    store(3);
    const writer = openDatabase(file.path);
    const { exitCode, out } = await trespass('denials', '--json');
    closeDatabase(writer);
    expect(exitCode).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event.sequence),
    ).toEqual([2, 1, 0]);
    expect((await trespass('hosts')).out).toMatch(/^web-1 +default +3 /m);
    expect((await trespass('fleets')).out).toMatch(/^default +1 +3 /m);
    expect((await trespass('domains')).out).toMatch(/^195ba459b +web-1 +live +3$/m);
    expect((await trespass('tree')).out).toContain('195ba459b');
  });

  it('follow by asking again', async () => {
    store(1);
    const io = testIo({ cwd: file.directory });
    const running = runProgram(['denials', '--follow', '--json', '--db', file.path], io);
    await io.waitFor(/"sequence":0/);
    store(3);
    await io.waitFor(/"sequence":2/);
    io.abort();
    expect(await running).toBe(0);
    expect(
      io
        .out()
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event.sequence),
    ).toEqual([0, 1, 2]);
  });

  it('say where a query is wrong', async () => {
    store(1);
    const { exitCode, err } = await trespass('denials', '--query', 'pid:');
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/^trespass: [^\n]+at character \d+\): [^\n]+\n$/)]);
  });

  it('give the tree in JSON', async () => {
    store(2);
    const { domains } = JSON.parse((await trespass('tree', '--json')).out);
    expect(domains).toEqual([
      expect.objectContaining({
        host: { id: 'id-of-web-1', name: 'web-1' },
        boot: '11111111-2222-3333-4444-555555555555',
        id: '195ba459b',
        evidence: [],
        depthMin: 1,
        status: 'live',
        denials: { logged: 2 },
      }),
    ]);
    expect((await trespass('tree', '--domain', '1')).exitCode).toBe(3);
  });
});
