// POST /ingest and /agents/self/heartbeat: how a collector delivers and what it says of itself.
import Type from 'typebox';
import { BATCH_BYTES_MAX } from '../../delivery/batch.ts';
import type { App, AppDeps, Via } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { noteHeartbeat, refuseUnlessInForce } from '../ingest/agent-rules.ts';
import { ingestBatch } from '../ingest/ingest.ts';
import { agentConfigSchema } from '../schemas/agent-config.ts';
import { batchAnswerSchema, heartbeatSchema } from '../schemas/delivery.ts';
import { decompress, plainBytesMax } from '../transport/decompress.ts';
import { problemAnswers } from './shared.ts';

/** What batches that are being received at once may come to; more have to wait at the collector. */
const RECEIVING_BYTES_MAX = 4 * BATCH_BYTES_MAX;
const BUSY_RETRY_SECONDS = 1;

const BATCH_DESCRIPTION =
  'Lines of JSON: a header {kind: "batch", protocol: 1, spool, first_seq, last_seq}, then {seq, doc, raw?} for each ' +
  'document, seq rising by one';

export function registerIngest(app: App, deps: AppDeps, via: Via): void {
  let receiving = 0;
  app.addContentTypeParser('application/x-ndjson', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post(
    '/api/v1/ingest',
    {
      config: { access: 'ingest', rateLimit: false },
      bodyLimit: BATCH_BYTES_MAX,
      schema: {
        operationId: 'ingest',
        summary: 'Deliver a batch; the answer comes after COMMIT',
        tags: ['delivery'],
        body: { content: { 'application/x-ndjson': { schema: Type.Any({ description: BATCH_DESCRIPTION }) } } },
        response: { 200: batchAnswerSchema, ...problemAnswers(400, 401, 403, 409, 413, 415, 429, 503) },
      },
      preParsing: async (request, reply, body) => {
        const { agent } = request.principal ?? {};
        if (agent !== undefined) {
          refuseUnlessInForce(agent);
        }
        const bytes = plainBytesMax(request.headers, BATCH_BYTES_MAX);
        if (receiving + bytes > RECEIVING_BYTES_MAX) {
          throw new ApiError('overloaded', 'As many batches are being received as there is room for', {
            retryAfterSeconds: BUSY_RETRY_SECONDS,
          });
        }
        const plain = decompress(body, request.headers['content-encoding']);
        receiving += bytes;
        reply.raw.once('close', () => {
          receiving -= bytes;
        });
        return plain;
      },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) {
        throw new ApiError('unsupported-media-type', 'A batch is application/x-ndjson');
      }
      return ingestBatch(request.body, request.principal?.agent, deps);
    },
  );

  app.post(
    '/api/v1/agents/self/heartbeat',
    {
      config: { access: 'ingest', rateLimit: false },
      schema: {
        operationId: 'heartbeat',
        summary: 'What a collector knows of itself and its kernel',
        description: 'An agent hears what its fleet wants of it (200), unless If-None-Match says that it knows (204).',
        tags: ['delivery'],
        body: heartbeatSchema,
        response: {
          200: agentConfigSchema,
          204: Type.Null({ description: 'Kept' }),
          ...problemAnswers(400, 401, 403, 413, 415, 503),
        },
      },
      preParsing: async (request, _reply, body) => decompress(body, request.headers['content-encoding']),
    },
    async (request, reply) => {
      const { agent } = request.principal ?? {};
      if (agent !== undefined) {
        noteHeartbeat(agent, request.body, deps);
      }
      deps.saveHeartbeat(request.body, deps.now());
      if (agent !== undefined) {
        deps.agents.placeHost(agent);
      }
      if (via === 'ingest') {
        deps.local.hostId = request.body.host.id;
      }
      const wanted = agent && deps.agents.config(agent);
      if (wanted !== undefined && request.headers['if-none-match'] !== wanted.etag) {
        return reply.code(200).header('etag', wanted.etag).send(wanted.config);
      }
      return reply.code(204).send(null);
    },
  );
}
