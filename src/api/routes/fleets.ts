// GET /fleets.
import Type from 'typebox';
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { page } from '../schemas/common.ts';
import { fleetSchema } from '../schemas/host.ts';
import { pageParameters } from '../schemas/query.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

export function registerFleets(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/fleets',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listFleets',
        summary: 'Named sets of hosts',
        tags: ['fleets'],
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: page(fleetSchema, 'FleetPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor } = request.query;
      return await deps.readers.ask('listFleets', { limit, cursor }, { signal: clientGone(reply) });
    },
  );
}
