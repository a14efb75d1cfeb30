import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenialContext } from '../../src/api/schemas/context.ts';
import type { Denial, Gap } from '../../src/landlock/document.ts';
import { testAllocation, testDeallocation, testDenial, testEventId } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

const START_MS = Date.UTC(2026, 2, 1, 10);
const FLOOD_MS = START_MS + 3_600_000;
const MIDDLE = 250;
const otherHost = { id: 'host-2', name: 'web-2', boot: { id: 'boot-2' } };

/** Five hundred within five seconds, ten milliseconds apart. */
const flood = Array.from({ length: 500 }, (_, n) => ({
  ...testDenial(n, {}, FLOOD_MS),
  '@timestamp': new Date(FLOOD_MS + n * 10).toISOString(),
}));

const gap: Gap = {
  kind: 'gap',
  '@timestamp': new Date(START_MS + 12_000).toISOString(),
  event: { id: testEventId('gap') },
  host: testDenial(1).host,
  cause: 'serial-gap',
  count: 4,
};

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  const quiet = [1, 5, 10, 15, 59].map((n) => testDenial(n));
  const canary = testDenial(11, { tags: ['canary'] });
  const elsewhere = testDenial(10, { host: otherHost }, START_MS + 1);
  const delivered = await app.deliver([
    testAllocation(START_MS + 1_000),
    ...[...quiet, canary, elsewhere, gap],
    testDeallocation(START_MS - 45_000),
    ...flood,
  ]);
  expect(delivered.json()).toMatchObject({ rejected: [] });
});
afterAll(() => app.close());

async function contextOf(denial: Denial | undefined, query = '', token = app.token('read')): Promise<DenialContext> {
  const url = `/api/v1/denials/${denial?.event.id}/context${query}`;
  const response = await app.tcp.inject({ url, headers: { authorization: `Bearer ${token}` } });
  expect(response.statusCode).toBe(200);
  return response.json();
}

/** What happened, with the seconds since the start. */
const told = ({ data }: DenialContext) => data.map(({ at, what }) => [what, (Date.parse(at) - START_MS) / 1_000]);

describe('the context of a denial', () => {
  it('is what the same host recorded in the seconds before and after, in the order of time', async () => {
    const context = await contextOf(testDenial(10));
    expect(told(context)).toEqual([
      ['domain-allocated', 1],
      ['denial', 1],
      ['denial', 5],
      ['denial', 10],
      ['denial', 11],
      ['denial', 15],
      ['domain-deallocated', 15],
    ]);
    expect(context).toMatchObject({
      from: '2026-03-01T09:59:40.000Z',
      to: '2026-03-01T10:00:40.000Z',
      more: { before: false, after: false, domains: false },
      malformed: 0,
      lost: [{ cause: 'serial-gap', count: 4 }],
    });
    expect(context.data[0]?.domain).toMatchObject({ id: '195ba459b', host: { id: 'host-1' } });
    expect(context.data[4]?.denial?.tags).toEqual(['canary']);
  });

  it('is as long as asked for', async () => {
    expect(told(await contextOf(testDenial(10), '?seconds=5'))).toEqual([
      ['denial', 5],
      ['denial', 10],
      ['denial', 11],
      ['denial', 15],
      ['domain-deallocated', 15],
    ]);
    expect(told(await contextOf(testDenial(10), '?seconds=1')).length).toBe(2);
    expect(told(await contextOf(testDenial(1), '?seconds=58')).at(-1)).toEqual(['denial', 59]);
  });

  it('has the nearest on both sides where there is more than it may have, and says so', async () => {
    const context = await contextOf(flood[MIDDLE]);
    const numbers = context.data.map(({ denial }) => (denial?.event.sequence ?? 0) - 100);
    const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
    expect(context.more).toEqual({ before: true, after: true, domains: false });
    expect(numbers).toEqual(Array.from({ length: last - first + 1 }, (_, n) => first + n));
    expect(first).toBe(MIDDLE - 99);
    expect(last).toBeGreaterThanOrEqual(MIDDLE + 50);
    expect(last).toBeLessThanOrEqual(MIDDLE + 100);
  });

  it('keeps to what the reader may see', async () => {
    const sensitive = app.token('read', 'read-sensitive');
    expect(JSON.stringify(await contextOf(testDenial(10)))).not.toContain('hunter2');
    expect(JSON.stringify(await contextOf(testDenial(10), '', sensitive))).toContain('hunter2');
  });

  it.each([
    ['nothing/context', 404],
    [`${testEventId('none')}/context`, 404],
    [`${testDenial(10).event.id}/context?seconds=0`, 400],
    [`${testDenial(10).event.id}/context?seconds=601`, 400],
    [`${testDenial(10).event.id}/context?minutes=1`, 400],
  ])('answers %s with %i', async (path, status) => {
    const response = await app.api.inject({ url: `/api/v1/denials/${path}` });
    expect([response.statusCode, response.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
  });
});
