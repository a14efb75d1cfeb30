// GET and PUT /fleets/{name}/agent-config: what a fleet wants of its agents. They hear of it with their next heartbeat.
import Type from 'typebox';
import { actorOf } from '../admin-acts.ts';
import { clientGone } from '../client-gone.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { agentConfigSchema, fleetConfigSchema } from '../schemas/agent.ts';
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
      const found = await deps.readers.ask('getAgentConfig', { fleet: name }, { signal: clientGone(reply) });
      return found ?? refuseUnknown(name);
    },
  );

  app.put(
    PATH,
    {
      config: { access: 'admin', act: 'fleet-agent-config' },
      schema: {
        operationId: 'setAgentConfig',
        summary: 'Say what a fleet wants of its agents; they hear of it with their next heartbeat',
        tags: ['agents'],
        params: keySchema,
        body: agentConfigSchema,
        response: { 204: Type.Null({ description: 'Kept' }), ...problemAnswers(400, 401, 403, 404, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      const { body } = request;
      const isDone = deps.acts.perform(
        () => deps.agents.setConfig(name, body),
        (result) =>
          result
            ? { actor: actorOf(request), action: 'fleet-agent-config', target: name, detail: { ...body } }
            : undefined,
        deps.now(),
      );
      if (!isDone) refuseUnknown(name);
      return reply.code(204).send(null);
    },
  );
}

function refuseUnknown(name: string): never {
  throw new ApiError('not-found', `There is no fleet ${JSON.stringify(name)}`, { hint: 'See GET /api/v1/fleets' });
}
