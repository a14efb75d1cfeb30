// The OpenAPI document: sound by its own standard and by stricter rules, and each error that it names can be had.
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentDoor } from '../../src/api/ingest/agent-door.ts';
import { BATCH_BYTES_MAX } from '../../src/delivery/batch.ts';
import { StoreError } from '../../src/store/database/store-error.ts';
import { testAllocation, testDenial, testHeartbeat } from './support/documents.ts';
import { type OpenApiDocument, type Operation, operationsOf, pointerTo } from './support/openapi-operations.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;
let document: OpenApiDocument;
let operations: readonly Operation[];
let issue = '';

beforeAll(async () => {
  app = await createTestApp();
  await app.deliver([testAllocation(), testDenial(1)]);
  await app.ingest.inject({ method: 'POST', url: '/api/v1/agents/self/heartbeat', payload: testHeartbeat() });
  document = (await app.api.inject({ url: '/api/v1/openapi.json' })).json();
  operations = operationsOf(document);
  issue = (await app.api.inject({ url: '/api/v1/issues' })).json().data[0].id;
});
afterAll(() => app.close());

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate({ ...structuredClone(document) });
    expect([result.valid, result.errors]).toEqual([true, undefined]);
    expect(validator.version).toBe('3.1');
  });

  it('says of each operation what it is, by names that occur once', () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    const faults = operations.flatMap((operation) => {
      const { operationId = '', summary = '', tags: own = [], path, parameters } = operation;
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      return [
        ...(/^[a-z][A-Za-z]+$/.test(operationId) ? [] : ['has no operationId']),
        ...(summary.length > 3 && !summary.endsWith('.') ? [] : ['has no summary']),
        ...(own.length === 1 && tags.has(own[0] ?? '') ? [] : ['has no known tag']),
        ...(inPath.join() === declared.join() ? [] : [`declares ${declared.join()} in its path`]),
        ...parameters.filter(({ schema }) => schema === undefined).map(({ name }) => `has no schema for ${name}`),
      ].map((fault) => `${nameOf(operation)} ${fault}`);
    });
    expect(faults).toEqual([]);
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const used = new Set(operations.flatMap(({ tags: own = [] }) => own));
    expect([...tags].filter((tag) => !used.has(tag))).toEqual([]);
  });

  it('says what each answer is, and every error is a problem', () => {
    const faults = operations.flatMap((operation) =>
      Object.entries(operation.responses).flatMap(([status, { description = '', content }]) => {
        const isProblem = content !== undefined && Object.keys(content).join() === 'application/problem+json';
        return [
          ...(description === '' || description === 'Default Response' ? [`has no description of ${status}`] : []),
          ...(Number(status) >= 400 && !isProblem ? [`answers ${status} with no problem`] : []),
        ].map((fault) => `${nameOf(operation)} ${fault}`);
      }),
    );
    expect(faults).toEqual([]);
  });

  it('refers to schemas that there are, and has none that nothing refers to', () => {
    const text = JSON.stringify(document);
    const used = new Set(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ''),
    );
    const known = Object.keys(document.components.schemas);
    expect([...used].filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !used.has(name))).toEqual([]);
  });
});

/** A request that gets `status` from the operation; undefined where nobody knows one. */
interface Provocation {
  readonly app?: 'broken';
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
}

const bearer = (...scopes: Parameters<TestApp['token']>) => ({ authorization: `Bearer ${app.token(...scopes)}` });
const json = { 'content-type': 'application/json' };

