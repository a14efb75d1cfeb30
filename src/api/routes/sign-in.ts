// The ways in: a one-time link, or a user's name and password. For browsers only.
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { actorOf } from '../access/admin-acts.ts';
import { refuseCrossSite } from '../access/cross-site.ts';
import type { PasswordGate } from '../access/password-gate.ts';
import { setSessionCookies } from '../access/session-cookie.ts';
import type { App, AppDeps, BegunSession, CheckedAccount, Client } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { credentialsSchema, signInLinkSchema } from '../schemas/session.ts';
import { problemAnswers } from './shared.ts';

/** A minute's attempts of one address, successful or not. */
export const ATTEMPTS = { max: 10, timeWindow: 60_000 };

/** `/sign-in?code=…`: the link. */
export function registerSignIn(app: App, deps: AppDeps, gate: PasswordGate): void {
  app.get(
    '/sign-in',
    {
      config: { access: 'public', rateLimit: ATTEMPTS },
      exposeHeadRoute: false,
      schema: {
        hide: true,
        querystring: Type.Object({ code: Type.String({ minLength: 1, maxLength: 200 }) }),
      },
    },
    async (request, reply) => {
      const nowMs = deps.now();
      const session = deps.acts.perform(
        () => deps.access.signIn(request.query.code, clientOf(request), nowMs),
        (begun) =>
          begun && {
            actor: { kind: 'link', name: 'sign-in link', address: request.ip },
            action: 'sign-in',
            target: `session ${begun.id}`,
          },
        nowMs,
      );
      if (session === undefined) {
        deps.acts.noteRefused({ actor: actorOf(request), action: 'sign-in', detail: { by: 'link' } }, nowMs);
        throw new ApiError('sign-in-link-used', 'It was used already, or it is too old');
      }
      setSessionCookies(reply, session, deps.isSecure);
      return await reply.header('cache-control', 'no-store').redirect('/', 303);
    },
  );
  registerPasswordSignIn(app, deps, gate);
}

function registerPasswordSignIn(app: App, deps: AppDeps, gate: PasswordGate): void {
  app.post(
    '/api/v1/session',
    {
      config: { access: 'public', rateLimit: ATTEMPTS, act: 'sign-in' },
      schema: {
        operationId: 'signIn',
        summary: 'Sign a browser in by name and password; the answer sets its cookies',
        tags: ['session'],
        security: [],
        body: credentialsSchema,
        response: {
          204: Type.Null({ description: 'Signed in' }),
          ...problemAnswers(400, 401, 403, 413, 415, 429, 503),
        },
      },
      // Another site must not sign a browser in as somebody else either.
      preParsing: async (request) => refuseCrossSite(request, deps.isSecure),
    },
    async (request, reply) => {
      const { user, password } = request.body;
      const nowMs = deps.now();
      const account = await gate.check(request.ip, user, password, nowMs);
      const session = account && beginSession(deps, request, account);
      if (session === undefined) {
        const detail = { by: 'password', user };
        deps.acts.noteRefused({ actor: actorOf(request), action: 'sign-in', detail }, nowMs);
        throw new ApiError('wrong-credentials', 'There is no such user, or the password is another');
      }
      setSessionCookies(reply, session, deps.isSecure);
      return reply.header('cache-control', 'no-store').code(204).send(null);
    },
  );
}

function beginSession(deps: AppDeps, request: FastifyRequest, account: CheckedAccount): BegunSession | undefined {
  const nowMs = deps.now();
  return deps.acts.perform(
    () => deps.access.signInAs(account, clientOf(request), nowMs),
    (begun) =>
      begun && {
        actor: { kind: 'user', name: account.name, address: request.ip },
        action: 'sign-in',
        target: `session ${begun.id}`,
      },
    nowMs,
  );
}

export function clientOf(request: FastifyRequest): Client {
  return { address: request.ip, agent: request.headers['user-agent'] ?? '' };
}

/** `POST /api/v1/session/link`: only by api.sock, where the file's permission is the key. */
export function registerSignInLink(app: App, deps: AppDeps): void {
  app.post(
    '/api/v1/session/link',
    {
      config: { access: 'admin', act: 'sign-in-link-create' },
      schema: {
        operationId: 'createSignInLink',
        summary: 'Make a one-time sign-in link (only by the Unix socket api.sock)',
        tags: ['session'],
        response: { 200: signInLinkSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (request) => {
      const nowMs = deps.now();
      const { code, expiresAtMs } = deps.acts.perform(
        () => deps.access.createSignInCode(nowMs),
        () => ({ actor: actorOf(request), action: 'sign-in-link-create' }),
        nowMs,
      );
      return { url: signInUrl(deps.origin(), code), expires_at: new Date(expiresAtMs).toISOString() };
    },
  );
}

/** The link itself; works once. */
export function signInUrl(origin: string, code: string): string {
  return `${origin}/sign-in?code=${encodeURIComponent(code)}`;
}
