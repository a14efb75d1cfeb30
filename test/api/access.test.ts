// Tokens, sessions, people and the log of administration, by REST.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '../../src/api/access/principal.ts';
import { csrfTokenOf } from '../../src/api/access/session-cookie.ts';
import { createAccount, deleteAccount, setPassword } from '../../src/store/access/accounts.ts';
import { hashPassword } from '../../src/store/access/passwords.ts';
import type { Role } from '../../src/store/access/roles.ts';
import { StoreError } from '../../src/store/database/store-error.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const PASSWORD = 'correct horse battery';
let app: TestApp;
let kept: string;
let address = 1;

beforeAll(async () => {
  app = await createTestApp();
  // Few rounds: what counts here is not how long it takes.
  kept = await hashPassword(PASSWORD, { cost: 2, blockSize: 8, parallelization: 1 });
});
afterAll(() => app.close());
// Attempts of one test are no attempts of the next.
afterEach(() => address++);

const from = () => `192.0.2.${address}`;

function addUser(name: string, role: Role = 'viewer'): void {
  expect(createAccount(app.db, { name, role, password: kept }, app.clock.nowMs)).toEqual(expect.any(Number));
}

const signIn = (user: string, password = PASSWORD, headers: Record<string, string> = {}) =>
  app.tcp.inject({
    method: 'POST',
    url: '/api/v1/session',
    remoteAddress: from(),
    headers: { 'user-agent': 'Firefox', ...headers },
    payload: { user, password },
  });

/** Headers of a browser in which somebody signed in. */
async function browserOf(user: string): Promise<Record<string, string>> {
  const [cookie = ''] = [(await signIn(user)).headers['set-cookie']].flat();
  const pair = cookie.split(';')[0] ?? '';
  return { cookie: pair, 'x-csrf-token': csrfTokenOf(pair.split('=')[1] ?? '') };
}

const call = (method: 'GET' | 'POST' | 'DELETE', url: string, headers: Record<string, string>, payload?: object) =>
  app.tcp.inject({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) });

const codeOf = (response: { json(): { type?: string } }) => response.json().type?.split(':').at(-1);

async function acts(query = ''): Promise<Record<string, unknown>[]> {
  return (await app.api.inject({ url: `/api/v1/audit-log?${query}` })).json().data;
}

