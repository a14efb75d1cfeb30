// Answers that are there before all of a request is, and many requests at once: over plain HTTP and over TLS, whoever sends
// first and reads then finds the answer all the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tls } from '../../../src/api/transport/tls.ts';
import { BATCH_BYTES_MAX } from '../../../src/delivery/batch.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { silentLog } from '../support/silent-log.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const MEBIBYTE = 1024 * 1024;
const PIECE_BYTES = 256 * 1024;

let directory: string;
let app: TestApp;
let port: number;
let token: string;

/** Sends all of `bytes` without reading, and reads then until the server ends the connection. */
async function sendThenRead(open: () => Socket, bytes: Buffer): Promise<string> {
  const socket = open();
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}).pause();
  for (let at = 0; at < bytes.length && !socket.destroyed; at += PIECE_BYTES) {
    await new Promise((resolve) => socket.write(bytes.subarray(at, at + PIECE_BYTES), resolve));
  }
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await ended;
  return Buffer.concat(chunks).toString('latin1');
}

function request(target: string, headers: readonly string[], body: Buffer = Buffer.alloc(0)): Buffer {
  const head = [target, 'host: localhost', `authorization: Bearer ${token}`, ...headers, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head), body]);
}

function post(path: string, type: string, body: Buffer, ...more: string[]): Buffer {
  const headers = [`content-type: ${type}`, `content-length: ${body.length}`, ...more];
  return request(`POST ${path} HTTP/1.1`, headers, body);
}

const batch = (body: Buffer, ...more: string[]) => post('/api/v1/ingest', 'application/x-ndjson', body, ...more);

/** A status and a problem's code for each answer. */
const answers = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3})(?:(?!HTTP\/1\.1).)*/gs)].map(([answer, status]) =>
    [status, /urn:trespass:problem:([\w-]+)/.exec(answer)?.[1]].filter((part) => part !== undefined).join(' '),
  );

describe.each(['plain HTTP', 'TLS'])('over %s', (kind) => {
  const open = () =>
    kind === 'TLS'
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect({ port, host: '127.0.0.1' });

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-early-'));
    const tls = kind === 'TLS' ? new Tls(makeCertificate(directory, 'own'), silentLog) : undefined;
    app = await createTestApp({ tls });
    await app.tcp.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = app.tcp.server.address() as { port: number });
    token = app.token('read', 'ingest');
  });
  afterAll(async () => {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each<[string, () => Buffer]>([
    ['a document', () => post('/api/v1/session', 'application/json', Buffer.alloc(20 * MEBIBYTE, ' '))],
    ['a batch', () => batch(Buffer.alloc(BATCH_BYTES_MAX + 10 * MEBIBYTE, ' '))],
    [
      'a batch of unknown length',
      () => {
        const body = Buffer.alloc(BATCH_BYTES_MAX + 10 * MEBIBYTE, ' ');
        const chunked = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')];
        const headers = ['content-type: application/x-ndjson', 'transfer-encoding: chunked'];
        return request('POST /api/v1/ingest HTTP/1.1', headers, Buffer.concat(chunked));
      },
    ],
    ['a batch that swells', () => batch(gzipSync(Buffer.alloc(60 * MEBIBYTE)), 'content-encoding: gzip')],
    ['a batch that is no gzip', () => batch(Buffer.alloc(20 * MEBIBYTE, ' '), 'content-encoding: gzip')],
  ])('%s that is too large is answered once, also to whoever reads late', async (_name, bytes) => {
    expect(answers(await sendThenRead(open, bytes()))).toEqual(['413 body-too-large']);
    expect((await app.api.inject({ url: '/-/healthy' })).statusCode).toBe(200);
  });

  it('what comes behind a body that is too large is done no more', async () => {
    const body = Buffer.alloc(2 * MEBIBYTE, ' ');
    const bytes = Buffer.concat([
      post('/api/v1/session', 'application/json', body),
      request('GET /-/healthy HTTP/1.1', ['connection: close']),
    ]);
    expect(answers(await sendThenRead(open, bytes))).toEqual(['413 body-too-large']);
  });

  it('thousands of requests in one go are all answered', async () => {
    const one = request('GET /-/healthy HTTP/1.1', []);
    const last = request('GET /-/healthy HTTP/1.1', ['connection: close']);
    const bytes = Buffer.concat([...Array.from({ length: 2_999 }, () => one), last]);
    const found = answers(await sendThenRead(open, bytes));
    expect([found.length, new Set(found)]).toEqual([3_000, new Set(['200'])]);
  });
});
