// GET /users: of whose processes something was denied. What users are called is for readers with read-sensitive.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import type { App, AppDeps } from '../deps.ts';
import { page } from '../schemas/common.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { userSchema, userSortSchema } from '../schemas/user.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const { from, to, host, fleet, include } = scopeParameters;

export function registerUsers(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/users',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listUsers',
        summary: 'Users of whose processes something was denied',
        tags: ['users'],
        querystring: Type.Object(
          {
            ...pageParameters,
            from,
            to,
            host,
            fleet,
            include,
            uid: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
            sort: Type.Optional(userSortSchema),
          },
          { additionalProperties: false },
        ),
        response: { 200: page(userSchema, 'UserPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, sort, uid, ...scope } = request.query;
      const answer = await deps.readers.ask(
        'listUsers',
        { scope: toScope(scope, deps.now()), sort, uid, limit, cursor },
        { signal: clientGone(reply) },
      );
      const isWhole = request.principal !== undefined && mayUse(request.principal, 'read-sensitive');
      return isWhole ? answer : { ...answer, data: answer.data.map(({ names: __, ...user }) => user) };
    },
  );
}
