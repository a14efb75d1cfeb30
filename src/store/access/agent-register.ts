// Enrolment and the agents' lives: a host gets a key of its own, is heard of, may be approved, revoked, given a new key,
// or found to be two machines with one identity. How far an agent's spool was taken is kept with its documents.
import { randomBytes } from 'node:crypto';
import type { ConfigReport } from '../../delivery/agent-config.ts';
import type { EnrolAnswer, EnrolRequest } from '../../delivery/enrol.ts';
import type { Page } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from '../query/cursor.ts';
import { type Answer, isRefused } from '../refused.ts';
import { agentKeyHash, newAgentKey } from './agent-keys.ts';
import {
  AGENT_BY_ID_SQL,
  AGENT_BY_KEY_SQL,
  AGENT_OF_HOST_SQL,
  AGENTS_SQL,
  type AgentRow,
  agentState,
  BOOTS_MAX,
} from './agent-rows.ts';

/** What the enrolment token says of the hosts that come with it. */
export interface Invitation {
  readonly fleet: string;
  readonly needsApproval: boolean;
}

/** The agent whose key that is, revoked ones included; undefined where it is nobody's. */
export function findAgent(db: Database, key: string): AgentRow | undefined {
  const hash = agentKeyHash(key);
  return hash && statement<AgentRow>(db, AGENT_BY_KEY_SQL).get(hash);
}

/**
 * Makes the host an agent, or knows it again by its key. A host that another agent stands for already, and that cannot
 * prove to be it, waits for somebody's approval: until then the other one goes on. So does a host that was heard of live
 * without being an agent, such as the server's own: whoever knows its id could else speak for it. Call it in a transaction.
 */
