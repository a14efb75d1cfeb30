// GET and PUT /fleets/{name}/agent-config: what a fleet wants of its agents. They hear of it with their next heartbeat.
import Type from 'typebox';
import { actorOf } from '../access/admin-acts.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { ifMatchSchema, versionsOf } from '../if-match.ts';
import { fleetConfigSchema } from '../schemas/agent.ts';
import { agentConfigSchema } from '../schemas/agent-config.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers } from './shared.ts';

const keySchema = Type.Object({ name: Type.String({ maxLength: 256 }) });
const PATH = '/api/v1/fleets/:name/agent-config';

export function registerAgentConfig(app: App, deps: AppDeps): void {
  app.get(
    PATH,
    {
      config: { access: 'read' },
      schema: {
        operationId: 'getAgentConfig',
        summary: 'What a fleet wants of its agents',
        tags: ['agents'],
        params: keySchema,
        response: { 200: fleetConfigSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const question = { fleet: name };
      const found =
        (await deps.readers.ask('getAgentConfig', question, { signal: clientGone(reply) })) ?? refuseUnknown(name);
      reply.header('etag', found.etag).header('cache-control', 'no-store');
      return found;
    },
  );

  app.put(
    PATH,
    {
      config: { access: 'admin', act: 'fleet-agent-config' },
      schema: {
        operationId: 'setAgentConfig',
        summary: 'Say what a fleet wants of its agents; they hear of it with their next heartbeat',
        description: 'If-Match with the ETag of what was read: refused with 412 where somebody has changed it since.',
        tags: ['agents'],
        params: keySchema,
        headers: ifMatchSchema('what the fleet wants'),
        body: agentConfigSchema,
        response: {
          204: Type.Null({ description: 'Kept' }),
          ...problemAnswers(400, 401, 403, 404, 412, 413, 415, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { body } = request;
      const expected = versionsOf(request.headers['if-match']);
      const result = deps.acts.perform(
        () => deps.agents.setConfig(name, body, expected),
        (change) =>
          change === 'set'
            ? { actor: actorOf(request), action: 'fleet-agent-config', target: name, detail: { ...body } }
            : undefined,
        deps.now(),
      );
      if (result === 'unknown') refuseUnknown(name);
      if (result === 'stale') throw new ApiError('precondition-failed', 'The fleet does not want what If-Match says');
      return reply.code(204).send(null);
    },
  );
}

function refuseUnknown(name: string): never {
  throw new ApiError('not-found', `There is no fleet ${JSON.stringify(name)}`, { hint: 'See GET /api/v1/fleets' });
}
