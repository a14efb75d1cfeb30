// What the scope `shared` alone is told of a fleet that it must not know of.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDenial } from './support/documents.ts';
import { createTestApp, type TestApp } from './support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  await app.deliver([testDenial(1)]);
});
afterAll(() => app.close());

const ask = (fleet: string, ...scopes: Parameters<TestApp['token']>) =>
  app.tcp.inject({
    url: `/api/v1/fleets/${fleet}/shared?weeks=3`,
    headers: { authorization: `Bearer ${app.token(...scopes)}` },
  });

it('is the same whether there is such a fleet or not', async () => {
  const [known, unknown] = [await ask('default', 'shared'), await ask('nothing', 'shared')];
  expect([known.statusCode, unknown.statusCode]).toEqual([200, 200]);
  expect(known.json()).toMatchObject({ fleet: 'default', weeks: 3, weeks_withheld: 3, denials: 0 });
  expect(unknown.json()).toEqual({ ...known.json(), fleet: 'nothing' });
});

it('says to readers that there is none', async () => {
  expect((await ask('default', 'shared', 'read')).statusCode).toBe(200);
  expect((await ask('nothing', 'shared', 'read')).statusCode).toBe(404);
});
