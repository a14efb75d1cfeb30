// Agents: POST /agents/enroll for hosts that come with a token, GET /agents and what administrators decide about them.
import Type from 'typebox';
import { actorOf } from '../access/admin-acts.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { toAgentAnswer } from '../ingest/agent-answer.ts';
import { agentSchema, enrolAnswerSchema, enrolRequestSchema, keySchema } from '../schemas/agent.ts';
import { page } from '../schemas/common.ts';
import { pageParameters } from '../schemas/query.ts';
import { clientGone } from '../transport/client-gone.ts';
import { LIMIT_DEFAULT, problemAnswers } from './shared.ts';

const idSchema = Type.Object({ id: Type.String({ maxLength: 64, description: 'The id that the server gave' }) });

export function registerAgents(app: App, deps: AppDeps): void {
  registerEnrolment(app, deps);
  registerList(app, deps);
  registerDecision(app, deps, 'approve', 'Let it deliver, in the place of whom it replaces; ends a conflict');
  registerDecision(app, deps, 'revoke', 'Its key opens nothing from now on');
  registerKey(app, deps);
}

function registerEnrolment(app: App, deps: AppDeps): void {
  app.post(
    '/api/v1/agents/enroll',
    {
      config: { access: 'enroll', act: 'agent-enroll', rateLimit: false },
      schema: {
        operationId: 'enrollAgent',
        summary: 'Make a host an agent; the answer holds its key',
        tags: ['agents'],
        body: enrolRequestSchema,
        response: { 201: enrolAnswerSchema, ...problemAnswers(400, 401, 403, 409, 413, 415, 503) },
      },
    },
    async (request, reply) => {
      const { token } = request.principal ?? {};
      if (token === undefined) {
        throw new ApiError('missing-scope', 'Hosts enrol with a token of the scope enroll');
      }
      const nowMs = deps.now();
      const { body } = request;
      const answer = deps.acts.perform(
        () => deps.agents.enrol(token, body, nowMs),
        (result) =>
          result && {
            actor: actorOf(request),
            action: 'agent-enroll',
            target: result.agent,
            detail: { fleet: result.fleet, state: result.state },
          },
        nowMs,
      );
      if (answer === undefined) {
        throw new ApiError('limit-reached', 'The token has let in as many hosts as it may', {
          hint: 'Make another one: trespass token create --scope enroll',
        });
      }
      return reply.code(201).header('cache-control', 'no-store').send(answer);
    },
  );
}

function registerList(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/agents',
    {
      config: { access: 'read' },
      schema: {
        operationId: 'listAgents',
        summary: 'Hosts that deliver from elsewhere, with their states, in the order of their enrolment',
        tags: ['agents'],
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: page(agentSchema, 'AgentPage'), ...problemAnswers(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { limit = LIMIT_DEFAULT, cursor } = request.query;
      const { data, next_cursor } = await deps.readers.ask(
        'listAgents',
        { limit, cursor },
        { signal: clientGone(reply) },
      );
      return { data: data.map((agent) => toAgentAnswer(agent, deps.now())), next_cursor };
    },
  );
}

function registerDecision(app: App, deps: AppDeps, decision: 'approve' | 'revoke', summary: string): void {
  app.post(
    `/api/v1/agents/:id/${decision}`,
    {
      config: { access: 'admin', act: `agent-${decision}` },
      schema: {
        operationId: `${decision}Agent`,
        summary,
        tags: ['agents'],
        params: idSchema,
        response: { 200: agentSchema, ...problemAnswers(400, 401, 403, 404, 503) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const nowMs = deps.now();
      const isDone = deps.acts.perform(
        () => deps.agents[decision](id, nowMs),
        (result) => (result ? { actor: actorOf(request), action: `agent-${decision}`, target: id } : undefined),
        nowMs,
      );
      const agent = isDone ? deps.agents.findById(id) : undefined;
      if (agent === undefined) {
        throw new ApiError('not-found', `No agent ${JSON.stringify(id)} is in force`, {
          hint: 'See GET /api/v1/agents',
        });
      }
      return toAgentAnswer(agent, nowMs);
    },
  );
}

function registerKey(app: App, deps: AppDeps): void {
  app.post(
    '/api/v1/agents/self/key',
    {
      config: { access: 'ingest', act: 'agent-key' },
      schema: {
        operationId: 'rotateAgentKey',
        summary: 'A new key for the agent that asks; the one that it asks with ends',
        tags: ['agents'],
        response: { 201: keySchema, ...problemAnswers(401, 403, 503) },
      },
    },
    async (request, reply) => {
      const { agent } = request.principal ?? {};
      if (agent === undefined) {
        throw new ApiError('missing-scope', 'Only an agent has a key of this kind');
      }
      const key = deps.acts.perform(
        () => deps.agents.rotateKey(agent),
        () => ({ actor: actorOf(request), action: 'agent-key', target: agent.agentId }),
        deps.now(),
      );
      return reply.code(201).header('cache-control', 'no-store').send({ key });
    },
  );
}
