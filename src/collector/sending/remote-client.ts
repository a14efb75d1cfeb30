// POST to a server elsewhere, by HTTPS with connections that are kept open. Batches travel compressed, redirections are
// not followed, and who answers must have the certificate, or the very key, that enrolment named.
import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { pinOfKey } from '../../delivery/key-pin.ts';
import type { Post, PostOutcome, Transport } from './transport.ts';

/** An answer that is longer is cut off: ours are short. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** One for batches, one for heartbeats. */
const CONNECTIONS_MAX = 2;
const CONNECT_MAX_MS = 15_000;
const KEPT_OPEN_MS = 60_000;
/** Below it compression gains nothing. */
const COMPRESS_FROM_BYTES = 1_024;

const compress = promisify(gzip);

/** How to reach a server, and how to know it. */
export interface ServerPlace {
  /** `https://host[:port]`; `http://` only to this machine itself. */
  readonly server: string;
  /** PEM file of the authorities that may vouch for the server, instead of the system's. */
  readonly caFile?: string;
  /** `sha256/BASE64` of the server's public key (SPKI): then the key alone is trusted, whoever signed it. */
  readonly pin?: string;
  /** PEM files, where the server asks for a certificate. */
  readonly clientCertificateFile?: string;
  readonly clientKeyFile?: string;
  /** `http://host:port` of an HTTP proxy (CONNECT). */
  readonly proxy?: string;
}

export class RemoteClient implements Transport {
  readonly #place: ServerPlace;
  readonly #authorization: string;
  readonly #dispatcher: Dispatcher;

  /** `secret`: the agent's key or a token. Throws where a file that `place` names cannot be read. */
  constructor(place: ServerPlace, secret: string) {
    this.#place = place;
    this.#authorization = `Bearer ${secret}`;
    this.#dispatcher = openDispatcher(place);
  }

  async post(post: Post): Promise<PostOutcome> {
    try {
      const plain = Buffer.concat(post.body);
      const isSmall = plain.length < COMPRESS_FROM_BYTES;
      const body = isSmall ? plain : await compress(plain, { level: constants.Z_BEST_SPEED });
      const answer = await this.#dispatcher.request({
        origin: this.#place.server,
        method: 'POST',
        path: post.path,
        headers: {
          authorization: this.#authorization,
          'content-type': post.type,
          ...(!isSmall && { 'content-encoding': 'gzip' }),
          ...(post.ifNoneMatch !== undefined && { 'if-none-match': post.ifNoneMatch }),
        },
        body,
        signal: AbortSignal.any([post.signal, AbortSignal.timeout(post.timeoutMs)]),
      });
      const { 'retry-after': retryAfter, etag } = answer.headers;
      return {
        ok: true,
        status: answer.statusCode,
        body: await readAnswer(answer.body),
        ...(typeof retryAfter === 'string' && { retryAfter }),
        ...(typeof etag === 'string' && { etag }),
      };
    } catch (error) {
      return { ok: false, reason: `${this.#place.server}: ${reasonOf(error)}` };
    }
  }

  close(): void {
    void this.#dispatcher.destroy().catch(() => {});
  }
}

function openDispatcher(place: ServerPlace): Dispatcher {
  const tls = {
    ...(place.caFile !== undefined && { ca: readFileSync(place.caFile) }),
    ...(place.clientCertificateFile !== undefined && { cert: readFileSync(place.clientCertificateFile) }),
    ...(place.clientKeyFile !== undefined && { key: readFileSync(place.clientKeyFile) }),
    minVersion: 'TLSv1.2' as const,
    timeout: CONNECT_MAX_MS,
  };
  const common = { connections: CONNECTIONS_MAX, pipelining: 1, keepAliveTimeout: KEPT_OPEN_MS };
  if (place.proxy !== undefined) return new ProxyAgent({ ...common, uri: place.proxy, requestTls: tls });
  return new Pool(place.server, {
    ...common,
    connect: place.pin === undefined ? tls : connectPinned(place.pin, tls),
  });
}

/** Trusts one key: a self-signed certificate, or one that was renewed with the same key, is as good as any. */
function connectPinned(pin: string, tls: buildConnector.BuildOptions): buildConnector.connector {
  // A resumed session would not show the certificate again.
  const connect = buildConnector({ ...tls, rejectUnauthorized: false, maxCachedSessions: 0 });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (socket instanceof TLSSocket && pinOf(socket.getPeerX509Certificate()) === pin) return callback(null, socket);
      socket.destroy();
      callback(new Error('the server has another key than the one that was pinned'), null);
    });
}

/** Undefined where there is none. */
export function pinOf(certificate: X509Certificate | undefined): string | undefined {
  return certificate && pinOfKey(certificate.publicKey);
}

async function readAnswer(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > ANSWER_BYTES_MAX) break;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === '' ? (code ?? error.name) : error.message;
}
