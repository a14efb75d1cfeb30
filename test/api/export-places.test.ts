// The few places of exports: whoever stops reading keeps one for a while, so nobody alone may have them all.
import { expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors.ts';
import type { Readers } from '../../src/api/readers/readers.ts';
import { createTestApp } from './support/test-app.ts';

it('leaves an export for others when one caller has as many as it may', async () => {
  const waiting: ((error: Error) => void)[] = [];
  const readers: Readers = { ask: async () => await new Promise((_, reject) => waiting.push(reject)) };
  const app = await createTestApp({ readers });
  const ask = (token: string) =>
    app.tcp.inject({ url: '/api/v1/denials/export', headers: { authorization: `Bearer ${token}` } });
  const [one, other] = [app.token('read'), app.token('read')];
  const own = [ask(one), ask(one), ask(one)];
  await expect.poll(() => waiting.length).toBe(3);
  expect((await ask(one)).json()).toMatchObject({
    type: 'urn:trespass:problem:too-many-streams',
    detail: '3 exports are under way, 3 of this token or session',
  });
  const others = [ask(other)];
  await expect.poll(() => waiting.length).toBe(4);
  expect((await ask(other)).statusCode).toBe(503);
  for (const fail of waiting.splice(0)) fail(new ApiError('query-timeout', 'too long'));
  const codes = (await Promise.all([...own, ...others])).map((answer) => answer.json().type);
  expect(new Set(codes)).toEqual(new Set(['urn:trespass:problem:query-timeout']));
  const later = [ask(one), ask(one), ask(one)];
  await expect.poll(() => waiting.length).toBe(3);
  for (const fail of waiting.splice(0)) fail(new ApiError('query-timeout', 'too long'));
  await Promise.all(later);
  await app.close();
});
