// POST over a Unix socket, with connections that are kept open.
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Post, PostOutcome, Transport } from './transport.ts';

/** An answer that is longer is cut: ours are short. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** One for batches, one for heartbeats. */
const CONNECTIONS_MAX = 2;

export class SocketClient implements Transport {
  readonly #socketPath: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async post(post: Post): Promise<PostOutcome> {
    return await new Promise<PostOutcome>((resolve) => {
      const fail = (error: Error) => resolve({ ok: false, reason: reasonOf(error, this.#socketPath) });
      const call = request(
        {
          agent: this.#agent,
          socketPath: this.#socketPath,
          method: 'POST',
          path: post.path,
          timeout: post.timeoutMs,
          signal: post.signal,
          headers: {
            host: 'localhost',
            'content-type': post.type,
            'content-length': post.body.reduce((sum, part) => sum + part.length, 0),
          },
        },
        (response) => {
          const retryAfter = response.headers['retry-after'];
          const status = response.statusCode ?? 0;
          readAnswer(response).then(
            (body) => resolve({ ok: true, status, body, ...(retryAfter && { retryAfter }) }),
            fail,
          );
        },
      );
      call.on('timeout', () => call.destroy(new Error(`no answer within ${post.timeoutMs} ms`)));
      call.on('error', fail);
      for (const part of post.body) call.write(part);
      call.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    const part = Buffer.from(chunk);
    if (bytes < ANSWER_BYTES_MAX) parts.push(part);
    bytes += part.length;
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: Error, socketPath: string): string {
  return 'code' in error && typeof error.code === 'string' ? `${error.code} (${socketPath})` : error.message;
}
