// The wiring of the server's three apps: one by TCP for browsers and tokens, one behind api.sock for the command
// line, one behind ingest.sock for the collector. Each has only the routes that its callers may use. Built without
// listening: server.ts listens, tests inject.

import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import { registerAuthentication } from './access/authenticate.ts';
import { PasswordGate } from './access/password-gate.ts';
import { addressGroup } from './access/sign-in-throttle.ts';
import type { App, AppDeps, Via } from './deps.ts';
import { ApiError } from './errors.ts';
import { registerListAnswers } from './list-answer.ts';
import { registerOpenApiGenerator } from './openapi-document.ts';
import { answerProblem } from './problem.ts';
import { registerAccounts, registerOwnPassword } from './routes/accounts.ts';
import { registerAgentConfig } from './routes/agent-config.ts';
import { registerAgents } from './routes/agents.ts';
import { registerAuditLog } from './routes/audit-log.ts';
import { registerBoots } from './routes/boots.ts';
import { registerDenialContext } from './routes/denial-context.ts';
import { registerDenialExport } from './routes/denial-export.ts';
import { registerDenialStream } from './routes/denial-stream.ts';
import { registerDenials } from './routes/denials.ts';
import { registerDomains } from './routes/domains.ts';
import { registerExplanations } from './routes/explanations.ts';
import { registerFleets } from './routes/fleets.ts';
import { registerHealth } from './routes/health.ts';
import { registerHeatmap } from './routes/heatmap.ts';
import { registerHosts } from './routes/hosts.ts';
import { registerIngest } from './routes/ingest.ts';
import { registerIssues } from './routes/issues.ts';
import { registerMetrics } from './routes/metrics.ts';
import { registerNotices } from './routes/notices.ts';
import { registerOpenApi } from './routes/openapi.ts';
import { registerPrograms } from './routes/programs.ts';
import { registerSession, registerSessions } from './routes/session.ts';
import { registerSignIn, registerSignInLink } from './routes/sign-in.ts';
import { registerStats } from './routes/stats.ts';
import { registerStatus } from './routes/status.ts';
import { registerSuggestions } from './routes/suggestions.ts';
import { registerTokens } from './routes/tokens.ts';
import { registerUsers } from './routes/users.ts';
import { registerViews } from './routes/views.ts';
import { registerWeb, sendIndex } from './routes/web.ts';
import { CONNECTIONS_MAX, serverOptions } from './server-options.ts';
import { followMethods } from './transport/allowed-methods.ts';
import { BrokenRequests } from './transport/broken-requests.ts';
import { registerProxyCheck } from './transport/proxies.ts';
import { registerHostCheck, registerSecurityHeaders, registerSingleHeaderCheck } from './transport/security.ts';
import { registerUnreadBound } from './transport/unread-answers.ts';
import { registerWellFormedCheck } from './well-formed.ts';

/** Callers whose requests are counted: people by session or token, others by address. */
const CALLERS_MAX = 10_000;

/** Routes and checks for requests that come in by `via`. Resolves when all schemas are compiled. */
export async function buildApp(deps: AppDeps, via: Via): Promise<App> {
  const broken = new BrokenRequests(deps.patience.requestMaxMs);
  const app: App = Fastify(serverOptions(deps, via, broken)).withTypeProvider<TypeBoxTypeProvider>();
  broken.watch(app.server);
  app.server.maxConnections = CONNECTIONS_MAX;
  if (via === 'tcp') {
    const { connections, tls, isProxy } = deps;
    connections.watch(app.server, tls !== undefined, (address) => isProxy?.(address) === true);
    app.addHook('onRequest', async (request) => connections.refuseRequest(request.raw.socket));
  }
  // What has no column in a schema must still be sent: newer collectors and kernels know more fields than we do.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler(answerProblem);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  registerUnreadBound(app);
  app.addHook('preClose', async () => deps.hub.close());
  await app.register(cookie);
  if (via === 'tcp') {
    if (deps.isProxy !== undefined) {
      registerProxyCheck(app, deps.isProxy);
    }
    registerSingleHeaderCheck(app);
    registerHostCheck(app, deps);
    await registerSecurityHeaders(app, deps.isSecure);
  }
  registerAuthentication(app, deps, via);
  if (via === 'tcp') {
    await registerRateLimit(app, deps.requestsPerMinute);
  }
  if (via !== 'ingest') {
    await registerOpenApiGenerator(app, deps.version);
  }
  registerNotFound(app, deps, via);
  registerWellFormedCheck(app);
  registerListAnswers(app);
  registerRoutes(app, deps, via);
  await app.ready();
  return app;
}

function registerRoutes(app: App, deps: AppDeps, via: Via): void {
  registerIngest(app, deps, via);
  if (via === 'ingest') {
    return;
  }
  registerDenials(app, deps);
  registerDenialStream(app, deps);
  registerDenialExport(app, deps);
  registerDenialContext(app, deps);
  registerExplanations(app, deps);
  registerSuggestions(app, deps);
  registerDomains(app, deps);
  registerIssues(app, deps);
  registerPrograms(app, deps);
  registerUsers(app, deps);
  registerAgents(app, deps);
  registerAgentConfig(app, deps);
  registerHosts(app, deps);
  registerBoots(app, deps);
  registerFleets(app, deps);
  registerStats(app, deps);
  registerHeatmap(app, deps);
  registerNotices(app, deps);
  registerStatus(app, deps);
  registerSession(app, deps);
  registerSessions(app, deps);
  registerTokens(app, deps);
  const gate = new PasswordGate(deps);
  registerAccounts(app, deps, gate);
  registerOwnPassword(app, deps, gate);
  registerViews(app, deps);
  registerAuditLog(app, deps);
  registerOpenApi(app);
  registerHealth(app, deps);
  registerMetrics(app, deps);
  if (via === 'api') {
    registerSignInLink(app, deps);
  } else {
    registerSignIn(app, deps, gate);
    registerWeb(app, deps);
  }
}

async function registerRateLimit(app: App, max: number): Promise<void> {
  await app.register(rateLimit, {
    max,
    timeWindow: 60_000,
    cache: CALLERS_MAX,
    keyGenerator: (request) => request.principal?.id ?? addressGroup(request.ip),
    errorResponseBuilder: (_request, context) =>
      new ApiError('rate-limited', `More than ${context.max} requests in a minute`),
  });
}

function registerNotFound(app: App, deps: AppDeps, via: Via): void {
  const methodsOf = followMethods(app);
  app.setNotFoundHandler(via === 'tcp' ? { preHandler: app.rateLimit() } : {}, (request, reply) => {
    const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
    const path = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?')[0] ?? '/';
    const allow = methodsOf(path);
    if (allow.length > 0) {
      throw new ApiError('method-not-allowed', `${path.slice(0, 200)} has no ${request.method}`, { allow });
    }
    if (via === 'tcp' && isPage && !/^\/(api|-|metrics|assets)(\/|$)/.test(path) && !path.includes('.')) {
      return sendIndex(request, reply, deps);
    }
    throw new ApiError('not-found', `There is no ${request.method} ${path.slice(0, 200)}`);
  });
}
