// GET /issues, GET and PATCH /issues/{id}.
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { type IssueState, issueVersion } from '../../store/issues/issue-changes.ts';
import { actorOf } from '../access/admin-acts.ts';
import { mayUse, type Principal } from '../access/principal.ts';
import { withoutSensitive } from '../access/sensitive.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { ifMatchSchema, versionsOf } from '../if-match.ts';
import { page } from '../schemas/common.ts';
import {
  issueChangeSchema,
  issueDetailSchema,
  issueSchema,
  issueSortSchema,
  issueStatusSchema,
} from '../schemas/issue.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const keySchema = Type.Object({ id: Type.String({ maxLength: 64, description: 'The fingerprint' }) });

export function registerIssues(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/issues',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listIssues',
        summary: 'Denials that share a program, blockers and object; within from and to: those seen then',
        tags: ['issues'],
        querystring: Type.Object(
          {
            ...pageParameters,
            ...scopeParameters,
            status: Type.Optional(issueStatusSchema),
            sort: Type.Optional(issueSortSchema),
            trend: Type.Optional(Type.Boolean({ default: false, description: 'Each with its denials by the day' })),
          },
          { additionalProperties: false },
        ),
        response: { 200: page(issueSchema, 'IssuePage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, status, sort, trend: withTrend, ...scope } = request.query;
      return await deps.readers.ask(
        'listIssues',
        { scope: toScope(scope, deps.now()), status, sort, withTrend, limit, cursor },
        { signal: clientGone(reply) },
      );
    },
  );

  app.get(
    '/api/v1/issues/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getIssue',
        summary: 'One issue: where, who, since when, and its latest denials',
        tags: ['issues'],
        params: keySchema,
        response: { 200: issueDetailSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const issue = await readIssue(deps, request.params.id, request.principal, clientGone(reply));
      return tagged(reply, issue);
    },
  );

  app.patch(
    '/api/v1/issues/:id',
    {
      config: { access: 'write', act: 'issue-change' },
      schema: {
        operationId: 'changeIssue',
        summary: 'Say what becomes of an issue',
        tags: ['issues'],
        params: keySchema,
        description: 'If-Match with the ETag of what was read: refused with 412 where somebody has changed it since.',
        headers: ifMatchSchema('the issue'),
        body: issueChangeSchema,
        response: { 200: issueDetailSchema, ...problemAnswers(400, 401, 403, 404, 412, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const nowMs = deps.now();
      const expected = versionsOf(request.headers['if-match']);
      const result = deps.acts.perform(
        () => deps.changeIssue(id, request.body, nowMs, expected),
        (done) =>
          done === 'changed'
            ? { actor: actorOf(request), action: 'issue-change', target: id, detail: request.body }
            : undefined,
        nowMs,
      );
      if (result === 'unknown') refuseUnknown(id);
      if (result === 'stale') {
        throw new ApiError('precondition-failed', 'The issue is not as If-Match says');
      }
      return tagged(reply, await readIssue(deps, id, request.principal, clientGone(reply)));
    },
  );
}

async function readIssue(deps: AppDeps, id: string, principal: Principal | undefined, signal: AbortSignal) {
  const issue = (await deps.readers.ask('getIssue', { issue: id }, { signal })) ?? refuseUnknown(id);
  if (principal !== undefined && mayUse(principal, 'read-sensitive')) return issue;
  return { ...issue, samples: issue.samples.map(withoutSensitive) };
}

/** With the ETag of what becomes of the issue. */
function tagged<T extends IssueState>(reply: FastifyReply, issue: T): T {
  reply.header('etag', `"${issueVersion(issue)}"`).header('cache-control', 'no-store');
  return issue;
}

function refuseUnknown(id: string): never {
  throw new ApiError('not-found', `There is no issue ${JSON.stringify(id)}`, { hint: 'See GET /api/v1/issues' });
}
