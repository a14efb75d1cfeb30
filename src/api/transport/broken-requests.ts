// What Node's HTTP server leaves to us, or answers in a way of its own, because it never becomes a request of a route:
// bytes that are no HTTP, clients that take too long, CONNECT, and expectations that nobody meets.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { rawProblemResponse } from '../problem.ts';

/** For the answer to be read. */
const LAST_MS = 1_000;

const CLIENT_ERRORS: ReadonlyMap<string, ApiErrorCode> = new Map<string, ApiErrorCode>([
  ['HPE_HEADER_OVERFLOW', 'headers-too-large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'request-timeout'],
]);

/** What is going on by one connection. */
interface Exchange {
  /** Answers that are not sent to their end. */
  open: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class BrokenRequests {
  readonly #exchanges = new WeakMap<Duplex, Exchange>();

  /** Before the first connection. */
  watch(server: Server): void {
    server.prependListener('request', (request, response) => this.#enter(request, response));
    server.on('connect', (_request, socket: Duplex) => {
      say(socket, new ApiError('method-not-allowed', 'CONNECT is for proxies, which this server is not'));
    });
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.#enter(request, response);
      const expected = JSON.stringify(request.headers.expect ?? '');
      say(request.socket, new ApiError('expectation-failed', `The request expects ${expected}`));
    });
  }

  /**
   * Answers what is no request, but never in the midst of another answer, nor twice: who reads it would take it for a
   * part of that, or for the answer to what comes next.
   */
  refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
    if (!socket.writable || error.code === 'ECONNRESET' || !this.#mayAnswer(socket)) {
      socket.destroy();
      return;
    }
    const code = CLIENT_ERRORS.get(error.code ?? '') ?? 'bad-request';
    say(socket, new ApiError(code, 'The request is no HTTP/1.1 that this server accepts'));
  }

  #enter(request: IncomingMessage, response: ServerResponse): void {
    const exchange = { open: (this.#exchanges.get(request.socket)?.open ?? 0) + 1, request, response };
    this.#exchanges.set(request.socket, exchange);
    response.once('close', () => {
      const latest = this.#exchanges.get(request.socket);
      if (latest !== undefined) latest.open--;
    });
  }

  #mayAnswer(socket: Duplex): boolean {
    const latest = this.#exchanges.get(socket);
    if (latest === undefined) return true;
    const { open, request, response } = latest;
    // Of a request that is whole, the fault is in what follows it.
    return request.complete ? open === 0 : open === 1 && !response.headersSent;
  }
}

/** Ends the connection, also where the other side does not. */
function say(socket: Duplex, error: ApiError): void {
  socket.end(rawProblemResponse(error));
  setTimeout(() => socket.destroy(), LAST_MS).unref();
}
