// GET /losses and /malformed: what is missing, and what was not understood.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import { gapWithoutSensitive, withoutText } from '../access/sensitive.ts';
import type { App, AppDeps } from '../deps.ts';
import { page } from '../schemas/common.ts';
import { gapSchema, malformedSchema } from '../schemas/notice.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const { from, to, host, fleet } = scopeParameters;
const parameters = { ...pageParameters, from, to, host, fleet };

export function registerNotices(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/losses',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listLosses',
        summary: 'What is known to be missing, the last noticed first',
        tags: ['status'],
        querystring: Type.Object(
          { ...parameters, cause: Type.Optional(Type.String({ maxLength: 64, description: 'serial-gap, …' })) },
          { additionalProperties: false },
        ),
        response: { 200: page(gapSchema, 'GapPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, cause, ...scope } = request.query;
      const asked = { scope: toScope(scope, deps.now()), cause, limit, cursor };
      const answer = await deps.readers.ask('listLosses', asked, { signal: clientGone(reply) });
      const isWhole = request.principal !== undefined && mayUse(request.principal, 'read-sensitive');
      return isWhole ? answer : { ...answer, data: answer.data.map(gapWithoutSensitive) };
    },
  );

  app.get(
    '/api/v1/malformed',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listMalformed',
        summary: 'What was not understood, the last seen first; its text for readers with read-sensitive',
        tags: ['status'],
        querystring: Type.Object(parameters, { additionalProperties: false }),
        response: { 200: page(malformedSchema, 'MalformedPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, ...scope } = request.query;
      const asked = { scope: toScope(scope, deps.now()), limit, cursor };
      const answer = await deps.readers.ask('listMalformed', asked, { signal: clientGone(reply) });
      const isWhole = request.principal !== undefined && mayUse(request.principal, 'read-sensitive');
      return isWhole ? answer : { ...answer, data: answer.data.map(withoutText) };
    },
  );
}