function provoke(operation: Operation, status: number): Provocation | undefined {
  const { path, requestBody, method } = operation;
  const all = bearer('admin', 'ingest');
  const url = path.replace(/\{\w+\}/g, 'nothing');
  const isBatch = path === '/api/v1/ingest';
  const type = isBatch ? { 'content-type': 'application/x-ndjson' } : json;
  switch (status) {
    case 400:
      if (requestBody !== undefined) return { url, headers: { ...all, ...type }, payload: '[]' };
      return { url: `${url.replaceAll('nothing', '%zz')}?nothing=1`, headers: all };
    case 401:
      return { url, headers: {} };
    case 403:
      return { url, headers: method === 'POST' && path.match(/ingest|heartbeat/) ? bearer('read') : bearer('ingest') };
    case 404:
      if (requestBody === undefined) return { url: `${url}${QUERIES[path] ?? ''}`, headers: all };
      return { url, headers: { ...all, ...json }, payload: JSON.stringify(BODIES[path] ?? {}) };
    case 412: {
      const headers = { ...all, ...json, 'if-match': '"x"' };
      return {
        url: path.replace('{id}', issue).replace('{name}', 'default'),
        headers,
        payload: JSON.stringify(BODIES[path] ?? {}),
      };
    }
    case 413: {
      const bytes = isBatch ? BATCH_BYTES_MAX + 1 : 70_000;
      return { url, headers: { ...all, ...type }, payload: Buffer.alloc(bytes, 0x20) };
    }
    case 415:
      return { url, headers: { ...all, 'content-type': 'text/plain' }, payload: 'x' };
    case 503: {
      const body = BODIES[path];
      return {
        app: 'broken',
        url: path.replace('{id}', issue).replace(/\{\w+\}/g, 'nothing') + (QUERIES[path] ?? ''),
        headers: all,
        ...(requestBody !== undefined && {
          headers: { ...all, ...type },
          payload: isBatch ? BATCH : JSON.stringify(body ?? {}),
        }),
      };
    }
    default:
      return undefined;
  }
}

const BATCH = `${JSON.stringify({ kind: 'batch', protocol: 1, spool: '0'.repeat(32), first_seq: 1, last_seq: 1 })}\n${JSON.stringify({ seq: 1, doc: testDenial(9) })}\n`;
const BODIES: Readonly<Record<string, unknown>> = {
  '/api/v1/issues/{id}': { note: 'x' },
  '/api/v1/agents/self/heartbeat': testHeartbeat(),
};
const QUERIES: Readonly<Record<string, string>> = {
  '/api/v1/stats/top': '?by=host',
  '/api/v1/stats/values': '?field=host',
  '/api/v1/suggestions': '?denial=nothing',
};

function broken(): never {
  throw new StoreError('disk-full', 'the disk is full', 'make room');
}

const BROKEN_AGENTS: AgentDoor = {
  find: broken,
  findById: broken,
  enrol: broken,
  noteContact: broken,
  placeHost: broken,
  approve: broken,
  revoke: broken,
  rotateKey: broken,
  spoolMark: broken,
  config: broken,
  setConfig: broken,
  markSpool: broken,
  addAggregate: broken,
};

describe('each documented error', () => {
  it('can be had, and is a problem as the document says', async () => {
    const failing = await createTestApp({
      readers: { ask: async () => broken() },
      writer: { write: broken },
      saveHeartbeat: broken,
      changeIssue: broken,
      agents: BROKEN_AGENTS,
    });
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    ajv.addSchema(document, 'document');
    const faults: string[] = [];
    for (const operation of operations) {
      for (const status of Object.keys(operation.responses)
        .map(Number)
        .filter((code) => code >= 400)) {
        if (!isTried(operation, status)) continue;
        const asked = provoke(operation, status);
        if (asked === undefined) {
          faults.push(`${nameOf(operation)}: nobody knows how to have ${status}`);
          continue;
        }
        const { app: which, ...request } = asked;
        const target = which === 'broken' ? failing : app;
        const headers = which === 'broken' ? withToken(request.headers ?? {}, failing) : (request.headers ?? {});
        const response = await target.tcp.inject({ method: operation.method as 'GET', ...request, headers });
        if (response.statusCode !== status) {
          faults.push(`${nameOf(operation)}: ${response.statusCode} and not ${status}: ${response.body.slice(0, 200)}`);
          continue;
        }
        const validate = ajv.compile({ $ref: pointerTo(operation, status, 'application/problem+json') });
        if (!validate(response.json()))
          faults.push(`${nameOf(operation)} ${status}: ${ajv.errorsText(validate.errors)}`);
      }
    }
    await failing.close();
    expect(faults).toEqual([]);
  }, 60_000);
});

/** Signing in, accounts, tokens, views and agents have tests of their own for what each of their errors takes. */
function isTried({ path }: Operation, status: number): boolean {
  // By TCP there is none.
  if (path === '/api/v1/session/link') return false;
  const isOfAccess = /^\/api\/v1\/(session|accounts|tokens|views|audit-log|agents(?!\/self\/heartbeat))/.test(path);
  // Of agents alone: what they deliver as another one, or beyond their share.
  const isOfAgents = path === '/api/v1/ingest' && (status === 409 || status === 429);
  return !isOfAgents && (!isOfAccess || status === 401);
}

function withToken(headers: Readonly<Record<string, string>>, { token }: TestApp): Record<string, string> {
  return { ...headers, authorization: `Bearer ${token('admin', 'ingest')}` };
}
