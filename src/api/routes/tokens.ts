// GET and POST /tokens, DELETE /tokens/{id}: keys of programs, for whoever may administrate.
import Type from 'typebox';
import type { EnrolmentLimits } from '../../store/access/enrolments.ts';
import { actorOf } from '../access/admin-acts.ts';
import { toTokenAnswer } from '../access/token-answer.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { page } from '../schemas/common.ts';
import { pageParameters } from '../schemas/query.ts';
import { createdTokenSchema, type NewToken, newTokenSchema, tokenSchema } from '../schemas/token.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const DAY_MS = 86_400_000;

export function registerTokens(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/tokens',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listTokens',
        summary: 'Tokens, newest first, also those that have ended',
        tags: ['tokens'],
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: page(tokenSchema, 'TokenPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor } = request.query;
      const { data, next_cursor } = await deps.readers.ask(
        'listTokens',
        { limit, cursor },
        { signal: clientGone(reply) },
      );
      return { data: data.map((token) => toTokenAnswer(token, deps.now())), next_cursor };
    },
  );

  app.post(
    '/api/v1/tokens',
    {
      config: { access: 'admin', act: 'token-create' },
      schema: {
        operationId: 'createToken',
        summary: 'Make a token; its text is answered this once and kept as a hash only',
        tags: ['tokens'],
        body: newTokenSchema,
        response: { 201: createdTokenSchema, ...problemAnswers(400, 401, 403, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { name, scopes, expires_in_days: days, enrolment } = request.body;
      if (enrolment !== undefined && !scopes.includes('enroll')) {
        throw new ApiError(
          'invalid-parameter',
          'enrolment says what hosts get, and the token has not the scope enroll',
          {
            hint: 'Add the scope enroll, or leave enrolment out',
          },
        );
      }
      const nowMs = deps.now();
      const expiresMs = days === undefined ? undefined : nowMs + days * DAY_MS;
      const token = {
        name,
        scopes,
        ...(expiresMs !== undefined && { expiresMs }),
      };
      const limits = enrolment && toEnrolment(enrolment);
      const created = deps.acts.perform(
        () => deps.access.createToken({ ...token, ...(limits && { enrolment: limits }) }, nowMs),
        (result) =>
          result === 'too-many'
            ? undefined
            : {
                actor: actorOf(request),
                action: 'token-create',
                target: `${result.id} ${name}`,
                detail: {
                  scopes,
                  ...(expiresMs !== undefined && { expires_at: new Date(expiresMs).toISOString() }),
                  ...(enrolment && { enrolment }),
                },
              },
        nowMs,
      );
      if (created === 'too-many') {
        throw new ApiError('limit-reached', 'There are as many tokens in force as there may be', {
          hint: 'Revoke those that nobody uses: GET /api/v1/tokens says when each was used',
        });
      }
      const uses = limits && { enrolment: { ...limits, uses: 0 } };
      const facts = { ...token, ...uses, id: created.id, createdMs: nowMs, expiresMs: expiresMs ?? null };
      const answer = toTokenAnswer({ ...facts, usedMs: null, revokedMs: null }, nowMs);
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...answer, token: created.text });
    },
  );
  registerRevocation(app, deps);
}

function toEnrolment(body: NonNullable<NewToken['enrolment']>): EnrolmentLimits {
  const { fleet, needs_approval: needsApproval = false, uses_max: usesMax } = body;
  return { fleet, needsApproval, ...(usesMax !== undefined && { usesMax }) };
}

function registerRevocation(app: App, deps: AppDeps): void {
  app.delete(
    '/api/v1/tokens/:id',
    {
      config: { access: 'admin', act: 'token-revoke' },
      schema: {
        operationId: 'revokeToken',
        summary: 'Refuse a token from now on',
        tags: ['tokens'],
        params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
        response: { 204: Type.Null({ description: 'Revoked' }), ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const nowMs = deps.now();
      const revoked = deps.acts.perform(
        () => deps.access.revokeToken(id, nowMs),
        (token) => token && { actor: actorOf(request), action: 'token-revoke', target: `${token.id} ${token.name}` },
        nowMs,
      );
      if (revoked === undefined) {
        throw new ApiError('not-found', `No token ${id} is in force`, { hint: 'See GET /api/v1/tokens' });
      }
      return reply.code(204).send(null);
    },
  );
}
