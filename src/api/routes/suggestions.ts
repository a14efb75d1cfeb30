// GET /suggestions: the least rules that would have let the selected denials pass.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { scopeParameters } from '../schemas/query.ts';
import { suggestionAnswerSchema, suggestionFormatSchema } from '../schemas/suggestion.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

const optional = Type.Optional;

const querySchema = Type.Object(
  {
    ...scopeParameters,
    denial: optional(Type.String({ maxLength: 64, description: 'event.id of one denial' })),
    issue: optional(Type.String({ maxLength: 64, description: 'The fingerprint of an issue' })),
    domain: optional(Type.String({ maxLength: 64, description: 'Domain id, hexadecimal' })),
    program: optional(Type.String({ maxLength: 4_096, description: 'An executable; * stands for any text' })),
    format: optional(suggestionFormatSchema),
    generalise: optional(
      Type.Boolean({ default: false, description: 'The directory above what changes from run to run' }),
    ),
    include_guarded: optional(
      Type.Boolean({ default: false, description: 'Also rules that can give away more than it seems' }),
    ),
  },
  { additionalProperties: false },
);

export function registerSuggestions(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/suggestions',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'suggestRules',
        summary: 'The least rules that would have let the denials of a denial, issue, domain, program or query pass',
        tags: ['denials'],
        querystring: querySchema,
        response: { 200: suggestionAnswerSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const {
        denial,
        issue,
        domain,
        program,
        q,
        format = 'text',
        generalise,
        include_guarded,
        ...scope
      } = request.query;
      if ([denial, issue, domain, program, q].every((value) => value === undefined)) {
        throw new ApiError('invalid-parameter', 'Nothing says which denials are meant', {
          hint: 'Give denial, issue, domain, program or q',
        });
      }
      const answer = await deps.readers.ask(
        'suggestRules',
        {
          selection: { denial, issue, domain: domain?.toLowerCase(), program, query: q },
          scope: toScope(scope, deps.now()),
          format,
          generalise: generalise === true,
          includeGuarded: include_guarded === true,
        },
        { signal: clientGone(reply) },
      );
      if (answer.suggestion.counts.selected > 0 || denial === undefined) return answer;
      throw new ApiError('not-found', `There is no denial ${JSON.stringify(denial)}`, {
        hint: 'See GET /api/v1/denials',
      });
    },
  );
}
