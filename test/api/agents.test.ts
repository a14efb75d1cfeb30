import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentShares } from '../../src/api/ingest/agent-shares.ts';
import type { Delivered } from '../../src/delivery/batch.ts';
import { encodeBatch, encodeLine } from '../../src/delivery/encode-batch.ts';
import type { EnrolAnswer } from '../../src/delivery/enrol.ts';
import { idOfText } from '../../src/landlock/event-id.ts';
import type { Aggregate } from '../../src/landlock/privacy/aggregate.ts';
import { configEtag } from '../../src/store/access/agent-configs.ts';
import { createToken } from '../../src/store/access/tokens.ts';
import { testDenial } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const SPOOL = 'ab'.repeat(16);
/** Of a fleet that nobody configured. */
const WANTS_NOTHING = configEtag(null);

function invitation(limits: { needsApproval?: boolean; usesMax?: number; fleet?: string } = {}): string {
  const { needsApproval = false, fleet = 'web', usesMax } = limits;
  const enrolment = { fleet, needsApproval, ...(usesMax !== undefined && { usesMax }) };
  const made = createToken(app.db, { name: 'invitation', scopes: ['enroll'], enrolment }, app.clock.nowMs);
  return made === 'too-many' ? '' : made.text;
}

const hostOf = (id: string, boot = 'boot-1') => ({ id, name: id, boot_id: boot, kernel: '6.18', arch: 'x64' });

async function enrol(token: string, host: string, more: object = {}) {
  const response = await app.tcp.inject({
    method: 'POST',
    url: '/api/v1/agents/enroll',
    headers: { authorization: `Bearer ${token}` },
    payload: { host: hostOf(host), version: '0.1.0', ...more },
  });
  return { status: response.statusCode, ...response.json<EnrolAnswer>() };
}

async function deliver(key: string, docs: readonly Delivered[], header: object = {}, firstSeq = 1) {
  const body = Buffer.from(docs.map((doc, i) => encodeLine(firstSeq + i, doc, undefined)).join(''));
  const batch = { spool: SPOOL, firstSeq, lastSeq: firstSeq + docs.length - 1, body, ...header };
  return await app.tcp.inject({
    method: 'POST',
    url: '/api/v1/ingest',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
    },
    payload: gzipSync(Buffer.concat(encodeBatch(batch))),
  });
}

async function beat(key: string, host: string, boot = 'boot-1', sentAtMs = app.clock.nowMs, etag?: string) {
  const heartbeat = {
    host: hostOf(host, boot),
    version: '0.1.0',
    sent_at: new Date(sentAtMs).toISOString(),
    pid: 1,
    started_at: new Date(0).toISOString(),
    source: 'netlink',
    privileges: { uid: 0, capabilities: [] },
    canary: { state: 'seen' },
    counts: { records: 0, events: 0, denials: 0, malformed: 0, lost: [] },
    spool: { documents: 0, bytes: 0, bytes_max: 1 },
    ...(etag !== undefined && {
      config_etag: etag,
      config: { taken: { heartbeat_seconds: 60 }, refused: ['privacy'] },
      privacy: 'reduced',
    }),
  };
  return await app.tcp.inject({
    method: 'POST',
    url: '/api/v1/agents/self/heartbeat',
    headers: { authorization: `Bearer ${key}`, 'if-none-match': etag ?? WANTS_NOTHING },
    payload: heartbeat,
  });
}

const act = (agent: string, decision: string) =>
  app.tcp.inject({ method: 'POST', url: `/api/v1/agents/${agent}/${decision}`, headers: app.browser() });

async function agentOf(id: string) {
  const response = await app.tcp.inject({ url: '/api/v1/agents', headers: { cookie: app.cookie() } });
  return response.json().data.find((agent: { id: string }) => agent.id === id);
}

const own = (host: string, n: number) => testDenial(n, { host: { id: host, name: host, boot: { id: 'boot-1' } } });

