// TLS by files: read at the start, and again when they change or somebody says so (SIGHUP), without losing a
// connection. What cannot be used is told, and the certificate in use stays in use.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import type { RequestListener, ServerOptions } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { pinOfKey } from '../../delivery/key-pin.ts';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';

export interface TlsFiles {
  /** PEM: the certificate, and those between it and the authority. */
  readonly certificate: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

/** What the health of the server tells of it. */
export interface TlsState {
  readonly expiresMs: number;
  /** `sha256/…` of its public key (RFC 7469, 2.4), for agents that trust it alone. */
  readonly pin: string;
  /** Nobody else vouches for it. */
  readonly isSelfSigned: boolean;
  /** Why the files, as they are now, are not in use. */
  readonly failure: string | undefined;
}

interface Loaded extends Pick<TlsState, 'expiresMs' | 'pin' | 'isSelfSigned'> {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const FILE_BYTES_MAX = 1024 * 1024;
const HANDSHAKE_MAX_MS = 10_000;
/** How often the files are looked at. */
const LOOK_MS = 5_000;

export class Tls {
  readonly #files: TlsFiles;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #servers = new Set<Server>();
  #loaded: Loaded;
  /** Of the files when they were last tried. */
  #seen: string;
  #failure: string | undefined;

  /** Throws OperatingError where the files cannot be used. */
  constructor(files: TlsFiles, log: Pick<Logger, 'info' | 'warn'>) {
    this.#files = files;
    this.#log = log;
    this.#seen = stampOf(files);
    this.#loaded = loadFiles(files);
  }

  get state(): TlsState {
    const { expiresMs, pin, isSelfSigned } = this.#loaded;
    return { expiresMs, pin, isSelfSigned, failure: this.#failure };
  }

  /** A server that uses the certificate, and the next one when there is a next one. */
  createServer(options: ServerOptions, handler: RequestListener): Server {
    const { cert, key } = this.#loaded;
    const server = createServer({ ...options, ...secure(cert, key), handshakeTimeout: HANDSHAKE_MAX_MS }, handler);
    this.#servers.add(server);
    server.once('close', () => this.#servers.delete(server));
    return server;
  }

  /** Reads the files anew, for connections from now on. Never throws. */
  reload(why: string): void {
    this.#seen = stampOf(this.#files);
    try {
      const loaded = loadFiles(this.#files);
      for (const server of this.#servers) server.setSecureContext(secure(loaded.cert, loaded.key));
      this.#loaded = loaded;
      this.#failure = undefined;
      this.#log.info({ why, expires: new Date(loaded.expiresMs).toISOString() }, 'the certificate was read anew');
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      if (failure !== this.#failure) this.#log.warn({ why }, `the certificate stays as it was: ${failure}`);
      this.#failure = failure;
    }
  }

  /**
   * Takes the next certificate when the files change, which is looked at now and then, and on SIGHUP; answers how to
   * stop. What cannot be taken is tried again at the next look.
   */
  follow(everyMs = LOOK_MS): () => void {
    const onHangup = () => this.reload('SIGHUP');
    process.on('SIGHUP', onHangup);
    const timer = setInterval(() => {
      if (stampOf(this.#files) !== this.#seen || this.#failure !== undefined) this.reload('the files have changed');
    }, everyMs).unref();
    return () => {
      process.off('SIGHUP', onHangup);
      clearInterval(timer);
    };
  }

  /** To be asked when the rights are gone: whether the next certificate can be read. */
  checkReadable(): void {
    const unreadable = [this.#files.certificate, this.#files.key].filter((path) => !isReadable(path));
    if (unreadable.length === 0) return;
    this.#failure = `the account of the server may not read ${unreadable.join(' and ')}`;
    this.#log.warn(`${this.#failure}: a new certificate needs a new start`);
  }
}

function secure(cert: Buffer, key: Buffer) {
  return { cert, key, minVersion: 'TLSv1.2' } as const;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Another one whenever either file is another one. */
function stampOf({ certificate, key }: TlsFiles): string {
  return [certificate, key]
    .map((path) => {
      try {
        const { ino, size, mtimeMs } = statSync(path);
        return `${ino} ${size} ${mtimeMs}`;
      } catch (error) {
        return errorCode(error);
      }
    })
    .join(', ');
}

function loadFiles({ certificate, key }: TlsFiles): Loaded {
  const [cert, keyText] = [readPem(certificate, 'server.tls_certificate'), readPem(key, 'server.tls_key')];
  const first = parse(certificate, 'certificate', () => new X509Certificate(cert));
  const privateKey = parse(key, 'private key without a passphrase', () => createPrivateKey(keyText));
  if (!first.checkPrivateKey(privateKey)) {
    throw tlsError(
      `${key} is not the key of the certificate ${certificate}`,
      'name the two files that belong together',
    );
  }
  // Those between it and its authority, which nothing above has looked at.
  parse(certificate, 'whole chain of certificates', () => createSecureContext(secure(cert, keyText)));
  return {
    cert,
    key: keyText,
    expiresMs: Date.parse(first.validTo),
    pin: pinOfKey(first.publicKey),
    isSelfSigned: first.verify(first.publicKey),
  };
}

function readPem(path: string, name: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > FILE_BYTES_MAX) throw tlsError(`${path} is no PEM file of at most 1 MiB`, `correct ${name}`);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause;
    throw tlsError(`cannot read ${path} (${errorCode(cause)})`, `correct ${name}, or the rights of the file`, cause);
  }
}

function parse<T>(path: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw tlsError(`${path} holds no ${what} in PEM form`, 'it begins with -----BEGIN', cause);
  }
}

function tlsError(message: string, mend: string, cause?: unknown): OperatingError {
  return new OperatingError('tls-files', message, mend, { exitCode: EXIT.usage, cause });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
