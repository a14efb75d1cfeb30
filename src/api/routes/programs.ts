// GET /programs: who uses Landlock, and how.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { page } from '../schemas/common.ts';
import { programSchema, programSortSchema } from '../schemas/program.ts';
import { pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const { from, to, host, fleet, include } = scopeParameters;

export function registerPrograms(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/programs',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listPrograms',
        summary: 'Programs that use Landlock',
        tags: ['programs'],
        querystring: Type.Object(
          {
            ...pageParameters,
            from,
            to,
            host,
            fleet,
            include,
            program: Type.Optional(
              Type.String({ maxLength: 4_096, description: 'The path of the executable; * stands for any text' }),
            ),
            sort: Type.Optional(programSortSchema),
          },
          { additionalProperties: false },
        ),
        response: { 200: page(programSchema, 'ProgramPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, program, sort, ...scope } = request.query;
      return await deps.readers.ask(
        'listPrograms',
        { scope: toScope(scope, deps.now()), program, sort, limit, cursor },
        { signal: clientGone(reply) },
      );
    },
  );
}
