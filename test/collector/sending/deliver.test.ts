import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deliverer, type DeliveryLoss } from '../../../src/collector/sending/deliver.ts';
import { DeliveryPace } from '../../../src/collector/sending/delivery-pace.ts';
import { SocketClient } from '../../../src/collector/sending/socket-client.ts';
import { Spool } from '../../../src/collector/spool/spool.ts';
import type { BatchHeader } from '../../../src/delivery/batch.ts';
import { gapLine } from '../spool/spool-writer.ts';
import { FakeServer } from './fake-server.ts';

let directory: string;
let socketPath: string;
let spool: Spool;
let deliverer: Deliverer;
let losses: DeliveryLoss[];
beforeEach(() => {
  losses = [];
  directory = mkdtempSync(join(tmpdir(), 'trespass-deliver-'));
  socketPath = join(directory, 'ingest.sock');
  spool = Spool.open({ directory: join(directory, 'spool'), bytesMax: 64 * 1024 * 1024 });
  deliverer = new Deliverer({
    spool,
    directory: join(directory, 'spool'),
    transport: new SocketClient(socketPath),
    log: pino({ level: 'silent' }),
    onLost: (loss) => losses.push(loss),
    pauses: { firstMs: 20, lastMs: 100, refusedMs: 40 },
  });
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

  it('lets no more leave in a second than a server wants, and keeps the rest', async () => {
    const pace = new DeliveryPace();
    // A second's worth at once, and then at the rate.
    expect([100, 50, 50].map((documents) => pace.afterMs(documents, 100, 10_000))).toEqual([0, 500, 1_000]);
    expect([pace.afterMs(10, 100, 60_000), pace.afterMs(1_000_000, undefined, 60_000)]).toEqual([0, 0]);
    await deliverer.stop();
    const server = await FakeServer.listen(socketPath);
    const options = { spool, directory: join(directory, 'spool'), transport: new SocketClient(socketPath) };
    const log = pino({ level: 'silent' });
    deliverer = new Deliverer({ ...options, log, onLost: () => {}, documentsPerSecond: () => 50 });
    deliverer.start();
    append(1, 1_000);
    await server.until((documents) => documents.length >= 50);
    // The bound is so that all of it would take twenty seconds.
    expect(spool.documents).toBeGreaterThan(0);
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
    ['knows no such key', (response) => response.writeHead(401).end() !== undefined],
    ['forbids it', (response) => response.writeHead(403).end() !== undefined],
    ['is not what it should be', (response) => response.writeHead(404).end() !== undefined],
    ['sends us elsewhere', (response) => response.writeHead(307, { location: '/x' }).end() !== undefined],
    ['refuses everything as malformed', (response) => response.writeHead(400).end() !== undefined],
    ['asks for time', (response) => response.writeHead(429, { 'retry-after': '0' }).end() !== undefined],
    ['answers nonsense', (response) => response.end('{"ack_seq":"all"}') !== undefined],
    ['acknowledges what it never got', (response) => response.end('{"ack_seq":99,"rejected":[]}') !== undefined],
    ['hangs up', (response) => response.destroy() !== undefined],
  ])('deletes nothing when the server %s, and delivers once it has recovered', async (_, misbehave) => {
    const server = await FakeServer.listen(socketPath);
    // Recovers by itself after two failures: one line refused alone, with others taken after it, would be poison.
    let failures = 0;
    let kept = 0;
    server.misbehave = (response) => {
      if (failures === 2) kept = spool.documents;
      return failures++ < 2 && (misbehave?.(response) ?? false);
    };
    append(1, 5);
    await server.until((documents) => documents.length >= 5);
    expect([kept, failures > 2]).toEqual([5, true]);
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

  it('finds the one document that the server does not take, gives up that one alone, and counts it', async () => {
    const server = await FakeServer.listen(socketPath);
    server.refuses = ({ seq }) => seq === 700;
    append(1, 1_000);
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(seqs(server)).toEqual(upTo(1_000).filter((seq) => seq !== 700));
    expect(deliverer.deadLetters).toBe(1);
    const letter = JSON.parse(readFileSync(join(directory, 'spool', 'dead-letters.ndjson'), 'utf8'));
    expect(letter).toMatchObject({ reason: expect.stringContaining('status 400') });
    expect(JSON.parse(letter.line)).toMatchObject({ seq: 700 });
    // It was a gap, and a gap about a gap would go the same way.
    expect(losses).toEqual([]);
    await server.close();
  });

  it('puts aside what was rejected of a batch that was committed', async () => {
    const server = await FakeServer.listen(socketPath);
    server.misbehave = (response) => {
      response.end('{"ack_seq":3,"rejected":[{"seq":2,"reason":"no"}]}');
      return true;
    };
    const { doc } = gapLine(1);
    spool.append([gapLine(1), { doc: { ...doc, kind: 'malformed' } as never }, gapLine(3)]);
    deliverer.notify();
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(losses).toEqual([{ cause: 'undeliverable', count: 1, key: `${spool.id} 2` }]);
    await server.close();
  });

  it('sends less at once to a server that says that it is too much', async () => {
    const server = await FakeServer.listen(socketPath);
    server.linesMax = 100;
    append(1, 1_000);
    await server.until((documents) => documents.length === 1_000);
    expect(seqs(server)).toEqual(upTo(1_000));
    await server.close();
  });

  it('sends again what is still here to a server that forgot, and counts the rest once', async () => {
    const server = await FakeServer.listen(socketPath);
    append(1, 10);
    expect(await deliverer.drain(10_000)).toBe(true);
    // As if its file with the first ones had been deleted since.
    vi.spyOn(spool, 'reopenFrom').mockReturnValueOnce(5);
    const headers: BatchHeader[] = [];
    server.onHeader = (header, response) => {
      headers.push(header);
      if (header.resync_seq === 2) return false;
      response.writeHead(409).end('{"expected_seq":2}');
      return true;
    };
    append(11, 12);
    expect(await deliverer.drain(10_000)).toBe(true);
    expect(headers.map(({ acked_seq, resync_seq }) => [acked_seq, resync_seq])).toEqual([
      [10, undefined],
      [10, 2],
    ]);
    expect(losses).toEqual([{ cause: 'server-restored', count: 3, key: `${spool.id} 2 5` }]);
    await server.close();
  });
});
