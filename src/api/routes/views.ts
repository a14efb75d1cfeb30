// GET and POST /views; GET, PUT and DELETE /views/{id}. One's own need read-sensitive, what is shared needs write; to see
// what is shared needs no more than read.
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type NewView, type ViewContent, type ViewFacts, viewVersion } from '../../store/access/views.ts';
import { parseFilter } from '../../store/query/filter-parse.ts';
import { actorOf } from '../access/admin-acts.ts';
import { mayUse, type Principal, principalOf } from '../access/principal.ts';
import { viewOwnerOf } from '../access/view-keeper.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { ifMatchSchema, versionsOf } from '../if-match.ts';
import { page } from '../schemas/common.ts';
import { pageParameters } from '../schemas/query.ts';
import { type NewSavedView, newViewSchema, type SavedView, viewPageSchema, viewSchema } from '../schemas/view.ts';
import { toScope } from '../scope-parameters.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const keySchema = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
const headers = ifMatchSchema('the view');

export function registerViews(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/views',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listViews',
        summary: "Saved views: one's own and those that are shared",
        tags: ['views'],
        querystring: Type.Object(
          { ...pageParameters, page: Type.Optional(viewPageSchema) },
          { additionalProperties: false },
        ),
        response: { 200: page(viewSchema, 'SavedViewPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { limit = LIMIT_DEFAULT, cursor, page: of } = request.query;
      const { data, next_cursor } = await deps.readers.ask(
        'listViews',
        { owner: viewOwnerOf(principal).key, page: of, limit, cursor },
        { signal: clientGone(reply) },
      );
      return { data: data.map((view) => toAnswer(view, principal)), next_cursor };
    },
  );

  app.get(
    '/api/v1/views/:id',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getView',
        summary: 'One saved view',
        tags: ['views'],
        params: keySchema,
        response: { 200: viewSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const key = { id: request.params.id, owner: viewOwnerOf(principal).key };
      const view = await deps.readers.ask('getView', key, { signal: clientGone(reply) });
      return tagged(reply, view ?? refuseUnknown(key.id), principal);
    },
  );
  registerCreation(app, deps);
  registerChanges(app, deps);
}

