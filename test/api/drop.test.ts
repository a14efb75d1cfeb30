import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_CONFIG } from '../support/server-config.ts';
import { testAllocation, testBatch, testDenial, testHeartbeat } from './support/documents.ts';
import { SseClient } from './support/sse-client.ts';

// Started as root from where only root may go, the server must have loaded and opened all it ever needs before it
// becomes somebody else. Without root there is nothing to give away; then the same is tested as the present user.
const checkout = fileURLToPath(new URL('../../', import.meta.url));
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

let place: string;
let shared: string;
let server: ChildProcess;
let address = '';
let cookie = '';
let log = '';

/** The next message of that kind from the server. */
async function nextMessage(kind: string): Promise<Record<string, unknown>> {
  return await new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'kind' in message && message.kind === kind) {
        server.off('message', onMessage);
        resolve({ ...message });
      }
    };
    server.on('message', onMessage);
    server.once('exit', (code, signal) => reject(new Error(`the server ended (${code ?? signal}): ${log}`)));
  });
}

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'trespass-drop-'));
  shared = mkdtempSync(join(tmpdir(), 'trespass-shared-'));
  chmodSync(shared, 0o755);
  const root = join(place, 'root');
  mkdirSync(root, { mode: 0o700 });
  // Types are npm test's matter: this needs only the JavaScript.
  spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json', '--outDir', join(root, 'dist')], { cwd: checkout });
  expect(existsSync(join(root, 'dist/api/server.js'))).toBe(true);
  execFileSync('cp', ['-a', ...copyFlags(place), join(checkout, 'node_modules'), root]);
  cpSync(join(checkout, 'migrations'), join(root, 'migrations'), { recursive: true });
  for (const file of ['package.json', 'test/api/support/dropped-server.mjs']) {
    cpSync(join(checkout, file), join(root, file.split('/').at(-1) ?? file));
  }
  mkdirSync(join(root, 'dist/web/assets'), { recursive: true });
  writeFileSync(join(root, 'dist/web/index.html'), '<!doctype html><title>Trespass</title>'.padEnd(2_000));
  writeFileSync(join(root, 'dist/web/assets/main-a1b2c3d4.js'), '"use strict";'.padEnd(2_000));
  mkdirSync(join(shared, 'spool'), { mode: 0o700 });
  chmodSync(place, 0o700);
  const config = {
    server: SERVER_CONFIG,
    store: { path: join(shared, 'state', 'trespass.db') },
    runtime: { directory: join(shared, 'run') },
    log: { level: 'debug' },
  };
  const probes = [join(shared, 'spool'), join(root, 'package.json'), '/etc/shadow', join(shared, 'state')];
  server = spawn(process.execPath, [join(root, 'dropped-server.mjs'), JSON.stringify({ config, probes })], {
    cwd: root,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const started = await nextMessage('started');
  address = String(started.address);
  const signIn = await fetch(String(started.signInUrl), { redirect: 'manual' });
  expect(signIn.status).toBe(303);
  cookie = signIn.headers.get('set-cookie')?.split(';')[0] ?? '';
}, 120_000);

afterAll(async () => {
  if (server?.exitCode === null && server.signalCode === null) {
    server.kill('SIGKILL');
    await once(server, 'exit');
  }
  rmSync(place, { recursive: true, force: true });
  rmSync(shared, { recursive: true, force: true });
});

/** Hard links where they can be made: the modules are large. */
function copyFlags(target: string): string[] {
  return statSync(join(checkout, 'node_modules')).dev === statSync(dirname(target)).dev ? ['-l'] : [];
}

/** Real and effective ids, capability sets of every thread. */
function threads(): Map<string, string>[] {
  const tasks = `/proc/${server.pid}/task`;
  return readdirSync(tasks).map((thread) => {
    const lines = readFileSync(`${tasks}/${thread}/status`, 'utf8').split('\n');
    return new Map(
      lines.map((line): [string, string] => [line.split(':')[0] ?? '', line.split('\t').slice(1).join(' ')]),
    );
  });
}

const get = async (path: string, headers: Record<string, string> = { cookie }) => {
  const response = await fetch(`${address}${path}`, { headers });
  return { status: response.status, type: response.headers.get('content-type') ?? '', text: await response.text() };
};

