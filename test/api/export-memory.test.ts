import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { madeToken } from '../store/support/made-token.ts';
import { testDenial } from './support/documents.ts';
import { Download } from './support/raw-download.ts';

const DENIALS = 70_000;
/** A quarter of them: one is denied each second from ten o'clock on. */
const UNTIL_A_QUARTER = '2026-03-01T14:51:40Z';
const BATCH = 5_000;
const MEBIBYTE = 1024 * 1024;
const GROWTH_BYTES_MAX = 64 * MEBIBYTE;
/** The answer must grow by much more than memory may, or the test would show nothing. */
const MORE_BYTES_MIN = 4 * GROWTH_BYTES_MAX;

let directory: string;
let child: ChildProcess;
let url: string;
let authorization: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-export-'));
  const db = openDatabase(join(directory, 'test.db'));
  const writer = new EventWriter(db);
  for (let first = 0; first < DENIALS; first += BATCH) {
    const lines = Array.from({ length: BATCH }, (_, n) => ({
      doc: testDenial(first + n, { file: { path: `/srv/${'x'.repeat(2_000)}/${(first + n) % 5_000}` } }),
    }));
    writer.write(lines, 0);
  }
  authorization = `Bearer ${madeToken(db, { name: 'export', scopes: ['read'] }, Date.now()).text}`;
  closeDatabase(db);
  child = fork(fileURLToPath(new URL('./support/export-process.ts', import.meta.url)), [directory], {
    execArgv: ['--import', import.meta.resolve('tsx')],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [{ address }] = await once(child, 'message');
  url = `${address}/api/v1/denials/export`;
}, 240_000);
afterAll(async () => {
  child.kill('SIGKILL');
  await once(child, 'exit');
  rmSync(directory, { recursive: true, force: true });
});

async function memory(): Promise<{ readonly bytes: number; readonly mostBytes: number }> {
  child.send('memory');
  const [answer] = await once(child, 'message');
  return answer;
}

async function exported(query: string): Promise<number> {
  const download = await Download.open(`${url}?${query}`, { authorization }, { keepsText: false });
  expect(download.response.statusCode).toBe(200);
  await expect.poll(() => download.state, { timeout: 200_000, interval: 50 }).toBe('whole');
  return download.bytes;
}

it('exports all denials with no more memory than a quarter of them', async () => {
  const fewer = await exported(`format=ocsf&to=${UNTIL_A_QUARTER}`);
  const { mostBytes: mostBefore } = await memory();
  const bytes = await exported('format=ocsf');
  const { mostBytes } = await memory();
  expect(bytes - fewer).toBeGreaterThan(MORE_BYTES_MIN);
  expect(mostBytes - mostBefore).toBeLessThan(GROWTH_BYTES_MAX);
}, 240_000);
