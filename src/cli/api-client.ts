// Speaks HTTP to a running server: over its Unix socket (the file's permission is the key) or over an URL with a
// token. Answers are checked for their outer shape only; what is inside comes from our own server.

import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';

const ANSWER_BYTES_MAX = 256 * 1024 * 1024;
const EVENT_CHARACTERS_MAX = 4 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** Where the server is. */
export type ApiAddress =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL; readonly token?: string };

/** One event of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Whether somebody listens on that socket and we may connect. */
export async function answersOn(socketPath: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export class ApiClient {
  readonly #address: ApiAddress;

  constructor(address: ApiAddress) {
    this.#address = address;
  }

  /** `path` below /api/v1 with its query. Throws OperatingError for problems that the server or the way there has. */
  async getJson(path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
    const response = await this.#request(path, method, { timeout: TIMEOUT_MS });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes > ANSWER_BYTES_MAX) {
        throw this.#error('answer-too-long', 'answers more than 256 MiB', 'ask for less with --limit or --since');
      }
      chunks.push(chunk);
    }
    return this.#parse(response, Buffer.concat(chunks).toString('utf8'));
  }

  /** The same for what there may be or not: undefined for 404. */
  async findJson(path: string): Promise<unknown> {
    try {
      return await this.getJson(path);
    } catch (error) {
      if (error instanceof OperatingError && error.code === 'not-there') return undefined;
      throw error;
    }
  }

  /** Resolves once the server has subscribed us; then the events until it ends or `signal` aborts. */
  async openStream(path: string, signal: AbortSignal): Promise<AsyncGenerator<StreamEvent>> {
    const response = await this.#request(path, 'GET', { signal, headers: { accept: 'text/event-stream' } });
    response.setEncoding('utf8');
    if (response.statusCode !== 200) {
      this.#parse(response, (await response.toArray()).join(''));
    }
    return this.#events(response, signal);
  }

  async *#events(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    let buffer = '';
    try {
      for await (const chunk of response) {
        buffer += chunk;
        const blocks = buffer.split('\n\n');
        buffer = blocks.pop() ?? '';
        if (buffer.length > EVENT_CHARACTERS_MAX) {
          throw this.#error('answer-too-long', 'sends an event without an end', 'update both sides');
        }
        yield* blocks.map(parseStreamEvent);
      }
    } catch (error) {
      if (!signal.aborted) {
        throw error instanceof OperatingError
          ? error
          : this.#error('server-unreachable', 'closed the stream', 'is it being restarted? follow it again');
      }
    }
  }

  async #request(path: string, method: string, options: RequestOptions): Promise<IncomingMessage> {
    const address = this.#address;
    const target = `/api/v1${path}`;
    const headers = { accept: 'application/json', ...options.headers };
    return await new Promise((resolve, reject) => {
      const request =
        address.kind === 'socket'
          ? requestHttp({ ...options, socketPath: address.path, path: target, method, headers })
          : (address.url.protocol === 'https:' ? requestHttps : requestHttp)(new URL(target, address.url), {
              ...options,
              method,
              headers: { ...headers, ...(address.token && { authorization: `Bearer ${address.token}` }) },
            });
      request.once('response', resolve);
      request.once('timeout', () => request.destroy(new Error('no answer within 30 seconds')));
      request.once('error', (cause) => {
        reject(this.#error('server-unreachable', `does not answer (${cause.message})`, 'is trespass serve running?'));
      });
      request.end();
    });
  }

  #parse(response: IncomingMessage, text: string): unknown {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.#error('no-trespass', `answered ${response.statusCode} without JSON`, 'is this address Trespass?');
    }
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) {
      return answer;
    }
    const problem = new Map<string, unknown>(
      typeof answer === 'object' && answer !== null ? Object.entries(answer) : [],
    );
    const detail = String(problem.get('detail') ?? problem.get('title') ?? `answered ${status}`);
    throw new OperatingError(
      status === 404 ? 'not-there' : 'server-refused',
      detail,
      String(problem.get('hint') ?? 'see the server log'),
      {
        exitCode: status === 401 || status === 403 ? EXIT.permission : status === 400 ? EXIT.usage : EXIT.failed,
      },
    );
  }

  #error(code: string, what: string, mend: string): OperatingError {
    const where = this.#address.kind === 'socket' ? this.#address.path : this.#address.url.origin;
    return new OperatingError(code, `the server at ${where} ${what}`, mend);
  }
}

function parseStreamEvent(block: string): StreamEvent {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === 'event') {
      event = value ?? '';
    } else if (field === 'data') {
      data.push(value ?? '');
    }
  }
  return { event, data: data.join('\n') };
}
