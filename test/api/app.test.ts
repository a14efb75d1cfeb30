import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBatch, testDenial, testHeartbeat } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function expectProblem(
  response: { statusCode: number; headers: object; json(): unknown },
  status: number,
  code: string,
) {
  expect(response.json()).toMatchObject({
    type: `urn:trespass:problem:${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
    hint: expect.any(String),
  });
  expect(response.statusCode).toBe(status);
  expect(response.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8' });
}

describe('who may', () => {
  it('asks everybody to sign in on TCP, also on loopback', async () => {
    for (const url of [
      '/api/v1/denials',
      '/api/v1/status',
      '/api/v1/openapi.json',
      '/metrics',
      '/api/v1/denials/stream',
    ]) {
      const response = await app.tcp.inject({ url });
      expectProblem(response, 401, 'unauthenticated');
      expect(response.headers['www-authenticate']).toBe('Bearer realm="trespass"');
    }
  });

  it('lets in whoever may open api.sock', async () => {
    const response = await app.api.inject({ url: '/api/v1/session' });
    expect(response.json()).toEqual({ kind: 'socket', scopes: ['shared', 'read', 'read-sensitive', 'write', 'admin'] });
  });

  it('offers on ingest.sock nothing but delivery', async () => {
    const routes = ['/api/v1/denials', '/api/v1/session', '/api/v1/status', '/metrics', '/', '/sign-in', '/-/healthy'];
    for (const url of routes) {
      expectProblem(await app.ingest.inject({ url }), 404, 'not-found');
    }
    expect((await app.deliver([testDenial(900)])).statusCode).toBe(200);
  });

  it('makes sign-in links by api.sock only', async () => {
    const headers = app.browser();
    expectProblem(await app.tcp.inject({ method: 'POST', url: '/api/v1/session/link', headers }), 404, 'not-found');
    const response = await app.api.inject({ method: 'POST', url: '/api/v1/session/link' });
    expect(response.json()).toEqual({
      url: expect.stringMatching(/^http:\/\/localhost:1423\/sign-in\?code=[\w-]{20,}$/),
      expires_at: '2026-03-01T12:15:00.000Z',
    });
  });

  it('takes batches by TCP only with a token of scope ingest', async () => {
    const post = (headers: Record<string, string>) =>
      app.tcp.inject({
        method: 'POST',
        url: '/api/v1/ingest',
        headers: { 'content-type': 'application/x-ndjson', ...headers },
        payload: testBatch([testDenial(901)]),
      });
    expectProblem(await post({}), 401, 'unauthenticated');
    expectProblem(await post(bearer(app.token('read', 'write'))), 403, 'missing-scope');
    expectProblem(await post(bearer(app.token('admin'))), 403, 'missing-scope');
    expectProblem(await post(app.browser()), 403, 'missing-scope');
    expect((await post(bearer(app.token('ingest')))).statusCode).toBe(200);
  });

  it('gives a token of scope ingest nothing to read', async () => {
    const headers = bearer(app.token('ingest'));
    expectProblem(await app.tcp.inject({ url: '/api/v1/denials', headers }), 403, 'missing-scope');
  });

  it('does not accept a revoked, mistyped or malformed token', async () => {
    const token = app.token('read');
    expect((await app.tcp.inject({ url: '/api/v1/denials', headers: bearer(token) })).statusCode).toBe(200);
    for (const wrong of [`${token}x`, token.slice(0, -1), 'trp_', 'x'.repeat(5_000)]) {
      const response = await app.tcp.inject({ url: '/api/v1/denials', headers: bearer(wrong) });
      expectProblem(response, 401, 'unauthenticated');
    }
    expectProblem(
      await app.tcp.inject({ url: '/api/v1/denials', headers: { authorization: 'Basic eA==' } }),
      401,
      'unauthenticated',
    );
  });
});

describe('signing in', () => {
  it('turns a link into a session once, then into 410', async () => {
    const { code } = app.deps.access.createSignInCode(app.clock.nowMs);
    const first = await app.tcp.inject({ url: `/sign-in?code=${code}` });
    expect([first.statusCode, first.headers.location]).toEqual([303, '/']);
    const [cookie, csrf] = [first.headers['set-cookie']].flat();
    expect(cookie).toMatch(/^trespass_session=[\w-]{20,}; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
    expect(csrf).toMatch(/^trespass_csrf=[\w-]{32}; Path=\/; Expires=[^;]*; SameSite=Strict$/);
    const session = await app.tcp.inject({ url: '/api/v1/session', headers: { cookie: cookie?.split(';')[0] ?? '' } });
    expect(session.json()).toEqual({
      kind: 'session',
      role: 'admin',
      scopes: ['shared', 'read', 'read-sensitive', 'write', 'admin'],
      expires_at: '2026-03-08T12:00:00.000Z',
      idle_expires_at: '2026-03-02T00:00:00.000Z',
      csrf_token: csrf?.slice('trespass_csrf='.length).split(';')[0],
    });
    expectProblem(await app.tcp.inject({ url: `/sign-in?code=${code}` }), 410, 'sign-in-link-used');
  });

  it('does not use the link up for a HEAD request', async () => {
    const { code } = app.deps.access.createSignInCode(app.clock.nowMs);
    expect((await app.tcp.inject({ method: 'HEAD', url: `/sign-in?code=${code}` })).statusCode).toBe(405);
    expect((await app.tcp.inject({ url: `/sign-in?code=${code}` })).statusCode).toBe(303);
  });

  it('refuses links older than 15 minutes and sessions older than a week', async () => {
    const { code } = app.deps.access.createSignInCode(app.clock.nowMs);
    const cookie = app.cookie();
    app.clock.nowMs += 15 * 60_000;
    expectProblem(await app.tcp.inject({ url: `/sign-in?code=${code}` }), 410, 'sign-in-link-used');
    app.clock.nowMs += 7 * 24 * 3_600_000;
    expectProblem(await app.tcp.inject({ url: '/api/v1/session', headers: { cookie } }), 401, 'unauthenticated');
    app.clock.nowMs = Date.UTC(2026, 2, 1, 12);
  });

  it('ends the session when signing out', async () => {
    const browser = app.browser();
    const { cookie } = browser;
    const headers = { ...browser, host: 'localhost', origin: 'http://localhost' };
    const response = await app.tcp.inject({ method: 'DELETE', url: '/api/v1/session', headers });
    expect(response.statusCode).toBe(204);
    expect(String(response.headers['set-cookie'])).toContain('trespass_session=;');
    expectProblem(await app.tcp.inject({ url: '/api/v1/session', headers: { cookie } }), 401, 'unauthenticated');
  });

  it('lets nobody try codes for long', async () => {
    const codes: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      const response = await app.tcp.inject({ url: `/sign-in?code=guess${attempt}`, remoteAddress: '192.0.2.1' });
      codes.push(response.statusCode);
      if (attempt === 11) {
        expectProblem(response, 429, 'rate-limited');
        expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
      }
    }
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 410), 429, 429]);
  });
});

describe('against other sites', () => {
  it('answers to its own names and to literal addresses only', async () => {
    const cookie = app.cookie();
    for (const host of ['localhost:1423', '127.0.0.1:1423', '[::1]:1423', 'dashboard.example', 'DASHBOARD.example.']) {
      expect((await app.tcp.inject({ url: '/api/v1/session', headers: { host, cookie } })).statusCode).toBe(200);
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example:1423',
      'a b',
      'localhost@evil',
    ]) {
      expectProblem(await app.tcp.inject({ url: '/', headers: { host } }), 421, 'host-refused');
    }
  });

  it('takes writes by session only from its own page', async () => {
    const write = (headers: Record<string, string>) =>
      app.tcp.inject({
        method: 'DELETE',
        url: '/api/v1/session',
        headers: { cookie: app.cookie(), host: 'localhost:1423', ...headers },
      });
    const proof = () => app.browser();
    expectProblem(await write({}), 403, 'csrf-token');
    expectProblem(await write({ origin: 'http://localhost:1423' }), 403, 'csrf-token');
    expectProblem(await write({ 'x-csrf-token': app.browser()['x-csrf-token'] }), 403, 'csrf-token');
    expectProblem(await write({ 'x-csrf-token': '' }), 403, 'csrf-token');
    for (const foreign of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: 'http://localhost:1424' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expectProblem(await write({ ...proof(), ...foreign }), 403, 'cross-site');
    }
    const own = { origin: 'http://localhost:1423', 'sec-fetch-site': 'same-origin' };
    expect((await write({ ...proof(), ...own })).statusCode).toBe(204);
    expect((await write(proof())).statusCode).toBe(204);
  });

  it('sends a strict content security policy and no CORS header with every answer, errors too', async () => {
    for (const url of ['/', '/api/v1/denials', '/nothing']) {
      const { headers } = await app.tcp.inject({ url, headers: { origin: 'http://evil.example' } });
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'x-request-id': expect.any(String),
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('requests that make no sense', () => {
  const cookie = () => ({ cookie: app.cookie() });

  it('are problems with a hint', async () => {
    const get = (url: string) => app.tcp.inject({ url, headers: cookie() });
    expectProblem(await get('/api/v1/nothing'), 404, 'not-found');
    expectProblem(await get('/api/v1/denials?limit=0'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?limit=501'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?limit=x'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?nothing=1'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?limit=1&limit=2'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?from=yesterday'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?from=now&to=now-1h'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/denials?cursor=zzz'), 400, 'invalid-cursor');
    expectProblem(await get('/api/v1/denials/zzz'), 404, 'not-found');
    expectProblem(await get('/api/v1/denials/%00'), 404, 'not-found');
    expectProblem(await get('/api/v1/denials/%ff'), 400, 'bad-request');
    expectProblem(await get('/api/v1/denials/__proto__'), 404, 'not-found');
    expectProblem(await get(`/api/v1/denials/${'x'.repeat(600)}`), 414, 'uri-too-long');
    expectProblem(await get('/api/v1/domains/a/b/c'), 404, 'not-found');
    expectProblem(await get('/api/v1/domains/a/b/c/tree'), 404, 'not-found');
    expectProblem(await get('/api/v1/hosts/zzz'), 404, 'not-found');
    expectProblem(await get('/api/v1/stats/timeseries?interval=0s'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/timeseries?interval=1s&from=now-365d'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/timeseries?group_by=__proto__'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/top'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/top?by=colour'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/top?by=path&limit=501'), 400, 'invalid-parameter');
    expectProblem(await get('/api/v1/stats/values?field=colour'), 400, 'invalid-parameter');
  });

  it('say where a query is wrong', async () => {
    const urls = [
      '/api/v1/denials?q=blocker%3A%28',
      '/api/v1/denials/stream?q=blocker%3A%28',
      '/api/v1/stats/top?by=path&q=blocker%3A%28',
      '/api/v1/stats/values?field=path&q=blocker%3A%28',
    ];
    for (const url of urls) {
      const response = await app.tcp.inject({ url, headers: cookie() });
      expectProblem(response, 400, 'invalid-query');
      expect(response.json()).toMatchObject({ position: 8 });
    }
    expect(app.deps.hub.size).toBe(0);
  });

  it('are problems when their body is wrong', async () => {
    const post = (url: string, type: string, payload: string | Buffer) =>
      app.ingest.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
    const ndjson = 'application/x-ndjson';
    expectProblem(await post('/api/v1/ingest', ndjson, 'not json\n'), 400, 'invalid-batch');
    expectProblem(
      await post('/api/v1/ingest', ndjson, testBatch([testDenial(1)]).replace('"protocol":1', '"protocol":9')),
      400,
      'invalid-batch',
    );
    expectProblem(await post('/api/v1/ingest', 'text/plain', 'x'), 415, 'unsupported-media-type');
    expectProblem(await post('/api/v1/ingest', 'application/json', '{}'), 415, 'unsupported-media-type');
    expectProblem(
      await post('/api/v1/ingest', ndjson, Buffer.alloc(16 * 1024 * 1024 + 1, 0x20)),
      413,
      'body-too-large',
    );
    expectProblem(await post('/api/v1/agents/self/heartbeat', 'application/json', '{'), 400, 'bad-request');
    expectProblem(await post('/api/v1/agents/self/heartbeat', 'application/json', '{}'), 400, 'invalid-parameter');
    expectProblem(
      await post('/api/v1/agents/self/heartbeat', 'application/json', '{"__proto__":{"x":1}}'),
      400,
      'bad-request',
    );
    const large = JSON.stringify({ ...testHeartbeat(), more: 'x'.repeat(70_000) });
    expectProblem(await post('/api/v1/agents/self/heartbeat', 'application/json', large), 413, 'body-too-large');
  });

  it('are refused when they come compressed in another way than by gzip', async () => {
    const send = (encoding: string) =>
      app.ingest.inject({
        method: 'POST',
        url: '/api/v1/ingest',
        headers: { 'content-type': 'application/x-ndjson', 'content-encoding': encoding },
        payload: 'x',
      });
    expectProblem(await send('br'), 415, 'unsupported-media-type');
    expectProblem(await send('gzip'), 400, 'invalid-batch');
  });
});

describe('errors of the store', () => {
  it('become 503 with Retry-After, so that collectors keep what they have', async () => {
    const { StoreError } = await import('../../src/store/database/store-error.ts');
    const broken = await createTestApp({
      writer: {
        write() {
          throw new StoreError('disk-full', 'the disk is full (/x/y.db)', 'free some space');
        },
      },
    });
    const response = await broken.deliver([testDenial(1)]);
    expectProblem(response, 503, 'store-unavailable');
    expect(response.json()).toMatchObject({ hint: 'free some space' });
    expect(response.headers['retry-after']).toBe('5');
    const status = (await broken.api.inject({ url: '/api/v1/status' })).json();
    expect(status.problems.map((problem: { code: string }) => problem.code)).toContain('ingest-failed');
    await broken.close();
  });

  it('say nothing about bugs but where to look', async () => {
    const broken = await createTestApp({
      readers: {
        ask: async () => {
          throw new Error('secret detail');
        },
      },
    });
    const response = await broken.api.inject({ url: '/api/v1/denials' });
    expectProblem(response, 500, 'internal');
    expect(response.body).not.toContain('secret');
    expect(response.json().instance).toBe(response.headers['x-request-id']);
    await broken.close();
  });
});

describe('the dashboard', () => {
  it('says how to build it where it is not', async () => {
    const response = await app.tcp.inject({ url: '/' });
    expect([response.statusCode, response.body]).toEqual([503, expect.stringContaining('npm run build')]);
  });

  it('is served compressed, revalidated, and under the address of each of its pages', async () => {
    const asset = (text: string, type: string, isImmutable: boolean) => ({
      type,
      etag: `"${text.length}"`,
      isImmutable,
      plain: Buffer.from(text),
      gzip: Buffer.from('gzip'),
      brotli: Buffer.from('brotli'),
    });
    const withPage = await createTestApp({
      assets: new Map([
        ['/index.html', asset('<!doctype html>', 'text/html; charset=utf-8', false)],
        ['/assets/main-a1b2c3d4.js', asset('1', 'text/javascript; charset=utf-8', true)],
      ]),
    });
    const get = (url: string, headers = {}) => withPage.tcp.inject({ url, headers });
    const page = await get('/');
    expect([page.statusCode, page.body, page.headers['cache-control']]).toEqual([200, '<!doctype html>', 'no-cache']);
    expect((await get('/', { 'if-none-match': String(page.headers.etag) })).statusCode).toBe(304);
    const brotli = await get('/assets/main-a1b2c3d4.js', { 'accept-encoding': 'gzip, deflate, br' });
    expect([brotli.body, brotli.headers['content-encoding']]).toEqual(['brotli', 'br']);
    expect(brotli.headers['cache-control']).toContain('immutable');
    expect((await get('/assets/main-a1b2c3d4.js', { 'accept-encoding': 'gzip' })).body).toBe('gzip');
    expect((await get('/denials', { accept: 'text/html' })).body).toBe('<!doctype html>');
    expectProblem(await get('/api/v1/x', { accept: 'text/html' }), 404, 'not-found');
    expectProblem(await get('/assets/other.js', { accept: 'text/html' }), 404, 'not-found');
    expectProblem(await get('/..%2f..%2fetc%2fpasswd'), 404, 'not-found');
    await withPage.close();
  });
});

describe('health', () => {
  it('is told to everybody, in one word', async () => {
    expect((await app.tcp.inject({ url: '/-/healthy' })).body).toBe('ok\n');
    expect((await app.tcp.inject({ url: '/-/ready' })).body).toBe('ready\n');
    const unready = await createTestApp({ unready: () => 'a secret reason' });
    const response = await unready.tcp.inject({ url: '/-/ready' });
    expect([response.statusCode, response.body]).toEqual([503, expect.not.stringContaining('secret')]);
    await unready.close();
  });
});
