// The examples of the OpenAPI document: real answers of the app on a few documents. Lists are cut to their first two
// members, and what is another at each run (secrets, processes, sizes) is put to one value.
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gap, Malformed } from '../../src/landlock/document.ts';
import {
  testAllocation,
  testBatch,
  testDeallocation,
  testDenial,
  testEventId,
  testHeartbeat,
  testHost,
} from './support/documents.ts';
import { type OpenApiDocument, operationsOf, pointerTo } from './support/openapi-operations.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

/** As `testDenial`, with arguments that a document may show. */
const readOfShadow = (n: number) => {
  const denial = testDenial(n);
  return { ...denial, process: { ...denial.process, args: ['cat', '/etc/shadow'] } };
};

interface Asked {
  readonly url: string;
  readonly payload?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

const LISTED_MAX = 2;
const SPAN = 'from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z';
const PLACE = `host-1/${testHost.boot.id}/195ba459b`;
const DENIAL = testDenial(1).event.id;
const AGENT_HOST = { id: 'host-2', name: 'web-2', boot_id: 'boot-2', kernel: '6.15.0', arch: 'x86_64' };
/** Answers that are no JSON documents, or the document itself. */
const WITHOUT_EXAMPLE = ['streamDenials', 'exportDenials', 'getOpenApi'];

const GAP: Gap = {
  kind: 'gap',
  '@timestamp': '2026-03-01T10:00:30.000Z',
  event: { id: testEventId('gap') },
  host: testHost,
  count: 12,
  cause: 'kernel-lost',
};
const MALFORMED: Malformed = {
  kind: 'malformed',
  '@timestamp': '2026-03-01T10:00:31.000Z',
  event: { id: testEventId('malformed') },
  host: testHost,
  reason: 'no time stamp',
  text: 'type=LANDLOCK_ACCESS msg=nothing',
};

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  const denials = [1, 2, 3].map(readOfShadow);
  await app.deliver([testAllocation(), ...denials, testDeallocation(), GAP, MALFORMED]);
  await app.ingest.inject({ method: 'POST', url: '/api/v1/agents/self/heartbeat', payload: testHeartbeat() });
});
afterAll(() => app.close());

/** What each operation is asked, in this order: later ones find what earlier ones made. */
function questions(issue: string): Readonly<Record<string, Asked>> {
  const at = (path: string): Asked => ({ url: `/api/v1${path}` });
  const put = (path: string, payload: object): Asked => ({ url: `/api/v1${path}`, payload });
  const view = { name: 'Reads of shadow', page: 'denials', shared: true, q: 'path:/etc/shadow', from: 'now-7d' };
  return {
    ...denialQuestions(at),
    ...otherQuestions(at, issue),
    changeIssue: put(`/issues/${issue}`, { status: 'archived', note: 'Expected: it asks for what it may not have' }),
    createAccount: put('/accounts', { name: 'ann', role: 'analyst', password: 'correct horse battery' }),
    listAccounts: at('/accounts'),
    changeAccount: put('/accounts/ann', { role: 'operator' }),
    createView: put('/views', view),
    listViews: at('/views'),
    getView: at('/views/1'),
    replaceView: put('/views/1', { ...view, from: 'now-30d' }),
    createToken: put('/tokens', {
      name: 'web hosts',
      scopes: ['enroll'],
      enrolment: { fleet: 'web', uses_max: 20, needs_approval: true },
    }),
    listTokens: at('/tokens'),
    enrollAgent: put('/agents/enroll', { host: AGENT_HOST, version: '0.1.0' }),
    approveAgent: put('/agents/AGENT/approve', {}),
    setAgentConfig: put('/fleets/web/agent-config', { privacy: 'reduced', heartbeat_seconds: 60 }),
    getAgentConfig: at('/fleets/web/agent-config'),
    heartbeat: put('/agents/self/heartbeat', { ...testHeartbeat(), host: AGENT_HOST, config_etag: 'none' }),
    rotateAgentKey: put('/agents/self/key', {}),
    listAgents: at('/agents'),
    revokeAgent: put('/agents/AGENT/revoke', {}),
    createSignInLink: put('/session/link', {}),
    getSession: at('/session'),
    listSessions: at('/sessions?all=true'),
    endSessions: at('/sessions?all=true'),
    listAdminActs: at('/audit-log'),
  };
}

function denialQuestions(at: (path: string) => Asked): Readonly<Record<string, Asked>> {
  return {
    ingest: {
      url: '/api/v1/ingest',
      payload: testBatch([4, 5].map(readOfShadow), 8),
      headers: { 'content-type': 'application/x-ndjson' },
    },
    listDenials: at('/denials?limit=1'),
    getDenial: at(`/denials/${DENIAL}`),
    getDenialContext: at(`/denials/${DENIAL}/context`),
    explainDenial: at(`/denials/${DENIAL}/explanation`),
    explainDomain: at(`/domains/${PLACE}/explanation`),
    suggestRules: at('/suggestions?domain=195ba459b&format=text&include_guarded=true'),
    listDomains: at('/domains'),
    getDomain: at(`/domains/${PLACE}`),
    getDomainTree: at(`/domains/${PLACE}/tree`),
  };
}

