// Every operation of the OpenAPI document, driven with random and hostile input over real connections: never a 500,
// never a hang, every error a problem document of a status that the document names.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gap, malformed } from '../store/support/documents.ts';
import { testAllocation, testBatch, testDenial, testHeartbeat } from './support/documents.ts';
import { type Answered, type Asked, ask, askRaw } from './support/http-request.ts';
import { type OpenApiDocument, type Operation, operationsOf, type Parameter } from './support/openapi-operations.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

/** Requests for each operation. */
const RUNS = 30;
/** Of one token; the rate limit is 1,200 a minute. */
const REQUESTS_OF_TOKEN = 1_000;
/** Any request may get these, so the document does not repeat them at each. */
const EVERYWHERE = new Set([408, 414, 421, 429, 431]);

let app: TestApp;
let port = 0;
let cursors: readonly string[] = [];
let operations: readonly Operation[] = [];

beforeAll(async () => {
  app = await createTestApp();
  const docs = Array.from({ length: 12 }, (_, n) => testDenial(n));
  await app.deliver([testAllocation(), ...docs, malformed({ n: 1 }), malformed({ n: 2 })]);
  await app.deliver([gap({ n: 3, cause: 'kernel-lost', count: 2 }), gap({ n: 4, cause: 'serial-gap', count: 2 })], 50);
  await app.ingest.inject({ method: 'POST', url: '/api/v1/agents/self/heartbeat', payload: testHeartbeat() });
  await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  port = (app.tcp.server.address() as { port: number }).port;
  const document = (await app.tcp.inject({ url: '/api/v1/openapi.json', headers: bearer() })).json<OpenApiDocument>();
  const plain: readonly Operation[] = ['/metrics', '/-/healthy', '/-/ready', '/sign-in', '/nothing'].map((path) => ({
    path,
    method: 'GET',
    parameters: [{ name: 'code', in: 'query' }],
    responses: {},
  }));
  operations = [...operationsOf(document), ...plain];
  cursors = await someCursors();
});
afterAll(() => app.close());

let requests = 0;
let token = '';

/** A new token from time to time, as each has its limit of requests. */
function bearer(): Record<string, string> {
  if (requests++ % REQUESTS_OF_TOKEN === 0) token = app.token('admin', 'ingest');
  return { authorization: `Bearer ${token}` };
}

/** Some requests revoke the very token that they come with: then the next ones need another. */
async function askAs(asked: Asked): Promise<Answered> {
  const signed = () => ({ ...asked, headers: { ...asked.headers, ...bearer() } });
  const answer = await ask(port, signed());
  if (answer.status !== 401 || !answer.body.includes('revoked')) return answer;
  requests = 0;
  return ask(port, signed());
}

/** Of each list, to be tried on all others. */
async function someCursors(): Promise<string[]> {
  const lists = operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'));
  const found: string[] = [];
  for (const { path } of lists) {
    const url = path.replace(/\{\w+\}/g, 'web-1');
    const response = await app.tcp.inject({ url: `${url}?limit=1`, headers: bearer() });
    const cursor: unknown = response.statusCode === 200 ? response.json().next_cursor : undefined;
    if (typeof cursor === 'string') found.push(cursor);
  }
  return found;
}

const HOSTILE: readonly string[] = [
  ...['', ' ', '\0', 'a\0b', '%', '%00', '..', '../../etc/passwd', '\\', '"', "'", '`', '\r\nx: y', '\u202e', '\ud800'],
  ...["' OR 1=1 --", '"; DROP TABLE denials; --', '%_[]*?', 'NULL', '1; ATTACH "x" AS y', '{{7*7}}'],
  ...['__proto__', 'constructor', 'constructor.prototype', 'toString', 'hasOwnProperty', '__proto__.polluted'],
  ...[
    '-1',
    '0',
    '1',
    '1.5',
    '1e999',
    'NaN',
    'Infinity',
    '9007199254740993',
    '18446744073709551616',
    '0x10',
    '٣',
    'true',
  ],
  ...[
    'now',
    'now-0s',
    'now-999999w',
    'now+999999w',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-02-30T10:00:00Z',
  ],
  ...['2026-03-01T10:00:00+99:99', '-271821-04-20T00:00:00Z', '1s', '999999w', '0d'],
  ...['(', ')', 'and', 'not', 'or or', 'blocker:', ':x', 'pid>', 'pid>1e9', 'uid<=-1', 'path:"', 'path:*', '*', '"*"'],
  ...['('.repeat(900), `${'('.repeat(400)}a${')'.repeat(400)}`, 'not '.repeat(450), `${'a or '.repeat(350)}a`],
  ...[
    `${'path:*a*b*c* and '.repeat(100)}x`,
    `path:${'*a'.repeat(900)}`,
    '*'.repeat(1_500),
    'é'.repeat(600),
    'x'.repeat(5_000),
  ],
  ...[
    'web-1',
    'host-1',
    'boot-1',
    '195ba459b',
    'default',
    'UTC',
    'Mars/Base',
    'denials',
    'canary',
    'open',
    'csv',
    'blocker',
  ],
  ...['event.id,file.path', ',', 'a'.repeat(129), Array(70).fill('x').join()],
];