/** `length`: what the request says instead of its true length. */
async function bySocket(name: string, path: string, body?: string, type = 'application/x-ndjson', length?: number) {
  const sent = request({
    socketPath: join(shared, 'run', name),
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? {} : { 'content-type': type, 'content-length': length ?? Buffer.byteLength(body) },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  return { status: response.statusCode, text: (await response.toArray()).join('') };
}

async function raw(text: string): Promise<string> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.end(text);
  return (await socket.setEncoding('utf8').toArray()).join('');
}

describe('the server that was started as root from where only root may go', () => {
  it('is somebody else in every thread, without any capability', () => {
    const all = threads();
    expect(all.length).toBeGreaterThan(4);
    const uid = isRoot ? NOBODY : process.getuid?.();
    for (const status of all) {
      expect(status.get('Uid')).toBe(`${uid} ${uid} ${uid} ${uid}`);
      if (isRoot) {
        expect(status.get('Groups')?.trim()).toBe('');
        expect(['CapEff', 'CapPrm', 'CapInh', 'CapAmb'].map((set) => status.get(set))).toEqual(
          Array(4).fill('0'.repeat(16)),
        );
      }
    }
  });

  it('cannot read the spool, its own code, or what else is not its own', async () => {
    const probed = nextMessage('probed');
    server.send('probe');
    const denied = isRoot ? 'EACCES' : 'readable';
    expect(await probed).toMatchObject({ answers: [denied, denied, 'EACCES', 'readable'] });
  });

  it('guards its sockets by their owner, and owns its database', () => {
    const owner = (path: string) => statSync(join(shared, path)).uid;
    const own = process.getuid?.();
    expect([owner('run/ingest.sock'), owner('run/api.sock'), owner('run')]).toEqual([own, own, own]);
    const expected = isRoot ? NOBODY : own;
    expect([owner('state'), owner('state/trespass.db'), owner('state/trespass.db-wal')]).toEqual(
      Array(3).fill(expected),
    );
  });

  it('takes batches and heartbeats', async () => {
    const batch = testBatch([testAllocation(), testDenial(1), testDenial(2)]);
    expect(await bySocket('ingest.sock', '/api/v1/ingest', batch)).toMatchObject({ status: 200 });
    const heartbeat = JSON.stringify(testHeartbeat());
    const answer = await bySocket('ingest.sock', '/api/v1/agents/self/heartbeat', heartbeat, 'application/json');
    expect(answer).toEqual({ status: 204, text: '' });
  });

  it('answers every route', async () => {
    const place = 'host-1/boot-1/195ba459b';
    const paths = [
      '/',
      '/assets/main-a1b2c3d4.js',
      '/-/healthy',
      '/-/ready',
      '/metrics',
      '/api/v1/openapi.json',
      '/api/v1/session',
      '/api/v1/status',
      '/api/v1/denials?q=path:/etc/*',
      `/api/v1/denials/${testDenial(1).event.id}`,
      '/api/v1/domains',
      `/api/v1/domains/${place}`,
      `/api/v1/domains/${place}/tree`,
      '/api/v1/hosts',
      '/api/v1/hosts/web-1',
      '/api/v1/fleets',
      '/api/v1/stats/summary?from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z',
      '/api/v1/stats/timeseries?from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z&interval=1h&group_by=blocker',
      '/api/v1/stats/top?by=path&q=port>1%20or%20path:/etc/*',
      '/api/v1/stats/values?field=issue',
    ];
    const answers: unknown[] = [];
    for (const path of paths) {
      answers.push([path, (await get(path)).status]);
    }
    expect(answers).toEqual(paths.map((path) => [path, 200]));
    const status = JSON.parse((await get('/api/v1/status')).text);
    expect(status.server).toMatchObject(isRoot ? { uid: NOBODY, capabilities: [] } : {});
    const link = await bySocket('api.sock', '/api/v1/session/link', '{}', 'application/json');
    expect([link.status, (await bySocket('api.sock', '/api/v1/denials')).status]).toEqual([200, 200]);
  });

  it('answers every error', async () => {
    const statuses = [
      (await get('/api/v1/denials', {})).status,
      (await get('/api/v1/nothing')).status,
      (await get('/api/v1/denials?limit=x')).status,
      (await get('/api/v1/denials?q=(')).status,
      (await get('/api/v1/denials/%ff')).status,
      (await get(`/api/v1/denials/${'x'.repeat(600)}`)).status,
      (await get('/sign-in?code=wrong')).status,
      (await fetch(`${address}/api/v1/session`, { method: 'DELETE', headers: { cookie } })).status,
      (await fetch(`${address}/api/v1/session`, { method: 'PATCH', headers: { cookie } })).status,
      (await bySocket('ingest.sock', '/api/v1/ingest', 'nothing')).status,
      (await bySocket('ingest.sock', '/api/v1/ingest', ' '.repeat(1_000), 'application/x-ndjson', 17 * 1024 * 1024))
        .status,
      (await bySocket('ingest.sock', '/api/v1/agents/self/heartbeat', '{', 'application/json')).status,
      (await bySocket('ingest.sock', '/api/v1/agents/self/heartbeat', 'x', 'text/plain')).status,
      (await bySocket('ingest.sock', '/api/v1/denials')).status,
    ];
    expect(statuses).toEqual([401, 404, 400, 400, 400, 414, 410, 403, 405, 400, 413, 400, 415, 404]);
    expect(await raw('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [\s\S]*urn:trespass:problem:bad-request/);
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\ncookie: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    expect(await raw('GET / HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 421 /);
  });

  it('streams', async () => {
    const stream = await SseClient.open(`${address}/api/v1/denials/stream`, {
      cookie,
      'last-event-id': testDenial(1).event.id,
    });
    await bySocket('ingest.sock', '/api/v1/ingest', testBatch([testDenial(3)]));
    await expect.poll(() => stream.named('denial').length).toBe(2);
    stream.close();
  });

  it('lacked nothing while doing all that', () => {
    expect(log).not.toMatch(/EACCES|EPERM|Cannot find|ERR_MODULE|unexpected error/);
  });

  it('stops when it is told to, and leaves its database whole', async () => {
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
    expect(existsSync(join(shared, 'state', 'trespass.db-wal'))).toBe(false);
  });
});
