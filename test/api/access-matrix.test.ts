// Every route, asked by everybody there is: whether it answers is what docs/access.md says. A new route fails here until
// it has its line in that table.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES, type Scope } from '../../src/api/access/principal.ts';
import { csrfTokenOf } from '../../src/api/access/session-cookie.ts';
import type { RouteAccess, Via } from '../../src/api/deps.ts';
import { createAccount } from '../../src/store/access/accounts.ts';
import { ROLE_NAMES, ROLES, type Role } from '../../src/store/access/roles.ts';
import { gap, malformed } from '../store/support/documents.ts';
import { testAllocation, testDeallocation, testDenial, testHeartbeat } from './support/documents.ts';
import { SseClient } from './support/sse-client.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const documentPath = fileURLToPath(new URL('../../docs/access.md', import.meta.url));
const SECRET = 's3cret-argument';
const RAW = 'raw-text-of-a-record';

let app: TestApp;
const routes = new Map<string, RouteAccess & { readonly by: Set<Via> }>();

beforeAll(async () => {
  app = await createTestApp({
    requestsPerMinute: 1_000_000,
    onRoute(via, route) {
      if (route.method === 'HEAD') return;
      const key = `${route.method} ${route.url}`;
      const known = routes.get(key) ?? { ...route, by: new Set<Via>() };
      expect([known.access, known.act]).toEqual([route.access, route.act]);
      known.by.add(via);
      routes.set(key, known);
    },
  });
  const base = testDenial(1);
  const denial = testDenial(1, {
    process: { ...base.process, args: ['cat', SECRET] },
    landlock: { ...base.landlock, unknown_fields: [{ record: 'SYSCALL', name: 'new', value: RAW }] },
  });
  const host = { host: 'host-1', boot: 'boot-1' };
  const documents = [
    testAllocation(),
    denial,
    testDeallocation(),
    malformed({ n: 1, ...host }),
    gap({ n: 2, ...host, cause: 'serial-gap', count: 1 }),
  ];
  expect((await app.deliver(documents.map(ofNewerVersion))).json()).toMatchObject({ stored: documents.length });
  const heartbeat = {
    method: 'POST',
    url: '/api/v1/agents/self/heartbeat',
    payload: ofNewerVersion({ ...testHeartbeat(), users: [{ uid: 0, name: SECRET }] }),
  } as const;
  expect((await app.ingest.inject(heartbeat)).statusCode).toBe(204);
});
afterAll(() => app.close());

/** `value` with one more member in each of its objects, as a collector of tomorrow may have it. */
function ofNewerVersion<T>(value: T): T {
  if (Array.isArray(value)) return value.map(ofNewerVersion) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, ofNewerVersion(member)]);
  return Object.fromEntries([...members, ['member_of_tomorrow', SECRET]]);
}

/** Who may use what needs `access`. */
function rolesFor(access: Scope | 'public'): string {
  if (access === 'public') return 'everybody';
  const roles = ROLE_NAMES.filter((role) => mayByScopes(ROLES[role], access));
  return roles.length === 0 ? 'collectors' : roles.join(', ');
}

function mayByScopes(scopes: readonly Scope[], access: Scope): boolean {
  const isForPeople = access !== 'ingest' && access !== 'enroll';
  return scopes.includes(access) || (isForPeople && scopes.includes('admin'));
}

function routeTable(): string {
  const lines = [...routes.values()]
    .sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.method < b.method ? -1 : 1))
    .map(({ method, url, access, act, by }) => {
      const path = url.replace(/:(\w+)/g, '{$1}');
      return `| ${method} | \`${path}\` | ${access} | ${rolesFor(access)} | ${[...by].sort().join(', ')} | ${act ?? ''} |`;
    });
  return ['| | route | scope | roles | by | logged as |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

function roleTable(): string {
  const people = SCOPES.filter((scope) => scope !== 'ingest' && scope !== 'enroll');
  const lines = ROLE_NAMES.map((role) => {
    const marks = people.map((scope) => (mayByScopes(ROLES[role], scope) ? 'yes' : '–'));
    return `| ${role} | ${marks.join(' | ')} |`;
  });
  return [`| role | ${people.join(' | ')} |`, `|---|${people.map(() => '---|').join('')}`, ...lines].join('\n');
}

describe('docs/access.md', () => {
  const part = (name: string) =>
    new RegExp(`<!-- ${name}:start -->\\n([\\s\\S]*?)\\n?<!-- ${name}:end -->`).exec(
      readFileSync(documentPath, 'utf8'),
    )?.[1];

  it('has each route as the server has it: copy the line from here, and think of who should have it', () => {
    expect(part('routes')).toBe(routeTable());
  });

  it('has the roles as they are', () => {
    expect(part('roles')).toBe(roleTable());
  });
});

describe('routes that change something', () => {
  it('are logged, but for those by which collectors deliver', () => {
    const silent = [...routes.values()].filter(({ method, act }) => method !== 'GET' && act === undefined);
    expect(silent.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'POST /api/v1/agents/self/heartbeat',
      'POST /api/v1/ingest',
    ]);
  });
});

