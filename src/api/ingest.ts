// The last hop of a record's way in: a batch becomes rows, then the streams hear of it. The answer says committed
// only after COMMIT; on any error the collector keeps its batch and comes again.
import { BATCH_BYTES_MAX, type BatchAnswer } from '../delivery/batch.ts';
import { parseBatch } from '../delivery/parse-batch.ts';
import type { AppDeps } from './deps.ts';
import { ApiError } from './errors.ts';

/** Throws ApiError `invalid-batch`, and StoreError where the store cannot take it now. */
export function ingestBatch(body: Buffer, deps: AppDeps): BatchAnswer {
  if (body.length > BATCH_BYTES_MAX) {
    throw new ApiError('body-too-large', `A batch has at most ${BATCH_BYTES_MAX} bytes`);
  }
  const batch = parseBatch(body);
  if (!batch.ok) {
    throw new ApiError('invalid-batch', batch.reason);
  }
  const startMs = performance.now();
  const written = write(batch.lines, deps);
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

function write(lines: readonly { readonly doc: unknown }[], deps: AppDeps) {
  try {
    return deps.writer.write(lines, deps.now());
  } catch (error) {
    deps.counters.failures++;
    throw error;
  }
}
