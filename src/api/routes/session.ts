// Signing in by a one-time link, who one is, signing out.
import Type from 'typebox';
import { SESSION_COOKIE } from '../authenticate.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { SCOPES } from '../principal.ts';
import { sessionSchema, signInLinkSchema } from '../schemas/session.ts';
import { problemAnswers } from './shared.ts';

/** `/sign-in`: for browsers only. */
export function registerSignIn(app: App, deps: AppDeps): void {
  app.get(
    '/sign-in',
    {
      config: { access: 'public', rateLimit: { max: 10, timeWindow: 60_000 } },
      exposeHeadRoute: false,
      schema: {
        hide: true,
        querystring: Type.Object({ code: Type.String({ minLength: 1, maxLength: 200 }) }),
      },
    },
    async (request, reply) => {
      const session = deps.access.signIn(request.query.code, deps.now());
      if (session === undefined) {
        throw new ApiError('sign-in-link-used', 'It was used already, or it is too old');
      }
      reply.setCookie(SESSION_COOKIE, session.secret, {
        path: '/',
        httpOnly: true,
        sameSite: 'strict',
        expires: new Date(session.expiresAtMs),
      });
      return await reply.header('cache-control', 'no-store').redirect('/', 303);
    },
  );
}

/** `/api/v1/session`: for everybody. */
export function registerSession(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/session',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSession',
        summary: 'Who asks, and what they may',
        tags: ['session'],
        response: { 200: sessionSchema, ...problemAnswers(401, 403) },
      },
    },
    async (request) => {
      const { principal } = request;
      if (principal === undefined) {
        throw new ApiError('unauthenticated', 'Nobody is signed in');
      }
      return {
        kind: principal.kind,
        scopes: SCOPES.filter((scope) => principal.scopes.has(scope)),
        ...(principal.name !== undefined && { name: principal.name }),
        ...(principal.expiresAtMs !== undefined && { expires_at: new Date(principal.expiresAtMs).toISOString() }),
      };
    },
  );

  app.delete(
    '/api/v1/session',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'deleteSession',
        summary: 'Sign out',
        tags: ['session'],
        response: { 204: Type.Null({ description: 'Signed out' }), ...problemAnswers(401, 403, 503) },
      },
    },
    async (request, reply) => {
      const secret = request.cookies[SESSION_COOKIE];
      if (request.principal?.kind === 'session' && secret !== undefined) {
        deps.access.signOut(secret);
      }
      return reply.clearCookie(SESSION_COOKIE, { path: '/', httpOnly: true, sameSite: 'strict' }).code(204).send(null);
    },
  );
}

/** `POST /api/v1/session/link`: only by api.sock, where the file's permission is the key. */
export function registerSignInLink(app: App, deps: AppDeps): void {
  app.post(
    '/api/v1/session/link',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'createSignInLink',
        summary: 'Make a one-time sign-in link (only by the Unix socket api.sock)',
        tags: ['session'],
        response: { 200: signInLinkSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async () => {
      const { code, expiresAtMs } = deps.access.createSignInCode(deps.now());
      return { url: signInUrl(deps.origin(), code), expires_at: new Date(expiresAtMs).toISOString() };
    },
  );
}

/** The link itself; works once. */
export function signInUrl(origin: string, code: string): string {
  return `${origin}/sign-in?code=${encodeURIComponent(code)}`;
}
