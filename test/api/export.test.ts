import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors.ts';
import { openExport } from '../../src/api/export/export-stream.ts';
import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS } from '../../src/api/export/formats.ts';
import { ReaderPool } from '../../src/api/readers/reader-pool.ts';
import { type Readers, toReaders } from '../../src/api/readers/readers.ts';
import { siblingModule } from '../../src/runtime/sibling-module.ts';
import { READERS } from '../../src/store/reader-table.ts';
import { testDenial } from './support/documents.ts';
import { parseCsv } from './support/formats/csv-parse.ts';
import { Download } from './support/raw-download.ts';
import { silentLog } from './support/silent-log.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const DENIALS = 2_300;
const PAGE = 250;
const PAGES = 10;
/** Of a megabyte each, on a host of their own. */
const LARGE_PAGES = 24;
const NOW_MS = Date.UTC(2026, 2, 1, 12);
const EXPORTS_MAX = 4;
/** Without the large ones. */
const ALL = 'host=web-1';
const URL_PATH = '/api/v1/denials/export';

let app: TestApp;
let origin: string;
/** Called before each page with its number; pages are counted from 1. */
let beforePage: (page: number) => void | Promise<void>;
let pages: number;
let logged: Record<string, unknown>[];
let downloads: Download[];

beforeAll(async () => {
  const log = pino({ level: 'warn' }, { write: (line: string) => logged.push(JSON.parse(line)) });
  app = await createTestApp({ log, readers: countingReaders(() => app) });
  origin = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  const denials = Array.from({ length: DENIALS }, (_, n) => testDenial(n + 1, { file: { path: `/srv/${n}` } }));
  await app.deliver([...denials, testDenial(9_000, { tags: ['canary'] })]);
  const host = { id: 'host-2', name: 'large', boot: { id: 'boot-2' } };
  for (let batch = 0; batch < LARGE_PAGES; batch++) {
    const large = Array.from({ length: PAGE }, (_, n) =>
      testDenial(10_000 + batch * PAGE + n, { host, file: { path: `/${'y'.repeat(3_900)}${n}` } }),
    );
    expect((await app.deliver(large)).json()).toMatchObject({ stored: PAGE });
  }
});
beforeEach(() => {
  app.clock.nowMs = NOW_MS;
  pages = 0;
  logged = [];
  downloads = [];
  beforePage = () => {};
});
afterEach(() => {
  for (const download of downloads) download.abort();
});
afterAll(() => app.close());

/** The readers of the app that is made with them; pages of denials are counted. */
function countingReaders(of: () => TestApp): Readers {
  let inner: Readers | undefined;
  return {
    async ask(name, request, options) {
      inner ??= plainReaders(of());
      if (name === 'listDenials') await beforePage(++pages);
      if (options?.signal?.aborted === true) throw new ApiError('overloaded', 'nobody waits for the answer');
      return await inner.ask(name, request, options);
    },
  };
}

function plainReaders({ db }: TestApp): Readers {
  return toReaders({ run: async (name, request) => READER_FUNCTIONS.get(name)?.(db, request as never) });
}

const READER_FUNCTIONS = new Map<string, (db: TestApp['db'], request: never) => unknown>(Object.entries(READERS));

const bearer = (...scopes: Parameters<TestApp['token']>): Record<string, string> => ({
  authorization: `Bearer ${app.token(...scopes)}`,
});

async function download(query: string, options: Parameters<typeof Download.open>[2] = {}, headers = bearer('read')) {
  const opened = await Download.open(`${origin}${URL_PATH}?${query}`, headers, options);
  downloads.push(opened);
  return opened;
}

async function whole(query: string, headers = bearer('read')): Promise<string> {
  const opened = await download(query, {}, headers);
  await expect.poll(() => opened.state, { timeout: 60_000 }).toBe('whole');
  expect(opened.response.statusCode).toBe(200);
  return opened.text;
}

