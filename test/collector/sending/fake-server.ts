// The server's side of the delivery protocol on a Unix socket, without a database: remembers what it answered for.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { BatchAnswer, BatchHeader, BatchLine, Heartbeat } from '../../../src/delivery/batch.ts';
import { parseBatch } from '../../../src/delivery/parse-batch.ts';
import type { Document } from '../../../src/landlock/document.ts';

export class FakeServer {
  /** In order of arrival, with repetitions. */
  readonly lines: BatchLine[] = [];
  readonly heartbeats: Heartbeat[] = [];
  batches = 0;
  /** Called instead of the ordinary answer while it is set; answers whether it dealt with the batch. */
  misbehave: ((response: ServerResponse) => boolean) | undefined;
  /** The same, with the header. */
  onHeader: ((header: BatchHeader, response: ServerResponse) => boolean) | undefined;
  /** A batch with such a line gets 400, as from a server that does not know which one it is. */
  refuses: (line: BatchLine) => boolean = () => false;
  /** What it says that it had of the spool. */
  hadSeq: number | undefined;
  /** A longer batch gets 413. */
  linesMax = Number.POSITIVE_INFINITY;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => this.#answer(request.url ?? '', Buffer.concat(parts), response));
    });
  }

  static async listen(path: string): Promise<FakeServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return new FakeServer(server);
  }

  /** Those that every kernel gives; the others are in `lines`. */
  get documents(): Document[] {
    return this.lines.flatMap(({ doc }) =>
      doc.kind === 'domain-created' || doc.kind === 'sandbox-call' || doc.kind === 'aggregate' ? [] : [doc],
    );
  }

  /** Resolves with the documents once `enough` is content with them; rejects after `timeoutMs`. */
  async until(enough: (documents: Document[]) => boolean, timeoutMs = 10_000): Promise<Document[]> {
    const giveUpAt = performance.now() + timeoutMs;
    while (!enough(this.documents)) {
      if (performance.now() > giveUpAt) {
        throw new Error(
          `not within ${timeoutMs} ms; the last of ${this.lines.length}: ${JSON.stringify(this.documents.slice(-5))}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.documents;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(url: string, body: Buffer, response: ServerResponse): void {
    if (url === '/api/v1/agents/self/heartbeat') {
      this.heartbeats.push(JSON.parse(body.toString()));
      response.writeHead(204).end();
      return;
    }
    if (this.misbehave?.(response)) return;
    const batch = parseBatch(body);
    if (!batch.ok || url !== '/api/v1/ingest') {
      response.writeHead(400).end(batch.ok ? 'not found' : batch.reason);
      return;
    }
    if (this.onHeader?.(batch.header, response)) return;
    if (batch.lines.some(this.refuses)) {
      response.writeHead(400).end('there is something wrong with it');
      return;
    }
    if (batch.lines.length > this.linesMax) {
      response.writeHead(413).end();
      return;
    }
    this.batches++;
    this.lines.push(...batch.lines);
    const answer: BatchAnswer = {
      ack_seq: batch.header.last_seq,
      stored: batch.lines.length,
      duplicates: 0,
      ...(this.hadSeq !== undefined && { had_seq: this.hadSeq }),
      rejected: batch.rejected,
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
