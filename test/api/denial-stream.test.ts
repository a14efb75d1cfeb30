import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { StreamHub } from '../../src/api/stream/stream-hub.ts';
import { testAllocation, testDenial } from './support/documents.ts';
import { SseClient } from './support/sse-client.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const STREAMS_MAX = 20;
let app: TestApp;
let url: string;
const clients: SseClient[] = [];

beforeAll(async () => {
  const hub = new StreamHub({
    streamsMax: STREAMS_MAX,
    ofCallerMax: STREAMS_MAX,
    heartbeatMs: 15_000,
    now: () => NOW_MS,
  });
  app = await createTestApp({ hub });
  url = `${await app.tcp.listen({ host: '127.0.0.1', port: 0 })}/api/v1/denials/stream`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) {
    client.close();
  }
  await expect.poll(() => app.deps.hub.size).toBe(0);
});
afterAll(() => app.close());

async function open(query = '', headers: Record<string, string> = {}, isPaused = false): Promise<SseClient> {
  const authorization = `Bearer ${app.token('read', 'read-sensitive')}`;
  const client = await SseClient.open(`${url}${query}`, { authorization, ...headers }, isPaused);
  clients.push(client);
  return client;
}

/** A batch with new denials; the number of the first is unique in this file. */
let next = 1;
async function deliver(count: number, overrides: Parameters<typeof testDenial>[1] = {}) {
  const denials = Array.from({ length: count }, () => testDenial(next++, overrides));
  expect((await app.deliver(denials)).json()).toMatchObject({ stored: count });
  return denials;
}

