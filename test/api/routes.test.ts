import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Denial } from '../../src/landlock/document.ts';
import { testAllocation, testDeallocation, testDenial, testHeartbeat, testHost } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  const canary = testDenial(50, { tags: ['canary'] });
  await app.deliver([testAllocation(), testDenial(1), testDenial(2), testDenial(3), canary, testDeallocation()]);
  const heartbeat = await app.ingest.inject({
    method: 'POST',
    url: '/api/v1/agents/self/heartbeat',
    payload: testHeartbeat(),
  });
  expect(heartbeat.statusCode).toBe(204);
});
afterAll(() => app.close());

const get = async (url: string, token?: string) =>
  token === undefined
    ? (await app.api.inject({ url })).json()
    : (await app.tcp.inject({ url, headers: { authorization: `Bearer ${token}` } })).json();

describe('ingest', () => {
  it('acknowledges what is committed, and stores each document once', async () => {
    const first = await app.deliver([testDenial(300), testDenial(301)], 7);
    expect(first.json()).toEqual({ ack_seq: 8, stored: 2, duplicates: 0, rejected: [] });
    const again = await app.deliver([testDenial(300), testDenial(301)], 7);
    expect(again.json()).toEqual({ ack_seq: 8, stored: 0, duplicates: 2, rejected: [] });
  });

  it('acknowledges documents that can never be stored, with the reason', async () => {
    const broken = { ...testDenial(302), '@timestamp': 'soon' };
    const response = await app.deliver([testDenial(303), broken, testDenial(304)], 20);
    expect(response.json()).toEqual({
      ack_seq: 22,
      stored: 2,
      duplicates: 0,
      rejected: [{ seq: 21, reason: expect.any(String) }],
    });
  });

  it('keeps what this version does not know, in lists and in single answers', async () => {
    const later: Denial = Object.assign(testDenial(305), { future: { field: [1, { deep: true }] } });
    Object.assign(later.landlock, { shade: 'new' });
    await app.deliver([later]);
    const one = await get(`/api/v1/denials/${later.event.id}`);
    expect(one).toMatchObject({ future: { field: [1, { deep: true }] }, landlock: { shade: 'new' } });
    const list = await get('/api/v1/denials?limit=500');
    expect(list.data.find((denial: Denial) => denial.event.id === later.event.id)).toMatchObject({
      future: { field: [1, { deep: true }] },
      landlock: { shade: 'new' },
    });
  });

  it('takes a batch of five thousand documents', async () => {
    const other = await createTestApp();
    const docs = Array.from({ length: 5_000 }, (_, n) => testDenial(n));
    expect((await other.deliver(docs)).json()).toMatchObject({ ack_seq: 5_000, stored: 5_000 });
    await other.close();
  });
});

