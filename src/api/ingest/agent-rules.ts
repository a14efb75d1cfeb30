// What an agent may deliver: only what its host recorded, only while somebody lets it, and only as a continuation of
// what is stored of it. docs/delivery-protocol.md has the rules' ids.
import type { BatchHeader, BatchLine, Heartbeat } from '../../delivery/batch.ts';
import type { ParsedBatch } from '../../delivery/parse-batch.ts';
import type { AgentRow } from '../../store/access/agent-rows.ts';
import type { AppDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';

type GoodBatch = Extract<ParsedBatch, { ok: true }>;

/** Refuses whom nobody approved, or who is two. D-403 */
export function refuseUnlessInForce(agent: AgentRow): void {
  if (agent.conflictMs !== null) {
    throw new ApiError('agent-conflict', `Two machines speak as agent ${agent.agentId}`);
  }
  if (agent.approvedMs === null) {
    throw new ApiError('agent-pending', `Agent ${agent.agentId} waits for approval`);
  }
}

/** Says when the agent was heard of, and finds out whether it is two. Throws where it may say nothing. */
export function noteHeartbeat(agent: AgentRow, heartbeat: Heartbeat, deps: AppDeps): void {
  const { host, version, sent_at: sentAt, config_etag: configEtag = null, config = null, privacy = null } = heartbeat;
  if (host.id !== agent.hostId) {
    throw new ApiError('missing-scope', 'An agent speaks for its own host alone');
  }
  const nowMs = deps.now();
  const skewMs = sentAt === undefined ? null : Math.round(Date.parse(sentAt) - nowMs);
  const state = deps.agents.noteContact(
    agent,
    { bootId: host.boot_id, name: host.name, version, skewMs, configEtag, config, privacy },
    nowMs,
  );
  refuseUnlessInForce(state === 'conflict' ? { ...agent, conflictMs: nowMs } : agent);
}

/** D-429: whether the agent may still send something now. */
export function refuseBeyondShare(agent: AgentRow, deps: AppDeps): void {
  const retryAfterSeconds = deps.shares.waitSeconds(agent.id, deps.now());
  if (retryAfterSeconds === undefined) return;
  throw new ApiError('rate-limited', 'This agent delivered as much as it may', { retryAfterSeconds });
}

/** S-RESYNC: the agent deleted what we had acknowledged, and we do not have it any more. */
export function refuseUnlessContinued(agent: AgentRow, header: BatchHeader, deps: AppDeps): void {
  const stored = deps.agents.spoolMark(agent, header.spool) ?? header.base_seq ?? 0;
  const acked = header.acked_seq ?? 0;
  if (acked <= stored || header.resync_seq === stored + 1) return;
  throw new ApiError('resync', `Of spool ${header.spool} only ${stored} is stored, but ${acked} was acknowledged`, {
    expectedSeq: stored + 1,
  });
}

/** S-OWN: takes out what is not of the agent's host. Counts are of no host. */
export function keepOwn(agent: AgentRow, batch: GoodBatch): GoodBatch {
  const isOwn = ({ doc }: BatchLine) => doc.kind === 'aggregate' || doc.host.id === agent.hostId;
  if (batch.lines.every(isOwn)) return batch;
  const reason = 'doc.host.id is not the host of this agent';
  const others = batch.lines.filter((line) => !isOwn(line)).map(({ seq }) => ({ seq, reason }));
  return { ...batch, lines: batch.lines.filter(isOwn), rejected: [...batch.rejected, ...others] };
}
