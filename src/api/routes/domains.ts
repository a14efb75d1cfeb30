// GET /domains, /domains/{host}/{boot}/{id} and its tree.
import Type from 'typebox';
import type { App, AppDeps } from '../deps.ts';
import { page } from '../schemas/common.ts';
import { domainSchema, domainSortSchema, domainTreeSchema } from '../schemas/domain.ts';
import { domainParameters, domainPlaceSchema, pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers, refuseUnknownDomain } from './shared.ts';

export function registerDomains(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/domains',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listDomains',
        summary: 'Landlock domains, the latest first',
        tags: ['domains'],
        querystring: Type.Object(
          { ...pageParameters, ...scopeParameters, ...domainParameters, sort: Type.Optional(domainSortSchema) },
          { additionalProperties: false },
        ),
        response: { 200: page(domainSchema, 'DomainPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, sort, id, boot, program, status, has, ...scope } = request.query;
      const filter = { id, boot, program, status, isUnlogged: has === 'unlogged' };
      return await deps.readers.ask(
        'listDomains',
        { scope: toScope(scope, deps.now()), filter, sort, limit, cursor },
        {
          signal: clientGone(reply),
        },
      );
    },
  );

  app.get(
    '/api/v1/domains/:host/:boot/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getDomain',
        summary: 'One domain',
        tags: ['domains'],
        params: domainPlaceSchema,
        response: { 200: domainSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const domain = await deps.readers.ask('getDomain', request.params, { signal: clientGone(reply) });
      return domain ?? refuseUnknownDomain(request.params);
    },
  );

  app.get(
    '/api/v1/domains/:host/:boot/:id/tree',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getDomainTree',
        summary: 'The known ancestors and descendants of a domain, and itself',
        tags: ['domains'],
        params: domainPlaceSchema,
        response: { 200: domainTreeSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const tree = await deps.readers.ask('domainTree', request.params, { signal: clientGone(reply) });
      return tree ?? refuseUnknownDomain(request.params);
    },
  );
}
