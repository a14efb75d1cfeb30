// TLS over real sockets: the server speaks nothing else then, its cookies say so, and a new certificate is taken without
// losing a connection.
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { request as requestPlain } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionGate } from '../../../src/api/access/connection-gate.ts';
import type { AppDeps } from '../../../src/api/deps.ts';
import { Tls } from '../../../src/api/transport/tls.ts';
import { tlsProblems } from '../../../src/api/transport/tls-problems.ts';
import { makeCertificate, type TestCertificate } from '../../support/certificate.ts';
import { silentLog } from '../support/silent-log.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let directory: string;
let first: TestCertificate;
let second: TestCertificate;
const apps: TestApp[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-tls-'));
  first = makeCertificate(directory, 'first');
  second = makeCertificate(directory, 'second');
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Files of a server's own, which a test may exchange. */
function files(of: TestCertificate) {
  const own = { certificate: join(directory, 'own.crt'), key: join(directory, 'own.key') };
  copyFileSync(of.certificate, own.certificate);
  copyFileSync(of.key, own.key);
  return own;
}

/** A server by TCP, without what else a server has: threads, sockets, a directory. */
async function startApp(of: Omit<TestCertificate, 'ca'>, overrides: Partial<AppDeps> = {}): Promise<Served> {
  const tls = new Tls(of, silentLog);
  const app = await createTestApp({ tls, isSecure: true, ...overrides });
  apps.push(app);
  const address = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  return { app, tls, address: address.replace('http:', 'https:') };
}

interface Served {
  readonly app: TestApp;
  readonly tls: Tls;
  readonly address: string;
}

interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(url: string, ca: string, headers: Record<string, string> = {}): Promise<Asked> {
  const sent = request(url, { ca, headers, agent: new Agent({ keepAlive: false }) }).end();
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  return { status: response.statusCode, headers: response.headers, body: (await response.toArray()).join('') };
}

/** The name in the certificate that a new connection gets; or why it gets none. */
async function nameAt(address: string, options: object = {}): Promise<string> {
  const port = Number(new URL(address).port);
  const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  const failed = once(socket, 'error').then(([error]) => String(error.code));
  const name = once(socket, 'secureConnect').then(() => String(socket.getPeerCertificate().subject.CN));
  const found = await Promise.race([name, failed]);
  socket.destroy();
  return found;
}

describe('a server with a certificate', () => {
  it('speaks HTTPS alone, with cookies that only HTTPS carries', async () => {
    const { app, address } = await startApp(first);
    const { code } = app.deps.access.createSignInCode(app.clock.nowMs);
    const signInUrl = `${address}/sign-in?code=${code}`;
    const { status, headers } = await ask(signInUrl, first.ca);
    const cookies = headers['set-cookie'] ?? [];
    expect([status, headers['strict-transport-security']]).toEqual([303, 'max-age=31536000']);
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-trespass_session=[\w-]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/,
      ),
      expect.stringMatching(/^__Host-trespass_csrf=[\w-]+; Path=\/; Expires=[^;]+; Secure; SameSite=Strict$/),
    ]);
    const cookie = cookies[0]?.split(';')[0] ?? '';
    const session = await ask(`${address}/api/v1/session`, first.ca, { cookie });
    expect(JSON.parse(session.body)).toMatchObject({ kind: 'session', role: 'admin' });
    expect(session.headers['cache-control']).toBe('no-store');
    const plainName = { cookie: cookie.replace('__Host-', '') };
    expect((await ask(`${address}/api/v1/session`, first.ca, plainName)).status).toBe(401);
    await expect(ask(`${address}/-/healthy`, second.ca)).rejects.toThrow();
    const plain = requestPlain(address.replace('https', 'http')).end();
    await expect(once(plain, 'response')).rejects.toThrow();
    expect(await nameAt(address, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).toMatch(/^ERR_SSL|ECONNRESET/);
  });

  it('takes a new one on SIGHUP, while a stream goes on', async () => {
    const own = files(first);
    const { app, tls, address } = await startApp(own);
    const stop = tls.follow(1e9);
    const headers = { cookie: app.cookie() };
    const stream = request(`${address}/api/v1/denials/stream`, { ca: first.ca, headers }).end();
    const [response] = await once(stream, 'response');
    await once(response, 'data');
    files(second);
    process.emit('SIGHUP');
    expect(await nameAt(address)).toBe('second');
    expect((await ask(`${address}/-/healthy`, second.ca)).body).toBe('ok\n');
    writeFileSync(own.certificate, 'no certificate\n');
    process.emit('SIGHUP');
    expect(await nameAt(address)).toBe('second');
    const status = JSON.parse((await ask(`${address}/api/v1/status`, second.ca, headers)).body);
    expect(status.problems).toContainEqual(
      expect.objectContaining({ code: 'certificate-not-read', message: expect.stringContaining('own.crt holds no') }),
    );
    expect(response.destroyed).toBe(false);
    stream.destroy();
    stop();
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('gives a place to nobody who does not finish the handshake', async () => {
    const { address } = await startApp(first);
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'close');
    expect(socket.bytesRead).toBeLessThan(100);
  });
});

