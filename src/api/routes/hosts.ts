// GET /hosts and /hosts/{id}.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { toCollectorStatus } from '../monitoring/status.ts';
import { page } from '../schemas/common.ts';
import { hostSchema, hostSortSchema } from '../schemas/host.ts';
import { hostDetailSchema } from '../schemas/host-detail.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

export function registerHosts(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/hosts',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listHosts',
        summary: 'Machines that records came from',
        tags: ['hosts'],
        querystring: Type.Object(
          { ...pageParameters, fleet: scopeParameters.fleet, sort: Type.Optional(hostSortSchema) },
          { additionalProperties: false },
        ),
        response: { 200: page(hostSchema, 'HostPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, fleet, sort } = request.query;
      return await deps.readers.ask('listHosts', { limit, cursor, fleet, sort }, { signal: clientGone(reply) });
    },
  );

  app.get(
    '/api/v1/hosts/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getHost',
        summary: 'One machine: what it is, what its collector says of itself, and its present boot',
        tags: ['hosts'],
        params: Type.Object({ id: Type.String({ maxLength: 256, description: 'Host id or name' }) }),
        response: { 200: hostDetailSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const signal = clientGone(reply);
      const host = await deps.readers.ask('getHost', { host: id }, { signal });
      if (host === undefined) {
        throw new ApiError('not-found', `There is no host ${JSON.stringify(id)}`, { hint: 'See GET /api/v1/hosts' });
      }
      const [boots, collector] = await Promise.all([
        deps.readers.ask('listBoots', { host: host.id, limit: 1 }, { signal }),
        deps.readers.ask('getCollector', { host: host.id }, { signal }),
      ]);
      const latest = boots?.data[0];
      return {
        ...host,
        ...(latest !== undefined && { latest_boot: latest }),
        ...(collector !== undefined && { collector: toCollectorStatus(collector, deps, false) }),
      };
    },
  );
}
