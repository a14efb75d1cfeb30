// Connections of one address and streams of one caller are bounded, and who is refused is told so.
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { ConnectionGate } from '../../../src/api/access/connection-gate.ts';
import { StreamHub } from '../../../src/api/stream/stream-hub.ts';
import { createTestApp } from '../support/test-app.ts';

it('refuses connections of an address beyond their number, counts them, and lets others in when some end', async () => {
  const app = await createTestApp({ connections: new ConnectionGate(2) });
  await app.tcp.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.tcp.server.address() as { port: number };
  const open = () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    const text = new Promise<string>((resolve) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.once('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    return { socket, text };
  };
  const kept = [open(), open()];
  await expect
    .poll(() => new Promise((resolve) => app.tcp.server.getConnections((_, count) => resolve(count))))
    .toBe(2);
  expect(await open().text).toMatch(/^HTTP\/1\.1 503 .*urn:trespass:problem:too-many-connections/s);
  expect(app.deps.connections.refused).toBe(1);
  expect((await app.api.inject({ url: '/metrics' })).body).toContain('trespass_connections_refused_total 1\n');
  for (const { socket } of kept) socket.destroy();
  await Promise.all(kept.map(({ text }) => text));
  await expect
    .poll(() => new Promise((resolve) => app.tcp.server.getConnections((_, count) => resolve(count))))
    .toBe(0);
  const later = open();
  later.socket.end('GET /-/healthy HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
  expect(await later.text).toMatch(/^HTTP\/1\.1 200 /);
  await app.close();
});

it('leaves streams for others when one caller has as many as it may', async () => {
  const hub = new StreamHub({ streamsMax: 4, ofCallerMax: 2, heartbeatMs: 15_000, now: () => 0 });
  const options = { bufferMax: 1_000, maySeeSensitive: false, matches: () => true, isAllowed: () => true };
  const open = (caller: string) => hub.open(caller, options);
  const first = open('a');
  expect([first, open('a'), open('a'), open('b')].map((stream) => stream !== undefined)).toEqual([
    true,
    true,
    false,
    true,
  ]);
  first?.destroy();
  await expect.poll(() => hub.size).toBe(2);
  expect(open('a')).toBeDefined();
  hub.close();
});
