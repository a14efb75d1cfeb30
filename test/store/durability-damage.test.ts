// A damaged file is found, named in one line and left exactly as it is; another name it gets on request alone.
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { lockHolders } from '../../src/store/database/lock-holders.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { findDamage, moveAside } from '../../src/store/database/soundness.ts';
import { StoreError } from '../../src/store/database/store-error.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { ensureBuilt, runProgramOnce, startProgram } from '../support/built-program.ts';
import { makePlace, type RunPlace } from '../support/local-run.ts';
import { denial, T0 } from './support/documents.ts';
import { temporaryDirectory } from './support/temporary-database.ts';
import { linesOf } from './support/wire-batches.ts';

const PAGE_BYTES = 4_096;
const BATCHES = 30;

/** A sound database, closed, of which every page is used, some of them by texts longer than a page. */
function soundDatabase(path: string): void {
  const db = openDatabase(path);
  const writer = new EventWriter(db);
  for (let batch = 0; batch < BATCHES; batch++) writer.write(linesOf(batch), T0);
  writer.write([{ doc: denial({ n: 1_000_000, path: `/${'long/'.repeat(4_000)}` }) }], T0);
  expect(db.pragma('freelist_count', { simple: true })).toBe(0);
  closeDatabase(db);
}

function withPageOverwritten(path: string, page: number): void {
  const bytes = readFileSync(path);
  randomBytes(PAGE_BYTES).copy(bytes, page * PAGE_BYTES);
  writeFileSync(path, bytes);
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** undefined: it opens, because what is damaged is nothing that opening reads. */
function errorOfOpening(path: string): unknown {
  try {
    closeDatabase(openDatabase(path));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Found by `findDamage`; opening says the same or nothing; the file is what it was. */
function expectFound(path: string, what: string): void {
  const before = digestOf(path);
  const damage = findDamage(path);
  expect(damage, what).not.toEqual([]);
  expect(digestOf(path), what).toBe(before);
  const error = errorOfOpening(path);
  if (error === undefined) return;
  expect(error, what).toBeInstanceOf(StoreError);
  expect(error, what).toMatchObject({ code: 'database-corrupt', message: expect.stringContaining(path) });
  expect(digestOf(path), what).toBe(before);
}

describe('damage', () => {
  it('is found whichever page was overwritten', () => {
    const directory = temporaryDirectory();
    const sound = join(directory, 'sound.db');
    soundDatabase(sound);
    expect(findDamage(sound)).toEqual([]);
    const pages = statSync(sound).size / PAGE_BYTES;
    expect(pages).toBeGreaterThan(100);
    const path = join(directory, 'damaged.db');
    for (let page = 0; page < pages; page++) {
      copyFileSync(sound, path);
      withPageOverwritten(path, page);
      expectFound(path, `page ${page + 1} of ${pages}`);
    }
  });

  it('is found wherever the file was cut off', () => {
    const directory = temporaryDirectory();
    const sound = join(directory, 'sound.db');
    soundDatabase(sound);
    const { size } = statSync(sound);
    const path = join(directory, 'cut.db');
    const random = Array.from({ length: 15 }, () => 1 + Math.floor(Math.random() * (size - 1)));
    for (const bytes of [
      1,
      15,
      16,
      99,
      100,
      511,
      512,
      PAGE_BYTES,
      PAGE_BYTES + 1,
      size - PAGE_BYTES,
      size - 512,
      size - 1,
      ...random,
    ]) {
      copyFileSync(sound, path);
      truncateSync(path, bytes);
      expectFound(path, `${bytes} of ${size} bytes`);
    }
  });

  it('is found where the file was emptied and its log is still there', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'x.db');
    const db = openDatabase(path);
    new EventWriter(db).write(linesOf(0), T0);
    const copy = join(directory, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
    closeDatabase(db);
    truncateSync(copy, 0);
    const before = digestOf(`${copy}-wal`);
    expectFound(copy, 'an empty file');
    expect(digestOf(`${copy}-wal`)).toBe(before);
  });

  it.each([
    ['a letter', Buffer.from('This is a letter to my grandmother.\n'.repeat(300))],
    ['noise', randomBytes(20_000)],
    ['a short note', Buffer.from('{}')],
    ['a header and noise', Buffer.concat([Buffer.from('SQLite format 3\0'), randomBytes(20_000)])],
  ])('is what %s is called', (_, content) => {
    const path = join(temporaryDirectory(), 'x.db');
    writeFileSync(path, content);
    expectFound(path, 'no database');
  });
});

describe('moveAside', () => {
  it('gives the database and the files beside it another name, never one that is taken', () => {
    const directory = temporaryDirectory();
    const path = join(directory, 'x.db');
    const put = () => {
      for (const end of ['', '-wal', '-shm']) writeFileSync(`${path}${end}`, `content${end}`);
    };
    put();
    const first = moveAside(path, T0);
    put();
    const second = moveAside(path, T0);
    expect([first, second]).toEqual([`${path}.damaged-20260301T100000Z`, `${path}.damaged-20260301T100000Z-2`]);
    const names = [first, second].flatMap((name) => ['', '-shm', '-wal'].map((end) => basename(`${name}${end}`)));
    expect(readdirSync(directory).sort()).toEqual(names.sort());
    expect(readFileSync(`${first}-wal`, 'utf8')).toBe('content-wal');
  });

  it('leaves a database alone that a process uses', () => {
    const path = join(temporaryDirectory(), 'x.db');
    const db = openDatabase(path);
    expect(lockHolders([path])).toEqual([process.pid]);
    expect(() => moveAside(path, T0)).toThrow(expect.objectContaining({ code: 'database-in-use' }));
    closeDatabase(db);
    expect(lockHolders([path])).toEqual([]);
    expect(existsSync(path)).toBe(true);
  });
});

describe('the program on a damaged database', () => {
  beforeAll(ensureBuilt, 120_000);

  function placeWith(prepare: (path: string) => void): { readonly place: RunPlace; readonly path: string } {
    const place = makePlace();
    onTestFinished(() => place.remove());
    const path = join(place.directory, 'work', 'x.db');
    soundDatabase(path);
    prepare(path);
    return { place, path };
  }

  const trespass = (path: string, ...argv: string[]) => runProgramOnce([...argv, '--db', path]);

  it('says so in one line and moves it aside when it is told to, which makes room for an empty one', async () => {
    const { place, path } = placeWith((file) => truncateSync(file, 50_000));
    const before = digestOf(path);
    for (const argv of [
      ['db', 'check'],
      ['db', 'stats'],
      ['db', 'migrate'],
      ['db', 'backup', `${path}.copy`],
      ['denials'],
      ['serve'],
    ]) {
      const { exitCode, out, err } = await trespass(path, ...argv, ...(argv[0] === 'serve' ? place.argv : []));
      expect([argv, exitCode, out]).toEqual([argv, 1, '']);
      expect(err).toMatch(/^trespass: [^\n]*(?:corrupt|damaged)[^\n]*: [^\n]*--move-aside[^\n]*\n$/);
      expect(err).toContain(path);
    }
    expect(digestOf(path)).toBe(before);
    const { exitCode, out, err } = await trespass(path, 'db', 'check', '--move-aside');
    expect([exitCode, err]).toEqual([0, '']);
    const [, target = ''] = /^\S+ is damaged: [^\n]+\nmoved aside: (\S+\.damaged-\d{8}T\d{6}Z)\n$/.exec(out) ?? [];
    expect(digestOf(target)).toBe(before);
    expect(existsSync(path)).toBe(false);
    expect((await trespass(path, 'db', 'migrate')).exitCode).toBe(0);
    expect((await trespass(path, 'db', 'check', '--move-aside')).out).toBe(`${path} is sound\n`);
  });

  it('answers with the damage where it meets it only while it runs', async () => {
    const { place, path } = placeWith((file) => {
      for (const page of pagesOf(file, 'denials')) withPageOverwritten(file, page - 1);
    });
    const server = startProgram(['serve', ...place.argv, '--db', path]);
    onTestFinished(() => {
      server.process.kill('SIGKILL');
    });
    await server.waitForLine(/^dashboard /);
    const answer = await getBySocket(join(place.runtimeDirectory, 'api.sock'), '/api/v1/denials?limit=50');
    expect(answer).toMatchObject({
      status: 503,
      type: 'urn:trespass:problem:store-unavailable',
      detail: `the database is corrupt (${path})`,
      hint: expect.stringContaining('--move-aside'),
    });
    const { exitCode, err } = await trespass(path, 'denials', '--limit', '50');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^trespass: the database is corrupt \(\S+\): [^\n]+\n$/);
    expect((await trespass(path, 'db', 'check', '--move-aside')).err).toMatch(
      new RegExp(`^trespass: process ${server.pid} uses \\S+: stop it first\n$`),
    );
  });
});

/** Pages of the rows of a table, from 1. */
function pagesOf(path: string, table: string): readonly number[] {
  const db = openDatabase(path, { readonly: true });
  try {
    const pages = db.prepare<[string], { pageno: number }>(
      "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'",
    );
    return pages.all(table).map(({ pageno }) => pageno);
  } finally {
    closeDatabase(db);
  }
}

async function getBySocket(socketPath: string, path: string): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    const call = request({ socketPath, path, headers: { host: 'localhost' } }, (response) => {
      response.toArray().then((parts) => resolve(JSON.parse(Buffer.concat(parts).toString())), reject);
    });
    call.once('error', reject);
    call.end();
  });
}