/** Values of a parameter: mostly hostile, also such as the schema takes, cursors of other lists, any text at all. */
function valuesOf({ schema }: Parameter): fc.Arbitrary<string> {
  const known = schema?.enum?.map(String) ?? [];
  const numbers = schema?.type === 'integer' || schema?.type === 'number' ? ['1', '2', '500', '501'] : [];
  const fitting = [...known, ...numbers];
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: fitting.length > 0 ? 4 : 0, arbitrary: fc.constantFrom(...fitting, '') },
    { weight: 2, arbitrary: fc.constantFrom(...cursors, '') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
}

const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) });

const hostileBody = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    ...['', '{', '[]', 'null', '"x"', '{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}'],
    ...[
      '{"status":"regressed"}',
      '{"status":"open"}',
      '{"note":1}',
      `{"note":"${'x'.repeat(70_000)}"}`,
      '{"note":"\\u0000"}',
    ],
    ...['['.repeat(30_000), '\ufeff{}', '{"a":1e999}', JSON.stringify(deep(2_000))],
    ...[
      testBatch([testDenial(1)]),
      testBatch([]),
      testBatch([testDenial(1)]).slice(0, -20),
      '\n\n\n',
      '{"kind":"batch"}',
    ],
    JSON.stringify({ ...testHeartbeat(), host: { id: '__proto__', name: '' } }),
    JSON.stringify({ ...testHeartbeat(), counts: { records: -1 } }),
    JSON.stringify({ name: "x'; --", scopes: ['read', '__proto__'], query: '(', scope: 'admin' }),
  ),
);
const contentTypes = fc.constantFrom(
  ...['application/json', 'application/json', 'application/x-ndjson', 'text/plain', 'application/json; charset=utf-16'],
  ...['multipart/form-data', '/', 'application/merge-patch+json'],
);

function requestOf(operation: Operation): fc.Arbitrary<Asked> {
  const ofKind = (kind: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === kind);
  const path = fc
    .tuple(...ofKind('path').map(valuesOf))
    .map((values) => values.reduce((text, value) => text.replace(/\{\w+\}/, () => encoded(value)), operation.path));
  const query = fc
    .tuple(
      ...ofKind('query').map((parameter) =>
        fc.option(fc.array(valuesOf(parameter), { minLength: 1, maxLength: 2 }), { nil: [], freq: 1 }),
      ),
      fc.constantFrom<string[]>([], [], [], ['x']),
    )
    .map((values) => {
      const names = [...ofKind('query').map(({ name }) => name), '__proto__'];
      return values.flatMap((list, index) => list.map((value) => `${names[index]}=${encoded(value)}`)).join('&');
    });
  const headers = fc
    .tuple(...ofKind('header').map((parameter) => fc.option(valuesOf(parameter))))
    .map((values) =>
      Object.fromEntries(
        values.flatMap((value, index) =>
          value === null
            ? []
            : [[ofKind('header')[index]?.name ?? '', value.replace(/[^\x20-\x7e]/g, '?').slice(0, 900)]],
        ),
      ),
    );
  const body =
    operation.requestBody === undefined ? fc.constant(undefined) : fc.option(hostileBody, { nil: undefined });
  return fc.record({ path, query, headers, body, type: contentTypes }).map((one) => ({
    method: operation.method,
    target: one.query === '' ? one.path : `${one.path}?${one.query}`,
    headers: {
      ...one.headers,
      ...(one.body !== undefined && {
        'content-type': one.type,
        'content-length': String(Buffer.byteLength(one.body)),
      }),
    },
    ...(one.body !== undefined && { body: one.body }),
    isStream: operation.path.endsWith('/stream'),
  }));
}