describe('the stream of denials', () => {
  it('begins with a heartbeat and brings what is committed, as it is stored', async () => {
    const client = await open();
    expect(client.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    await expect.poll(() => client.named('heartbeat').length).toBeGreaterThan(0);
    const [denial] = await deliver(1);
    await app.deliver([testAllocation()]);
    await expect.poll(() => client.named('domain').length).toBe(1);
    expect(client.named('denial')).toEqual([{ event: 'denial', id: denial?.event.id, data: denial }]);
    expect(client.named('domain')).toEqual([{ event: 'domain', data: testAllocation() }]);
  });

  it('does not repeat what was stored before', async () => {
    const client = await open();
    const denials = await deliver(1);
    await app.deliver(denials);
    const [other] = await deliver(1);
    await expect.poll(() => client.named('denial').at(-1)?.id).toBe(other?.event.id);
    expect(client.named('denial')).toHaveLength(2);
  });

  it('brings only what its query asks for, and no canary unless asked', async () => {
    const filtered = await open('?q=path:/srv/*');
    const host = await open('?host=other-host');
    const canary = await open('?include=canary');
    await deliver(1);
    await deliver(1, { file: { path: '/srv/x' } });
    await deliver(1, { tags: ['canary'] });
    await expect.poll(() => canary.named('denial').length).toBe(3);
    expect(filtered.named('denial').map(({ data }) => data)).toMatchObject([{ file: { path: '/srv/x' } }]);
    expect(host.named('denial')).toEqual([]);
  });

  it('shows arguments only with the scope read-sensitive', async () => {
    const plain = await open('', { authorization: `Bearer ${app.token('read')}` });
    const sensitive = await open();
    await deliver(1);
    await expect.poll(() => plain.named('denial').length + sensitive.named('denial').length).toBe(2);
    expect(JSON.stringify(plain.events)).not.toContain('hunter2');
    expect(JSON.stringify(sensitive.events)).toContain('hunter2');
  });

  it('goes on after Last-Event-ID with what was stored meanwhile, oldest first and each once', async () => {
    const missed = await deliver(5);
    const client = await open('', { 'last-event-id': missed[1]?.event.id ?? '' });
    const [live] = await deliver(1);
    await expect.poll(() => client.named('denial').at(-1)?.id).toBe(live?.event.id);
    const ids = [...missed.slice(2), live].map((denial) => denial?.event.id);
    expect(client.named('denial').map(({ id }) => id)).toEqual(ids);
    expect(client.named('overflow')).toEqual([]);
  });

  it('says that denials are missing when Last-Event-ID is unknown or too long ago', async () => {
    const first = next;
    await deliver(1_101);
    for (const id of [testDenial(first).event.id, 'nothing']) {
      const client = await open('', { 'last-event-id': id });
      await expect
        .poll(() => client.named('overflow'))
        .toEqual([{ event: 'overflow', data: { reason: 'replay-limit', missed: null } }]);
      await expect.poll(() => client.named('denial').length).toBe(id === 'nothing' ? 0 : 1_000);
    }
  });

  it('cuts a reader that does not read, with the count of what it missed, and the others do not notice', async () => {
    const slow = await open('', {}, true);
    const quick = await open();
    const path = `/${'x'.repeat(4_000)}`;
    let sent = 0;
    for (let batch = 0; batch < 30; batch++) {
      sent += (await deliver(100, { file: { path } })).length;
      // Its reader lives in this process too, so that it reads only when we wait: else it is slow as well.
      await expect.poll(() => quick.named('denial').length, { interval: 5, timeout: 10_000 }).toBe(sent);
    }
    slow.read();
    await expect.poll(() => slow.isEnded, { timeout: 10_000 }).toBe(true);
    const got = slow.named('denial').length;
    expect(slow.events.at(-1)).toEqual({ event: 'overflow', data: { reason: 'slow-reader', missed: sent - got } });
    expect(got).toBeLessThan(sent);
    expect(quick.isEnded).toBe(false);
  }, 60_000);

  it('refuses more streams than the limit, and takes new ones when others end', async () => {
    const open20 = await Promise.all(Array.from({ length: STREAMS_MAX }, () => open()));
    const refused = await open();
    expect([refused.response.statusCode, refused.response.headers['retry-after']]).toEqual([503, '10']);
    open20[0]?.close();
    await expect.poll(() => app.deps.hub.size).toBe(STREAMS_MAX - 1);
    expect((await open()).response.statusCode).toBe(200);
  });

  it('leaks nothing over a thousand connects and aborts', async () => {
    const authorization = `Bearer ${app.token('read')}`;
    for (let round = 0; round < 100; round++) {
      const batch = await Promise.all(Array.from({ length: 10 }, () => SseClient.open(url, { authorization })));
      for (const client of batch) {
        client.close();
      }
      await expect.poll(() => app.deps.hub.size, { interval: 5 }).toBe(0);
    }
    const connections = await new Promise((resolve) =>
      app.tcp.server.getConnections((_error, count) => resolve(count)),
    );
    expect(connections).toBe(0);
  }, 60_000);
});

describe('the heartbeat of the stream', () => {
  let beating: TestApp;

  beforeAll(async () => {
    const hub = new StreamHub({
      streamsMax: STREAMS_MAX,
      ofCallerMax: STREAMS_MAX,
      heartbeatMs: 100,
      now: () => NOW_MS,
    });
    beating = await createTestApp({ hub });
    await beating.tcp.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => beating.close());

  async function openBeating(cookie: string, isPaused = false): Promise<SseClient> {
    const address = beating.tcp.server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const client = await SseClient.open(`http://127.0.0.1:${port}/api/v1/denials/stream`, { cookie }, isPaused);
    clients.push(client);
    return client;
  }

  it('comes again and again', async () => {
    const client = await openBeating(beating.cookie());
    await expect.poll(() => client.named('heartbeat').length).toBeGreaterThan(2);
    expect(client.events[0]).toEqual({ event: 'heartbeat', data: { now: '2026-03-01T12:00:00.000Z' } });
  });

  it('ends the stream when the session has ended', async () => {
    const cookie = beating.cookie();
    const client = await openBeating(cookie);
    await expect.poll(() => client.named('heartbeat').length).toBeGreaterThan(0);
    beating.deps.access.endSessionsOf(null);
    await expect.poll(() => client.isEnded, { timeout: 5_000 }).toBe(true);
  });

  it('ends the stream of a reader that was cut and still does not read', async () => {
    await openBeating(beating.cookie(), true);
    const path = `/${'x'.repeat(4_000)}`;
    for (let batch = 0; batch < 30; batch++) {
      const denials = Array.from({ length: 100 }, (_, n) => testDenial(batch * 100 + n, { file: { path } }));
      await beating.deliver(denials);
    }
    await expect.poll(() => beating.deps.hub.size, { timeout: 10_000 }).toBe(0);
  });
});