describe('the export of denials', () => {
  it('has all that match, newest first, over all pages', async () => {
    const lines = (await whole(ALL)).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event.sequence)).toEqual(
      Array.from({ length: DENIALS }, (_, n) => 100 + DENIALS - n),
    );
    expect(pages).toBe(PAGES);
  });

  it('takes the filters of the list', async () => {
    const count = async (query: string) => (await whole(`format=csv&${ALL}&${query}`)).trim().split('\r\n').length - 1;
    expect(await count('from=2026-03-01T10:00:10Z&to=2026-03-01T10:00:20Z')).toBe(10);
    expect(await count('q=path:*7')).toBe(DENIALS / 10);
    expect(await count('q=comm:nobody')).toBe(0);
    expect(await count('fleet=nowhere')).toBe(0);
    expect(await count('include=canary')).toBe(DENIALS + 1);
  });

  it('is a file with a name of ours and a type, one line a denial', async () => {
    const span = 'to=2026-03-01T10:00:06Z';
    const answers: unknown[] = [];
    for (const format of EXPORT_FORMAT_NAMES) {
      const { headers, body } = await app.api.inject({ url: `${URL_PATH}?format=${format}&${span}` });
      const name = /^attachment; filename="trespass-denials\.([a-z.]+)"$/.exec(String(headers['content-disposition']));
      expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
      answers.push([format, String(headers['content-type']).split(';')[0], name?.[1], body.trim().split('\n').length]);
    }
    expect(answers).toEqual([
      ['ndjson', 'application/x-ndjson', 'ndjson', 5],
      ['csv', 'text/csv', 'csv', 6],
      ['ecs', 'application/x-ndjson', 'ecs.ndjson', 5],
      ['ocsf', 'application/x-ndjson', 'ocsf.ndjson', 5],
      ['cef', 'text/plain', 'cef', 5],
      ['auparse-csv', 'text/csv', 'auparse.csv', 6],
    ]);
    expect(parseCsv((await app.api.inject({ url: `${URL_PATH}?format=csv&host=nobody` })).body)).toHaveLength(1);
  });

  it('has arguments only for those with the scope read-sensitive', async () => {
    for (const format of EXPORT_FORMAT_NAMES) {
      const query = `format=${format}&to=2026-03-01T10:00:06Z`;
      expect([format, (await whole(query)).includes('hunter2')]).toEqual([format, false]);
      const sensitive = await whole(query, bearer('read', 'read-sensitive'));
      expect([format, sensitive.includes('hunter2')]).toEqual([format, format !== 'auparse-csv']);
    }
  });

  it.each([
    ['format=xml', 400, 'invalid-parameter'],
    ['format=__proto__', 400, 'invalid-parameter'],
    ['q=path:', 400, 'invalid-query'],
    ['from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 400, 'invalid-parameter'],
    ['limit=5', 400, 'invalid-parameter'],
  ])('answers %s with a problem', async (query, status, code) => {
    const response = await app.api.inject({ url: `${URL_PATH}?${query}` });
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(response.headers).not.toHaveProperty('content-disposition');
    expect(response.json()).toMatchObject({ type: `urn:trespass:problem:${code}` });
  });

  it('is for those who may read', async () => {
    expect((await app.tcp.inject({ url: URL_PATH })).statusCode).toBe(401);
    expect((await app.tcp.inject({ url: URL_PATH, headers: bearer('write') })).statusCode).toBe(403);
  });

  it('answers a problem when the first page cannot be read', async () => {
    beforePage = () => {
      throw new ApiError('query-timeout', 'no answer within 10 ms', { retryAfterSeconds: 5 });
    };
    const response = await app.api.inject({ url: URL_PATH });
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('an export that is under way', () => {
  it('breaks off when a later page cannot be read, and the log tells', async () => {
    beforePage = (page) => {
      if (page === 3) throw new ApiError('store-unavailable', 'the disk is gone');
    };
    const broken = await download(ALL);
    await expect.poll(() => broken.state).toBe('broken');
    expect(broken.response.statusCode).toBe(200);
    expect(broken.text.split('\n').length - 1).toBeLessThanOrEqual(2 * PAGE);
    await expect.poll(() => logged).toMatchObject([{ msg: 'an export broke off' }]);
  });

  it('waits while the readers are busy', async () => {
    beforePage = (page) => {
      if (page === 3 || page === 4) throw new ApiError('overloaded', '64 queries are waiting');
    };
    expect((await whole(ALL)).trim().split('\n')).toHaveLength(DENIALS);
    expect(pages).toBe(PAGES + 2);
  });

  it('breaks off when the session ends', async () => {
    beforePage = (page) => {
      if (page === 2) app.clock.nowMs += 8 * 24 * 3_600_000;
    };
    const broken = await download(ALL, {}, { cookie: app.cookie() });
    await expect.poll(() => broken.state).toBe('broken');
    expect(pages).toBe(2);
  });

  it('reads no further than the connection takes', async () => {
    const slow = await download('host=large', { isPaused: true, keepsText: false });
    await sleep(1_000);
    const pagesTaken = pages;
    // Some are in the buffers of the kernel and of Node's sockets, and one waits.
    expect(pagesTaken).toBeLessThan(LARGE_PAGES - 2);
    await sleep(500);
    expect(pages).toBe(pagesTaken);
    slow.read();
    await expect.poll(() => slow.state, { timeout: 60_000 }).toBe('whole');
    expect(pages).toBe(LARGE_PAGES);
  });

  it('stops when nobody reads any more', async () => {
    let release = () => {};
    beforePage = async (page) => {
      if (page === 3) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
    };
    const gone = await download(ALL);
    await expect.poll(() => pages).toBe(3);
    gone.abort();
    await sleep(50);
    release();
    await sleep(100);
    expect(pages).toBe(3);
    expect(logged).toEqual([]);
  });

  it('ends when its reader takes nothing for too long', async () => {
    const stream = await openExport({
      ...{ readers: plainReaders(app), scope: {}, format: EXPORT_FORMATS.ndjson, version: '1', log: silentLog },
      ...{ maySeeSensitive: false, isAllowed: () => true, signal: new AbortController().signal, stallMaxMs: 100 },
    });
    const errors: Error[] = [];
    stream.on('error', (error) => errors.push(error));
    stream.read();
    await expect.poll(() => stream.destroyed).toBe(true);
    expect(errors).toMatchObject([{ code: 'request-timeout' }]);
  });

  it('is one of a few', async () => {
    const paused = { isPaused: true, keepsText: false };
    const open = await Promise.all(Array.from({ length: EXPORTS_MAX }, () => download('host=large', paused)));
    const refused = await app.tcp.inject({ url: URL_PATH, headers: bearer('read') });
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '30']);
    for (const one of open) one.read();
    await expect
      .poll(() => open.map(({ state }) => state), { timeout: 60_000 })
      .toEqual(Array(EXPORTS_MAX).fill('whole'));
    expect((await whole('host=nobody')).length).toBe(0);
  });
});

it('leaves no reader and no place behind after two hundred aborts', async () => {
  const pool = await ReaderPool.start({
    module: siblingModule('../../src/api/readers/reader-worker', import.meta.url),
    workerData: { databasePath: app.db.name },
    ...{ workersMax: 2, sparesMax: 1, queueMax: 64, timeoutMs: 10_000, exhaustedMaxMs: 30_000 },
    log: silentLog,
    onExhausted: (reason) => {
      throw new Error(reason);
    },
  });
  const threaded = await createTestApp({ readers: toReaders(pool) });
  try {
    const address = await threaded.tcp.listen({ host: '127.0.0.1', port: 0 });
    const headers = { authorization: `Bearer ${threaded.token('read')}` };
    const statuses = new Map<number, number>();
    for (let n = 0; n < 200; n++) {
      const one = await Download.open(`${address}${URL_PATH}?${ALL}`, headers, {
        isPaused: n % 2 === 0,
        keepsText: false,
      });
      const status = one.response.statusCode ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (n % 5 === 0) await sleep(3);
      one.abort();
      if (n % EXPORTS_MAX === 0) await sleep(5);
    }
    expect(statuses.get(200)).toBeGreaterThan(100);
    await expect.poll(() => pool.load).toEqual({ idle: 3, busy: 0, stuck: 0, queued: 0 });
    const callers = Array.from({ length: EXPORTS_MAX }, () => `Bearer ${threaded.token('read')}`);
    const last = await Promise.all(
      callers.map((authorization) =>
        Download.open(`${address}${URL_PATH}?${ALL}`, { authorization }, { keepsText: false }),
      ),
    );
    expect(last.map(({ response }) => response.statusCode)).toEqual(Array(EXPORTS_MAX).fill(200));
    await expect
      .poll(() => last.map(({ state }) => state), { timeout: 60_000 })
      .toEqual(Array(EXPORTS_MAX).fill('whole'));
  } finally {
    await threaded.close();
    await pool.stop();
  }
}, 120_000);