describe('enrolment', () => {
  it('gives a host a key, a fleet and a place in the list, and what it delivers is stored', async () => {
    const {
      status,
      agent,
      key = '',
      fleet,
      state,
    } = await enrol(invitation(), 'h1', {
      labels: [{ name: 'role', value: 'front' }],
    });
    expect({ status, fleet, state }).toEqual({ status: 201, fleet: 'web', state: 'online' });
    expect((await beat(key, 'h1', 'boot-1', app.clock.nowMs + 86_400_000)).statusCode).toBe(204);
    expect((await deliver(key, [own('h1', 1), own('h1', 2)])).json()).toMatchObject({ ack_seq: 2, stored: 2 });
    expect(await agentOf(agent)).toMatchObject({
      host: { id: 'h1' },
      fleet: 'web',
      labels: [{ name: 'role', value: 'front' }],
      state: 'online',
      clock_skew_ms: 86_400_000,
    });
    const hosts = await app.tcp.inject({ url: '/api/v1/hosts?fleet=web', headers: { cookie: app.cookie() } });
    expect(hosts.json().data.map(({ id }: { id: string }) => id)).toEqual(['h1']);
  });

  it('repeated with its key changes nothing, and takes no key away', async () => {
    const first = await enrol(invitation(), 'h2');
    const again = await enrol(invitation(), 'h2', { known: { agent: first.agent, key: first.key } });
    expect(again).toEqual({ status: 201, agent: first.agent, fleet: 'web', state: 'online' });
  });

  it('of a host that another agent stands for waits for approval, and then replaces it', async () => {
    const first = await enrol(invitation(), 'h3');
    const thief = await enrol(invitation(), 'h3');
    expect(thief.state).toBe('pending');
    expect((await deliver(thief.key ?? '', [own('h3', 11)])).json()).toMatchObject({ status: 403 });
    expect((await deliver(first.key ?? '', [own('h3', 11)])).json()).toMatchObject({ stored: 1 });
    expect((await act(thief.agent, 'approve')).json()).toMatchObject({ state: 'online' });
    expect((await deliver(first.key ?? '', [own('h3', 12)])).statusCode).toBe(401);
    expect((await deliver(thief.key ?? '', [own('h3', 12)])).json()).toMatchObject({ stored: 1 });
  });

  it('of a host that was heard of without being an agent waits for approval, and moves it nowhere', async () => {
    const host = { id: 'h-local', name: 'h-local', boot: { id: 'boot-1' } };
    const old = { id: 'h-read', name: 'h-read', boot: { id: 'boot-1' } };
    await app.deliver([testDenial(70, { host }), testDenial(71, { host: old, tags: ['replay'] })], 900);
    const fleetOf = async (id: string) => (await app.api.inject({ url: `/api/v1/hosts/${id}` })).json().fleet;
    const claimed = await enrol(invitation(), 'h-local');
    expect([claimed.state, await fleetOf('h-local')]).toEqual(['pending', 'default']);
    expect((await deliver(claimed.key ?? '', [own('h-local', 72)])).statusCode).toBe(403);
    expect((await act(claimed.agent, 'approve')).json()).toMatchObject({ state: 'online' });
    expect(await fleetOf('h-local')).toBe('web');
    // What was only read from a log is nobody's.
    expect((await enrol(invitation(), 'h-read')).state).toBe('online');
  });

  it('is limited in number, and needs a token of its own kind', async () => {
    const token = invitation({ usesMax: 1 });
    expect((await enrol(token, 'h4')).status).toBe(201);
    expect((await enrol(token, 'h5')).status).toBe(409);
    for (const scope of ['ingest', 'admin', 'write'] as const)
      expect((await enrol(app.token(scope), 'h5')).status).toBe(403);
    expect((await enrol('tra_0', 'h5')).status).toBe(401);
  });

  it('may need approval', async () => {
    const { agent, key = '', state } = await enrol(invitation({ needsApproval: true }), 'h6');
    expect(state).toBe('pending');
    expect((await deliver(key, [own('h6', 20)])).json()).toMatchObject({ type: 'urn:trespass:problem:agent-pending' });
    await act(agent, 'approve');
    expect((await deliver(key, [own('h6', 20)])).statusCode).toBe(200);
  });
});

