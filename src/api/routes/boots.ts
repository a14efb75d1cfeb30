// GET /hosts/{id}/boots.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { bootSchema } from '../schemas/boot.ts';
import { page } from '../schemas/common.ts';
import { pageParameters } from '../schemas/query.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

export function registerBoots(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/hosts/:id/boots',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listBoots',
        summary: 'Boots of one machine, the latest first',
        tags: ['hosts'],
        params: Type.Object({ id: Type.String({ maxLength: 256, description: 'Host id or name' }) }),
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: page(bootSchema, 'BootPage'), ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { limit = LIMIT_DEFAULT, cursor } = request.query;
      const boots = await deps.readers.ask('listBoots', { host: id, limit, cursor }, { signal: clientGone(reply) });
      if (boots === undefined) {
        throw new ApiError('not-found', `There is no host ${JSON.stringify(id)}`, { hint: 'See GET /api/v1/hosts' });
      }
      return boots;
    },
  );
}
