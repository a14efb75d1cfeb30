// Puts together what /status and /metrics say.
import type { Heartbeat } from '../../delivery/batch.ts';
import { readPrivileges } from '../../runtime/privileges.ts';
import type { CollectorRow } from '../../store/fleets/agents.ts';
import type { RetentionDays } from '../../store/retention/retention-policy.ts';
import type { AppDeps } from '../deps.ts';
import { knownMembers } from '../known-members.ts';
import { heartbeatSchema } from '../schemas/delivery.ts';
import type { CollectorStatus, Status } from '../schemas/status.ts';
import type { TlsState } from '../transport/tls.ts';
import { collectorState, findProblems } from './health-problems.ts';

/** Rejects with ApiError where the store does not answer. */
export async function readStatus(deps: AppDeps, signal: AbortSignal): Promise<Status> {
  const [database, known] = await Promise.all([
    deps.readers.ask('storeFacts', {}, { signal }),
    deps.readers.ask('listCollectors', {}, { signal }),
  ]);
  const nowMs = deps.now();
  const privileges = readPrivileges();
  const supervision = deps.supervision();
  const collectors = known.map((row) => toCollectorStatus(row, deps, known.length === 1));
  const { counters } = deps;
  return {
    version: deps.version,
    now: new Date(nowMs).toISOString(),
    started_at: new Date(deps.startedAtMs).toISOString(),
    database,
    server: { pid: process.pid, uid: privileges.uid, capabilities: privileges.capabilities },
    ...(deps.tls !== undefined && { certificate: toCertificate(deps.tls.state) }),
    ...(deps.retention !== undefined && { retention: toRetention(deps.retention) }),
    collectors,
    ingest: {
      batches: counters.batches,
      documents: counters.documents,
      duplicates: counters.duplicates,
      rejected: counters.rejected,
      ...(counters.lastCommitAtMs !== undefined && {
        last_commit_at: new Date(counters.lastCommitAtMs).toISOString(),
      }),
      ...(counters.lastCommitMs !== undefined && { last_commit_ms: Math.round(counters.lastCommitMs * 10) / 10 }),
    },
    streams: deps.hub.size,
    problems: findProblems({
      collectors,
      supervision,
      capabilities: privileges.capabilities,
      isDatabaseReachable: deps.isDatabaseReachable(),
      unready: deps.unready(),
      diskFreeBytes: database.disk_free_bytes,
      ingestFailures: counters.failures,
      rejected: counters.rejected,
      tls: deps.tls?.state,
      nowMs,
    }),
  };
}

function toCertificate({ pin, isSelfSigned, expiresMs }: TlsState): NonNullable<Status['certificate']> {
  return { pin, self_signed: isSelfSigned, expires_at: new Date(expiresMs).toISOString() };
}

function toRetention(days: RetentionDays): NonNullable<Status['retention']> {
  return {
    raw_days: days.rawDays,
    denials_days: days.denialsDays,
    sandbox_calls_days: days.sandboxCallsDays,
    losses_days: days.lossesDays,
    rollups_days: days.rollupsDays,
    issues_days: days.issuesDays,
    domains_days: days.domainsDays,
    admin_acts_days: days.adminActsDays,
    max_bytes: days.maxBytes,
  };
}

/** What a newer collector says besides is for a newer server: nobody has decided yet who may see it. */
const knownHeartbeat = knownMembers<Heartbeat>(heartbeatSchema, ['users', 'packages']);

/** `isOnly`: there is no other collector. */
export function toCollectorStatus(row: CollectorRow, deps: AppDeps, isOnly: boolean): CollectorStatus {
  const { contactMs, heartbeat } = row;
  // The supervisor's news is about the collector of this machine.
  const isLocal = deps.local.hostId === undefined ? isOnly : heartbeat.host.id === deps.local.hostId;
  const own = isLocal ? deps.supervision() : undefined;
  return {
    state: collectorState(deps.now() - contactMs, own),
    last_contact_at: new Date(contactMs).toISOString(),
    restarts: own?.collector.restarts ?? 0,
    ...(own?.collector.lastExit !== undefined && { last_exit: own.collector.lastExit }),
    heartbeat: knownHeartbeat(heartbeat),
  };
}
