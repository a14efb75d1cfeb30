// GET /stats/summary, /stats/timeseries, /stats/trends, /stats/top and /stats/values.
import Type from 'typebox';
import { TOP_LIMIT_DEFAULT, VALUES_LIMIT_DEFAULT, VALUES_LIMIT_MAX } from '../../store/counts/value-counts.ts';
import type { App, AppDeps } from '../deps.ts';
import { scopeParameters, scopeQuerySchema } from '../schemas/query.ts';
import {
  seriesKeySchema,
  summarySchema,
  timeSeriesSchema,
  topKeySchema,
  topSchema,
  trendsSchema,
  valueFieldSchema,
  valuesSchema,
} from '../schemas/stats.ts';
import { toScope } from '../scope-parameters.ts';
import { parseSpan } from '../time-parameter.ts';
import { clientGone } from '../transport/client-gone.ts';
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

  registerTrends(app, deps);
  registerTop(app, deps);
  registerValues(app, deps);
}

function registerTrends(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/stats/trends',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getTrends',
        summary: 'New issues, hosts with denials and unlogged denials over a span, and in the one before',
        tags: ['stats'],
        querystring: scopeQuerySchema,
        response: { 200: trendsSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) =>
      await deps.readers.ask('trends', { scope: toScope(request.query, deps.now()) }, { signal: clientGone(reply) }),
  );
}

const limit = (most: number, otherwise: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, default: otherwise }));

function registerTop(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/stats/top',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getTop',
        summary: 'What most denials are of; exact',
        tags: ['stats'],
        querystring: Type.Object(
          { ...scopeParameters, by: topKeySchema, limit: limit(VALUES_LIMIT_MAX, TOP_LIMIT_DEFAULT) },
          { additionalProperties: false },
        ),
        response: { 200: topSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { by, limit: most, ...scope } = request.query;
      return await deps.readers.ask(
        'topValues',
        { scope: toScope(scope, deps.now()), by, limit: most },
        { signal: clientGone(reply) },
      );
    },
  );
}

function registerValues(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/stats/values',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listValues',
        summary: 'Values of a field, for suggestions',
        tags: ['stats'],
        querystring: Type.Object(
          {
            ...scopeParameters,
            field: valueFieldSchema,
            prefix: Type.Optional(Type.String({ maxLength: 1_024, description: 'What the values begin with' })),
            limit: limit(VALUES_LIMIT_MAX, VALUES_LIMIT_DEFAULT),
          },
          { additionalProperties: false },
        ),
        response: { 200: valuesSchema, ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { field, prefix, limit: most, ...scope } = request.query;
      return await deps.readers.ask(
        'listValues',
        { scope: toScope(scope, deps.now()), field, prefix, limit: most },
        { signal: clientGone(reply) },
      );
    },
  );
}
