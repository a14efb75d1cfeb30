// GET /audit-log: who changed what about Trespass itself.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { adminActSchema } from '../schemas/admin-act.ts';
import { page } from '../schemas/common.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const { from, to } = scopeParameters;

export function registerAuditLog(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/audit-log',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'listAdminActs',
        summary: 'Acts of administration and attempts at them, newest first',
        tags: ['audit log'],
        querystring: Type.Object(
          {
            ...pageParameters,
            from,
            to,
            action: Type.Optional(Type.String({ maxLength: 100 })),
            actor: Type.Optional(Type.String({ maxLength: 200, description: 'Its name' })),
            outcome: Type.Optional(Type.Enum(['done', 'refused'])),
          },
          { additionalProperties: false },
        ),
        response: { 200: page(adminActSchema, 'AdminActPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, action, actor, outcome, ...span } = request.query;
      const { fromMs, toMs } = toScope(span, deps.now());
      return await deps.readers.ask(
        'listAdminActs',
        { limit, cursor, fromMs, toMs, action, actor, outcome },
        { signal: clientGone(reply) },
      );
    },
  );
}
