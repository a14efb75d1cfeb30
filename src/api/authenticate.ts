// The door: finds out who asks, and refuses routes that they may not use. Every route declares in its config what
// it needs; a route that declares nothing is not registered at all.
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { App, AppDeps, Via } from './deps.ts';
import { ApiError } from './errors.ts';
import { mayUse, PERSON_SCOPES, type Principal, type Scope } from './principal.ts';

export const SESSION_COOKIE = 'trespass_session';

declare module 'fastify' {
  interface FastifyRequest {
    /** undefined: nobody signed in. */
    principal: Principal | undefined;
  }
  interface FastifyContextConfig {
    /** What the route needs. `public`: nothing, not even a sign-in. */
    access?: Scope | 'public';
  }
}

/** Whose requests come in by a Unix socket: whoever may open the file. */
function socketPrincipal(via: 'api' | 'ingest'): Principal {
  const scopes = via === 'api' ? PERSON_SCOPES : new Set<Scope>(['ingest']);
  return { kind: 'socket', id: `socket:${via}`, scopes, isValid: () => true };
}

/** Adds `request.principal` and the checks of `config.access` to all routes registered after this. */
export function registerAuthentication(app: App, deps: AppDeps, via: Via): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined) {
      throw new Error(`${String(route.method)} ${route.url} does not declare config.access`);
    }
  });
  const bySocket = via === 'tcp' ? undefined : socketPrincipal(via);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.access !== 'public') {
      request.principal = bySocket ?? findPrincipal(request, deps);
    }
  });
  // After onRequest, so that refused attempts count for the rate limit, and before any body is read.
  app.addHook('preParsing', async (request) => {
    if (!request.is404) {
      refuseUnlessAllowed(request);
    }
  });
}

function refuseUnlessAllowed(request: FastifyRequest): void {
  const needed = request.routeOptions.config.access;
  if (needed === 'public') {
    return;
  }
  const principal = request.principal;
  if (principal === undefined || needed === undefined) {
    throw new ApiError('unauthenticated', 'Nobody is signed in, or the session or token has ended');
  }
  if (!mayUse(principal, needed)) {
    throw new ApiError('missing-scope', `This needs the scope ${needed}`);
  }
  if (principal.kind === 'session' && !isSafeMethod(request.method)) {
    refuseCrossSite(request);
  }
}

function findPrincipal(request: FastifyRequest, deps: AppDeps): Principal | undefined {
  const nowMs = deps.now();
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const token = /^Bearer (trp_[\w-]{1,200})$/i.exec(authorization)?.[1];
    return token === undefined ? undefined : findTokenPrincipal(token, deps, nowMs);
  }
  const secret = request.cookies[SESSION_COOKIE];
  if (secret === undefined || secret.length > 200) {
    return undefined;
  }
  const session = deps.access.findSession(secret, nowMs);
  return (
    session && {
      kind: 'session',
      id: `session:${digest(secret)}`,
      scopes: PERSON_SCOPES,
      expiresAtMs: session.expiresAtMs,
      isValid: (laterMs) => deps.access.findSession(secret, laterMs) !== undefined,
    }
  );
}

function findTokenPrincipal(token: string, deps: AppDeps, nowMs: number): Principal | undefined {
  const found = deps.access.findToken(token, nowMs);
  return (
    found && {
      kind: 'token',
      id: `token:${digest(token)}`,
      scopes: found.scopes,
      name: found.name,
      ...(found.expiresAtMs !== undefined && { expiresAtMs: found.expiresAtMs }),
      isValid: (laterMs) => deps.access.findToken(token, laterMs) !== undefined,
    }
  );
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 16);
}

function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

/**
 * A browser sends the cookie by itself, so a write must prove that our own page sent it: by its Origin, or by a
 * header that other sites cannot set without asking.
 */
function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new ApiError('cross-site', `The browser says that the request is ${String(site)}`);
  }
  if (request.headers['x-trespass-request'] !== undefined) {
    return;
  }
  const origin = request.headers.origin;
  if (origin === undefined || !isSameOrigin(origin, request.headers.host)) {
    throw new ApiError('cross-site', 'Neither Origin nor X-Trespass-Request says that our own page sent this');
  }
}

function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