describe('an agent', () => {
  it('may deliver and nothing else', async () => {
    const { key } = await enrol(invitation(), 'r1');
    for (const url of ['/api/v1/denials', '/api/v1/agents', '/api/v1/tokens']) {
      const response = await app.tcp.inject({ url, headers: { authorization: `Bearer ${key}` } });
      expect([url, response.statusCode]).toEqual([url, 403]);
    }
  });

  it('cannot write as another host', async () => {
    const { key = '' } = await enrol(invitation(), 'r2');
    const answer = (await deliver(key, [own('r2', 30), own('h1', 31)])).json();
    expect(answer).toMatchObject({ stored: 1, rejected: [{ seq: 2, reason: expect.stringContaining('host') }] });
    expect((await beat(key, 'h1')).statusCode).toBe(403);
  });

  it('that was revoked is refused at once', async () => {
    const { agent, key = '' } = await enrol(invitation(), 'r3');
    expect((await act(agent, 'revoke')).json()).toMatchObject({ state: 'revoked' });
    expect((await deliver(key, [own('r3', 40)])).statusCode).toBe(401);
    expect((await act(agent, 'revoke')).statusCode).toBe(404);
  });

  it('gets a new key for its old one, which ends', async () => {
    const { key = '' } = await enrol(invitation(), 'r4');
    const authorization = `Bearer ${key}`;
    const rotated = await app.tcp.inject({
      method: 'POST',
      url: '/api/v1/agents/self/key',
      headers: { authorization },
    });
    expect((await deliver(key, [own('r4', 50)])).statusCode).toBe(401);
    expect((await deliver(rotated.json().key, [own('r4', 50)])).statusCode).toBe(200);
  });

  it('that is two machines is a conflict, until somebody decides', async () => {
    const { agent, key = '' } = await enrol(invitation(), 'r5');
    expect((await beat(key, 'r5', 'boot-1')).statusCode).toBe(204);
    expect((await beat(key, 'r5', 'boot-2')).statusCode).toBe(204);
    expect((await beat(key, 'r5', 'boot-1')).json()).toMatchObject({ type: 'urn:trespass:problem:agent-conflict' });
    expect((await deliver(key, [own('r5', 60)])).statusCode).toBe(403);
    expect((await agentOf(agent)).state).toBe('conflict');
    await act(agent, 'approve');
    expect((await beat(key, 'r5', 'boot-2')).statusCode).toBe(204);
    expect((await deliver(key, [own('r5', 60)])).statusCode).toBe(200);
  });

  it('is stale and offline when it is silent', async () => {
    const { agent, key = '' } = await enrol(invitation(), 'r6');
    await beat(key, 'r6');
    app.clock.nowMs += 5 * 60_000;
    expect((await agentOf(agent)).state).toBe('stale');
    app.clock.nowMs += 3_600_000;
    expect((await agentOf(agent)).state).toBe('offline');
  });

  it('S-RESYNC: is told where to go on when we forgot what we had', async () => {
    const { key = '' } = await enrol(invitation(), 'r7');
    await deliver(key, [own('r7', 70), own('r7', 71)]);
    const ahead = await deliver(key, [own('r7', 79)], { ackedSeq: 9 }, 10);
    expect([ahead.statusCode, ahead.json().expected_seq]).toEqual([409, 3]);
    expect((await deliver(key, [own('r7', 79)], { ackedSeq: 9, resyncSeq: 3 }, 10)).statusCode).toBe(200);
    expect((await deliver(key, [own('r7', 80)], { ackedSeq: 10 }, 11)).statusCode).toBe(200);
    const moved = { spool: 'cd'.repeat(16), ackedSeq: 500, baseSeq: 500 };
    expect((await deliver(key, [own('r7', 81)], moved, 501)).statusCode).toBe(200);
  });

  it('may not swell a small body beyond the limit of a batch, nor send half a stream', async () => {
    const { key = '' } = await enrol(invitation(), 'r8');
    const send = (payload: Buffer) =>
      app.tcp.inject({
        method: 'POST',
        url: '/api/v1/ingest',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/x-ndjson',
          'content-encoding': 'gzip',
        },
        payload,
      });
    expect((await send(gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)))).statusCode).toBe(413);
    const whole = gzipSync(Buffer.from('{"kind":"batch"}'));
    expect((await send(whole.subarray(0, -9))).statusCode).toBe(400);
    expect((await send(Buffer.from('no gzip at all'))).statusCode).toBe(400);
  });
});

