import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deliverer } from '../../src/collector/deliver.ts';
import { Spool } from '../../src/collector/spool.ts';
import { FakeServer } from './fake-server.ts';
import { gapLine } from './spool-writer.ts';

let directory: string;
let socketPath: string;
let spool: Spool;
let deliverer: Deliverer;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-deliver-'));
  socketPath = join(directory, 'ingest.sock');
  spool = Spool.open({ directory: join(directory, 'spool'), bytesMax: 64 * 1024 * 1024 });
  deliverer = new Deliverer({ spool, socketPath, log: pino({ level: 'silent' }) });
  deliverer.start();
});
afterEach(async () => {
  await deliverer.stop();
  spool.close();
  rmSync(directory, { recursive: true });
});

function append(from: number, to: number): void {
  spool.append(Array.from({ length: to - from + 1 }, (_, i) => gapLine(from + i)));
  deliverer.notify();
}

const seqs = (server: FakeServer) => server.lines.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

describe('delivery', () => {
  it('sends a lone document without waiting for more, and forgets it when it is answered for', async () => {
    const server = await FakeServer.listen(socketPath);
    append(1, 1);
    await server.until((documents) => documents.length === 1);
    expect(await deliverer.drain(1_000)).toBe(true);
    expect(spool.documents).toBe(0);
    await server.close();
  });

  it('sends many in few batches, all of them once, in order', async () => {
    const server = await FakeServer.listen(socketPath);
    append(1, 12_000);
    await server.until((documents) => documents.length === 12_000);
    expect(seqs(server)).toEqual(upTo(12_000));
    expect(server.batches).toBe(3);
    await server.close();
  });

  it('waits for a server that is not there yet, and loses nothing', async () => {
    append(1, 10);
    expect(await deliverer.drain(150)).toBe(false);
    expect(spool.documents).toBe(10);
    const server = await FakeServer.listen(socketPath);
    await server.until((documents) => documents.length === 10);
    expect(seqs(server)).toEqual(upTo(10));
    await server.close();
  });

  it.each<[string, FakeServer['misbehave']]>([
    ['answers with an error', (response) => response.writeHead(500).end('no') !== undefined],
    ['refuses for ever', (response) => response.writeHead(413).end() !== undefined],
    ['answers nonsense', (response) => response.end('{"ack_seq":"all"}') !== undefined],
    ['acknowledges what it never got', (response) => response.end('{"ack_seq":99,"rejected":[]}') !== undefined],
    ['hangs up', (response) => response.destroy() !== undefined],
  ])('deletes nothing when the server %s, and delivers once it has recovered', async (_, misbehave) => {
    const server = await FakeServer.listen(socketPath);
    let failures = 0;
    server.misbehave = (response) => {
      failures++;
      return misbehave?.(response) ?? false;
    };
    append(1, 5);
    while (failures < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(spool.documents).toBe(5);
    server.misbehave = undefined;
    await server.until((documents) => documents.length >= 5);
    expect(seqs(server)).toEqual(upTo(5));
    await server.close();
  });

  it('goes on after the acknowledged line when only a part was acknowledged', async () => {
    const server = await FakeServer.listen(socketPath);
    let isFirst = true;
    server.misbehave = (response) => {
      if (!isFirst) return false;
      isFirst = false;
      response.end('{"ack_seq":2,"rejected":[]}');
      return true;
    };
    append(1, 2);
    append(3, 5);
    await server.until((documents) => documents.length >= 3);
    expect(seqs(server)).toEqual([3, 4, 5]);
    await server.close();
  });

  it('stops while the server does not answer, and keeps what it had sent', async () => {
    const server = await FakeServer.listen(socketPath);
    let isAsked = false;
    server.misbehave = () => {
      isAsked = true;
      return true;
    };
    append(1, 3);
    while (!isAsked) await new Promise((resolve) => setTimeout(resolve, 5));
    await deliverer.stop();
    expect(spool.documents).toBe(3);
    await server.close();
  });
});