interface Asker {
  readonly name: string;
  readonly scopes: readonly Scope[] | undefined;
  /** Made anew for each request: some routes end what asks. */
  headers(): Record<string, string>;
}

function askers(): readonly Asker[] {
  const bearer = (...scopes: Scope[]) => ({ authorization: `Bearer ${app.token(...scopes)}` });
  const tokens = SCOPES.map((scope) => {
    const header = bearer(scope);
    return { name: `token ${scope}`, scopes: [scope], headers: () => header };
  });
  const roles = ROLE_NAMES.map((role) => ({ name: role, scopes: ROLES[role], headers: () => browserOf(role) }));
  return [{ name: 'nobody', scopes: undefined, headers: () => ({}) }, ...tokens, ...roles];
}

/** The headers of a browser in which somebody of that role signed in. */
function browserOf(role: Role): Record<string, string> {
  const { db, deps, clock } = app;
  const name = `one-${role}`;
  createAccount(db, { name, role, password: 'none' }, clock.nowMs);
  const id = db.prepare<[string], { id: number }>('SELECT id FROM accounts WHERE name = ?').get(name)?.id ?? 0;
  const begun = deps.access.signInAs({ id, name, password: 'none' }, { address: '', agent: '' }, clock.nowMs);
  const secret = begun?.secret ?? '';
  return { cookie: `trespass_session=${secret}`, 'x-csrf-token': csrfTokenOf(secret) };
}

/** Allowed, or the code of the refusal. */
async function ask({ method, url, access }: RouteAccess, asker: Asker): Promise<string> {
  const path = url.replace(/:\w+/g, '999999');
  const response = await app.tcp.inject({
    method: method as 'GET',
    url: path,
    headers: asker.headers(),
    ...(method !== 'GET' && method !== 'DELETE' && { payload: {} }),
    payloadAsStream: true,
  });
  const stream = response.stream();
  if (response.statusCode !== 401 && response.statusCode !== 403) {
    stream.destroy();
    return 'allowed';
  }
  const problem = JSON.parse(Buffer.concat(await stream.toArray()).toString('utf8'));
  const code = String(problem.type).split(':').at(-1) ?? '';
  // Beyond the scope an agent's key may be asked for, which no token is.
  const isForScope = code === 'missing-scope' && problem.detail === `This needs the scope ${access}`;
  return isForScope || code === 'unauthenticated' ? code : 'allowed';
}

describe('every route', () => {
  it('answers whom it is for, and nobody else', async () => {
    const everybody = askers();
    const faults: string[] = [];
    let asked = 0;
    for (const route of routes.values()) {
      if (!route.by.has('tcp') || route.access === 'public') continue;
      for (const asker of everybody) {
        const refusal = asker.scopes === undefined ? 'unauthenticated' : 'missing-scope';
        const expected = asker.scopes !== undefined && mayByScopes(asker.scopes, route.access) ? 'allowed' : refusal;
        const answer = await ask(route, asker);
        asked++;
        if (answer !== expected)
          faults.push(`${route.method} ${route.url} by ${asker.name}: ${answer}, not ${expected}`);
      }
    }
    expect(faults).toEqual([]);
    expect(asked).toBeGreaterThan(400);
  }, 120_000);
});

