// What all lists have in common, and what they show to whom.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gap, malformed } from '../store/support/documents.ts';
import { testDenial, testHeartbeat } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  await app.deliver([
    ...Array.from({ length: 5 }, (_, n) => testDenial(n)),
    malformed({ n: 1, host: 'other' }),
    malformed({ n: 2, host: 'other' }),
  ]);
  await app.deliver([gap({ n: 3, host: 'other', cause: 'kernel-lost', count: 2 })], 20);
  await app.ingest.inject({
    method: 'POST',
    url: '/api/v1/agents/self/heartbeat',
    payload: { ...testHeartbeat(), users: [{ uid: 0, name: 'root-as-named' }] },
  });
});
afterAll(() => app.close());

const as = (...scopes: Parameters<TestApp['token']>) => {
  const headers = { authorization: `Bearer ${app.token(...scopes)}` };
  return async (url: string) => app.tcp.inject({ url, headers });
};

describe('lists', () => {
  it('name the next page in a Link header, with what was asked, until there is none', async () => {
    const get = as('read');
    const seen: string[] = [];
    let url: string | undefined = '/api/v1/denials?limit=2&q=comm%3Acat&fields=event.id';
    while (url !== undefined) {
      const response = await get(url);
      expect([url, response.statusCode]).toEqual([url, 200]);
      seen.push(...response.json().data.map((entry: { event: { id: string } }) => entry.event.id));
      const link = String(response.headers.link ?? '');
      const next: string | undefined = /^<(\/api\/v1\/denials\?[^>]+)>; rel="next"$/.exec(link)?.[1];
      expect([response.json().next_cursor === null, link === '']).toEqual([next === undefined, next === undefined]);
      url = next;
    }
    expect(seen).toEqual([4, 3, 2, 1, 0].map((n) => testDenial(n).event.id));
  });

  it('keep what was asked in the Link header, whatever characters it has', async () => {
    const get = as('read');
    const q = 'path:/etc/shado? or not comm:"<a>?b=1&c"';
    const written = encodeURIComponent(q).replaceAll('%3F', '?').replaceAll('%2F', '/');
    for (const query of [written, encodeURIComponent(q)]) {
      const link = String((await get(`/api/v1/denials?q=${query}&limit=2`)).headers.link);
      const [, path = '', parameters = ''] = /^<([^?<>]*)\?([^<>]*)>; rel="next"$/.exec(link) ?? [];
      const asked = new URLSearchParams(parameters);
      expect([path, asked.get('q'), asked.get('limit')]).toEqual(['/api/v1/denials', q, '2']);
      expect(asked.get('cursor')).not.toBeNull();
    }
  });

  it('answer the members that are chosen and no others, whatever these are called', async () => {
    const get = as('read');
    const first = async (fields: string) =>
      (await get(`/api/v1/denials?limit=1&fields=${encodeURIComponent(fields)}`)).json().data[0];
    const whole = testDenial(4);
    expect(await first('@timestamp,file.path, process.parent.pid ,process.name')).toEqual({
      '@timestamp': whole['@timestamp'],
      file: { path: '/etc/shadow' },
      process: { parent: { pid: 272 }, name: 'cat' },
    });
    expect(await first('file.path,file')).toEqual({ file: whole.file });
    expect(await first('file,file.path')).toEqual({ file: whole.file });
    expect(await first('__proto__,constructor.prototype,toString,event.id.length,a.b.c.d.e.f.g.h.i.j.k')).toEqual({
      event: { id: whole.event.id },
    });
    // What may not be seen cannot be chosen either.
    expect(await first('process.args')).toEqual({ process: {} });
    for (const odd of ['', ',', 'a,,b', 'x'.repeat(2_000), Array(65).fill('a').join()]) {
      const response = await get(`/api/v1/denials?fields=${odd}`);
      expect([odd, response.statusCode]).toEqual([odd, 400]);
    }
  });
});

describe('what needs read-sensitive', () => {
  it('is what users are called', async () => {
    const user = { uid: 0, hosts: 1, denials: 5, last_seen: '2026-03-01T10:00:00.000Z' };
    expect((await as('read')('/api/v1/users')).json().data).toEqual([user]);
    const names = [{ name: 'root-as-named', hosts: 1 }];
    expect((await as('read', 'read-sensitive')('/api/v1/users')).json().data).toEqual([{ ...user, names }]);
    const others = ['/api/v1/status', '/api/v1/hosts', '/api/v1/hosts/web-1'];
    for (const url of others) expect((await as('read')(url)).body).not.toContain('root-as-named');
  });

  it('is the text of what was not understood', async () => {
    const { text: _, ...without } = malformed({ n: 2, host: 'other' });
    expect((await as('read')('/api/v1/malformed?limit=1')).json().data).toEqual([without]);
    expect((await as('admin')('/api/v1/malformed?limit=1')).json().data).toEqual([malformed({ n: 2, host: 'other' })]);
    expect((await as('read')('/api/v1/losses?cause=kernel-lost')).json().data).toEqual([
      gap({ n: 3, host: 'other', cause: 'kernel-lost', count: 2 }),
    ]);
  });
});

describe('one host', () => {
  it('comes with its collector and its latest boot', async () => {
    const host = (await as('read')('/api/v1/hosts/web-1')).json();
    expect(host).toMatchObject({
      id: 'host-1',
      kernel: '6.15.0',
      denials: 5,
      latest_boot: { id: 'boot-1', current: true, denials: 5 },
      collector: { state: 'online', heartbeat: { source: 'netlink' } },
    });
    expect((await as('read')('/api/v1/hosts/nobody/boots')).statusCode).toBe(404);
    expect((await as('read')('/api/v1/fleets/nothing/metrics')).statusCode).toBe(404);
    const early = await as('read')('/api/v1/fleets/default/metrics?to=2026-02-01T00:00:00Z');
    expect(early.json()).toMatchObject({ from: '2026-01-25T00:00:00.000Z', denials: 0 });
  });
});