describe('tokens', () => {
  it('are made, listed without their text, used, and revoked', async () => {
    const admin = app.browser();
    const wanted = { name: 'grafana', scopes: ['read'], expires_in_days: 1 };
    const made = await call('POST', '/tokens', admin, wanted);
    const { token, ...facts } = made.json();
    expect([made.statusCode, made.headers['cache-control'], token]).toEqual([
      201,
      'no-store',
      expect.stringMatching(/^trp_[0-9a-f]{46}$/),
    ]);
    expect(facts).toEqual({
      id: expect.any(Number),
      name: 'grafana',
      scopes: ['read'],
      state: 'in force',
      created_at: '2026-03-01T12:00:00.000Z',
      expires_at: '2026-03-02T12:00:00.000Z',
    });
    const listed = await call('GET', '/tokens?limit=1', admin);
    expect(listed.json()).toMatchObject({ data: [facts] });
    expect(listed.body).not.toContain(token);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await call('GET', '/denials', bearer)).statusCode).toBe(200);
    expect((await call('DELETE', `/tokens/${facts.id}`, admin)).statusCode).toBe(204);
    expect((await call('DELETE', `/tokens/${facts.id}`, admin)).statusCode).toBe(404);
    expect((await call('GET', '/denials', bearer)).json().detail).toBe('The token was revoked');
    expect((await acts('limit=2')).map(({ action, target, outcome }) => ({ action, target, outcome }))).toEqual([
      { action: 'token-revoke', target: `${facts.id} grafana`, outcome: 'done' },
      { action: 'token-create', target: `${facts.id} grafana`, outcome: 'done' },
    ]);
  });

  it('say why they do not count', async () => {
    const token = app.token('read');
    const detail = async (text: string) =>
      (await call('GET', '/denials', { authorization: `Bearer ${text}` })).json().detail;
    expect(await detail(token.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).toMatch(/mistyped or cut off/);
    expect(await detail(`${token.slice(0, -4)}`)).toMatch(/mistyped or cut off/);
    expect(await detail('Basic x')).toMatch(/no Bearer token/);
  });

  it.each([
    [{}],
    [{ name: '', scopes: ['read'] }],
    [{ name: ' ', scopes: ['read'] }],
    [{ name: 'x', scopes: [] }],
    [{ name: 'x', scopes: ['root'] }],
    [{ name: 'x', scopes: ['read', 'read'] }],
    [{ name: 'x', scopes: ['read'], expires_in_days: 0 }],
    [{ name: 'x', scopes: ['read'], id: 1 }],
    [{ name: 'x'.repeat(101), scopes: ['read'] }],
  ])('are not made of %j', async (body) => {
    const response = await call('POST', '/tokens', app.browser(), body);
    expect([response.statusCode, codeOf(response)]).toEqual([400, 'invalid-parameter']);
  });

  it('are not made where the log cannot tell of it', async () => {
    const count = () => app.db.prepare<[], { n: number }>('SELECT count(*) AS n FROM tokens').get()?.n;
    const before = count();
    app.db.exec("CREATE TRIGGER full BEFORE INSERT ON admin_acts BEGIN SELECT RAISE(ABORT, 'full'); END");
    const response = await call('POST', '/tokens', app.browser(), { name: 'x', scopes: ['read'] });
    app.db.exec('DROP TRIGGER full');
    expect([response.statusCode, count()]).toEqual([500, before]);
  });
});

describe('people', () => {
  it('sign in by name and password, in any letter case of the name', async () => {
    addUser('ada', 'analyst');
    const response = await signIn('Ada');
    expect([response.statusCode, response.body]).toEqual([204, '']);
    const headers = await browserOf('ada');
    expect((await call('GET', '/session', headers)).json()).toMatchObject({
      kind: 'session',
      name: 'ada',
      role: 'analyst',
      scopes: ['shared', 'read', 'read-sensitive'],
    });
    expect((await acts('action=sign-in&limit=1'))[0]).toMatchObject({
      actor: { kind: 'user', name: 'ada', address: from() },
      target: expect.stringMatching(/^session \d+$/),
      outcome: 'done',
    });
  });

  it('are told the same of an unknown name and of a wrong password', async () => {
    addUser('bob');
    const answers = await Promise.all([signIn('bob', 'wrong password'), signIn('nobody', 'wrong password')]);
    const [wrong, unknown] = answers.map((answer) => {
      const { instance: _, ...problem } = answer.json();
      return [answer.statusCode, problem, answer.headers['set-cookie']];
    });
    expect(wrong).toEqual(unknown);
    expect(wrong?.[0]).toBe(401);
    expect(await acts('action=sign-in&outcome=refused&limit=1')).toMatchObject([
      { actor: { kind: 'nobody', address: from() }, detail: { by: 'password' } },
    ]);
  });

  it('have to wait after too many failures with a name, from wherever they come', async () => {
    addUser('eve');
    for (let attempt = 0; attempt < 10; attempt++) {
      if (attempt === 5) address++;
      expect((await signIn('eve', 'wrong password')).statusCode).toBe(401);
    }
    address++;
    const late = await signIn('EVE');
    expect([late.statusCode, codeOf(late), late.headers['retry-after']]).toEqual([429, 'rate-limited', '900']);
    app.clock.nowMs += 15 * 60_000;
    expect((await signIn('eve')).statusCode).toBe(204);
    app.clock.nowMs -= 15 * 60_000;
  });

  it('are not signed in by other sites, nor by a form', async () => {
    addUser('cy');
    expect(codeOf(await signIn('cy', PASSWORD, { origin: 'http://evil.example' }))).toBe('cross-site');
    expect(codeOf(await signIn('cy', PASSWORD, { 'sec-fetch-site': 'cross-site' }))).toBe('cross-site');
    const form = await app.tcp.inject({
      method: 'POST',
      url: '/api/v1/session',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'user=cy&password=x',
    });
    expect(codeOf(form)).toBe('unsupported-media-type');
  });

  it('are signed out everywhere when their password is another, or they are gone', async () => {
    addUser('dan');
    const first = await browserOf('dan');
    expect((await call('GET', '/session', first)).statusCode).toBe(200);
    setPassword(app.db, 'dan', kept, app.clock.nowMs);
    expect((await call('GET', '/session', first)).statusCode).toBe(401);
    const second = await browserOf('dan');
    deleteAccount(app.db, 'dan');
    expect((await call('GET', '/session', second)).statusCode).toBe(401);
    expect((await signIn('dan')).statusCode).toBe(401);
  });
});

