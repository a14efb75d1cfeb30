// Keeps other sites' pages from acting with our cookie, which browsers send by themselves: a write must come from our
// own page by what the browser says, and bring along what only our own page can know.
import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ApiError } from './errors.ts';

/** Throws where the browser says that another site sent the request. What is no browser says nothing. */
export function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ApiError('cross-site', `The browser says that the request is ${String(site)}`);
  }
  const { origin } = request.headers;
  if (origin !== undefined && !isSameOrigin(origin, request.headers.host)) {
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

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
