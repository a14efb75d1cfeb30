// Accounts over the API: made, changed and removed by who administrates; one's own password by whoever knows the old one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignInThrottle } from '../../src/api/access/sign-in-throttle.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const FIRST = 'correct horse battery';
const SECOND = 'staple of another kind';
let app: TestApp;
let admin: Record<string, string>;

beforeAll(async () => {
  const limits = { spanMs: 900_000, failuresOfAddressMax: 100, failuresOfNameMax: 3 };
  app = await createTestApp({ throttle: new SignInThrottle(limits) });
  admin = { authorization: `Bearer ${app.token('admin')}` };
});
afterAll(() => app.close());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

let addresses = 0;

/** Each from an address of its own, so that no limit of addresses is met. */
async function ask(method: Method, path: string, headers: Record<string, string>, payload?: object) {
  const response = await app.tcp.inject({
    method,
    url: `/api/v1${path}`,
    headers,
    remoteAddress: `10.1.0.${++addresses}`,
    ...(payload && { payload }),
  });
  const cookies = Object.fromEntries(response.cookies.map(({ name, value }) => [name, value]));
  const browser = {
    cookie: `trespass_session=${cookies.trespass_session}`,
    'x-csrf-token': cookies.trespass_csrf ?? '',
  };
  const body = response.body === '' ? undefined : JSON.parse(response.body);
  return { status: response.statusCode, body, browser, text: response.body };
}

const signIn = (user: string, password: string) => ask('POST', '/session', {}, { user, password });
const isSignedIn = async (browser: Record<string, string>) => (await ask('GET', '/session', browser)).status === 200;

describe('accounts', () => {
  it('are made, listed, changed, disabled and removed, and nothing tells of passwords', async () => {
    const made = await ask('POST', '/accounts', admin, { name: 'Ann', role: 'viewer', password: FIRST });
    expect([made.status, made.body]).toEqual([
      201,
      {
        name: 'ann',
        role: 'viewer',
        created_at: '2026-03-01T12:00:00.000Z',
        password_changed_at: '2026-03-01T12:00:00.000Z',
      },
    ]);
    expect((await ask('POST', '/accounts', admin, { name: 'ann', role: 'viewer', password: FIRST })).status).toBe(409);
    const { browser } = await signIn('ann', FIRST);
    expect(await isSignedIn(browser)).toBe(true);
    const changed = await ask('PATCH', '/accounts/ann', admin, { role: 'analyst' });
    expect([changed.status, changed.body.role, await isSignedIn(browser)]).toEqual([200, 'analyst', false]);
    const again = await signIn('ann', FIRST);
    const disabled = await ask('PATCH', '/accounts/ann', admin, { disabled: true });
    expect([disabled.body.disabled_at, await isSignedIn(again.browser)]).toEqual(['2026-03-01T12:00:00.000Z', false]);
    expect((await signIn('ann', FIRST)).status).toBe(401);
    expect((await ask('PATCH', '/accounts/ann', admin, { disabled: false })).body.disabled_at).toBeUndefined();
    expect((await ask('PUT', '/accounts/ann/password', admin, { password: SECOND })).status).toBe(204);
    expect([(await signIn('ann', FIRST)).status, (await signIn('ann', SECOND)).status]).toEqual([401, 204]);
    const listed = await ask('GET', '/accounts', admin);
    expect(listed.body.data).toMatchObject([{ name: 'ann', role: 'analyst' }]);
    expect(listed.text).not.toMatch(/scrypt|"password"/);
    expect((await ask('DELETE', '/accounts/ann', admin)).status).toBe(204);
    expect((await signIn('ann', SECOND)).status).toBe(401);
    const log = (await ask('GET', '/audit-log?limit=500', admin)).body.data as { action: string; detail?: object }[];
    expect(
      log.filter(({ action }) => action.startsWith('user-')).map(({ action, detail }) => [action, detail]),
    ).toEqual([
      ['user-remove', undefined],
      ['user-password', undefined],
      ['user-change', { disabled: false }],
      ['user-change', { disabled: true }],
      ['user-change', { role: 'analyst' }],
      ['user-add', { role: 'viewer' }],
    ]);
  });

  it('are refused with a reason', async () => {
    const valid = { name: 'x', role: 'viewer', password: FIRST };
    const statuses = await Promise.all(
      [{ name: '../x' }, { name: '__proto__' }, { role: 'root' }, { password: 'short' }, { x: 1 }].map(
        async (change) => (await ask('POST', '/accounts', admin, { ...valid, ...change })).status,
      ),
    );
    expect(statuses).toEqual([400, 400, 400, 400, 400]);
    const unknown = await Promise.all([
      ask('PATCH', '/accounts/nobody', admin, { role: 'viewer' }),
      ask('PATCH', '/accounts/__proto__', admin, { disabled: true }),
      ask('DELETE', '/accounts/nobody', admin),
      ask('PUT', '/accounts/nobody/password', admin, { password: FIRST }),
    ]);
    expect(unknown.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await ask('PATCH', '/accounts/nobody', admin, {})).status).toBe(400);
  });
});

describe("one's own password", () => {
  it('is changed by who knows the old one: the other browsers are signed out, this one goes on', async () => {
    await ask('POST', '/accounts', admin, { name: 'bob', role: 'viewer', password: FIRST });
    const [here, there] = [await signIn('bob', FIRST), await signIn('bob', FIRST)];
    const change = { old_password: FIRST, password: SECOND };
    const { 'x-csrf-token': _, ...withoutToken } = here.browser;
    expect((await ask('PUT', '/session/password', withoutToken, change)).status).toBe(403);
    const weak = await ask('PUT', '/session/password', here.browser, { ...change, password: 'short' });
    expect([weak.status, weak.body.detail]).toEqual([400, 'a password has at least 12 characters']);
    const changed = await ask('PUT', '/session/password', here.browser, change);
    expect(changed.status).toBe(204);
    const signedIn = [changed.browser, here.browser, there.browser].map(isSignedIn);
    expect(await Promise.all(signedIn)).toEqual([true, false, false]);
    expect([(await signIn('bob', FIRST)).status, (await signIn('bob', SECOND)).status]).toEqual([401, 204]);
  });

  it('is guessed no faster than at the door, and the guesses are logged', async () => {
    await ask('POST', '/accounts', admin, { name: 'eve', role: 'viewer', password: FIRST });
    const { browser } = await signIn('eve', FIRST);
    const guess = { old_password: 'wrong', password: SECOND };
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await ask('PUT', '/session/password', browser, guess)).status);
    expect(statuses).toEqual([403, 403, 403, 429]);
    expect((await signIn('eve', FIRST)).status).toBe(429);
    const log = await ask('GET', '/audit-log?actor=eve&outcome=refused', admin);
    expect(log.body.data).toMatchObject(Array(3).fill({ action: 'user-password' }));
  });

  it('is nothing that whoever came by a link or with a token has', async () => {
    const change = { old_password: FIRST, password: SECOND };
    const answers = await Promise.all(
      [app.browser(), admin].map((headers) => ask('PUT', '/session/password', headers, change)),
    );
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });
});