describe('sessions', () => {
  it('end when nobody uses them, and in any case after a week', async () => {
    const headers = app.browser();
    const begin = app.clock.nowMs;
    const status = async (ms: number) => {
      app.clock.nowMs = begin + ms;
      return (await call('GET', '/session', headers)).statusCode;
    };
    const hour = 3_600_000;
    for (let hours = 0; hours < 7 * 24; hours += 11) {
      expect(await status(hours * hour)).toBe(200);
    }
    expect(await status(7 * 24 * hour)).toBe(401);
    const idle = app.browser();
    app.clock.nowMs += 12 * hour;
    expect((await call('GET', '/session', idle)).statusCode).toBe(401);
    app.clock.nowMs = begin;
  });

  it("are listed to their owner, and to an administrator also others'", async () => {
    addUser('fay');
    const here = await browserOf('fay');
    await browserOf('fay');
    const { data } = (await call('GET', '/sessions', here)).json();
    expect(data).toEqual([
      expect.objectContaining({ current: false, user: 'fay', role: 'viewer', address: from(), agent: 'Firefox' }),
      expect.objectContaining({ current: true, expires_at: '2026-03-08T12:00:00.000Z' }),
    ]);
    expect(codeOf(await call('GET', '/sessions?all=true', here))).toBe('missing-scope');
    const users = (await app.api.inject({ url: '/api/v1/sessions?all=true' })).json().data;
    expect(users.map(({ user }: { user?: string }) => user)).toEqual(expect.arrayContaining(['fay', undefined]));
    expect((await app.api.inject({ url: '/api/v1/sessions' })).json()).toEqual({ data: [] });
  });

  it("are ended one by one, but not another's", async () => {
    addUser('gus');
    addUser('hal');
    const [gus, other, hal] = [await browserOf('gus'), await browserOf('gus'), await browserOf('hal')];
    const { data } = (await call('GET', '/sessions', other)).json();
    const otherId = data.find(({ current }: { current: boolean }) => current).id;
    expect((await call('DELETE', `/sessions/${otherId}`, hal)).statusCode).toBe(404);
    const token = { authorization: `Bearer ${app.token('read')}` };
    expect((await call('DELETE', `/sessions/${otherId}`, token)).statusCode).toBe(404);
    expect((await call('DELETE', `/sessions/${otherId}`, gus)).statusCode).toBe(204);
    expect((await call('GET', '/session', other)).statusCode).toBe(401);
    const mine = (await call('GET', '/sessions', hal)).json().data[0].id;
    expect((await call('DELETE', `/sessions/${mine}`, app.browser())).statusCode).toBe(204);
    expect((await call('GET', '/session', hal)).statusCode).toBe(401);
  });

  it('are all ended at once', async () => {
    addUser('ida');
    const [here, there] = [await browserOf('ida'), await browserOf('ida')];
    expect(codeOf(await call('DELETE', '/sessions', { cookie: here.cookie ?? '' }))).toBe('csrf-token');
    const response = await call('DELETE', '/sessions', here);
    expect(response.json()).toEqual({ ended: 2 });
    expect(String(response.headers['set-cookie'])).toContain('trespass_session=;');
    for (const headers of [here, there]) {
      expect((await call('GET', '/session', headers)).statusCode).toBe(401);
    }
    expect(await acts('action=sign-out-everywhere&limit=1')).toMatchObject([
      { actor: { kind: 'user', name: 'ida' }, detail: { sessions: 2 } },
    ]);
  });
});

