import { afterAll, beforeAll, expect, it } from 'vitest';
import { testBatch, testDenial } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const ARGUMENT = 'y'.repeat(4_096);
const withArguments = (n: number, count: number) =>
  testDenial(n, { process: { pid: 1, parent: { pid: 2 }, name: 'cat', args: Array(count).fill(ARGUMENT) } });

it('a document that is too large is rejected by itself, whatever stands beside it', async () => {
  const docs = [testDenial(1), withArguments(2, 70), withArguments(3, 60), testDenial(4), withArguments(5, 2_000)];
  const answer = await app.deliver(docs, 11);
  const reason = 'the document has more than 262144 bytes';
  expect(answer.json()).toEqual({
    ack_seq: 15,
    stored: 3,
    duplicates: 0,
    rejected: [
      { seq: 12, reason },
      { seq: 15, reason },
    ],
  });
});

it('records beside a document do not count', async () => {
  const lines = testBatch([testDenial(20)]).split('\n');
  const line = {
    ...JSON.parse(lines[1] ?? ''),
    raw: 'type=LANDLOCK_ACCESS msg=audit(1.000:1): domain=1\n'.repeat(10_000),
  };
  const answer = await app.ingest.inject({
    method: 'POST',
    url: '/api/v1/ingest',
    headers: { 'content-type': 'application/x-ndjson' },
    payload: `${lines[0]}\n${JSON.stringify(line)}\n`,
  });
  expect(answer.json()).toMatchObject({ stored: 1, rejected: [] });
});