describe('without read-sensitive', () => {
  const paths = () => {
    const { event } = testDenial(1);
    const place = 'host-1/boot-1/195ba459b';
    return new Map([
      ['/api/v1/denials/:id', `/api/v1/denials/${event.id}`],
      ['/api/v1/denials/:id/context', `/api/v1/denials/${event.id}/context`],
      ['/api/v1/denials/:id/explanation', `/api/v1/denials/${event.id}/explanation`],
      ['/api/v1/domains/:host/:boot/:id', `/api/v1/domains/${place}`],
      ['/api/v1/domains/:host/:boot/:id/explanation', `/api/v1/domains/${place}/explanation`],
      ['/api/v1/domains/:host/:boot/:id/tree', `/api/v1/domains/${place}/tree`],
      ['/api/v1/hosts/:id', '/api/v1/hosts/host-1'],
      ['/api/v1/hosts/:id/boots', '/api/v1/hosts/host-1/boots'],
      ['/api/v1/fleets/:name', '/api/v1/fleets/default'],
      ['/api/v1/fleets/:name/metrics', '/api/v1/fleets/default/metrics'],
      ['/api/v1/fleets/:name/agent-config', '/api/v1/fleets/default/agent-config'],
      ['/api/v1/fleets/:name/packages', '/api/v1/fleets/default/packages'],
      ['/api/v1/fleets/:name/shared', '/api/v1/fleets/default/shared'],
      [
        '/api/v1/stats/timeseries',
        '/api/v1/stats/timeseries?interval=5m&from=2026-03-01T09:00:00Z&to=2026-03-01T11:00:00Z',
      ],
      ['/api/v1/stats/top', '/api/v1/stats/top?by=path'],
      ['/api/v1/stats/values', '/api/v1/stats/values?field=path'],
    ]);
  };

  it('nothing that can be read tells arguments, the text of records or what this version does not know', async () => {
    const { data } = (await app.api.inject({ url: '/api/v1/issues' })).json();
    const view = { name: 'all', page: 'denials', shared: true };
    const made = await app.api.inject({ method: 'POST', url: '/api/v1/views', payload: view });
    const known = new Map([
      ...paths(),
      ['/api/v1/views/:id', `/api/v1/views/${made.json().id}`],
      ['/api/v1/suggestions', `/api/v1/suggestions?issue=${data[0].id}`],
      ['/api/v1/issues/:id', `/api/v1/issues/${data[0].id}`],
      ['/api/v1/issues/:id/explanation', `/api/v1/issues/${data[0].id}/explanation`],
    ]);
    const formats = ['ndjson', 'csv', 'ecs', 'ocsf', 'cef', 'auparse-csv'];
    const exports = formats.map((format) => `/api/v1/denials/export?format=${format}`);
    const read = [...routes.values()].filter(
      ({ method, access, url }) => method === 'GET' && access === 'read' && !url.endsWith('/stream'),
    );
    // The examples of the document are of nobody: test data, with a record's text among them.
    const isOfData = (url: string) => url !== '/api/v1/openapi.json';
    const urls = [...read.map(({ url }) => known.get(url) ?? url).filter(isOfData), ...exports];
    const unread: string[] = [];
    const tellers: Record<string, string[]> = { read: [], 'read-sensitive': [] };
    for (const scope of ['read', 'read-sensitive'] as const) {
      const headers = { authorization: `Bearer ${app.token('read', scope)}` };
      for (const url of urls) {
        const { statusCode, body } = await app.tcp.inject({ url, headers });
        if (statusCode !== 200) unread.push(url);
        if (body.includes(SECRET) || body.includes(RAW) || body.includes('type=LANDLOCK_ACCESS'))
          tellers[scope]?.push(url);
      }
    }
    expect(unread).toEqual([]);
    expect(tellers.read).toEqual([]);
    expect(tellers['read-sensitive']?.length).toBeGreaterThanOrEqual(4);
  }, 60_000);

  it('neither does the stream', async () => {
    const address = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
    const texts: string[] = [];
    for (const scopes of [['read'], ['read', 'read-sensitive']] as const) {
      const headers = { authorization: `Bearer ${app.token(...scopes)}` };
      const client = await SseClient.open(`${address}/api/v1/denials/stream`, headers);
      const denial = testDenial(50 + texts.length, { process: { pid: 1, args: [SECRET] } });
      const [allocation, deallocation] = [testAllocation, testDeallocation].map((make) => make(texts.length * 1_000));
      await app.deliver(
        [denial, testDenial(60 + texts.length), allocation, deallocation]
          .filter((doc) => doc !== undefined)
          .map(ofNewerVersion),
      );
      await expect.poll(() => [client.named('denial').length, client.named('domain').length]).toEqual([2, 2]);
      texts.push(JSON.stringify(client.events));
      client.close();
    }
    expect(texts.map((text) => text.includes(SECRET))).toEqual([false, true]);
  });
});
