// How requests come to the server: by which names and addresses, encrypted by whom. Decided once, before anything is
// opened, so that a server which would let passwords and records go over a network in the clear never starts.
import type { Logger } from 'pino';
import type { Config } from '../../runtime/config.ts';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import { hostNamesOf, isLoopback, type ListenAddress, originOf } from './listen-address.ts';
import { type IsProxy, parseProxies, words } from './proxies.ts';
import { hostName } from './security.ts';
import { Tls } from './tls.ts';

export interface Transport {
  /** Undefined: plain HTTP, on the loopback alone or behind a proxy. */
  readonly tls: Tls | undefined;
  /** Undefined: there is none in front. */
  readonly isProxy: IsProxy | undefined;
  /** Whether browsers reach us by TLS, ours or that of a proxy. */
  readonly isSecure: boolean;
  readonly hostNames: ReadonlySet<string>;
  /** What people open; `port`: the one that is listened on. */
  originOf(port: number): string;
}

/** Throws OperatingError where the configuration cannot be meant. */
export function toTransport(
  config: Config['server'],
  listen: ListenAddress,
  log: Pick<Logger, 'info' | 'warn'>,
): Transport {
  const { tlsCertificate: certificate, tlsKey: key, behindProxy, trustedProxies } = config;
  if ((certificate === undefined) !== (key === undefined)) {
    throw refusal(
      'tls-incomplete',
      'of server.tls_certificate and server.tls_key one is set and the other is not',
      'set both, or none',
    );
  }
  const tls = certificate === undefined || key === undefined ? undefined : new Tls({ certificate, key }, log);
  if (tls === undefined && !behindProxy && !isLoopback(listen.host)) {
    throw refusal(
      'plain-http-refused',
      `other machines can reach ${config.listen}, and nothing would be encrypted`,
      'set server.tls_certificate and server.tls_key, or server.behind_proxy = true where a proxy with TLS stands in ' +
        'front, or listen on 127.0.0.1',
    );
  }
  const publicUrl = config.publicUrl === undefined ? undefined : parsePublicUrl(config.publicUrl);
  const names = words(config.hostNames ?? '').map(parseHostName);
  return {
    tls,
    isProxy: behindProxy ? parseProxies(trustedProxies) : undefined,
    isSecure: tls !== undefined || behindProxy,
    hostNames: new Set([...hostNamesOf(listen.host), ...names, ...(publicUrl ? [publicUrl.hostname] : [])]),
    originOf: (port) => publicUrl?.origin ?? originOf(listen, port, tls !== undefined),
  };
}

function parseHostName(text: string): string {
  const name = hostName(text);
  if (name === undefined || text.includes(':')) {
    throw refusal(
      'invalid-host-names',
      `server.host_names: ${JSON.stringify(text)} is no name of a host`,
      'write names alone, for example "trespass.example"',
    );
  }
  return name;
}

function parsePublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '';
  if (!isOrigin || url.username !== '' || url.hash !== '') {
    throw refusal(
      'invalid-public-url',
      `server.public_url is no address of a server: ${JSON.stringify(text)}`,
      'write for example https://trespass.example, without a path',
    );
  }
  return url;
}

function refusal(code: string, message: string, mend: string): OperatingError {
  return new OperatingError(code, message, mend, { exitCode: EXIT.usage });
}
