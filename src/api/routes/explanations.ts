// GET /denials/{id}/explanation, /issues/{id}/explanation, /domains/{host}/{boot}/{id}/explanation: in plain words.
// They hold no arguments and no raw records, so every reader may see them whole.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { domainExplanationSchema, explanationSchema } from '../schemas/explanation.ts';
import { domainPlaceSchema } from '../schemas/query.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers, refuseUnknownDomain } from './shared.ts';

export function registerExplanations(app: App, deps: AppDeps): void {
  registerOfDenial(app, deps);
  registerOfIssue(app, deps);
  registerOfDomain(app, deps);
}

function registerOfDenial(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/denials/:id/explanation',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'explainDenial',
        summary: 'A denial in plain words: what it means, likely causes, what is not known, and its neighbours',
        tags: ['denials'],
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'event.id, 26 characters' }) }),
        response: { 200: explanationSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const answer = await deps.readers.ask('explainDenial', { eventId: id }, { signal: clientGone(reply) });
      if (answer !== undefined) return answer;
      throw new ApiError('not-found', `There is no denial ${JSON.stringify(id)}`, {
        hint: 'It may have been older than the retention; see GET /api/v1/denials',
      });
    },
  );
}

function registerOfIssue(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/issues/:id/explanation',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'explainIssue',
        summary: 'An issue in plain words, by its latest denial',
        tags: ['issues'],
        params: Type.Object({ id: Type.String({ maxLength: 64, description: 'The fingerprint' }) }),
        response: { 200: explanationSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const answer = await deps.readers.ask('explainIssue', { issue: id }, { signal: clientGone(reply) });
      if (answer !== undefined) return answer;
      throw new ApiError('not-found', `There is no issue ${JSON.stringify(id)} with a denial that is still stored`, {
        hint: 'See GET /api/v1/issues',
      });
    },
  );
}

function registerOfDomain(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/domains/:host/:boot/:id/explanation',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'explainDomain',
        summary: 'A domain in plain words: whose it is, what it refused and why that may be',
        tags: ['domains'],
        params: domainPlaceSchema,
        response: { 200: domainExplanationSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const answer = await deps.readers.ask('explainDomain', request.params, { signal: clientGone(reply) });
      return answer ?? refuseUnknownDomain(request.params);
    },
  );
}
