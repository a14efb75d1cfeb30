// HOST:PORT of the configuration, and by which names a server that listens there may be called.
import { hostname } from 'node:os';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';

export interface ListenAddress {
  /** Name or literal address, without brackets. */
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const WILDCARDS = new Set(['0.0.0.0', '::']);

/** `127.0.0.1:1423`, `[::1]:1423`, `localhost:0`. Throws OperatingError `invalid-listen`. */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, portText] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(portText);
  if (host === undefined || !(port <= 65_535)) {
    throw new OperatingError(
      'invalid-listen',
      `server.listen is no HOST:PORT: ${JSON.stringify(text)}`,
      'write for example 127.0.0.1:1423 or [::1]:1423',
      { exitCode: EXIT.usage },
    );
  }
  return { host: host.toLowerCase(), port };
}

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Names that requests may call the server by. Literal addresses need no entry. */
export function hostNamesOf(host: string): ReadonlySet<string> {
  const names = new Set(['localhost', host]);
  if (!isLoopback(host)) {
    const own = hostname().toLowerCase();
    names.add(own).add(own.split('.')[0] ?? own);
  }
  return names;
}

/** What people open in a browser: a server on all addresses is shown by its loopback. */
export function originOf({ host }: ListenAddress, port: number, isTls = false): string {
  const shown = WILDCARDS.has(host) ? (host === '::' ? '::1' : '127.0.0.1') : host;
  return `${isTls ? 'https' : 'http'}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