describe('denials', () => {
  it('are listed newest first, by pages, without the canary', async () => {
    const span = 'to=2026-03-01T10:01:00Z';
    const first = await get(`/api/v1/denials?limit=2&${span}`);
    expect(first.data).toEqual([testDenial(3), testDenial(2)]);
    const second = await get(`/api/v1/denials?limit=2&${span}&cursor=${first.next_cursor}`);
    expect(second).toEqual({ data: [testDenial(1)], next_cursor: null });
    const canary = await get(`/api/v1/denials?include=canary&limit=1&${span}`);
    expect(canary.data[0].tags).toEqual(['canary']);
  });

  it('are filtered by time, host and query', async () => {
    const ids = async (query: string) =>
      (await get(`/api/v1/denials?${query}`)).data.map((d: Denial) => d.event.sequence);
    expect(await ids('from=2026-03-01T10:00:02Z&to=2026-03-01T10:00:03Z')).toEqual([102]);
    expect(await ids('from=2026-03-01T11:00:03%2B01:00&to=now-119m')).toEqual([103]);
    expect(await ids('host=nobody')).toEqual([]);
    expect(await ids('fleet=nowhere')).toEqual([]);
    expect(await ids('q=path:/etc/* and not program:/usr/bin/cat')).toEqual([]);
    expect(await ids('q=comm:cat&to=2026-03-01T10:01:00Z&host=web-1&fleet=default')).toEqual([103, 102, 101]);
  });

  it('come with their records one by one', async () => {
    const { event } = testDenial(1);
    const one = await get(`/api/v1/denials/${event.id}`);
    const original = 'type=LANDLOCK_ACCESS msg=audit(1.0:101): domain=195ba459b';
    expect(one).toEqual({ ...testDenial(1), issue: await firstIssue(app), event: { ...event, original } });
  });

  it('show arguments and records only with the scope read-sensitive', async () => {
    const url = `/api/v1/denials/${testDenial(1).event.id}`;
    const span = 'to=2026-03-01T10:01:00Z';
    const plain = app.token('read');
    const sensitive = app.token('read', 'read-sensitive');
    expect(JSON.stringify([await get(url, plain), await get(`/api/v1/denials?${span}`, plain)])).not.toContain(
      'hunter2',
    );
    expect(await get(url, plain)).not.toHaveProperty('event.original');
    expect(await get(url, plain)).toMatchObject({ process: { name: 'cat', executable: '/usr/bin/cat' } });
    expect(await get(url, sensitive)).toHaveProperty('event.original');
    expect((await get(`/api/v1/denials?${span}`, sensitive)).data[0].process.args).toEqual([
      'cat',
      '--password=hunter2',
    ]);
  });
});

describe('status', () => {
  it('is what collector, database and server say of themselves', async () => {
    const status = await get('/api/v1/status');
    expect(status.collectors).toEqual([
      { state: 'online', last_contact_at: '2026-03-01T12:00:00.000Z', restarts: 0, heartbeat: testHeartbeat() },
    ]);
    expect(status.server).toMatchObject({ pid: process.pid, uid: process.getuid?.() });
    expect(status.ingest.batches).toBeGreaterThan(0);
  });

  it('is exported for Prometheus with labels from closed lists', async () => {
    const { body, headers } = await app.api.inject({ url: '/metrics' });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('trespass_collectors{state="online"} 1\n');
    expect(body).toContain('trespass_records 10\n');
  });
});

