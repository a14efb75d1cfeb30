// The last hop of a record's way in: a batch becomes rows, then the streams hear of it. The answer says committed
// only after COMMIT; on any error the collector keeps its batch and comes again.
import { BATCH_BYTES_MAX, type BatchAnswer } from '../delivery/batch.ts';
import { type ParsedBatch, parseBatch } from '../delivery/parse-batch.ts';
import type { AgentRow } from '../store/agent-rows.ts';
import { keepOwn, refuseBeyondShare, refuseUnlessContinued } from './agent-rules.ts';
import type { AppDeps } from './deps.ts';
import { ApiError } from './errors.ts';

/**
 * `agent`: who delivers from elsewhere. Throws ApiError where the batch or the agent may not be, and StoreError where
 * the store cannot take it now.
 */
export function ingestBatch(body: Buffer, agent: AgentRow | undefined, deps: AppDeps): BatchAnswer {
  if (body.length > BATCH_BYTES_MAX) {
    throw new ApiError('body-too-large', `A batch has at most ${BATCH_BYTES_MAX} bytes`);
  }
  const parsed = parseBatch(body);
  if (!parsed.ok) {
    throw new ApiError('invalid-batch', parsed.reason);
  }
  const batch = agent === undefined ? parsed : checkAgent(agent, parsed, deps);
  const startMs = performance.now();
  const { spool, last_seq: lastSeq } = batch.header;
  const written = write(batch.lines, deps, agent && (() => deps.agents.markSpool(agent, spool, lastSeq)));
  if (agent !== undefined) deps.shares.charge(agent.id, parsed.lines.length, deps.now());
  const rejected = [
    ...batch.rejected,
    ...written.rejected.map(({ index, reason }) => ({ seq: batch.lines[index]?.seq ?? -1, reason })),
  ].sort((a, b) => a.seq - b.seq);
  deps.counters.add(
    { stored: written.stored, duplicates: written.duplicates, rejected: rejected.length },
    deps.now(),
    performance.now() - startMs,
  );
  if (rejected.length > 0) {
    deps.log.warn({ rejected: rejected.length, first: rejected[0] }, 'a batch holds documents that cannot be stored');
  }
  deps.denialsByBlocker.add(written.inserted);
  deps.hub.publish(written.inserted);
  return { ack_seq: batch.header.last_seq, stored: written.stored, duplicates: written.duplicates, rejected };
}

function checkAgent(agent: AgentRow, batch: Extract<ParsedBatch, { ok: true }>, deps: AppDeps) {
  refuseUnlessContinued(agent, batch.header, deps);
  refuseBeyondShare(agent, deps);
  return keepOwn(agent, batch);
}

function write(lines: readonly { readonly doc: unknown }[], deps: AppDeps, together: (() => void) | undefined) {
  try {
    return deps.writer.write(lines, deps.now(), together);
  } catch (error) {
    deps.counters.failures++;
    throw error;
  }
}
