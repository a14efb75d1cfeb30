// Who reaches the server by which way, and how long it waits for them.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { addressGroup, SignInThrottle } from '../../../src/api/access/sign-in-throttle.ts';
import { parseListenAddress } from '../../../src/api/transport/listen-address.ts';
import { parseProxies } from '../../../src/api/transport/proxies.ts';
import { toTransport } from '../../../src/api/transport/transport.ts';
import { SERVER_CONFIG } from '../../support/server-config.ts';
import { silentLog } from '../support/silent-log.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const apps: TestApp[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function testApp(overrides: Parameters<typeof createTestApp>[0]): Promise<TestApp> {
  const app = await createTestApp(overrides);
  apps.push(app);
  return app;
}

const transport = (config: Partial<typeof SERVER_CONFIG>) => {
  const server = { ...SERVER_CONFIG, ...config };
  return toTransport(server, parseListenAddress(server.listen), silentLog);
};

describe('the configuration of the way in', () => {
  it.each([
    [{ listen: '0.0.0.0:0' }, 'plain-http-refused'],
    [{ listen: '[::]:0' }, 'plain-http-refused'],
    [{ listen: 'web-1:80' }, 'plain-http-refused'],
    [{ tlsCertificate: '/x' }, 'tls-incomplete'],
    [{ tlsKey: '/x' }, 'tls-incomplete'],
    [{ behindProxy: true, trustedProxies: '10.0.0.0/33' }, 'invalid-proxies'],
    [{ behindProxy: true, trustedProxies: 'proxy.example' }, 'invalid-proxies'],
    [{ hostNames: 'a b:80' }, 'invalid-host-names'],
    [{ publicUrl: 'trespass.example' }, 'invalid-public-url'],
    [{ publicUrl: 'https://x.example/path' }, 'invalid-public-url'],
    [{ publicUrl: 'javascript:alert(1)' }, 'invalid-public-url'],
  ])('is refused as %j', (config, code) => {
    expect(() => transport(config)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  it('lets plain HTTP beyond the loopback be behind a proxy alone', () => {
    for (const listen of ['127.0.0.1:0', '127.9.9.9:0', 'localhost:0', '[::1]:0']) {
      expect(transport({ listen })).toMatchObject({ isSecure: false, isProxy: undefined });
    }
    const { isSecure, hostNames, originOf } = transport({
      listen: '0.0.0.0:0',
      behindProxy: true,
      publicUrl: 'https://Trespass.example',
      hostNames: 'Other.example, third',
    });
    expect([isSecure, originOf(5), [...hostNames]]).toEqual([
      true,
      'https://trespass.example',
      expect.arrayContaining(['localhost', 'other.example', 'third', 'trespass.example']),
    ]);
  });
});

describe('behind a proxy', () => {
  const proxied = () => testApp({ isProxy: parseProxies('10.0.0.0/8 2001:db8::1'), isSecure: true });
  const get = (app: TestApp, remoteAddress: string, headers: Record<string, string> = {}) =>
    app.tcp.inject({ url: '/-/healthy', remoteAddress, headers });

  it('nobody else gets in but programs of this machine', async () => {
    const app = await proxied();
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '127.0.0.1', '::1']) {
      expect((await get(app, address)).statusCode).toBe(200);
    }
    for (const address of ['192.0.2.1', '2001:db8::2', '11.0.0.1']) {
      const response = await get(app, address, { 'x-forwarded-for': '127.0.0.1' });
      expect([response.statusCode, response.json().type]).toEqual([403, 'urn:trespass:problem:not-by-proxy']);
    }
  });

  it('nobody gets in who came to it without TLS', async () => {
    const app = await proxied();
    const status = async (proto: string) => (await get(app, '10.0.0.1', { 'x-forwarded-proto': proto })).statusCode;
    expect([await status('https'), await status('http'), await status('HTTP, https')]).toEqual([200, 403, 403]);
  });

  it('who asks is whom the proxy names, and nobody can name another', async () => {
    const app = await proxied();
    const address = async (remoteAddress: string, forwarded: string) => {
      await app.tcp.inject({
        method: 'POST',
        url: '/api/v1/session',
        remoteAddress,
        headers: { 'x-forwarded-for': forwarded },
        payload: { user: 'x', password: 'wrong' },
      });
      const { data } = (await app.api.inject({ url: '/api/v1/audit-log?limit=1' })).json();
      return data[0].actor.address;
    };
    expect(await address('10.0.0.1', '198.51.100.7')).toBe('198.51.100.7');
    expect(await address('10.0.0.1', '127.0.0.1, 198.51.100.8')).toBe('198.51.100.8');
    expect(await address('127.0.0.1', '198.51.100.9')).toBe('127.0.0.1');
  });

  it('takes writes from pages that came by TLS', async () => {
    const app = await proxied();
    const write = async (origin: string, host: string) => {
      const headers = { ...app.browser(), host, origin };
      return (await app.tcp.inject({ method: 'DELETE', url: '/api/v1/session', headers })).statusCode;
    };
    expect(await write('https://dashboard.example', 'dashboard.example')).toBe(204);
    expect(await write('https://dashboard.example', 'dashboard.example:443')).toBe(204);
    expect(await write('http://dashboard.example', 'dashboard.example')).toBe(403);
    expect(await write('http://localhost:1423', 'localhost:1423')).toBe(204);
  });
});

describe('bounds of requests', () => {
  it('hold each token, session and address to its own share', async () => {
    const app = await testApp({ requestsPerMinute: 10 });
    const status = async (headers: Record<string, string>, remoteAddress = '192.0.2.1') =>
      (await app.tcp.inject({ url: '/api/v1/session', headers, remoteAddress })).statusCode;
    const token = { authorization: `Bearer ${app.token('read')}` };
    for (let n = 0; n < 10; n++) expect(await status(token)).toBe(200);
    const late = await app.tcp.inject({ url: '/api/v1/session', headers: token });
    expect([late.statusCode, Number(late.headers['retry-after']) > 0]).toEqual([429, true]);
    expect(await status({ authorization: `Bearer ${app.token('read')}` })).toBe(200);
    for (let n = 0; n < 10; n++) expect(await status({}, `2001:db8:0:7::${n}`)).toBe(401);
    expect([await status({}, '2001:db8:0:7:ffff::1'), await status({}, '2001:db8:0:8::1')]).toEqual([429, 401]);
    expect(await status({ cookie: app.cookie() }, '2001:db8:0:7::1')).toBe(200);
  });

  it('take no more of a header, a body or an address than has a use', async () => {
    const app = await testApp({});
    const address = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
    const answer = async (text: string) => {
      const socket = open(address);
      socket.end(text);
      return (await readAll(socket)).split('\r\n')[0];
    };
    const head = (line: string) => `${line}\r\nHost: localhost\r\nConnection: close\r\n`;
    expect(await answer(`${head('GET /-/healthy HTTP/1.1')}X: ${'x'.repeat(20_000)}\r\n\r\n`)).toContain(' 431 ');
    const post = head('POST /api/v1/session HTTP/1.1');
    const json = 'Content-Type: application/json\r\n';
    expect(await answer(`${post}${json}Content-Length: 99999999\r\n\r\n`)).toContain(' 413 ');
    expect(await answer(`${head('GET / HTTP/1.1')}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`)).toContain(
      ' 400 ',
    );
    expect(await answer('\u0016\u0003\u0001')).toContain(' 400 ');
  });
});

describe('slow clients', () => {
  const patience = { headersMaxMs: 200, requestMaxMs: 400, silenceMaxMs: 1_500, lookMs: 50 };

  it('are let go in the middle of headers and bodies, and when they say nothing', async () => {
    const app = await testApp({ patience });
    const address = await app.tcp.listen({ host: '127.0.0.1', port: 0 });
    const post = 'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const begun = ['GET / HTTP/1.1\r\nHost: local', `${post}Content-Length: 100\r\n\r\n{`, ''];
    const answers = await Promise.all(
      begun.map(async (text) => {
        const socket = open(address);
        socket.write(text);
        return (await readAll(socket)).split('\r\n')[0];
      }),
    );
    expect(answers).toEqual([expect.stringContaining(' 408 '), expect.stringContaining(' 408 '), expect.any(String)]);
    expect((await fetch(`${address}/-/healthy`)).status).toBe(200);
  });
});

describe('the throttle of signing in', () => {
  it('counts attempts that are under way, by address and by name, and forgives the name that gets in', () => {
    const throttle = new SignInThrottle({ spanMs: 1_000, failuresOfAddressMax: 3, failuresOfNameMax: 2 });
    expect([1, 2, 3].map((n) => throttle.begin(`192.0.2.${n}`, n === 2 ? 'ADA' : 'ada', 0))).toEqual([0, 0, 1_000]);
    expect(throttle.begin('192.0.2.9', 'ada', 999)).toBe(1);
    expect(throttle.begin('192.0.2.9', 'ada', 1_000)).toBe(0);
    throttle.succeed('192.0.2.9', 'ada');
    expect([1, 2, 3, 4].map((n) => throttle.begin('192.0.2.9', `user${n}`, 1_000))).toEqual([0, 0, 0, 1_000]);
  });

  it('takes a network of IPv6 for one address', () => {
    expect(
      ['::1', '2001:DB8::1', '2001:db8:0:0:ffff::', 'fe80::1%eth0', '::ffff:192.0.2.1', '192.0.2.1'].map(addressGroup),
    ).toEqual(['0:0:0:0::/64', '2001:db8:0:0::/64', '2001:db8:0:0::/64', 'fe80:0:0:0::/64', '192.0.2.1', '192.0.2.1']);
  });
});

function open(address: string): Socket {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}