describe('the OpenAPI document', () => {
  it('describes each answer as it is, and every route is in it', async () => {
    const document = await get('/api/v1/openapi.json');
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    formats.default(ajv);
    ajv.addSchema(document, 'document');
    const { event } = testDenial(1);
    const place = `host-1/${testHost.boot.id}/195ba459b`;
    const urls: readonly (readonly [string, string])[] = [
      ['/api/v1/denials', '/api/v1/denials?limit=500&include=canary'],
      ['/api/v1/denials/{id}', `/api/v1/denials/${event.id}`],
      ['/api/v1/denials/{id}/context', `/api/v1/denials/${event.id}/context?seconds=60`],
      ['/api/v1/denials/{id}/explanation', `/api/v1/denials/${event.id}/explanation`],
      ['/api/v1/issues/{id}/explanation', `/api/v1/issues/${await firstIssue(app)}/explanation`],
      ['/api/v1/domains/{host}/{boot}/{id}/explanation', `/api/v1/domains/${place}/explanation`],
      ['/api/v1/suggestions', `/api/v1/suggestions?domain=195ba459b&format=c&include_guarded=true`],
      ['/api/v1/domains', '/api/v1/domains'],
      ['/api/v1/domains/{host}/{boot}/{id}', `/api/v1/domains/${place}`],
      ['/api/v1/domains/{host}/{boot}/{id}/tree', `/api/v1/domains/${place}/tree`],
      ['/api/v1/hosts', '/api/v1/hosts'],
      ['/api/v1/hosts/{id}', '/api/v1/hosts/web-1'],
      ['/api/v1/hosts/{id}/boots', '/api/v1/hosts/web-1/boots'],
      ['/api/v1/users', '/api/v1/users?sort=hosts'],
      ['/api/v1/fleets', '/api/v1/fleets'],
      ['/api/v1/fleets/{name}', '/api/v1/fleets/default'],
      ['/api/v1/fleets/{name}/metrics', '/api/v1/fleets/default/metrics?from=2026-02-28T09:00:00Z'],
      ['/api/v1/fleets/{name}/agent-config', '/api/v1/fleets/default/agent-config'],
      ['/api/v1/fleets/{name}/packages', '/api/v1/fleets/default/packages?package=bash'],
      ['/api/v1/fleets/{name}/shared', '/api/v1/fleets/default/shared'],
      ['/api/v1/losses', '/api/v1/losses'],
      ['/api/v1/malformed', '/api/v1/malformed'],
      ['/api/v1/agents', '/api/v1/agents'],
      ['/api/v1/stats/heatmap', '/api/v1/stats/heatmap?timezone=Asia/Tokyo'],
      ['/api/v1/stats/summary', '/api/v1/stats/summary?from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z'],
      [
        '/api/v1/stats/timeseries',
        '/api/v1/stats/timeseries?from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z&interval=5m',
      ],
      ['/api/v1/stats/top', '/api/v1/stats/top?by=domain&limit=5&q=blocker:fs.*&from=2026-03-01T09:10:00Z'],
      ['/api/v1/stats/trends', '/api/v1/stats/trends?host=web-1&from=2026-03-01T09:10:00Z'],
      ['/api/v1/stats/values', '/api/v1/stats/values?field=host&prefix=web'],
      ['/api/v1/status', '/api/v1/status'],
      ['/api/v1/session', '/api/v1/session'],
      ['/api/v1/sessions', '/api/v1/sessions?all=true'],
      ['/api/v1/tokens', '/api/v1/tokens'],
      ['/api/v1/audit-log', '/api/v1/audit-log'],
      ['/api/v1/openapi.json', '/api/v1/openapi.json'],
      ['/api/v1/programs', '/api/v1/programs'],
      ['/api/v1/issues', '/api/v1/issues?status=open&sort=denials'],
      ['/api/v1/issues/{id}', `/api/v1/issues/${await firstIssue(app)}`],
    ];
    const faults: unknown[] = [];
    for (const [path, url] of urls) {
      const response = await app.api.inject({ url });
      expect([url, response.statusCode]).toEqual([url, 200]);
      const pointer = `${path}`
        .replaceAll('~', '~0')
        .replaceAll('/', '~1')
        .replaceAll('{', '%7B')
        .replaceAll('}', '%7D');
      const ref = `document#/paths/${pointer}/get/responses/200/content/application~1json/schema`;
      const validate = ajv.compile({ $ref: ref });
      if (!validate(response.json())) {
        faults.push([url, validate.errors]);
      }
    }
    expect(faults).toEqual([]);
    const others = [
      '/api/v1/accounts',
      '/api/v1/accounts/{name}',
      '/api/v1/accounts/{name}/password',
      '/api/v1/session/password',
      '/api/v1/denials/export',
      '/api/v1/denials/stream',
      '/api/v1/ingest',
      '/api/v1/agents/self/heartbeat',
      '/api/v1/agents/self/key',
      '/api/v1/agents/enroll',
      '/api/v1/agents/{id}/approve',
      '/api/v1/agents/{id}/revoke',
      '/api/v1/session/link',
      '/api/v1/sessions/{id}',
      '/api/v1/tokens/{id}',
      '/api/v1/views',
      '/api/v1/views/{id}',
    ];
    expect(Object.keys(document.paths).sort()).toEqual([...urls.map(([path]) => path), ...others].sort());
  });

  it('is the one that is checked in', async () => {
    const response = await app.api.inject({ url: '/api/v1/openapi.json' });
    await expect(`${JSON.stringify(response.json(), null, 2)}\n`).toMatchFileSnapshot('../../docs/openapi.json');
  });
});

async function firstIssue({ api }: TestApp): Promise<string> {
  const response = await api.inject({ url: '/api/v1/issues' });
  const [issue] = response.json<{ data: { id: string }[] }>().data;
  return issue?.id ?? '';
}
