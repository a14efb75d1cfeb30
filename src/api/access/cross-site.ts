// Keeps other sites' pages from acting with our cookie, which browsers send by themselves: a write must come from our
// own page by what the browser says, and bring along what only our own page can know.
import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';
import { isLoopback } from '../transport/listen-address.ts';

/** Throws where the browser says that another site sent the request. What is no browser says nothing. */
export function refuseCrossSite(request: FastifyRequest, isSecure: boolean): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ApiError('cross-site', `The browser says that the request is ${String(site)}`);
  }
  const { origin } = request.headers;
  if (origin !== undefined && !isSameOrigin(origin, request.headers.host, isSecure)) {
    throw new ApiError('cross-site', 'The request comes from another origin');
  }
}

/** Throws where X-CSRF-Token is not the session's. */
export function refuseWithoutCsrfToken(request: FastifyRequest, wanted: string): void {
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const expected = Buffer.from(wanted);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new ApiError('csrf-token', 'X-CSRF-Token is missing, or of another session');
  }
}

/** Where we are reached by TLS, a page that came in the clear may be anybody's, unless it came from this machine. */
function isSameOrigin(origin: string, host: string | undefined, isSecure: boolean): boolean {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (host === undefined || url === undefined || url.host !== hostOf(host, url.protocol)) {
    return false;
  }
  return url.protocol === 'https:' || !isSecure || isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
}

/** As URL has it: lower case, and without the port that goes without saying. */
function hostOf(host: string, protocol: string): string {
  return host.toLowerCase().replace(protocol === 'https:' ? /:443$/ : /:80$/, '');
}