function registerCreation(app: App, deps: AppDeps): void {
  app.post(
    '/api/v1/views',
    {
      config: { access: 'read-sensitive', act: 'view-create' },
      schema: {
        operationId: 'createView',
        summary: 'Keep a view under a name',
        tags: ['views'],
        body: newViewSchema,
        response: { 201: viewSchema, ...problemAnswers(400, 401, 403, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const view = toNewView(request.body, deps);
      refuseUnlessSharing(principal, view);
      const nowMs = deps.now();
      const created = deps.acts.perform(
        () => deps.views.create(viewOwnerOf(principal), view, nowMs),
        (result) => (typeof result === 'string' ? undefined : describe(request, 'view-create', result)),
        nowMs,
      );
      if (created === 'too-many') {
        throw new ApiError('limit-reached', 'There are as many saved views as there may be', {
          hint: 'Delete those that nobody uses',
        });
      }
      if (created === 'exists') refuseTaken(view);
      reply.code(201).header('location', `/api/v1/views/${created.id}`);
      return tagged(reply, created, principal);
    },
  );
}

function registerChanges(app: App, deps: AppDeps): void {
  app.put(
    '/api/v1/views/:id',
    {
      config: { access: 'read-sensitive', act: 'view-change' },
      schema: {
        operationId: 'replaceView',
        summary: 'Keep another view in the place of this one',
        description: 'If-Match with the ETag of what was read: refused with 412 where somebody has changed it since.',
        tags: ['views'],
        params: keySchema,
        headers,
        body: newViewSchema,
        response: { 200: viewSchema, ...problemAnswers(400, 401, 403, 404, 409, 412, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const view = toNewView(request.body, deps);
      const nowMs = deps.now();
      const replaced = deps.acts.perform(
        () => {
          const before = changeable(request, request.params.id, deps);
          refuseUnlessSharing(principal, view);
          return deps.views.replace(before, view, nowMs);
        },
        (result) => (result === 'exists' ? undefined : describe(request, 'view-change', result)),
        nowMs,
      );
      return tagged(reply, replaced === 'exists' ? refuseTaken(view) : replaced, principal);
    },
  );

  app.delete(
    '/api/v1/views/:id',
    {
      config: { access: 'read-sensitive', act: 'view-delete' },
      schema: {
        operationId: 'deleteView',
        summary: 'Forget a saved view',
        tags: ['views'],
        params: keySchema,
        headers,
        response: { 204: Type.Null({ description: 'Forgotten' }), ...problemAnswers(400, 401, 403, 404, 412, 503) },
      },
    },
    async (request, reply) => {
      deps.acts.perform(
        () => {
          const view = changeable(request, request.params.id, deps);
          deps.views.delete(view.id);
          return view;
        },
        (view) => describe(request, 'view-delete', view),
        deps.now(),
      );
      return reply.code(204).send(null);
    },
  );
}

interface Change {
  readonly headers: { readonly 'if-match'?: string };
}

/** The view as it is now, if whoever asks may change it and has seen it as it is. */
function changeable(request: FastifyRequest & Change, id: number, deps: AppDeps): ViewFacts {
  const principal = principalOf(request);
  const view = deps.views.get(id, viewOwnerOf(principal).key) ?? refuseUnknown(id);
  refuseUnlessSharing(principal, view);
  const expected = versionsOf(request.headers['if-match']);
  if (expected !== undefined && !expected.includes(viewVersion(view))) {
    throw new ApiError('precondition-failed', 'The view is not as If-Match says');
  }
  return view;
}

function mayChange(principal: Principal, { shared }: Pick<NewView, 'shared'>): boolean {
  return mayUse(principal, shared ? 'write' : 'read-sensitive');
}

function refuseUnlessSharing(principal: Principal, view: Pick<NewView, 'shared'>): void {
  if (!mayChange(principal, view)) {
    throw new ApiError('missing-scope', 'Views that are shared need the scope write');
  }
}

/** Throws ApiError where its query or its times make no sense. */
function toNewView({ name, page: of, shared = false, ...content }: NewSavedView, deps: AppDeps): NewView {
  toScope(content, deps.now());
  const filter = parseFilter(content.q ?? '');
  if (filter.kind === 'mistake') {
    throw new ApiError('invalid-query', filter.message, { hint: filter.hint, position: filter.position });
  }
  return { name: name.trim(), page: of, shared, content: content as ViewContent };
}

function describe(request: FastifyRequest, action: string, { id, name, page: of, shared }: ViewFacts) {
  return { actor: actorOf(request), action, target: `${id} ${name}`, detail: { page: of, shared } };
}

function tagged(reply: FastifyReply, view: ViewFacts, principal: Principal): SavedView {
  reply.header('etag', `"${viewVersion(view)}"`).header('cache-control', 'no-store');
  return toAnswer(view, principal);
}

function toAnswer(view: ViewFacts, principal: Principal): SavedView {
  const { id, name, page: of, shared, content, owner, createdMs, changedMs } = view;
  return {
    id,
    name,
    page: of,
    shared,
    ...content,
    owner: owner.name,
    own: owner.key === viewOwnerOf(principal).key,
    can_change: mayChange(principal, view),
    created_at: new Date(createdMs).toISOString(),
    changed_at: new Date(changedMs).toISOString(),
  };
}

function refuseTaken(view: NewView): never {
  throw new ApiError('already-exists', `There is a view ${JSON.stringify(view.name)} of ${view.page} already`);
}

function refuseUnknown(id: number): never {
  throw new ApiError('not-found', `There is no view ${id} that you may see`, { hint: 'See GET /api/v1/views' });
}
