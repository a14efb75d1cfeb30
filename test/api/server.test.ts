import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDatabasePlace } from '../../src/api/database/database-place.ts';
import { type RunningServer, startServer } from '../../src/api/server.ts';
import { hostNamesOf, originOf, parseListenAddress } from '../../src/api/transport/listen-address.ts';
import { BATCH_BYTES_MAX } from '../../src/delivery/batch.ts';
import type { Config } from '../../src/runtime/config.ts';
import type { ChildMessage } from '../../src/runtime/supervision.ts';
import { makeCertificate } from '../support/certificate.ts';
import { SERVER_CONFIG } from '../support/server-config.ts';
import { testBatch, testDenial } from './support/documents.ts';
import { silentLog } from './support/silent-log.ts';
import { SseClient } from './support/sse-client.ts';

let directory: string;
const running: RunningServer[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-server-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

function testConfig(listen = '127.0.0.1:0'): Config {
  return {
    server: { ...SERVER_CONFIG, listen },
    store: { path: join(directory, 'state', 'test.db') },
    collector: {
      source: 'netlink',
      spoolDirectory: join(directory, 'spool'),
      spoolMaxBytes: 1,
      spoolMinFreeBytes: 0,
      spoolMaxDays: 0,
      receiveBufferBytes: 1,
      backlogLimit: 1,
      sandboxRules: false,
      tracefs: false,
      attribution: false,
      pullConfig: true,
      privacy: 'full',
      canary: false,
    },
    runtime: { directory: join(directory, 'run') },
    log: { level: 'info' },
  };
}

async function start(config: Config = testConfig(), report: (message: ChildMessage) => void = () => {}) {
  const server = await startServer(config, { version: '1.2.3', log: silentLog, report });
  running.push(server);
  return server;
}

/** A request by a Unix socket. */
async function bySocket(name: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  const sent = request({
    socketPath: join(directory, 'run', name),
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'content-type': 'application/x-ndjson' },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  return { status: response.statusCode, text: (await response.toArray()).join('') };
}

describe('the server', () => {
  it('says where it listens and how to sign in, and the link works', async () => {
    const messages: ChildMessage[] = [];
    const server = await start(testConfig(), (message) => messages.push(message));
    expect(messages).toEqual([
      {
        kind: 'server-ready',
        address: server.address,
        signInUrl: server.signInUrl,
        databasePath: join(directory, 'state', 'test.db'),
      },
    ]);
    const signIn = await fetch(server.signInUrl, { redirect: 'manual' });
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const status = await fetch(`${server.address}/api/v1/status`, { headers: { cookie } });
    expect(await status.json()).toMatchObject({ version: '1.2.3', database: { denials: 0 }, collectors: [] });
  });

  it('takes batches by ingest.sock and gives them out by api.sock', async () => {
    await start();
    const delivered = await bySocket('ingest.sock', '/api/v1/ingest', testBatch([testDenial(1)]));
    expect(JSON.parse(delivered.text)).toMatchObject({ ack_seq: 1, stored: 1 });
    const listed = await bySocket('api.sock', '/api/v1/denials');
    expect(JSON.parse(listed.text).data).toEqual([testDenial(1)]);
    expect((await bySocket('ingest.sock', '/api/v1/denials')).status).toBe(404);
  });

  it('speaks HTTPS where it has a certificate, and nothing where others could listen in', async () => {
    const { certificate: tlsCertificate, key: tlsKey, ca } = makeCertificate(directory, 'server');
    const plain = testConfig('0.0.0.0:0');
    await expect(start(plain)).rejects.toMatchObject({ code: 'plain-http-refused' });
    const server = await start({ ...plain, server: { ...plain.server, tlsCertificate, tlsKey } });
    expect(server.signInUrl).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/sign-in/);
    const [response] = await once(requestTls(server.signInUrl, { ca }).end(), 'response');
    expect([response.statusCode, response.headers['set-cookie'][0]]).toEqual([303, expect.stringMatching(/^__Host-/)]);
  });

  it('keeps its files from others', async () => {
    await start();
    const mode = (path: string) => (statSync(join(directory, path)).mode & 0o777).toString(8);
    expect([mode('run/ingest.sock'), mode('run/api.sock'), mode('state')]).toEqual(['600', '600', '750']);
    expect(['600', '640']).toContain(mode('state/test.db'));
    expect(mode('state/test.db-wal')).toBe(mode('state/test.db'));
  });

  it('refuses a port that is in use, says what to do, and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(start(testConfig(`127.0.0.1:${port}`))).rejects.toMatchObject({
      name: 'OperatingError',
      code: 'port-in-use',
      message: `the address 127.0.0.1:${port} is in use by another program`,
      mend: expect.stringContaining('--listen'),
    });
    other.close();
    expect(existsSync(join(directory, 'run', 'api.sock'))).toBe(false);
    await start(testConfig(`127.0.0.1:${port}`));
  });

  it('replaces sockets that nobody answers on, and leaves those of a running server alone', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'already-running' });
    expect((await bySocket('api.sock', '/-/ready')).text).toBe('ready\n');
    await first.stop();
    const dead = createServer().listen(join(directory, 'run', 'api.sock.dead'));
    await once(dead, 'listening');
    rmSync(join(directory, 'run', 'api.sock'), { force: true });
    renameSync(join(directory, 'run', 'api.sock.dead'), join(directory, 'run', 'api.sock'));
    dead.close();
    await once(dead, 'close');
    await start();
    expect((await bySocket('api.sock', '/-/ready')).text).toBe('ready\n');
  });

  it('receives as many batches at once as there is room for, and tells the others to wait', async () => {
    await start();
    const slow = Array.from({ length: 4 }, () => {
      const sent = request({
        socketPath: join(directory, 'run', 'ingest.sock'),
        path: '/api/v1/ingest',
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', 'content-length': BATCH_BYTES_MAX },
      });
      sent.on('error', () => {});
      sent.write('{');
      return sent;
    });
    await expect
      .poll(async () => (await bySocket('ingest.sock', '/api/v1/ingest', testBatch([testDenial(1)]))).status)
      .toBe(503);
    for (const sent of slow) {
      sent.destroy();
    }
    await expect
      .poll(async () => (await bySocket('ingest.sock', '/api/v1/ingest', testBatch([testDenial(1)]))).status)
      .toBe(200);
  });

  it('does not put its sockets where others may write', async () => {
    mkdirSync(join(directory, 'run'));
    chmodSync(join(directory, 'run'), 0o777);
    await expect(start()).rejects.toMatchObject({ code: 'runtime-directory-unsafe' });
  });

  it('passes on why the database cannot be opened', async () => {
    mkdirSync(join(directory, 'state'));
    writeFileSync(join(directory, 'state', 'test.db'), 'x'.repeat(10_000));
    await expect(start()).rejects.toMatchObject({ name: 'StoreError', code: 'database-corrupt' });
  });

  it('tells the news of its supervisor', async () => {
    const server = await start();
    server.applySupervision({
      kind: 'supervision',
      collector: { state: 'restarting', restarts: 3, lastExit: 'SIGKILL' },
      server: { restarts: 0 },
    });
    const { problems } = JSON.parse((await bySocket('api.sock', '/api/v1/status')).text);
    expect(problems.map(({ code }: { code: string }) => code)).toContain('collector-restarting');
  });

  it('stops while streams are open, and what was acknowledged is there afterwards', async () => {
    const server = await start();
    const signIn = await fetch(server.signInUrl, { redirect: 'manual' });
    const cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
    const stream = await SseClient.open(`${server.address}/api/v1/denials/stream`, { cookie });
    await bySocket('ingest.sock', '/api/v1/ingest', testBatch([testDenial(1), testDenial(2)]));
    await Promise.all([server.stop(), server.stop()]);
    await expect.poll(() => stream.isEnded).toBe(true);
    expect(existsSync(join(directory, 'run', 'api.sock'))).toBe(false);
    expect(existsSync(join(directory, 'state', 'test.db-wal'))).toBe(false);
    await start();
    expect(JSON.parse((await bySocket('api.sock', '/api/v1/denials')).text).data).toHaveLength(2);
  });
});