describe('what a token lets hosts have', () => {
  it('is said with the scope enroll alone, and is in the log of administration', async () => {
    const enrolment = { fleet: 'web', uses_max: 3 };
    const create = (scopes: readonly string[]) =>
      app.api.inject({ method: 'POST', url: '/api/v1/tokens', payload: { name: 'fleet', scopes, enrolment } });
    const refused = await create(['read']);
    expect([refused.statusCode, codeOf(refused)]).toEqual([400, 'invalid-parameter']);
    const made = (await create(['enroll'])).json();
    expect(made).toMatchObject({ enrolment: { ...enrolment, needs_approval: false, uses: 0 } });
    const [created] = await acts('action=token-create');
    expect(created).toMatchObject({ target: `${made.id} fleet`, detail: { scopes: ['enroll'], enrolment } });
  });

  it('may be all there is', async () => {
    const payload = { name: 'all', scopes: SCOPES };
    expect((await app.api.inject({ method: 'POST', url: '/api/v1/tokens', payload })).statusCode).toBe(201);
  });
});

describe('the log of administration', () => {
  it('is read page by page, narrowed by time, actor, action and outcome', async () => {
    addUser('kim');
    const kim = await browserOf('kim');
    expect(codeOf(await call('POST', '/tokens', kim, { name: 'x', scopes: ['read'] }))).toBe('missing-scope');
    const [refused] = await acts('actor=kim&outcome=refused');
    expect(refused).toEqual({
      id: expect.any(Number),
      at: '2026-03-01T12:00:00.000Z',
      actor: { kind: 'user', name: 'kim', address: '127.0.0.1' },
      action: 'token-create',
      outcome: 'refused',
    });
    const first = (await app.api.inject({ url: '/api/v1/audit-log?actor=kim&limit=1' })).json();
    const second = (await app.api.inject({ url: `/api/v1/audit-log?actor=kim&cursor=${first.next_cursor}` })).json();
    expect([...first.data, ...second.data].map(({ action }) => action)).toEqual(['token-create', 'sign-in']);
    expect(await acts('actor=kim&from=2026-03-01T12:00:01Z')).toEqual([]);
    const foreign = await app.api.inject({ url: `/api/v1/tokens?cursor=${first.next_cursor}` });
    expect(codeOf(foreign)).toBe('invalid-cursor');
  });

  it('keeps only so many refusals of an hour, and the answers stay the same', async () => {
    const viewer = { authorization: `Bearer ${app.token('read')}` };
    app.clock.nowMs += 24 * 3_600_000;
    const since = new Date(app.clock.nowMs).toISOString();
    for (let attempt = 0; attempt < 130; attempt++) {
      expect((await call('DELETE', '/tokens/1', viewer)).statusCode).toBe(403);
    }
    expect(await acts(`from=${since}&limit=500`)).toHaveLength(120);
    app.clock.nowMs -= 24 * 3_600_000;
  });

  it('does not stand in the way of a refusal where the disk is full', async () => {
    const broken = await createTestApp();
    broken.db.pragma('query_only = ON');
    const refuse = () => broken.deps.acts.noteRefused({ actor: { kind: 'nobody', name: '' }, action: 'sign-in' }, 1);
    expect(refuse).not.toThrow();
    const work = () =>
      broken.deps.acts.perform(
        () => broken.deps.access.createSignInCode(1),
        () => undefined,
        1,
      );
    expect(work).toThrow(StoreError);
    await broken.close();
  });
});
