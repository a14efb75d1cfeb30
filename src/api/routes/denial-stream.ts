// GET /denials/stream: denials and domains as they are committed, as server-sent events.
import Type from 'typebox';
import type { Scope } from '../../store/answers.ts';
import { mayUse } from '../access/principal.ts';
import type { App, AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { scopeParameters } from '../schemas/query.ts';
import { toScope } from '../scope-parameters.ts';
import { matchDocuments, readFilterContext } from '../stream/document-matcher.ts';
import type { EventStream } from '../stream/event-stream.ts';
import { replayAfter } from '../stream/replay.ts';
import { overflowEvent, toSseText } from '../stream/sse-text.ts';
import { clientGone } from '../transport/client-gone.ts';
import { problemAnswers, textAnswer } from './shared.ts';

/** Characters that may wait for a slow reader. */
const BUFFER_MAX = 1024 * 1024;
const RETRY_SECONDS = 10;

const { q, host, fleet, include } = scopeParameters;

export function registerDenialStream(app: App, deps: AppDeps): void {
  app.get(
    '/api/v1/denials/stream',
    {
      config: { access: 'read' },
      exposeHeadRoute: false,
      schema: {
        operationId: 'streamDenials',
        summary: 'Denials as they are stored (server-sent events)',
        description:
          'Events: `denial` (data: Denial, id: event.id), `domain` (data: DomainAllocated or DomainDeallocated), ' +
          '`heartbeat` each 15 seconds, `overflow` when denials are missing. Last-Event-ID replays what came after it.',
        tags: ['denials'],
        produces: ['text/event-stream'],
        querystring: Type.Object({ q, host, fleet, include }, { additionalProperties: false }),
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 64 })) }),
        response: {
          ...textAnswer('text/event-stream', 'A stream without end'),
          ...problemAnswers(400, 401, 403, 503),
        },
      },
    },
    async (request, reply) => {
      const { principal } = request;
      const signal = clientGone(reply);
      const scope = toScope(request.query, deps.now());
      const maySeeSensitive = principal !== undefined && mayUse(principal, 'read-sensitive');
      const stream = deps.hub.open(principal?.id ?? '', {
        bufferMax: BUFFER_MAX,
        maySeeSensitive,
        matches: matchDocuments(scope, await readFilterContext(deps.readers, signal)),
        isAllowed: (nowMs) => principal?.isValid(nowMs) === true,
      });
      if (stream === undefined) {
        throw new ApiError(
          'too-many-streams',
          `${deps.hub.size} streams are open, or too many of this token or session`,
          {
            retryAfterSeconds: RETRY_SECONDS,
          },
        );
      }
      try {
        await replayInto(stream, request.headers['last-event-id'], { scope, maySeeSensitive, signal }, deps);
      } catch (error) {
        stream.destroy();
        throw error;
      }
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-accel-buffering', 'no')
        .send(stream);
    },
  );
}

interface ReplayRequest {
  readonly scope: Scope;
  readonly maySeeSensitive: boolean;
  readonly signal: AbortSignal;
}

/** Fills in what the reader missed since `lastId`, then lets what is live through. */
async function replayInto(
  stream: EventStream,
  lastId: string | undefined,
  { scope, maySeeSensitive, signal }: ReplayRequest,
  deps: AppDeps,
): Promise<void> {
  if (lastId === undefined) {
    stream.release([]);
    return;
  }
  const replay = await replayAfter(lastId, scope, deps.readers, signal);
  if (!replay.isComplete) {
    stream.say(overflowEvent({ reason: 'replay-limit', missed: null }));
  }
  stream.release(
    replay.denials.map((denial) => {
      const text = toSseText(denial);
      return { id: denial.event.id, text: maySeeSensitive ? text.whole : text.withoutSensitive };
    }),
  );
}
