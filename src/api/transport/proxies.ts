// Proxies in front of the server: which addresses are theirs, and what may come past them. Only a proxy that we know is
// believed what it says of who asks.
import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import type { App } from '../deps.ts';
import { ApiError } from '../errors.ts';

export type IsProxy = (address: string) => boolean;

/** `127.0.0.1, 10.0.0.0/8, ::1`, with commas or blanks. Throws OperatingError. */
export function parseProxies(text: string): IsProxy {
  const list = new BlockList();
  for (const word of words(text)) {
    const [address = '', bits] = word.split('/', 2);
    const version = isIP(address);
    const bitsMax = version === 4 ? 32 : 128;
    if (version === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax))) {
      throw new OperatingError(
        'invalid-proxies',
        `server.trusted_proxies: ${JSON.stringify(word)} is neither an address nor a network`,
        'write for example "127.0.0.1, 10.0.0.0/8"',
        { exitCode: EXIT.usage },
      );
    }
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => isIn(list, address);
}

export function words(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isIn(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

/**
 * For a server that speaks plain HTTP behind a proxy: nobody else may come by another way than this machine's own, and
 * nobody at all who reached the proxy without TLS.
 */
export function registerProxyCheck(app: App, isProxy: IsProxy): void {
  app.addHook('onRequest', async (request) => {
    const peer = request.raw.socket.remoteAddress ?? '';
    if (!isProxy(peer) && !isIn(LOOPBACK, peer)) {
      throw new ApiError('not-by-proxy', `${peer} is none of the proxies that are configured`);
    }
    if (isProxy(peer) && forwardedProtocol(request) === 'http') {
      throw new ApiError('tls-required', 'The proxy says that it was reached by plain HTTP');
    }
  });
}

/** By which the browser reached the first proxy; undefined where nobody says. */
function forwardedProtocol(request: FastifyRequest): string | undefined {
  const said = request.headers['x-forwarded-proto'];
  return [said].flat()[0]?.split(',')[0]?.trim().toLowerCase();
}
