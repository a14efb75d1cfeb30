// How the HTTP server under an app is made: its bounds in bytes and time, and TLS where there is some.
import { randomUUID } from 'node:crypto';
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController, type RawServerDefault } from 'fastify';
import type { AppDeps, Via } from './deps.ts';
import { answerProblem } from './problem.ts';
import type { BrokenRequests } from './transport/broken-requests.ts';

/** Of any body but a batch. */
const BODY_BYTES_MAX = 64 * 1024;
const HEADER_BYTES_MAX = 16 * 1024;
export const CONNECTIONS_MAX = 512;
const PARAMETER_MAX = 512;

type Options = FastifyHttpOptions<RawServerDefault, FastifyBaseLogger>;

export function serverOptions(deps: AppDeps, via: Via, broken: BrokenRequests): Options {
  const { headersMaxMs, requestMaxMs, silenceMaxMs, lookMs } = deps.patience;
  const http = {
    // A missing Host header is refused by our own check, which says why.
    requireHostHeader: false,
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: headersMaxMs,
    requestTimeout: requestMaxMs,
    connectionsCheckingInterval: lookMs,
  };
  const { tls } = deps;
  return {
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: requestMaxMs,
    connectionTimeout: silenceMaxMs,
    forceCloseConnections: true,
    http,
    ...(via === 'tcp' &&
      tls !== undefined && {
        serverFactory: (handler) => tls.createServer(http, handler).setTimeout(silenceMaxMs),
      }),
    ...(via === 'tcp' && deps.isProxy !== undefined && { trustProxy: deps.isProxy }),
    routerOptions: { maxParamLength: PARAMETER_MAX },
    ajv: { customOptions: { removeAdditional: false, useDefaults: false, allErrors: false } },
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply),
    clientErrorHandler: (error, socket) => broken.refuse(error, socket),
  };
}