function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** What is wrong with an answer; undefined where nothing is. */
function faultOf(operation: Operation, { status, headers, body }: Answered): string | undefined {
  if (status >= 500 && status !== 503) return `answers ${status}: ${body.slice(0, 300)}`;
  const documented = Object.keys(operation.responses);
  if (documented.length > 0 && !EVERYWHERE.has(status) && !documented.includes(String(status))) {
    return `answers ${status}, which the document does not name: ${body.slice(0, 300)}`;
  }
  if (status < 400) return undefined;
  if (headers['content-type'] !== 'application/problem+json; charset=utf-8') return `has ${headers['content-type']}`;
  const problem = JSON.parse(body);
  const isWhole =
    problem.status === status && problem.title !== '' && problem.hint !== '' && problem.type.startsWith('urn:');
  return isWhole ? undefined : `is no whole problem: ${body.slice(0, 300)}`;
}

describe('hostile input', () => {
  it('gets a sound answer from every operation', async () => {
    const faults: string[] = [];
    for (const operation of operations) {
      for (const asked of fc.sample(requestOf(operation), { numRuns: RUNS, seed: 1423 })) {
        const answer = await askAs(asked).catch((error: unknown) => String(error));
        const fault = typeof answer === 'string' ? answer : faultOf(operation, answer);
        if (fault !== undefined) faults.push(`${asked.method} ${asked.target.slice(0, 300)} ${fault}`);
      }
    }
    expect(faults.slice(0, 20)).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    // And it still works.
    const healthy = await ask(port, { method: 'GET', target: '/api/v1/denials', headers: bearer() });
    expect([healthy.status, JSON.parse(healthy.body).data.length > 0]).toEqual([200, true]);
  }, 120_000);

  it('on the wire itself is refused, or its connection ends', async () => {
    const host = `Host: 127.0.0.1:${port}\r\n`;
    const end = `${host}Connection: close\r\n\r\n`;
    const raw: readonly string[] = [
      `GET /api/v1/denials/%zz HTTP/1.1\r\n${end}`,
      `GET /api/v1/hosts/%c0%af HTTP/1.1\r\n${end}`,
      `GET /\0 HTTP/1.1\r\n${end}`,
      `GET /api/v1/hosts/\xff\xfe HTTP/1.1\r\n${end}`,
      `GET http://other.example/api/v1/denials HTTP/1.1\r\n${end}`,
      'GET /api/v1/denials HTTP/1.1\r\nConnection: close\r\n\r\n',
      'GET /api/v1/denials HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${end}`,
      `GET / HTTP/1.1\r\nX: ${'a'.repeat(20_000)}\r\n${end}`,
      `BREW /api/v1/denials HTTP/1.1\r\n${end}`,
      `TRACE /api/v1/denials HTTP/1.1\r\n${end}`,
      `POST /api/v1/ingest HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n${end}hello`,
      `POST /api/v1/ingest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n${end}zz\r\n`,
      `POST /api/v1/ingest HTTP/1.1\r\nContent-Length: -1\r\n${end}`,
      `GET /api/v1/denials HTTP/1.1\r\nAuthorization: Bearer trp_${'x'.repeat(500)}\r\n${end}`,
      `GET /api/v1/denials HTTP/1.1\r\nCookie: trespass_session=${'%'.repeat(900)}\r\n${end}`,
      'nonsense\r\n\r\n',
    ];
    for (const request of raw) {
      const answer = await askRaw(port, Buffer.from(request, 'latin1'));
      const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
      expect([request.slice(0, 80), status === undefined || /^4\d\d$/.test(status)]).toEqual([
        request.slice(0, 80),
        true,
      ]);
      if (status !== undefined) expect(answer).toContain('application/problem+json');
    }
    expect((await ask(port, { method: 'GET', target: '/-/healthy' })).status).toBe(200);
  });
});
