// GET /status: how Trespass itself is.

import type { App, AppDeps } from '../deps.ts';
import { readStatus } from '../monitoring/status.ts';
import { statusSchema } from '../schemas/status.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

export function registerStatus(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/status',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getStatus',
        summary: 'Server, database, collectors, and what is wrong with its mend',
        tags: ['status'],
        response: { 200: statusSchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (_request, reply) => await readStatus(deps, clientGone(reply)),
  );
}