describe('connections of one address with TLS', () => {
  const connectionsOf = ({ tcp }: TestApp) =>
    new Promise<number>((resolve) => tcp.server.getConnections((_, count) => resolve(count)));

  it('are refused beyond their number, in words that can be read, and let in when some have ended', async () => {
    const { app, address } = await startApp(first, { connections: new ConnectionGate(2) });
    const port = Number(new URL(address).port);
    const open = async () => {
      const socket = connectTls({ host: '127.0.0.1', port, ca: first.ca }).on('error', () => {});
      await once(socket, 'secureConnect');
      return socket;
    };
    const [kept, second] = [await open(), await open()];
    // The server has finished both handshakes when it answers.
    second.write('GET /-/healthy HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(second, 'data');
    const refused = await open();
    const text = Buffer.concat(await refused.toArray()).toString('utf8');
    expect(text).toMatch(/^HTTP\/1\.1 503 .*urn:trespass:problem:too-many-connections/s);
    expect(app.deps.connections.refused).toBe(1);
    kept.destroy();
    second.destroy();
    await expect.poll(() => connectionsOf(app)).toBe(0);
    expect((await ask(`${address}/-/healthy`, first.ca)).body).toBe('ok\n');
  });

  it('are closed where too many have finished no handshake', async () => {
    const { app, address } = await startApp(first, { connections: new ConnectionGate(2) });
    const port = Number(new URL(address).port);
    const waiting = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await expect
      .poll(() => [app.deps.connections.refused, waiting.filter(({ closed }) => closed).length])
      .toEqual([34, 34]);
    expect(await connectionsOf(app)).toBe(66);
    // Another address is let in all the while.
    const other = request(`${address}/-/healthy`, { ca: first.ca, localAddress: '127.0.0.2' }).end();
    expect((await once(other, 'response'))[0].statusCode).toBe(200);
    for (const socket of waiting) socket.destroy();
    await expect.poll(() => connectionsOf(app)).toBeLessThan(2);
    expect((await ask(`${address}/-/healthy`, first.ca)).body).toBe('ok\n');
  });
});

describe('a certificate', () => {
  it('is exchanged when its files are, also where they come one after the other', async () => {
    const own = files(first);
    const tls = new Tls(own, silentLog);
    const server = tls.createServer({}, (_request, response) => response.end('x')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = tls.follow(10);
    const bound = server.address();
    const address = `https://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`;
    copyFileSync(second.certificate, own.certificate);
    await expect.poll(() => tls.state.failure).toMatch(/is not the key of the certificate/);
    expect(await nameAt(address)).toBe('first');
    copyFileSync(second.key, own.key);
    await expect.poll(() => nameAt(address)).toBe('second');
    expect(tls.state.failure).toBeUndefined();
    rmSync(own.key);
    await expect.poll(() => tls.state.failure).toMatch(/cannot read .*own\.key \(ENOENT\)/);
    expect(await nameAt(address)).toBe('second');
    stop();
    server.close();
  });

  it('that is broken is told once in the log, however often it is looked at, and a good one is taken later', async () => {
    const own = files(first);
    const lines: string[] = [];
    let looks = 0;
    const note = (fields: unknown, text?: string) => void lines.push(text ?? String(fields));
    const tls = new Tls(own, { info: note, warn: note });
    const look = () => {
      looks++;
      tls.reload('the files have changed');
    };
    writeFileSync(own.certificate, 'no certificate\n');
    while (looks < 3) look();
    appendFileSync(own.certificate, readFileSync(first.certificate));
    appendFileSync(own.certificate, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    while (looks < 6) look();
    expect(tls.state.failure).toMatch(/own\.crt holds no whole chain of certificates in PEM form$/);
    files(second);
    look();
    expect(tls.state.failure).toBeUndefined();
    expect(lines).toEqual([
      expect.stringMatching(/^the certificate stays as it was: .*own\.crt holds no certificate in PEM form$/),
      expect.stringMatching(/^the certificate stays as it was: .*own\.crt holds no whole chain/),
      'the certificate was read anew',
    ]);
  });

  it('that cannot be used is an error before anything listens', () => {
    const expectError = (certificate: string, key: string, message: RegExp) =>
      expect(() => new Tls({ certificate, key }, silentLog)).toThrow(
        expect.objectContaining({ code: 'tls-files', message: expect.stringMatching(message) }),
      );
    expectError(first.certificate, second.key, /is not the key/);
    expectError(first.key, first.key, /holds no certificate/);
    expectError(first.certificate, first.certificate, /holds no private key/);
    expectError(join(directory, 'none'), first.key, /cannot read .*\(ENOENT\)/);
  });

  it('is a problem when it expires', () => {
    const codes = (leftMs: number) =>
      tlsProblems({ expiresMs: 1e12, pin: '', isSelfSigned: true, failure: undefined }, 1e12 - leftMs);
    expect([0, 86_400_000, 14 * 86_400_000].map((ms) => codes(ms).map(({ code }) => code))).toEqual([
      ['certificate-expired'],
      ['certificate-expires'],
      [],
    ]);
    expect(tlsProblems(undefined, 0)).toEqual([]);
  });
});
