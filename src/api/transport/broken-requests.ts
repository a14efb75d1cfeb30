// What Node's HTTP server leaves to us, or answers in a way of its own, because it never becomes a request of a route:
// bytes that are no HTTP, clients that take too long, CONNECT, and expectations that nobody meets. And how a connection
// ends whose request is answered before all of it has come.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { PROBLEM_TYPE, rawProblemResponse, toProblem } from '../problem.ts';
import { closeLingering } from './lingering-close.ts';

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
  /** What is to be said when the answers before it are sent. */
  readonly #refusals = new WeakMap<Duplex, ApiError>();
  readonly #dueMaxMs: number;

  /** `dueMaxMs`: how long a refusal waits for those. */
  constructor(dueMaxMs: number) {
    this.#dueMaxMs = dueMaxMs;
  }

  /** Before the first connection. */
  watch(server: Server): void {
    // With a listener of ours Node's parser gets the connection's data as those of any stream. Its shortcut past the
    // stream cannot be held: with TLS it parses on while it is paused for many pipelined requests, and fails.
    const opened = server instanceof TlsServer ? 'secureConnection' : 'connection';
    server.on(opened, (socket: Duplex) => socket.on('data', () => {}));
    server.prependListener('request', (request, response) => this.#enter(request, response));
    server.on('connect', (_request, socket: Duplex) => {
      // Node has taken its own listener away, and an error that nobody hears ends the server.
      socket.on('error', () => socket.destroy());
      this.#refuseInTurn(
        socket,
        new ApiError('method-not-allowed', 'CONNECT is for proxies, which this server is not'),
      );
    });
    server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      this.#enter(request, response);
      const expected = JSON.stringify(request.headers.expect ?? '');
      const problem = toProblem(new ApiError('expectation-failed', `The request expects ${expected}`));
      response.writeHead(problem.status, { 'content-type': PROBLEM_TYPE, connection: 'close' });
      response.end(JSON.stringify(problem));
    });
  }

  /**
   * Answers what is no request, but never in the midst of another answer, nor twice: who reads it would take it for a
   * part of that, or for the answer to what comes next.
   */
  refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
    if (error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const code = CLIENT_ERRORS.get(error.code ?? '') ?? 'bad-request';
    this.#refuseInTurn(socket, new ApiError(code, 'The request is no HTTP/1.1 that this server accepts'));
  }

  /** When the answers that are due are sent; after a while without. */
  #refuseInTurn(socket: Duplex, error: ApiError): void {
    if (this.#refusals.has(socket)) return;
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    this.#refusals.set(socket, error);
    if (this.#sayIfDue(socket)) return;
    const late = setTimeout(() => socket.destroy(), this.#dueMaxMs).unref();
    socket.once('close', () => clearTimeout(late));
  }

  #enter(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const before = this.#exchanges.get(socket);
    if (before === undefined) this.#followEnd(socket);
    this.#exchanges.set(socket, { open: (before?.open ?? 0) + 1, request, response });
    response.once('close', () => {
      const latest = this.#exchanges.get(socket);
      if (latest !== undefined) latest.open--;
      if (this.#refusals.has(socket) && socket.writable) this.#sayIfDue(socket);
    });
  }

  /** Node ends a connection by this after its last answer, which may be there before all of the request is. */
  #followEnd(socket: Socket): void {
    const destroySoon = socket.destroySoon.bind(socket);
    socket.destroySoon = () => {
      if (this.#exchanges.get(socket)?.request.complete === false) closeLingering(socket);
      else destroySoon();
    };
  }

  /** False while answers are missing. */
  #sayIfDue(socket: Duplex): boolean {
    const latest = this.#exchanges.get(socket);
    const error = this.#refusals.get(socket);
    if (error === undefined) return true;
    // Of a request that is whole, the fault is in what follows it.
    const isBroken = latest !== undefined && !latest.request.complete;
    if (latest !== undefined && latest.open > (isBroken ? 1 : 0)) return false;
    // Its answer was sent, or is on its way: another would be taken for that of the next.
    if (isBroken && (latest.open === 0 || latest.response.headersSent)) socket.destroy();
    else closeLingering(socket, rawProblemResponse(error));
    return true;
  }
}
