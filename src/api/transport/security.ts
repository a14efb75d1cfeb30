// What protects browsers from other pages: the names that this server answers to, and the headers of every answer.
import { isIP } from 'node:net';
import helmet from '@fastify/helmet';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

/**
 * Refuses requests for other names than our own. A page of another site whose name was pointed at this address
 * (DNS rebinding) would otherwise count as our own. Literal addresses cannot be pointed anywhere.
 */
export function registerHostCheck(app: App, deps: AppDeps): void {
  const isOwn = (host: string | undefined) => {
    const name = hostName(host);
    return name !== undefined && (isIP(name) !== 0 || deps.hostNames.has(name));
  };
  app.addHook('onRequest', async (request) => {
    const { host } = request.headers;
    // A whole address in the request line says by itself whom it is for (RFC 9112, 3.2.2).
    const called = /^https?:\/\/([^/?#]*)/i.exec(request.url)?.[1] ?? host;
    if (!isOwn(host) || !isOwn(called)) {
      throw new ApiError('host-refused', `The Host header says ${JSON.stringify(host ?? '')}`, {
        ...(called !== host && { hint: 'Write the path alone into the request line, or an address of this server' }),
      });
    }
  });
}

/** Of two, a proxy in front may have looked at the one and we at the other. */
const SINGLE_HEADERS: ReadonlySet<string> = new Set(['host', 'authorization']);

/** Refuses requests that say twice who asks or whom. */
export function registerSingleHeaderCheck(app: App): void {
  app.addHook('onRequest', async (request) => {
    const seen = new Set<string>();
    const { rawHeaders } = request.raw;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]?.toLowerCase() ?? '';
      if (!SINGLE_HEADERS.has(name)) continue;
      if (seen.has(name)) throw new ApiError('bad-request', `The header ${name} is there more than once`);
      seen.add(name);
    }
  });
}

/** The name of a Host header: lower case, without port, brackets and a final dot. */
export function hostName(header: string | undefined): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
  return (bracketed ?? plain)?.toLowerCase().replace(/\.$/, '');
}

/** Headers of every answer, also of errors. Nothing inline and nothing foreign may run in our pages. */
export async function registerSecurityHeaders(app: App, isSecure: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: isSecure && { maxAge: 31_536_000, includeSubDomains: false },
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
    // Answers tell what people do on machines; the few files that may be kept say so themselves.
    reply.header('cache-control', 'no-store');
  });
}
