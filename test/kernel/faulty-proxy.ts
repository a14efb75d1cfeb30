// A faulty middle between an agent and its server, with the server's own certificate: it delivers batches twice and late,
// and on request makes one document unreadable. Notes what the server answered.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { TestCertificate } from '../support/certificate.ts';

interface Passed {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export class FaultyProxy {
  /** Answers to batches: of the agent's own, and of those that were sent again. */
  readonly statuses: number[] = [];
  readonly repeated: number[] = [];
  /** Of the last heartbeat. */
  heartbeat:
    | { readonly counts: { readonly lost: readonly { readonly cause: string; readonly count: number }[] } }
    | undefined;
  /** The next denial that passes is made unreadable, and no other one. */
  isPoisoning = false;
  poisoned = 0;
  readonly #server: Server;
  readonly #target: () => number;
  readonly #connections = new Agent({ keepAlive: true, rejectUnauthorized: false });
  #before: Passed | undefined;

  private constructor(certificate: TestCertificate, target: () => number) {
    this.#target = target;
    this.#server = createServer({ cert: readFileSync(certificate.certificate), key: readFileSync(certificate.key) });
    this.#server.on('request', (from, to) => this.#pass(from, to));
  }

  /** `target`: the server's port on this machine. */
  static async listen(certificate: TestCertificate, target: () => number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(certificate, target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '0.0.0.0', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#connections.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(from: IncomingMessage, to: ServerResponse): void {
    const parts: Buffer[] = [];
    from.on('data', (part: Buffer) => parts.push(part));
    from.on('error', () => to.destroy());
    from.on('end', () => {
      this.#answer({ path: from.url ?? '', headers: from.headers, body: Buffer.concat(parts) }, to).catch(() =>
        to.destroy(),
      );
    });
  }

  async #answer(passed: Passed, to: ServerResponse): Promise<void> {
    if (passed.path.endsWith('/heartbeat')) this.heartbeat = JSON.parse(plain(passed).toString());
    if (passed.path !== '/api/v1/ingest') {
      await this.#forward(passed, to);
      return;
    }
    const batch = this.isPoisoning ? this.#poison(passed) : passed;
    this.statuses.push(await this.#forward(batch, to));
    // Once more, and after it the one before, which comes in the wrong order then.
    for (const again of [batch, this.#before]) {
      if (again !== undefined) this.repeated.push(await this.#forward(again));
    }
    this.#before = batch;
  }

  #poison(passed: Passed): Passed {
    const lines = plain(passed).toString('utf8').split('\n');
    const at = lines.findIndex((line) => line.includes('"doc":{"kind":"denial"'));
    const line = lines[at];
    if (line === undefined) return passed;
    this.isPoisoning = false;
    this.poisoned += 1;
    lines[at] = line.replace('"kind":"denial"', '"kind":"poison"');
    const text = lines.join('\n');
    return { ...passed, body: passed.headers['content-encoding'] === 'gzip' ? gzipSync(text) : Buffer.from(text) };
  }

  /** Answers the status; without `to` nobody hears the answer. */
  async #forward({ path, headers, body }: Passed, to?: ServerResponse): Promise<number> {
    const { host: _, connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers;
    return await new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#target(),
          method: 'POST',
          path,
          headers: { ...rest, host: `127.0.0.1:${this.#target()}`, 'content-length': body.length },
          agent: this.#connections,
        },
        (answer) => {
          const status = answer.statusCode ?? 0;
          if (to === undefined) answer.resume();
          else {
            to.writeHead(status, answer.headers);
            answer.pipe(to);
          }
          answer.on('end', () => resolve(status));
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}

function plain({ headers, body }: Passed): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}
