import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DomainExplanation, Explanation } from '../../src/api/schemas/explanation.ts';
import type { Denial } from '../../src/landlock/document.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { testAllocation, testDeallocation, testDenial, testEventId } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const START_MS = Date.UTC(2026, 2, 1, 10);
const DAY_MS = 86_400_000;
const otherHost = { id: 'host-2', name: 'web-2', boot: { id: 'boot-2' } };

const read = testDenial(10);
const early = testDenial(1, {}, START_MS - 10 * DAY_MS);
const elsewhere = testDenial(10, { host: otherHost }, START_MS + 1);
const connect = testDenial(12, {
  landlock: { ...read.landlock, blockers: ['net.connect_tcp'], object: { kind: 'socket' } },
  destination: { ip: '10.1.2.3', port: 443 },
});
const ofOther = testDenial(13, { process: { pid: 77, name: 'cat', executable: '/usr/bin/cat' } });
const nameless: Denial = {
  ...testDenial(14),
  landlock: { ...read.landlock, domain: { id: 'abc' }, actor_certainty: 'absent' },
};
delete (nameless as { process?: unknown }).process;

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  const delivered = await app.deliver([
    early,
    testAllocation(START_MS + 1_000),
    ...[read, connect, ofOther, nameless, elsewhere],
    testDeallocation(START_MS),
  ]);
  expect(delivered.json()).toMatchObject({ rejected: [] });
});
afterAll(() => app.close());

async function get<T>(path: string, token = app.token('read')): Promise<T> {
  const response = await app.tcp.inject({ url: `/api/v1/${path}`, headers: { authorization: `Bearer ${token}` } });
  expect([response.statusCode, response.body.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return response.json();
}

const { fingerprint } = fingerprintOf(read);

describe('the explanation of a denial', () => {
  it('says who was refused what by whose sandbox, what it means, why, and what nobody knows', async () => {
    const answer = await get<Explanation>(`denials/${read.event.id}/explanation`);
    expect(answer).toMatchObject({
      sentence:
        'cat (/usr/bin/cat, pid 289, user root) was refused to read /etc/shadow ' +
        'by the sandbox that /usr/bin/sandboxer set up (domain 195ba459b, pid 288).',
      creator: '/usr/bin/sandboxer',
      denial: { id: read.event.id, at: read['@timestamp'], host: { id: 'host-1', name: 'web-1' } },
      meaning: [{ blocker: 'fs.read_file', since_abi: 1 }],
    });
    expect(answer.causes.map(({ do: remedy }) => remedy).join()).toContain('do not allow it');
    expect(answer.unknown.length).toBeGreaterThan(0);
  });

  it('has its neighbours: since when, where else, and what the same process was refused around it', async () => {
    const answer = await get<Explanation>(`denials/${read.event.id}/explanation`);
    expect(answer.issue).toMatchObject({ id: fingerprint, first_seen: early['@timestamp'], denials: 4, hosts: 2 });
    expect(answer.other_hosts).toMatchObject([{ id: 'host-2', name: 'web-2', denials: 1 }]);
    expect(answer.around).toEqual({
      pid: 289,
      seconds: 60,
      is_sampled: false,
      data: [
        {
          issue: fingerprintOf(connect).fingerprint,
          title: 'cat is refused to connect over TCP to port 443',
          denials: 1,
        },
      ],
    });
  });

  it('says nothing of a process that is not named', async () => {
    const answer = await get<Explanation>(`denials/${nameless.event.id}/explanation`);
    expect(answer.around).toBeUndefined();
    expect(answer.sentence).toMatch(/^A process that the records do not name was refused/);
    expect(answer.unknown.join()).toContain('Who set up the sandbox');
  });

  it('holds nothing that needs more than the scope read', async () => {
    const whole = await get<Explanation>(`denials/${read.event.id}/explanation`, app.token('read', 'read-sensitive'));
    expect(await get<Explanation>(`denials/${read.event.id}/explanation`)).toEqual(whole);
    expect(JSON.stringify(whole)).not.toContain('hunter2');
  });
});

it('explains an issue by its latest denial', async () => {
  const answer = await get<Explanation>(`issues/${fingerprint}/explanation`);
  expect(answer.denial.id).toBe(ofOther.event.id);
  expect(answer.issue?.id).toBe(fingerprint);
});

it('explains a domain by what it refused', async () => {
  const answer = await get<DomainExplanation>('domains/web-1/boot-1/195ba459b/explanation');
  expect(answer).toMatchObject({
    domain: { host: { id: 'host-1', name: 'web-1' }, boot: 'boot-1', id: '195ba459b' },
    sentence:
      'The sandbox that /usr/bin/sandboxer set up (domain 195ba459b, pid 288, user root) on web-1 refused 7 accesses, ' +
      '3 of which are not in the log; it ended at 2026-03-01T10:01:00.000Z.',
    refused: [
      { issue: fingerprint, denials: 3, denial: { id: ofOther.event.id } },
      { issue: fingerprintOf(connect).fingerprint, denials: 1, denial: { id: connect.event.id } },
    ],
    sampled: 4,
    meaning: [{ blocker: 'fs.read_file' }, { blocker: 'net.connect_tcp' }],
  });
  expect(answer.unknown.join()).toContain('What the accesses were that are not in the log.');
  expect(new Set(answer.unknown).size).toBe(answer.unknown.length);
});

it.each([
  `denials/${testEventId('none')}/explanation`,
  'denials/x/explanation',
  'issues/x/explanation',
  'domains/web-1/boot-1/1/explanation',
  'domains/web-9/boot-1/195ba459b/explanation',
])('answers %s with 404', async (path) => {
  const response = await app.api.inject({ url: `/api/v1/${path}` });
  expect([response.statusCode, response.headers['content-type']]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ]);
});