describe('the place of the database', () => {
  it('gives no file away that is a link, lest it be a file of others', () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'secret');
    mkdirSync(join(directory, 'state'));
    symlinkSync(victim, join(directory, 'state', 'test.db'));
    const account = { name: 'someone', uid: 12_345, gid: 12_345 };
    expect(() => prepareDatabasePlace(join(directory, 'state', 'test.db'), account)).toThrow(
      expect.objectContaining({ code: 'database-is-link' }),
    );
    expect(statSync(victim).uid).toBe(process.getuid?.());
  });
});

describe('the address to listen on', () => {
  it('is HOST:PORT, with brackets around IPv6', () => {
    expect(parseListenAddress('127.0.0.1:1423')).toEqual({ host: '127.0.0.1', port: 1423 });
    expect(parseListenAddress('[::1]:0')).toEqual({ host: '::1', port: 0 });
    expect(parseListenAddress('LocalHost:80')).toEqual({ host: 'localhost', port: 80 });
    for (const wrong of ['1423', 'localhost', '127.0.0.1:70000', '::1:1423', 'a b:1', ':1423', 'x:-1']) {
      expect(() => parseListenAddress(wrong)).toThrow(expect.objectContaining({ code: 'invalid-listen' }));
    }
  });

  it('is shown as people can open it', () => {
    expect(originOf({ host: '0.0.0.0', port: 0 }, 80)).toBe('http://127.0.0.1:80');
    expect(originOf({ host: '::', port: 0 }, 80)).toBe('http://[::1]:80');
    expect(originOf({ host: 'web-1', port: 0 }, 80)).toBe('http://web-1:80');
  });

  it('names the server by localhost and itself, and by its host name only beyond loopback', () => {
    expect([...hostNamesOf('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
    expect([...hostNamesOf('0.0.0.0')].length).toBeGreaterThan(2);
  });
});
