// Whoever asks again and again by one connection, and reads nothing, does not fill the server's memory.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { testDenial } from '../support/documents.ts';
import { createTestApp } from '../support/test-app.ts';

const REQUESTS = 60;
/** An answer of a megabyte. */
const DENIALS = 250;

it('refuses what does not fit beside answers that nobody reads, in their order, and answers later again', async () => {
  const app = await createTestApp();
  const path = `/${'x'.repeat(3_900)}`;
  await app.deliver(Array.from({ length: DENIALS }, (_, n) => testDenial(n, { file: { path: `${path}${n}` } })));
  await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.tcp.server.address() as { port: number };
  let answered = 0;
  app.tcp.server.prependListener('request', (_request, response) => {
    const end = response.end.bind(response);
    response.end = ((...of: Parameters<typeof end>) => {
      answered++;
      return end(...of);
    }) as typeof end;
  });
  const head = ['host: localhost', `authorization: Bearer ${app.token('read')}`];
  const request = (...more: string[]) =>
    [`GET /api/v1/denials?limit=${DENIALS} HTTP/1.1`, ...head, ...more, '', ''].join('\r\n');
  const socket = connect({ port, host: '127.0.0.1' }).pause();
  socket.write(request().repeat(REQUESTS));
  await expect.poll(() => answered, { timeout: 30_000 }).toBe(REQUESTS);
  const chunks: Buffer[] = [];
  const statuses = () =>
    [
      ...Buffer.concat(chunks)
        .toString('latin1')
        .matchAll(/HTTP\/1\.1 (\d{3}) /g),
    ].map(([, status]) => status);
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume();
  await expect.poll(() => statuses().length, { timeout: 30_000 }).toBe(REQUESTS);
  const found = statuses();
  const whole = found.filter((status) => status === '200').length;
  expect(whole).toBeGreaterThan(0);
  expect(whole).toBeLessThan(20);
  expect(found).toEqual([...Array(whole).fill('200'), ...Array(REQUESTS - whole).fill('503')]);
  socket.write(request('connection: close'));
  await once(socket, 'close');
  expect(statuses().at(-1)).toBe('200');
  await app.close();
});
