// Who one is, the browsers in which one is signed in, and signing out, here or everywhere.
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { actorOf } from '../access/admin-acts.ts';
import { mayUse, type Principal, principalOf, SCOPES } from '../access/principal.ts';
import { clearSessionCookies } from '../access/session-cookie.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import {
  endedSessionsSchema,
  type OpenSession,
  openSessionsSchema,
  type Session,
  sessionSchema,
} from '../schemas/session.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

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
        response: { 200: sessionSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return toSessionAnswer(principalOf(request));
    },
  );

  app.delete(
    '/api/v1/session',
    {
      config: { access: 'read', act: 'sign-out' },
      schema: {
        operationId: 'deleteSession',
        summary: 'Sign out',
        tags: ['session'],
        response: { 204: Type.Null({ description: 'Signed out' }), ...problemAnswers(401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { session } = principalOf(request);
      if (session !== undefined) {
        end(deps, request, session.id, undefined);
      }
      clearSessionCookies(reply, deps.isSecure);
      return reply.code(204).send(null);
    },
  );
}

/** `/api/v1/sessions`: one's own, and with the scope admin all. */
export function registerSessions(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/sessions',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listSessions',
        summary: 'Browsers in which one is signed in, newest first',
        tags: ['session'],
        querystring: Type.Object(
          { all: Type.Optional(Type.Boolean({ default: false, description: 'Of everybody; needs admin' })) },
          { additionalProperties: false },
        ),
        response: { 200: openSessionsSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { session } = principal;
      const isAll = request.query.all === true;
      if (isAll && !mayUse(principal, 'admin')) {
        throw new ApiError('missing-scope', 'This needs the scope admin');
      }
      if (session === undefined && !isAll) {
        return { data: [] };
      }
      const sessions = await deps.readers.ask(
        'listSessions',
        isAll || session === undefined ? {} : { account: session.account },
        { signal: clientGone(reply) },
      );
      const nowMs = deps.now();
      const data = sessions
        .filter(({ usedMs, expiresMs }) => expiresMs > nowMs && usedMs + deps.sessionIdleMs > nowMs)
        .map(
          (open): OpenSession => ({
            id: open.id,
            current: open.id === session?.id,
            ...(open.name !== undefined && { user: open.name }),
            role: open.role ?? 'admin',
            created_at: new Date(open.createdMs).toISOString(),
            used_at: new Date(open.id === session?.id ? nowMs : open.usedMs).toISOString(),
            expires_at: new Date(open.expiresMs).toISOString(),
            address: open.address,
            agent: open.agent,
          }),
        );
      return { data };
    },
  );
  registerSessionEnds(app, deps);
}

function registerSessionEnds(app: App, deps: AppDeps): void {
  app.delete(
    '/api/v1/sessions/:id',
    {
      config: { access: 'read', act: 'sign-out' },
      schema: {
        operationId: 'endSession',
        summary: "End a session of one's own, or with the scope admin anybody's",
        tags: ['session'],
        params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
        response: { 204: Type.Null({ description: 'Ended' }), ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const account = mayUse(principal, 'admin') ? undefined : principal.session?.account;
      const isNobodys = account === undefined && !mayUse(principal, 'admin');
      if (isNobodys || !end(deps, request, id, account)) {
        throw new ApiError('not-found', `There is no session ${id} of yours`, { hint: 'See GET /api/v1/sessions' });
      }
      return reply.code(204).send(null);
    },
  );

  app.delete(
    '/api/v1/sessions',
    {
      config: { access: 'read', act: 'sign-out-everywhere' },
      schema: {
        operationId: 'endSessions',
        summary: 'Sign out everywhere: end all sessions of whoever asks, this one too',
        tags: ['session'],
        response: { 200: endedSessionsSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { session } = principalOf(request);
      if (session === undefined) {
        return { ended: 0 };
      }
      const ended = deps.acts.perform(
        () => deps.access.endSessionsOf(session.account),
        (count) => ({ actor: actorOf(request), action: 'sign-out-everywhere', detail: { sessions: count } }),
        deps.now(),
      );
      clearSessionCookies(reply, deps.isSecure);
      return { ended };
    },
  );
}

/** Whether there was such a session. */
function end(deps: AppDeps, request: FastifyRequest, id: number, account: number | null | undefined): boolean {
  return deps.acts.perform(
    () => deps.access.endSession(id, account),
    (isEnded) => (isEnded ? { actor: actorOf(request), action: 'sign-out', target: `session ${id}` } : undefined),
    deps.now(),
  );
}

function toSessionAnswer(principal: Principal): Session {
  const { kind, scopes, name, expiresAtMs, session } = principal;
  return {
    kind,
    scopes: SCOPES.filter((scope) => scopes.has(scope)),
    ...(name !== undefined && { name }),
    ...(expiresAtMs !== undefined && { expires_at: new Date(expiresAtMs).toISOString() }),
    ...(session !== undefined && {
      role: session.role,
      idle_expires_at: new Date(session.idleAtMs).toISOString(),
      csrf_token: session.csrfToken,
    }),
  };
}
