// The last hop of a record's way in: a batch becomes rows, then the streams hear of it. The answer says committed
// only after COMMIT; on any error the collector keeps its batch and comes again.
import { BATCH_BYTES_MAX, type BatchAnswer, type BatchLine } from '../../delivery/batch.ts';
import { type ParsedBatch, parseBatch } from '../../delivery/parse-batch.ts';
import type { Aggregate } from '../../landlock/privacy/aggregate.ts';
import type { AgentRow } from '../../store/access/agent-rows.ts';
import type { AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { keepOwn, refuseBeyondShare, refuseUnlessContinued } from './agent-rules.ts';
import { withoutLarge } from './large-documents.ts';

/** Of the collector on this machine. */
const DEFAULT_FLEET = 'default';

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
  const sized = withoutLarge(parsed, body);
  const batch = agent === undefined ? sized : checkAgent(agent, sized, deps);
  const startMs = performance.now();
  const { documents, counts } = sortLines(batch.lines);
  const counted = new CountedLines(counts, agent?.fleet ?? DEFAULT_FLEET, deps);
  const { spool, last_seq: lastSeq } = batch.header;
  const hadSeq = agent && (deps.agents.spoolMark(agent, spool) ?? batch.header.base_seq ?? 0);
  const written = write(documents, deps, () => {
    counted.add();
    if (agent !== undefined) deps.agents.markSpool(agent, spool, lastSeq);
  });
  if (agent !== undefined) deps.shares.charge(agent.id, parsed.lines.length, deps.now());
  const rejected = [
    ...batch.rejected,
    ...counted.rejected,
    ...written.rejected.map(({ index, reason }) => ({ seq: documents[index]?.seq ?? -1, reason })),
  ].sort((a, b) => a.seq - b.seq);
  const stored = written.stored + counted.stored;
  const duplicates = written.duplicates + counted.duplicates;
  deps.counters.add({ stored, duplicates, rejected: rejected.length }, deps.now(), performance.now() - startMs);
  if (rejected.length > 0) {
    deps.log.warn({ rejected: rejected.length, first: rejected[0] }, 'a batch holds documents that cannot be stored');
  }
  deps.denialsByBlocker.add(written.inserted);
  deps.hub.publish(written.inserted);
  return {
    ack_seq: batch.header.last_seq,
    stored,
    duplicates,
    ...(hadSeq !== undefined && { had_seq: hadSeq }),
    rejected,
  };
}

/** Documents, and counts of hosts that tell nothing else. */
function sortLines(lines: readonly BatchLine[]) {
  const documents: BatchLine[] = [];
  const counts: { readonly seq: number; readonly doc: Aggregate }[] = [];
  for (const line of lines) {
    const { seq, doc } = line;
    if (doc.kind === 'aggregate') counts.push({ seq, doc });
    else documents.push(line);
  }
  return { documents, counts };
}

/** What became of the counts of a batch. */
class CountedLines {
  readonly #lines: readonly { readonly seq: number; readonly doc: Aggregate }[];
  readonly #fleet: string;
  readonly #deps: AppDeps;
  readonly rejected: { readonly seq: number; readonly reason: string }[] = [];
  stored = 0;
  duplicates = 0;

  constructor(lines: readonly { readonly seq: number; readonly doc: Aggregate }[], fleet: string, deps: AppDeps) {
    this.#lines = lines;
    this.#fleet = fleet;
    this.#deps = deps;
  }

  /** In the transaction that stores the rest of the batch. */
  add(): void {
    for (const { seq, doc } of this.#lines) {
      const outcome = this.#deps.agents.addAggregate(this.#fleet, doc);
      if (typeof outcome === 'string') this.rejected.push({ seq, reason: outcome });
      else if (outcome) this.stored++;
      else this.duplicates++;
    }
  }
}

function checkAgent(agent: AgentRow, batch: Extract<ParsedBatch, { ok: true }>, deps: AppDeps) {
  refuseUnlessContinued(agent, batch.header, deps);
  refuseBeyondShare(agent, deps);
  return keepOwn(agent, batch);
}

function write(lines: readonly { readonly doc: unknown }[], deps: AppDeps, together: () => void) {
  try {
    return deps.writer.write(lines, deps.now(), together);
  } catch (error) {
    deps.counters.failures++;
    throw error;
  }
}
