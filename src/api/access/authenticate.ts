// The door: finds out who asks, and refuses routes that they may not use. Every route declares in its config what
// it needs; a route that declares nothing is not registered at all.
import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { App, AppDeps, Via } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { actorOf } from './admin-acts.ts';
import { refuseCrossSite, refuseWithoutCsrfToken } from './cross-site.ts';
import { mayUse, PERSON_SCOPES, type Principal, type Scope, scopesOf } from './principal.ts';
import { csrfTokenOf, sessionCookieName } from './session-cookie.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** undefined: nobody signed in. */
    principal: Principal | undefined;
    /** Why the token that came is none. */
    tokenFault: string | undefined;
  }
  interface FastifyContextConfig {
    /** What the route needs. `public`: nothing, not even a sign-in. */
    access?: Scope | 'public';
    /** How the log of administration calls what the route does; it also holds attempts that were refused. */
    act?: string;
  }
}

/** Whose requests come in by a Unix socket: whoever may open the file. */
function socketPrincipal(via: 'api' | 'ingest'): Principal {
  const scopes = via === 'api' ? PERSON_SCOPES : new Set<Scope>(['ingest']);
  const name = `${via}.sock`;
  return { kind: 'socket', id: `socket:${via}`, scopes, actor: { kind: 'socket', name }, isValid: () => true };
}

/** Adds `request.principal` and the checks of `config.access` to all routes registered after this. */
export function registerAuthentication(app: App, deps: AppDeps, via: Via): void {
  app.decorateRequest('principal', undefined);
  app.decorateRequest('tokenFault', undefined);
  app.addHook('onRoute', (route) => {
    const { access, act } = route.config ?? {};
    if (access === undefined) {
      throw new Error(`${String(route.method)} ${route.url} does not declare config.access`);
    }
    for (const method of [route.method].flat()) {
      deps.onRoute?.(via, { method, url: route.url, access, ...(act !== undefined && { act }) });
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
      refuseUnlessAllowed(request, deps);
    }
  });
}

function refuseUnlessAllowed(request: FastifyRequest, deps: AppDeps): void {
  const { access: needed, act } = request.routeOptions.config;
  if (needed === 'public') {
    return;
  }
  const principal = request.principal;
  if (principal === undefined || needed === undefined) {
    throw new ApiError('unauthenticated', request.tokenFault ?? 'Nobody is signed in, or the session has ended');
  }
  if (!mayUse(principal, needed)) {
    if (act !== undefined) {
      deps.acts.noteRefused({ actor: actorOf(request), action: act }, deps.now());
    }
    throw new ApiError('missing-scope', `This needs the scope ${needed}`);
  }
  if (principal.session !== undefined && !isSafeMethod(request.method)) {
    refuseCrossSite(request, deps.isSecure);
    refuseWithoutCsrfToken(request, principal.session.csrfToken);
  }
}

function findPrincipal(request: FastifyRequest, deps: AppDeps): Principal | undefined {
  const nowMs = deps.now();
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    return findTokenPrincipal(request, authorization, deps, nowMs);
  }
  const secret = request.cookies[sessionCookieName(deps.isSecure)];
  if (secret === undefined || secret.length > 200) {
    return undefined;
  }
  const found = deps.access.findSession(secret, nowMs);
  if (found === undefined) {
    return undefined;
  }
  const { id, account, role, name, expiresAtMs, idleAtMs } = found;
  return {
    kind: 'session',
    id: `session:${id}`,
    scopes: scopesOf(role),
    ...(name !== undefined && { name }),
    expiresAtMs,
    session: { id, account, role, idleAtMs, csrfToken: csrfTokenOf(secret) },
    actor: name === undefined ? { kind: 'link', name: 'sign-in link' } : { kind: 'user', name },
    isValid: (laterMs) => deps.access.findSession(secret, laterMs, 'unused') !== undefined,
  };
}

const TOKEN_FAULTS = {
  mistyped: 'The token is mistyped or cut off: its checksum does not fit',
  unknown: 'There is no such token',
  expired: 'The token has expired',
  revoked: 'The token was revoked',
} as const;

function findTokenPrincipal(
  request: FastifyRequest,
  authorization: string,
  deps: AppDeps,
  nowMs: number,
): Principal | undefined {
  const text = /^Bearer ([\w-]{1,200})$/i.exec(authorization)?.[1];
  if (text === undefined) {
    request.tokenFault = 'The Authorization header is no Bearer token';
    return undefined;
  }
  if (text.startsWith('tra_')) {
    return findAgentPrincipal(request, text, deps);
  }
  const found = deps.access.findToken(text, nowMs);
  if (found.state !== 'valid') {
    request.tokenFault = TOKEN_FAULTS[found.state];
    return undefined;
  }
  const { id, name, scopes, expiresMs } = found.token;
  return {
    kind: 'token',
    id: `token:${digest(text)}`,
    scopes: new Set(scopes),
    name,
    token: id,
    ...(expiresMs !== null && { expiresAtMs: expiresMs }),
    actor: { kind: 'token', name: `${id} ${name}` },
    isValid: (laterMs) => deps.access.findToken(text, laterMs).state === 'valid',
  };
}

/** An agent is let in whatever its state: what it may send is for the route to say, so that it learns why. */
function findAgentPrincipal(request: FastifyRequest, key: string, deps: AppDeps): Principal | undefined {
  const agent = deps.agents.find(key);
  if (agent === undefined || agent.revokedMs !== null) {
    request.tokenFault = agent === undefined ? 'There is no agent with this key' : 'This agent was revoked';
    return undefined;
  }
  return {
    kind: 'agent',
    id: `agent:${agent.agentId}`,
    scopes: new Set<Scope>(['ingest']),
    name: agent.name,
    agent,
    actor: { kind: 'agent', name: agent.agentId },
    isValid: () => deps.agents.find(key)?.revokedMs === null,
  };
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url').slice(0, 16);
}

function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
