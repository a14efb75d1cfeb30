// Saved views over the API: kept, shared, changed, forgotten, and by whom.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { csrfTokenOf } from '../../src/api/access/session-cookie.ts';
import { createAccount, deleteAccount } from '../../src/store/access/accounts.ts';
import type { Role } from '../../src/store/access/roles.ts';
import { VIEWS_OF_OWNER_MAX } from '../../src/store/access/views.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
});
beforeEach(() => {
  app.db.exec('DELETE FROM views');
});
afterAll(() => app.close());

/** The headers of a browser in which somebody signed in. */
function person(name: string, role: Role): Record<string, string> {
  createAccount(app.db, { name, role, password: 'none' }, app.clock.nowMs);
  const id = app.db.prepare<[string], { id: number }>('SELECT id FROM accounts WHERE name = ?').get(name)?.id ?? 0;
  const account = { id, name, password: 'none' };
  const secret = app.deps.access.signInAs(account, { address: '', agent: '' }, app.clock.nowMs)?.secret ?? '';
  return { cookie: `trespass_session=${secret}`, 'x-csrf-token': csrfTokenOf(secret) };
}

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, headers: object, payload?: object) {
  const response = await app.tcp.inject({
    method,
    url: `/api/v1/views${path}`,
    headers: { ...headers },
    ...(payload && { payload }),
  });
  const { statusCode: status, body, headers: answered } = response;
  return { status, body: body === '' ? undefined : JSON.parse(body), etag: String(answered.etag ?? '') };
}

const VIEW = { name: 'Shadow', page: 'denials', q: 'path:/etc/shadow', from: 'now-7d', to: 'now' };
const names = (answer: { readonly body: { data: readonly { name: string }[] } }) =>
  answer.body.data.map(({ name }) => name);

describe('a saved view', () => {
  it('is answered as it was kept, and is in the log of administration', async () => {
    const ann = person('ann', 'analyst');
    const kept = { ...VIEW, host: 'web-1', include: 'canary' };
    const made = await ask('POST', '', ann, { ...kept, name: '  Shadow ' });
    expect([made.status, made.body]).toMatchObject([
      201,
      { ...kept, shared: false, owner: 'ann', own: true, can_change: true, created_at: '2026-03-01T12:00:00.000Z' },
    ]);
    const { id } = made.body;
    expect(await ask('GET', `/${id}`, ann)).toEqual({ status: 200, body: made.body, etag: made.etag });
    const { status, body, etag } = await ask('PUT', `/${id}`, ann, { ...VIEW, q: 'pid>1' });
    expect([status, body.q, body.host, body.id]).toEqual([200, 'pid>1', undefined, id]);
    expect(etag).not.toBe(made.etag);
    expect((await ask('DELETE', `/${id}`, ann)).status).toBe(204);
    expect((await ask('GET', `/${id}`, ann)).status).toBe(404);
    const log = await app.api.inject({ url: '/api/v1/audit-log?actor=ann' });
    expect(log.json().data.map(({ action, target }: Record<string, string>) => [action, target])).toEqual([
      ['view-delete', `${id} Shadow`],
      ['view-change', `${id} Shadow`],
      ['view-create', `${id} Shadow`],
    ]);
  });

  it('has a query and times that make sense', async () => {
    const ann = person('ann', 'analyst');
    const faults = await Promise.all(
      [
        { q: 'nope:1' },
        { from: 'soon' },
        { from: 'now', to: 'now-1h' },
        { page: 'settings' },
        { name: 'half a pair: \ud83d' },
        { name: ' ' },
        { x: 1 },
        // The pages have no such things, so nobody would apply them.
        { sort: 'last_seen' },
        { columns: ['file.path'] },
      ].map(async (change) => {
        const { status, body } = await ask('POST', '', ann, { ...VIEW, ...change });
        return [status, body.type, body.position];
      }),
    );
    const invalid = [400, 'urn:trespass:problem:invalid-parameter', undefined];
    expect(faults).toEqual([
      [400, 'urn:trespass:problem:invalid-query', 0],
      ...Array.from({ length: 8 }, () => invalid),
    ]);
  });

  it('is not replaced or deleted by whoever has not seen what it is now', async () => {
    const ann = person('ann', 'analyst');
    const made = await ask('POST', '', ann, VIEW);
    const tagged = { ...ann, 'if-match': made.etag };
    const first = await ask('PUT', `/${made.body.id}`, tagged, { ...VIEW, q: 'pid>1' });
    const second = await ask('PUT', `/${made.body.id}`, tagged, { ...VIEW, q: 'pid>2' });
    expect([first.status, second.status, (await ask('DELETE', `/${made.body.id}`, tagged)).status]).toEqual([
      200, 412, 412,
    ]);
    expect((await ask('DELETE', `/${made.body.id}`, { ...ann, 'if-match': first.etag })).status).toBe(204);
  });

  it('has a name that its owner has once for a page, and an owner has so many', async () => {
    const ann = person('ann', 'analyst');
    expect((await ask('POST', '', ann, VIEW)).status).toBe(201);
    const again = await ask('POST', '', ann, VIEW);
    expect([again.status, again.body.type]).toEqual([409, 'urn:trespass:problem:already-exists']);
    expect((await ask('POST', '', person('bob', 'analyst'), VIEW)).status).toBe(201);
    const other = await ask('POST', '', ann, { ...VIEW, name: 'Other' });
    expect((await ask('PUT', `/${other.body.id}`, ann, VIEW)).status).toBe(409);
    for (let n = 2; n < VIEWS_OF_OWNER_MAX; n++) await ask('POST', '', ann, { ...VIEW, name: `${n}` });
    const beyond = await ask('POST', '', ann, { ...VIEW, name: 'beyond' });
    expect([beyond.status, beyond.body.type]).toEqual([409, 'urn:trespass:problem:limit-reached']);
  });
});

