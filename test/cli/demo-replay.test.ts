import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecordedLines } from '../../src/cli/demo/recorded-lines.ts';
import { decodeRecorded } from '../../src/cli/replay.ts';
import type { BatchAnswer, BatchHeader, BatchLine } from '../../src/delivery/batch.ts';
import type { AnyDocument } from '../../src/landlock/document.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'demo-replay-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const command = ['--import', 'tsx', main, 'demo', '--replay'];

/** Runs it beside the test, so that a server in this process can answer. */
async function replay(...argv: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [...command, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout, stderr };
}

/** An ingest socket that keeps what it is sent. */
async function listen(answer: (lines: string[]) => { status: number; body: unknown }) {
  const received: { url: string | undefined; type: string | undefined; lines: string[] }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const lines = body.trimEnd().split('\n');
      received.push({ url: request.url, type: request.headers['content-type'], lines });
      const { status, body: text } = answer(lines);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(join(directory, 'ingest.sock'), resolve));
  return { received, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('a replay', () => {
  it('is delivered as one batch of the protocol, marked, and as of a host and boot of its own', async () => {
    const server = await listen((lines) => {
      const answer: BatchAnswer = { ack_seq: lines.length - 1, stored: lines.length - 1, duplicates: 0, rejected: [] };
      return { status: 200, body: answer };
    });
    const before = Date.now();
    const { status, stdout, stderr } = await replay('--runtime-dir', directory);
    await server.close();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^Replayed \d+ denials \(\d+ documents\) from 5 recordings of 20\d\d-\d\d-\d\d, Linux 6\.18\.$/m,
    );
    expect(stdout).toMatch(/^Every time stamp is moved by .*, so that the last one is now\./m);

    const [request] = server.received;
    expect([request?.url, request?.type]).toEqual(['/api/v1/ingest', 'application/x-ndjson']);
    const header: BatchHeader = JSON.parse(request?.lines[0] ?? '');
    const lines: (BatchLine & { readonly doc: AnyDocument })[] = (request?.lines.slice(1) ?? []).map((line) =>
      JSON.parse(line),
    );
    expect(header).toMatchObject({ kind: 'batch', protocol: 1, first_seq: 1, last_seq: lines.length });
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(new Set(lines.map(({ doc }) => JSON.stringify(doc.tags)))).toEqual(new Set(['["replay"]']));
    expect(new Set(lines.map(({ doc }) => doc.host.id)).size).toBe(1);
    expect(lines[0]?.doc.host).toMatchObject({ name: 'replay', boot: { derived: true } });
    expect(lines.every(({ doc }) => doc.kind !== 'malformed' && doc.kind !== 'gap')).toBe(true);
    const times = lines.map(({ doc }) => Date.parse(doc['@timestamp'] ?? ''));
    expect(Math.max(...times)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(lines[0]?.raw).toMatch(/^type=LANDLOCK_ACCESS msg=audit\(/);
  });

  it('says what the server said when that refuses', async () => {
    const server = await listen(() => ({
      status: 507,
      body: { title: 'Insufficient Storage', detail: 'the disk is full' },
    }));
    const { status, stderr } = await replay('--runtime-dir', directory);
    await server.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^trespass: the server did not take the replay: it answered 507: the disk is full.*\n$/);
  });

  it('asks for a server, or a database, where there is none', () => {
    const { status, stderr } = spawnSync(process.execPath, [...command, '--runtime-dir', directory], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `trespass: no Trespass is running here (${directory}/ingest.sock): start \`trespass run\`, or give --db PATH to write into a database\n`,
    );
  });

  it('can be written into a database, and again as another boot', () => {
    const runs = [1, 2].map(() =>
      spawnSync(process.execPath, [...command, '--json', '--db', join(directory, 'replay.db')], { encoding: 'utf8' }),
    );
    const facts = runs.map(({ stdout }) => JSON.parse(stdout));
    expect(runs.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const documents = decodeRecorded(readRecordedLines(Date.now()).lines, 0).length;
    expect(facts.map(({ kind, stored, duplicates, rejected }) => ({ kind, stored, duplicates, rejected }))).toEqual(
      [1, 2].map(() => ({ kind: 'replayed', stored: documents, duplicates: 0, rejected: 0 })),
    );
  });
});
