// Hosts that deliver from elsewhere: who they are, whether they may, and when they were heard of. Only the SQL and its
// rows; what follows from them is in agent-register.ts.
import type { AgentState } from '../../delivery/enrol.ts';

/** A collector sends a heartbeat every half minute: after three without one it is not simply late. */
export const ONLINE_MS = 100_000;
/** After that it is no hiccup of the network. */
export const STALE_MS = 15 * 60_000;
/** Boots of one agent that are remembered. */
export const BOOTS_MAX = 16;

export interface AgentRow {
  readonly id: number;
  readonly agentId: string;
  readonly hostId: string;
  readonly name: string;
  readonly fleet: string;
  /** JSON: [{name, value}] */
  readonly labels: string;
  readonly version: string;
  readonly createdMs: number;
  readonly contactMs: number | null;
  /** The agent's clock minus ours, when it was heard of last. */
  readonly skewMs: number | null;
  readonly approvedMs: number | null;
  readonly revokedMs: number | null;
  readonly conflictMs: number | null;
  /** JSON: boot ids, the present one last. */
  readonly boots: string;
  /** The agent in whose place this one wants to be: the same host, enrolled once more. */
  readonly replaces: number | null;
  /** Of the configuration that it runs with, as its last heartbeat said; of the one that its fleet wants. */
  readonly configEtag: string | null;
  readonly fleetConfig: string | null;
  /** JSON: a ConfigReport. */
  readonly configReport: string | null;
  /** What it tells; null: all. */
  readonly privacy: string | null;
}

const COLUMNS = `
  a.id, a.agent_id AS agentId, a.host_id AS hostId, a.name, f.name AS fleet, a.labels, a.version,
  a.created_ms AS createdMs, a.contact_ms AS contactMs, a.skew_ms AS skewMs, a.approved_ms AS approvedMs,
  a.revoked_ms AS revokedMs, a.conflict_ms AS conflictMs, a.boots, a.replaces,
  a.config_etag AS configEtag, a.config_report AS configReport, f.agent_config AS fleetConfig, a.privacy`;

const SELECT = `SELECT ${COLUMNS} FROM agents a JOIN fleets f ON f.id = a.fleet`;

export const AGENT_BY_KEY_SQL = `${SELECT} WHERE a.key_hash = ?`;
export const AGENT_BY_ID_SQL = `${SELECT} WHERE a.agent_id = ?`;
export const AGENT_OF_HOST_SQL = `${SELECT} WHERE a.host_id = ? AND a.revoked_ms IS NULL ORDER BY a.id LIMIT 1`;
export const AGENTS_SQL = `${SELECT} WHERE a.id > ? ORDER BY a.id LIMIT ?`;

/** How an agent is at `nowMs`: what somebody decided comes before what its silence means. */
export function agentState(row: AgentRow, nowMs: number): AgentState {
  if (row.revokedMs !== null) return 'revoked';
  if (row.conflictMs !== null) return 'conflict';
  if (row.approvedMs === null) return 'pending';
  const silentMs = row.contactMs === null ? Number.POSITIVE_INFINITY : nowMs - row.contactMs;
  if (silentMs <= ONLINE_MS) return 'online';
  return silentMs <= STALE_MS ? 'stale' : 'offline';
}