describe('what a fleet wants of its agents', () => {
  it('comes with the answer to a heartbeat until the agent knows it, and the list says who does', async () => {
    const { agent, key = '' } = await enrol(invitation({ fleet: 'wanted' }), 'h80');
    const url = '/api/v1/fleets/wanted/agent-config';
    const put = (payload: object) => app.tcp.inject({ method: 'PUT', url, headers: app.browser(), payload });
    const putAs = (etag: string, payload: object) =>
      app.tcp.inject({ method: 'PUT', url, headers: { ...app.browser(), 'if-match': etag }, payload });
    expect((await put({ privacy: 'none' })).statusCode).toBe(400);
    expect((await put({ privacy: 'reduced', heartbeat_seconds: 60 })).statusCode).toBe(204);
    const heard = await beat(key, 'h80');
    expect([heard.statusCode, heard.json()]).toEqual([200, { privacy: 'reduced', heartbeat_seconds: 60 }]);
    const etag = String(heard.headers.etag);
    const config = await app.tcp.inject({ url, headers: { cookie: app.cookie() } });
    expect(config.json()).toEqual({ fleet: 'wanted', etag, config: heard.json() });
    expect(config.headers.etag).toBe(etag);
    expect([(await putAs(WANTS_NOTHING, {})).statusCode, (await putAs(etag, heard.json())).statusCode]).toEqual([
      412, 204,
    ]);
    expect(await agentOf(agent)).toMatchObject({ config: { is_current: false }, privacy: 'full' });
    expect((await beat(key, 'h80', 'boot-1', app.clock.nowMs, etag)).statusCode).toBe(204);
    expect(await agentOf(agent)).toMatchObject({
      config: { etag, is_current: true, taken: { heartbeat_seconds: 60 }, refused: ['privacy'] },
      privacy: 'reduced',
    });
    expect((await put({})).statusCode).toBe(204);
    expect((await beat(key, 'h80', 'boot-1', app.clock.nowMs, etag)).json()).toEqual({});
    expect(await agentOf(agent)).toMatchObject({ config: { etag, is_current: false } });
  });
});

describe('an agent that only counts', () => {
  const hourMs = Date.UTC(2026, 2, 1, 10);
  const counted = (n: number, more: Partial<Aggregate> = {}): Aggregate => ({
    kind: 'aggregate',
    '@timestamp': new Date(hourMs).toISOString(),
    event: { id: idOfText(`count ${n}`) },
    reporter: { id: '0123456789abcdef' },
    of: 'denials',
    count: 5,
    landlock: { blockers: ['fs.read_file', 'fs.refer'], object: { kind: 'file' } },
    file: { path: '<home>' },
    process: { executable: '/usr/bin/curl' },
    package: { name: 'curl', version: '8.1', type: 'dpkg' },
    ...more,
  });

  it('S-COUNT: is in the metrics of its fleet, apart from all others, once, and leaves no host and no denial', async () => {
    const { key = '' } = await enrol(invitation({ fleet: 'quiet' }), 'h90');
    const docs = [
      counted(1),
      counted(2, { reporter: { id: 'ffffffffffffffff' }, count: 2 }),
      counted(3, { of: 'lost', cause: 'serial-gap' }),
      counted(4, { of: 'everything' as 'lost' }),
      counted(5, { file: { path: 'a\0b' } }),
    ];
    const answer = await deliver(key, docs);
    expect(answer.json()).toMatchObject({ ack_seq: 5, stored: 3, duplicates: 0 });
    expect(answer.json().rejected.map(({ seq }: { seq: number }) => seq)).toEqual([4, 5]);
    expect((await deliver(key, docs)).json()).toMatchObject({ stored: 0, duplicates: 3 });
    const url = `/api/v1/fleets/quiet/metrics?from=${new Date(hourMs).toISOString()}&to=${new Date(hourMs + 1).toISOString()}`;
    const metrics = (await app.tcp.inject({ url, headers: { cookie: app.cookie() } })).json();
    const part = (value: string) => ({ value, denials: 7, reporters: 2 });
    expect(metrics).toMatchObject({ denials: 0, hosts_total: 0 });
    expect(metrics.aggregated).toEqual({
      denials: 7,
      domains: 0,
      malformed: 0,
      lost: [{ cause: 'serial-gap', count: 5 }],
      reporters: 2,
      by_program: [part('/usr/bin/curl')],
      by_blocker: [part('fs.read_file'), part('fs.refer')],
      by_object: [part('<home>')],
      by_package: [part('curl 8.1')],
    });
  });
});

describe('the share of an agent', () => {
  it('fills up steadily, is owed at most one batch, and is nobody else’s', () => {
    const shares = new AgentShares(100);
    expect(shares.waitSeconds(1, 0)).toBeUndefined();
    // Asked again and again, as while the store is full: nothing is taken for that.
    expect(shares.waitSeconds(1, 0)).toBeUndefined();
    shares.charge(1, 500_100, 0);
    expect(shares.waitSeconds(1, 0)).toBe(2);
    expect(shares.waitSeconds(2, 0)).toBeUndefined();
    expect(shares.waitSeconds(1, 2_000)).toBeUndefined();
  });
});
