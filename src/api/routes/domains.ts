// GET /domains, /domains/{host}/{boot}/{id} and its tree.
import Type from 'typebox';
import type { DomainPlace } from '../../store/reader-table.ts';
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { page } from '../schemas/common.ts';
import { domainSchema, domainTreeSchema } from '../schemas/domain.ts';
import { domainParameters, pageParameters, scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const keySchema = Type.Object({
  host: Type.String({ maxLength: 256, description: 'Host id or name' }),
  boot: Type.String({ maxLength: 256, description: 'Boot id' }),
  id: Type.String({ maxLength: 64, description: 'Domain id, hexadecimal' }),
});

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
          { ...pageParameters, ...scopeParameters, ...domainParameters },
          { additionalProperties: false },
        ),
        response: { 200: page(domainSchema, 'DomainPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor, id, boot, program, status, has, ...scope } = request.query;
      const filter = { id, boot, program, status, isUnlogged: has === 'unlogged' };
      return await deps.readers.ask(
        'listDomains',
        { scope: toScope(scope, deps.now()), filter, limit, cursor },
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
        params: keySchema,
        response: { 200: domainSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const domain = await deps.readers.ask('getDomain', request.params, { signal: clientGone(reply) });
      return domain ?? refuseUnknown(request.params);
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
        params: keySchema,
        response: { 200: domainTreeSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const tree = await deps.readers.ask('domainTree', request.params, { signal: clientGone(reply) });
      return tree ?? refuseUnknown(request.params);
    },
  );
}

function refuseUnknown(key: DomainPlace): never {
  throw new ApiError('not-found', `There is no domain ${key.id} in boot ${key.boot} of host ${key.host}`, {
    hint: 'See GET /api/v1/domains',
  });
}
