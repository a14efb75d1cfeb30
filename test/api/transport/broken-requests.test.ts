// What never becomes a request of a route, or says twice what it may say once: answered as a problem, once, and never in
// the midst of another answer.
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBatch, testDenial } from '../support/documents.ts';
import { askRaw } from '../support/http-request.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
let port: number;
let token: string;

beforeAll(async () => {
  const patience = { headersMaxMs: 300, requestMaxMs: 300, silenceMaxMs: 60_000, lookMs: 50 };
  app = await createTestApp({ patience });
  await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = app.tcp.server.address() as { port: number });
  token = app.token('read', 'ingest');
});
afterAll(() => app.close());

const request = (method: string, target: string, ...headers: string[]) =>
  [`${method} ${target} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');

const own = (...headers: string[]) => [`authorization: Bearer ${token}`, ...headers];

/** Status and code of each answer of what came back. */
function answers(text: string) {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})(?:(?!HTTP\/1\.1).)*/gs)].map(([answer, status]) =>
    [status, /urn:trespass:problem:([\w-]+)/.exec(answer)?.[1]].filter((part) => part !== undefined).join(' '),
  );
}

const answersTo = async (...parts: string[]) => answers(await askRaw(port, parts.join('')));

describe('what is no request', () => {
  it.each([
    ['garbage', 'garbage\r\n\r\n', '400 bad-request'],
    ['a method of nobody', request('FOO', '/'), '400 bad-request'],
    ['CONNECT', request('CONNECT', 'elsewhere:80'), '405 method-not-allowed'],
    ['an expectation', request('GET', '/-/healthy', 'expect: 200-ok'), '417 expectation-failed'],
    ['headers that are too long', request('GET', '/', `x: ${'x'.repeat(20_000)}`), '431 headers-too-large'],
    ['headers without end', 'GET / HTTP/1.1\r\n', '408 request-timeout'],
    [
      'a body without end',
      request('POST', '/api/v1/session', 'content-type: application/json', 'content-length: 9'),
      '408 request-timeout',
    ],
  ])('%s is answered', async (_name, bytes, answer) => {
    expect(await answersTo(bytes)).toEqual([answer]);
  });

  it('is not answered in the midst of a stream', async () => {
    const stream = request('GET', '/api/v1/denials/stream', ...own());
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(stream));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        socket.write('garbage\r\n\r\n');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(received));
    });
    expect(answers(text)).toEqual(['200']);
    expect(text).toContain('event: heartbeat');
  });

  it.each([
    ['garbage', 'garbage\r\n\r\n', '400 bad-request'],
    ['garbage that goes on', 'garbage\r\n\r\n'.repeat(20_000), '400 bad-request'],
    ['CONNECT', request('CONNECT', 'elsewhere:80'), '405 method-not-allowed'],
    ['an expectation', request('GET', '/-/healthy', 'expect: 200-ok'), '417 expectation-failed'],
    ['headers that are too long', request('GET', '/', `x: ${'x'.repeat(200_000)}`), '431 headers-too-large'],
  ])('%s is answered after the requests before it', async (_name, bytes, answer) => {
    const questions = request('GET', '/api/v1/denials', ...own()).repeat(3);
    expect(await answersTo(questions, bytes)).toEqual(['200', '200', '200', answer]);
  });

  it('is answered after those are there', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request('GET', '/-/healthy')));
      let received = '';
      socket.on('data', (chunk) => {
        if (received === '') socket.write('garbage\r\n\r\n');
        received += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(received));
    });
    expect(answers(text)).toEqual(['200', '400 bad-request']);
  });

  it('is not answered again when the rest of a refused request does not come', async () => {
    const head = request('POST', '/api/v1/ingest', 'content-type: application/x-ndjson', 'content-length: 9');
    expect(await answersTo(head)).toEqual(['401 unauthenticated']);
  });

  it.each([
    ['CONNECT', request('CONNECT', 'elsewhere:80')],
    ['garbage', 'garbage\r\n\r\n'],
    ['an expectation', request('POST', '/-/healthy', 'expect: 200-ok', 'content-length: 9')],
    [
      'a body that is too large',
      request('POST', '/api/v1/session', 'content-type: application/json', 'content-length: 99999'),
    ],
  ])('%s whose connection is reset leaves the server as it was', async (_name, bytes) => {
    const errors: unknown[] = [];
    const note = (error: unknown) => errors.push(error);
    process.on('uncaughtException', note);
    const serverSide = once(app.tcp.server, 'connection');
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes)).on('error', () => {});
    const [served] = await serverSide;
    // Not by once(), which would hear the error in the server's place.
    const closed = new Promise((resolve) => served.on('close', resolve));
    await once(socket, 'data');
    socket.resetAndDestroy();
    await closed;
    expect(await answersTo(request('GET', '/-/healthy', 'connection: close'))).toEqual(['200']);
    process.off('uncaughtException', note);
    expect(errors).toEqual([]);
  });

  it('leaves no connection open to whoever does not end it', async () => {
    const open = () => new Promise((resolve) => app.tcp.server.getConnections((_, count) => resolve(count)));
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write('garbage\r\n\r\n'));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.on('end', resolve).resume());
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
    socket.destroy();
  });
});

describe('a request', () => {
  it.each([
    ['two hosts', '400 bad-request', request('GET', '/-/healthy', 'Host: localhost')],
    ['two authorizations', '400 bad-request', request('GET', '/api/v1/status', ...own(), ...own())],
    ['a whole address of ours', '200', request('GET', `http://localhost/-/healthy`, 'connection: close')],
    ['the whole address of another', '421 host-refused', request('GET', 'http://elsewhere.example/-/healthy')],
    ['a whole address with a name in it', '421 host-refused', request('GET', 'http://me@localhost/-/healthy')],
  ])('with %s gets %s', async (_name, answer, bytes) => {
    expect(await answersTo(bytes.replace(/\r\n\r\n$/, '\r\nconnection: close\r\n\r\n'))).toEqual([answer]);
  });

  it.each([
    ['PUT', '/api/v1/denials', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/tokens/x', 'DELETE'],
    ['TRACE', '/api/v1/views/1?x=/', 'DELETE, GET, HEAD, PUT'],
    ['HEAD', '/sign-in?code=x', 'GET'],
    ['PROPFIND', '/api/v1/domains/a/b/c/tree', 'GET, HEAD'],
    ['GET', '/api/v1/ingest', 'POST'],
    ['POST', 'http://localhost/api/v1/hosts', 'GET, HEAD'],
  ])('%s %s hears which methods there are', async (method, target, allow) => {
    const text = await askRaw(port, request(method, target, 'connection: close'));
    expect(answers(text)).toEqual([method === 'HEAD' ? '405' : '405 method-not-allowed']);
    expect(/^allow: (.*)\r$/im.exec(text)?.[1]).toBe(allow);
  });

  it('to an address that there is not is 404 by any method', async () => {
    for (const method of ['PUT', 'GET', 'OPTIONS']) {
      expect(await answersTo(request(method, '/api/v1/x', 'connection: close'))).toEqual(['404 not-found']);
    }
  });
});

it.each(['gzip', 'GZIP', 'x-gzip', 'identity', 'Identity'])('takes a batch whose encoding is %s', async (encoding) => {
  const batch = testBatch([testDenial(1)]);
  const { statusCode } = await app.ingest.inject({
    method: 'POST',
    url: '/api/v1/ingest',
    headers: { 'content-type': 'application/x-ndjson', 'content-encoding': encoding },
    payload: /gzip/i.test(encoding) ? gzipSync(batch) : batch,
  });
  expect(statusCode).toBe(200);
});
