// GET /fleets, /fleets/{name}, /fleets/{name}/metrics and /fleets/{name}/packages.
import Type from 'typebox';
import { mayUse } from '../access/principal.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { page } from '../schemas/common.ts';
import { fleetMetricsSchema } from '../schemas/fleet-metrics.ts';
import { fleetSchema, fleetSortSchema } from '../schemas/host.ts';
import { packageMetricsSchema } from '../schemas/package-metrics.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { sharedMetricsSchema } from '../schemas/shared-metrics.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const keySchema = Type.Object({ name: Type.String({ maxLength: 256 }) });
const WEEKS_MAX = 53;
const METRICS_MS_DEFAULT = 7 * 86_400_000;

export function registerFleets(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/fleets',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listFleets',
        summary: 'Named sets of hosts',
        tags: ['fleets'],
        querystring: Type.Object(
          { ...pageParameters, sort: Type.Optional(fleetSortSchema) },
          { additionalProperties: false },
        ),
        response: { 200: page(fleetSchema, 'FleetPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, sort } = request.query;
      return await deps.readers.ask('listFleets', { limit, cursor, sort }, { signal: clientGone(reply) });
    },
  );

  app.get(
    '/api/v1/fleets/:name',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getFleet',
        summary: 'One fleet',
        tags: ['fleets'],
        params: keySchema,
        response: { 200: fleetSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const fleet = await deps.readers.ask('getFleet', { fleet: name }, { signal: clientGone(reply) });
      return fleet ?? refuseUnknown(name);
    },
  );

  registerMetrics(app, deps);
  registerPackages(app, deps);
  registerShared(app, deps);
}

function registerShared(app: App, deps: AppDeps): void {
  const weeks = Type.Optional(Type.Integer({ minimum: 1, maximum: WEEKS_MAX, description: 'How many; 1 by default' }));
  app.get(
    '/api/v1/fleets/:name/shared',
    {
      config: { access: 'shared' },
      schema: {
        operationId: 'getSharedMetrics',
        summary: 'What may be told of a fleet to whom its hosts are nobody’s business',
        description:
          'Of the last whole weeks. Each number of each week is about server.shared_hosts_min hosts at least, and none about ' +
          'fewer comes of adding them up and taking them from each other. Whether there is a fleet of that name is told ' +
          'to readers with the scope `read` alone; for others it is one of which nothing may be told.',
        tags: ['fleets'],
        params: keySchema,
        querystring: Type.Object({ weeks }, { additionalProperties: false }),
        response: { 200: sharedMetricsSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { weeks: count = 1 } = request.query;
      const question = { fleet: name, weeks: count, nowMs: deps.now(), hostsMin: deps.sharedHostsMin };
      const signal = clientGone(reply);
      const { principal } = request;
      const mayKnow = principal !== undefined && mayUse(principal, 'read');
      if (mayKnow && !(await deps.readers.ask('getFleet', { fleet: name }, { signal }))) return refuseUnknown(name);
      return await deps.readers.ask('sharedMetrics', question, { signal });
    },
  );
}

function registerPackages(app: App, deps: AppDeps): void {
  const { from, to } = scopeParameters;
  const parameters = { from, to, package: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) };
  app.get(
    '/api/v1/fleets/:name/packages',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getPackageMetrics',
        summary:
          'Versions of packages in a fleet: hosts, denials, new, regressed and fixed issues, before and after updates',
        description:
          'Counts whole days of UTC: from and to are drawn out to such. Default: the seven days before to. Of packages ' +
          'that something was denied to; with `package` all versions of it, its issues and updates.',
        tags: ['fleets'],
        params: keySchema,
        querystring: Type.Object(parameters, { additionalProperties: false }),
        response: { 200: packageMetricsSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { package: owner, ...times } = request.query;
      const { toMs = deps.now(), fromMs = toMs - METRICS_MS_DEFAULT } = toScope(times, deps.now());
      const question = { fleet: name, package: owner, scope: { fromMs, toMs } };
      const metrics = await deps.readers.ask('packageMetrics', question, { signal: clientGone(reply) });
      return metrics ?? refuseUnknown(name);
    },
  );
}

function registerMetrics(app: App, deps: AppDeps): void {
  const { from, to, include } = scopeParameters;
  app.get(
    '/api/v1/fleets/:name/metrics',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getFleetMetrics',
        summary: 'How much is denied in a fleet for how much running time, by what, and compared with before',
        description: 'Counts whole hours: from and to are drawn out to such. Default: the seven days before to.',
        tags: ['fleets'],
        params: keySchema,
        querystring: Type.Object({ from, to, include }, { additionalProperties: false }),
        response: { 200: fleetMetricsSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { toMs = deps.now(), ...rest } = toScope(request.query, deps.now());
      const scope = { fromMs: toMs - METRICS_MS_DEFAULT, toMs, ...rest };
      const metrics = await deps.readers.ask('fleetMetrics', { fleet: name, scope }, { signal: clientGone(reply) });
      return metrics ?? refuseUnknown(name);
    },
  );
}

function refuseUnknown(name: string): never {
  throw new ApiError('not-found', `There is no fleet ${JSON.stringify(name)}`, { hint: 'See GET /api/v1/fleets' });
}
