// GET /stats/heatmap: denials by the hour of the week.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { scopeParameters } from '../schemas/query.ts';
import { heatmapSchema } from '../schemas/stats.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

export function registerHeatmap(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/stats/heatmap',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getHeatmap',
        summary: 'Denials by the hour of the week',
        tags: ['stats'],
        querystring: Type.Object(
          {
            ...scopeParameters,
            timezone: Type.Optional(
              Type.String({ maxLength: 64, default: 'UTC', description: 'IANA name, as Europe/Paris' }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: heatmapSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { timezone, ...scope } = request.query;
      const asked = { scope: toScope(scope, deps.now()), timezone };
      return await deps.readers.ask('heatmap', asked, { signal: clientGone(reply) });
    },
  );
}