describe('views of others', () => {
  it('are seen by everybody when they are shared, and changed by who may write', async () => {
    const [viewer, analyst, operator, admin] = [
      person('vic', 'viewer'),
      person('ann', 'analyst'),
      person('olaf', 'operator'),
      person('ada', 'admin'),
    ];
    const own = await ask('POST', '', analyst, { ...VIEW, name: 'own' });
    expect((await ask('POST', '', analyst, { ...VIEW, shared: true })).status).toBe(403);
    expect((await ask('PUT', `/${own.body.id}`, analyst, { ...VIEW, shared: true })).status).toBe(403);
    expect((await ask('POST', '', viewer, VIEW)).status).toBe(403);
    const shared = await ask('POST', '', operator, { ...VIEW, name: 'shared', shared: true });
    expect(names(await ask('GET', '', viewer))).toEqual(['shared']);
    expect(names(await ask('GET', '', analyst))).toEqual(['own', 'shared']);
    expect(names(await ask('GET', '?page=issues', analyst))).toEqual([]);
    expect((await ask('GET', `/${shared.body.id}`, viewer)).body).toMatchObject({ own: false, can_change: false });
    for (const other of [viewer, operator, admin]) {
      expect((await ask('GET', `/${own.body.id}`, other)).status).toBe(404);
    }
    expect((await ask('DELETE', `/${own.body.id}`, admin)).status).toBe(404);
    expect((await ask('DELETE', `/${shared.body.id}`, analyst)).status).toBe(403);
    const changed = await ask('PUT', `/${shared.body.id}`, admin, {
      ...VIEW,
      name: 'shared',
      shared: true,
      q: 'pid>1',
    });
    expect([changed.status, changed.body]).toMatchObject([200, { owner: 'olaf', own: false, q: 'pid>1' }]);
  });

  it('come in pages', async () => {
    const olaf = person('olaf', 'operator');
    for (const name of ['a', 'b', 'c']) await ask('POST', '', olaf, { ...VIEW, name, shared: true });
    const first = await ask('GET', '?limit=2', olaf);
    const second = await ask('GET', `?limit=2&cursor=${first.body.next_cursor}`, olaf);
    expect([names(first), names(second), second.body.next_cursor]).toEqual([['a', 'b'], ['c'], null]);
  });

  it('stay when they are shared and their owner goes; what was theirs alone goes', async () => {
    const olaf = person('olaf', 'operator');
    const mine = await ask('POST', '', olaf, { ...VIEW, name: 'mine' });
    await ask('POST', '', olaf, { ...VIEW, name: 'ours', shared: true });
    const server = app.browser();
    await ask('POST', '', server, { ...VIEW, name: 'ours' });
    deleteAccount(app.db, 'olaf');
    expect(names(await ask('GET', '', server))).toEqual(['ours #2', 'ours']);
    expect(app.db.prepare('SELECT count(*) AS n FROM views WHERE id = ?').get(mine.body.id)).toEqual({ n: 0 });
    // The number of an account that is gone may be given to another.
    expect(names(await ask('GET', '', person('otto', 'operator')))).toEqual(['ours #2']);
  });

  it('are forgotten when their token has ended', async () => {
    const token = app.token('read', 'read-sensitive');
    const made = await ask('POST', '', { authorization: `Bearer ${token}` }, VIEW);
    expect(made.body.owner).toBe('read,read-sensitive');
    app.db.prepare('UPDATE tokens SET revoked_ms = 1').run();
    await ask('POST', '', person('ann', 'analyst'), VIEW);
    expect(app.db.prepare('SELECT owner_name FROM views').all()).toEqual([{ owner_name: 'ann' }]);
  });
});
