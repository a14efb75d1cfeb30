// GET /stats/summary and /stats/timeseries.
import Type from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { scopeParameters, scopeQuerySchema } from '../schemas/query.ts';
import { seriesKeySchema, summarySchema, timeSeriesSchema } from '../schemas/stats.ts';
import { toScope } from '../scope-parameters.ts';
import { parseSpan } from '../time-parameter.ts';
import { problemAnswers } from './shared.ts';

export function registerStats(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/stats/summary',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getSummary',
        summary: 'Counts over a span of time',
        tags: ['stats'],
        querystring: scopeQuerySchema,
        response: { 200: summarySchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) =>
      await deps.readers.ask('summary', { scope: toScope(request.query, deps.now()) }, { signal: clientGone(reply) }),
  );

  app.get(
    '/api/v1/stats/timeseries',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getTimeSeries',
        summary: 'Denials over time',
        tags: ['stats'],
        querystring: Type.Object(
          {
            ...scopeParameters,
            interval: Type.Optional(Type.String({ maxLength: 16, description: '30s, 5m, 1h, 1d, …', default: '5m' })),
            group_by: Type.Optional(seriesKeySchema),
          },
          { additionalProperties: false },
        ),
        response: { 200: timeSeriesSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { interval = '5m', group_by = 'class', ...scope } = request.query;
      const intervalMs = parseSpan(interval, 'interval');
      return await deps.readers.ask(
        'timeSeries',
        { scope: toScope(scope, deps.now()), intervalMs, groupBy: group_by },
        {
          signal: clientGone(reply),
        },
      );
    },
  );
}
