// GET /denials/{id}/context: what the same host recorded around a denial.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import { withoutSensitive } from '../access/sensitive.ts';
import { readContext } from '../denial-context.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { contextSchema } from '../schemas/context.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

const SECONDS_DEFAULT = 30;
const SECONDS_MAX = 600;

export function registerDenialContext(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/denials/:id/context',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getDenialContext',
        summary: 'What the same host recorded shortly before and after a denial',
        tags: ['denials'],
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'event.id, 26 characters' }) }),
        querystring: Type.Object(
          {
            seconds: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: SECONDS_MAX,
                default: SECONDS_DEFAULT,
                description: 'Before and after',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: contextSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const signal = clientGone(reply);
      const stored = await deps.readers.ask('getDenial', { eventId: id }, { signal });
      if (stored === undefined || stored.doc.kind !== 'denial') {
        throw new ApiError('not-found', `There is no denial ${JSON.stringify(id)}`, {
          hint: 'It may have been older than the retention; see GET /api/v1/denials',
        });
      }
      const { seconds = SECONDS_DEFAULT } = request.query;
      const context = await readContext(stored.doc, seconds * 1_000, deps.readers, signal);
      const isWhole = request.principal !== undefined && mayUse(request.principal, 'read-sensitive');
      return isWhole
        ? context
        : {
            ...context,
            data: context.data.map((entry) =>
              entry.denial === undefined ? entry : { ...entry, denial: withoutSensitive(entry.denial) },
            ),
          };
    },
  );
}