function otherQuestions(at: (path: string) => Asked, issue: string): Readonly<Record<string, Asked>> {
  return {
    listIssues: at('/issues'),
    getIssue: at(`/issues/${issue}`),
    explainIssue: at(`/issues/${issue}/explanation`),
    listPrograms: at('/programs'),
    listUsers: at('/users'),
    listHosts: at('/hosts'),
    getHost: at('/hosts/web-1'),
    listBoots: at('/hosts/web-1/boots'),
    listFleets: at('/fleets'),
    getFleet: at('/fleets/default'),
    getFleetMetrics: at(`/fleets/default/metrics?${SPAN}`),
    getPackageMetrics: at(`/fleets/default/packages?${SPAN}`),
    getSharedMetrics: at('/fleets/default/shared'),
    getSummary: at(`/stats/summary?${SPAN}`),
    getTimeSeries: at(`/stats/timeseries?${SPAN}&interval=1h`),
    getTrends: at(`/stats/trends?${SPAN}`),
    getTop: at(`/stats/top?by=program&${SPAN}`),
    listValues: at(`/stats/values?field=host&${SPAN}`),
    getHeatmap: at(`/stats/heatmap?${SPAN}`),
    listLosses: at('/losses'),
    listMalformed: at('/malformed'),
    getStatus: at('/status'),
  };
}

it('are what the app answers, valid by their schemas, one of each operation', async () => {
  const document: OpenApiDocument = (await app.api.inject({ url: '/api/v1/openapi.json' })).json();
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  const operations = new Map(operationsOf(document).map((operation) => [operation.operationId, operation]));
  const [first] = (await app.api.inject({ url: '/api/v1/issues' })).json<{ data: { id: string }[] }>().data;
  const admin = { authorization: `Bearer ${app.token('admin')}` };
  const made = { key: '', token: '', agent: '' };
  const examples: Record<string, unknown> = {};
  const faults: unknown[] = [];
  for (const [id, { url, payload, headers }] of Object.entries(questions(first?.id ?? ''))) {
    const operation = operations.get(id);
    if (operation === undefined) {
      faults.push(`there is no operation ${id}`);
      continue;
    }
    const via = id === 'ingest' ? app.ingest : id === 'createSignInLink' ? app.api : app.tcp;
    const secret =
      id === 'enrollAgent' ? made.token : id === 'rotateAgentKey' || id === 'heartbeat' ? made.key : undefined;
    const response = await via.inject({
      method: operation.method as 'GET',
      url: url.replace('AGENT', made.agent),
      headers: { ...(via === app.tcp && (secret ? { authorization: `Bearer ${secret}` } : admin)), ...headers },
      ...(payload !== undefined && { payload }),
    });
    const status = response.statusCode;
    if (status === 204) continue;
    const answer = response.json();
    const validate = status < 300 && ajv.compile({ $ref: pointerTo(operation, status, 'application/json') });
    if (validate === false) faults.push([id, status, answer]);
    else if (!validate(answer)) faults.push([id, validate.errors]);
    if (id === 'createToken') made.token = answer.token;
    if (id === 'enrollAgent') Object.assign(made, { key: answer.key, agent: answer.agent });
    examples[id] = steady(answer, new Map([[made.agent, '52a0d564d0d133d7']]));
  }
  expect(faults).toEqual([]);
  const wanted = [...operations.values()]
    .filter(({ responses }) => Object.entries(responses).some(([code, { content }]) => code < '300' && content))
    .map(({ operationId = '' }) => operationId);
  expect([...Object.keys(examples), ...WITHOUT_EXAMPLE].sort()).toEqual(wanted.sort());
  await expect(toModule(examples)).toMatchFileSnapshot('../../src/api/openapi-examples.ts');
});

/** What is another at each run or on each machine, by its place. */
const UNSTEADY: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['database.path', '/var/lib/trespass/trespass.db'],
  ['database.bytes', 753_664],
  ['database.log_bytes', 0],
  ['database.disk_free_bytes', 82_469_384_192],
  ['server.pid', 1_423],
  ['server.uid', 990],
  ['server.capabilities', []],
  ['ingest.last_commit_ms', 2.5],
  ['.problems', []],
]);

function steady(value: unknown, secrets: ReadonlyMap<string, string>, within = '', key = ''): unknown {
  if (UNSTEADY.has(`${within}.${key}`)) return UNSTEADY.get(`${within}.${key}`);
  if (Array.isArray(value)) return value.slice(0, LISTED_MAX).map((member) => steady(member, secrets));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, steady(inner, secrets, key, name)]));
  }
  if (typeof value !== 'string') return value;
  return secrets.get(value) ?? value.replace(/^(tr[ap]_).*/, '$1…').replace(/(\?code=).*/, '$1…');
}

/** A line each: nobody reads them here, and their changes show by operation. */
function toModule(examples: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(examples).map(([id, example]) => `  ${id}: ${JSON.stringify(example)},\n`);
  return `// Answers to each operation, by its operationId; written by test/api/openapi-examples.test.ts.
export const EXAMPLES: Readonly<Record<string, unknown>> = {
${lines.join('')}};
`;
}
