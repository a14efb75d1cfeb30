// GET /denials and /denials/{id}.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import { withoutSensitive } from '../access/sensitive.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { page } from '../schemas/common.ts';
import { denialDetailSchema, denialSchema } from '../schemas/document.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

export function registerDenials(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/denials',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listDenials',
        summary: 'Refused accesses, newest first',
        tags: ['denials'],
        querystring: Type.Object({ ...pageParameters, ...scopeParameters }, { additionalProperties: false }),
        response: { 200: page(denialSchema, 'DenialPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, ...scope } = request.query;
      const answer = await deps.readers.ask(
        'listDenials',
        { scope: toScope(scope, deps.now()), limit, cursor },
        {
          signal: clientGone(reply),
        },
      );
      const isWhole = request.principal !== undefined && mayUse(request.principal, 'read-sensitive');
      return isWhole ? answer : { ...answer, data: answer.data.map(withoutSensitive) };
    },
  );

  app.get(
    '/api/v1/denials/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getDenial',
        summary: 'One refused access, with its records where the reader may see them',
        tags: ['denials'],
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'event.id, 26 characters' }) }),
        response: { 200: denialDetailSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const stored = await deps.readers.ask('getDenial', { eventId: id }, { signal: clientGone(reply) });
      if (stored === undefined || stored.doc.kind !== 'denial') {
        throw new ApiError('not-found', `There is no denial ${JSON.stringify(id)}`, {
          hint: 'It may have been older than the retention; see GET /api/v1/denials',
        });
      }
      const issue = stored.issue === undefined ? {} : { issue: stored.issue };
      if (request.principal === undefined || !mayUse(request.principal, 'read-sensitive')) {
        return { ...withoutSensitive(stored.doc), ...issue };
      }
      const original = stored.records.length === 0 ? {} : { original: stored.records.join('\n') };
      return { ...stored.doc, ...issue, event: { ...stored.doc.event, ...original } };
    },
  );
}