export function enrolHost(db: Database, invitation: Invitation, request: EnrolRequest, nowMs: number): EnrolAnswer {
  const known = request.known && findAgent(db, request.known.key);
  if (known?.agentId === request.known?.agent && known?.hostId === request.host.id && known.revokedMs === null) {
    return { agent: known.agentId, fleet: known.fleet, state: agentState(known, nowMs) };
  }
  const other = statement<AgentRow>(db, AGENT_OF_HOST_SQL).get(request.host.id);
  const isFree = other === undefined && !isOfNoAgent(db, request.host.id);
  const isApproved = isFree && !invitation.needsApproval;
  const agent = randomBytes(8).toString('hex');
  const key = newAgentKey();
  statement(
    db,
    `INSERT INTO agents (agent_id, host_id, name, key_hash, fleet, labels, version, boots, created_ms, contact_ms,
       approved_ms, replaces)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    agent,
    request.host.id,
    request.host.name,
    agentKeyHash(key),
    fleetNumber(db, invitation.fleet, nowMs),
    JSON.stringify(request.labels ?? []),
    request.version,
    JSON.stringify([request.host.boot_id]),
    nowMs,
    nowMs,
    isApproved ? nowMs : null,
    other?.id ?? null,
  );
  if (isApproved) placeHost(db, request.host.id, invitation.fleet);
  return { agent, key, fleet: invitation.fleet, state: isApproved ? 'online' : 'pending' };
}

/** Records came from it live, and not from an agent: none was ever enrolled for it. */
const HOST_OF_NO_AGENT_SQL = `
  SELECT 1
  FROM hosts
  WHERE host_id = @host AND is_replay = 0
    AND NOT EXISTS (SELECT 1 FROM agents WHERE host_id = @host)`;

function isOfNoAgent(db: Database, host: string): boolean {
  return statement(db, HOST_OF_NO_AGENT_SQL).get({ host }) !== undefined;
}

/** What a heartbeat says. A boot that had been followed by another one, and speaks again, is a second machine. */
export function noteContact(
  db: Database,
  agent: AgentRow,
  heartbeat: {
    readonly bootId: string;
    readonly name: string;
    readonly version: string;
    readonly skewMs: number | null;
    readonly configEtag: string | null;
    readonly config: ConfigReport | null;
    readonly privacy: string | null;
  },
  nowMs: number,
): 'ok' | 'conflict' {
  const boots = toBoots(agent.boots);
  const isPresent = boots.at(-1) === heartbeat.bootId;
  const isConflict = agent.conflictMs !== null || (!isPresent && boots.includes(heartbeat.bootId));
  const next = isPresent || isConflict ? boots : [...boots, heartbeat.bootId].slice(-BOOTS_MAX);
  statement(
    db,
    `UPDATE agents
     SET contact_ms = ?, skew_ms = ?, name = ?, version = ?, boots = ?, conflict_ms = ?,
       config_etag = ?, config_report = ?, privacy = ?
     WHERE id = ?`,
  ).run(
    nowMs,
    heartbeat.skewMs,
    heartbeat.name,
    heartbeat.version,
    JSON.stringify(next),
    isConflict ? (agent.conflictMs ?? nowMs) : null,
    heartbeat.configEtag,
    heartbeat.config && JSON.stringify(heartbeat.config),
    heartbeat.privacy,
    agent.id,
  );
  return isConflict ? 'conflict' : 'ok';
}

/** Approves who waits, in the place of whom it replaces, and ends a conflict. False: there is no such agent in force. */
export function approveAgent(db: Database, agentId: string, nowMs: number): boolean {
  const agent = findAgentById(db, agentId);
  if (agent === undefined || agent.revokedMs !== null) return false;
  if (agent.replaces !== null) {
    statement(db, 'UPDATE agents SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL').run(nowMs, agent.replaces);
  }
  const present = toBoots(agent.boots).slice(-1);
  statement(
    db,
    'UPDATE agents SET approved_ms = ifnull(approved_ms, ?), conflict_ms = NULL, boots = ?, replaces = NULL WHERE id = ?',
  ).run(nowMs, JSON.stringify(present), agent.id);
  placeHost(db, agent.hostId, agent.fleet);
  return true;
}

/** From now on its key opens nothing. False: there is no such agent in force. */
export function revokeAgent(db: Database, agentId: string, nowMs: number): boolean {
  const revoke = statement(db, 'UPDATE agents SET revoked_ms = ? WHERE agent_id = ? AND revoked_ms IS NULL');
  return revoke.run(nowMs, agentId).changes > 0;
}

/** A new key for the agent; the one before ends at once. The caller hands it to the agent itself. */
export function rotateKey(db: Database, agent: AgentRow): string {
  const key = newAgentKey();
  statement(db, 'UPDATE agents SET key_hash = ? WHERE id = ?').run(agentKeyHash(key), agent.id);
  return key;
}

export function findAgentById(db: Database, agentId: string): AgentRow | undefined {
  return statement<AgentRow>(db, AGENT_BY_ID_SQL).get(agentId);
}

/** A page of all agents, in the order of their enrolment. */
export function listAgents(db: Database, request: PageRequest): Answer<Page<AgentRow>> {
  const after = fromCursor('agents', request.cursor);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const rows = statement<AgentRow>(db, AGENTS_SQL).all(after ?? 0, limit + 1);
  return toPage(
    'agents',
    rows,
    limit,
    ({ id }) => id,
    (row) => row,
  );
}

/** How far the spool was taken; undefined: nothing of it was. */
export function spoolMark(db: Database, agent: number, spool: string): number | undefined {
  const select = statement<{ acked: number }>(
    db,
    'SELECT acked_seq AS acked FROM agent_spools WHERE agent = ? AND spool = ?',
  );
  return select.get(agent, spool)?.acked;
}

/** In the transaction that stores the documents. Never goes back. */
export function markSpool(db: Database, agent: number, spool: string, ackedSeq: number): void {
  statement(
    db,
    `INSERT INTO agent_spools (agent, spool, acked_seq)
     VALUES (?, ?, ?)
     ON CONFLICT (agent, spool) DO UPDATE SET acked_seq = max(acked_seq, excluded.acked_seq)`,
  ).run(agent, spool, ackedSeq);
}

function fleetNumber(db: Database, name: string, nowMs: number): number {
  statement(db, 'INSERT INTO fleets (name, created_ms) VALUES (?, ?) ON CONFLICT (name) DO NOTHING').run(name, nowMs);
  return statement<{ id: number }>(db, 'SELECT id FROM fleets WHERE name = ?').get(name)?.id ?? 1;
}

/** The host is in the fleet of its agent, also where it was known before. */
export function placeHost(db: Database, hostId: string, fleet: string): void {
  statement(db, 'UPDATE hosts SET fleet = f.id FROM fleets f WHERE f.name = ? AND host_id = ? AND fleet <> f.id').run(
    fleet,
    hostId,
  );
}

/** Our own JSON. */
function toBoots(text: string): readonly string[] {
  return JSON.parse(text);
}
