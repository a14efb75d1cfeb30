// Lists hosts and gets one, with their counts: over all time, from the counters that the writer keeps.

import type { Heartbeat } from '../../delivery/batch.ts';
import type { HostAnswer, HostSources, Page, Scope } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, fromKeysCursor, type PageRequest, pageLimit, toKeysPage, toPage } from '../query/cursor.ts';
import { compileScope } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { toLostCount } from './accuracy.ts';

/** What hosts can be sorted by, each with its place. */
const SORT_COLUMNS = {
  last_seen: 'h.last_ms',
  first_seen: 'h.first_ms',
  denials: 'h.denials',
  unlogged: 'h.unlogged',
  last_denial_at: 'ifnull(h.last_denial_ms, -1)',
} as const;

export const HOST_SORTS = ['last_seen', 'first_seen', 'denials', 'unlogged', 'last_denial_at'] as const;
export type HostSort = (typeof HOST_SORTS)[number];

export interface HostsRequest extends PageRequest {
  readonly fleet?: string | undefined;
  /** Its host and fleet count; its times and its query do not, as a host's counts are of all time. */
  readonly scope?: Scope;
  /** The greatest first; absent: in the order in which they became known. */
  readonly sort?: HostSort | undefined;
}

interface HostRow {
  readonly place: number;
  readonly id: number;
  readonly host_id: string;
  readonly name: string | null;
  readonly fleet: string;
  readonly is_replay: number;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly distribution: string | null;
  readonly landlock_abi: number | null;
  readonly boots: number;
  readonly denials: number;
  readonly domains: number;
  readonly malformed: number;
  readonly unlogged: number;
  readonly last_denial_ms: number | null;
  readonly heartbeat: string | null;
}

/** `place`: by what it is sorted. */
const selectHost = (place: string) => `
  SELECT ${place} AS place, h.id, h.host_id, h.name, f.name AS fleet, h.is_replay, h.first_ms, h.last_ms, h.kernel, h.arch,
    h.distribution, h.landlock_abi, h.denials, h.domains, h.malformed, h.unlogged, h.last_denial_ms,
    (SELECT count(*) FROM boots b WHERE b.host = h.id) AS boots,
    c.heartbeat
  FROM hosts h
  JOIN fleets f ON f.id = h.fleet
  LEFT JOIN collectors c ON c.host = h.id`;

export function hostsSql(condition: string): string {
  return `${selectHost('h.id')}
  WHERE h.id > ?
    AND ${condition}
  ORDER BY h.id
  LIMIT ?`;
}

/** After the place of a value and a row. */
export function sortedHostsSql(sort: HostSort, condition: string): string {
  const value = SORT_COLUMNS[sort];
  return `${selectHost(value)}
  WHERE (${value} < ? OR (${value} = ? AND h.id > ?))
    AND ${condition}
  ORDER BY place DESC, h.id
  LIMIT ?`;
}

export const HOST_SQL = `${selectHost('h.id')}
  WHERE h.host_id = ?`;

export const HOST_BY_NAME_SQL = `${selectHost('h.id')}
  WHERE h.name = ?
  ORDER BY h.last_ms DESC
  LIMIT 1`;

export const LOST_OF_HOST_SQL = `
  SELECT cause, total(count) AS n
  FROM gaps
  WHERE host = ?
  GROUP BY cause
  ORDER BY cause`;

/** One page of the hosts. */
export function listHosts(db: Database, request: HostsRequest): Answer<Page<HostAnswer>> {
  const fleet = request.fleet === undefined ? {} : { fleet: request.fleet };
  const scope = compileScope(db, { ...request.scope, ...fleet });
  if (isRefused(scope)) return scope;
  const hosts = scope.hosts('h.id') ?? { sql: '1', params: [] };
  const limit = pageLimit(request.limit);
  const toAnswer = (row: HostRow) => toHostAnswer(db, row);
  if (request.sort === undefined) {
    const after = fromCursor('hosts', request.cursor);
    if (isRefused(after)) return after;
    const rows = statement<HostRow>(db, hostsSql(hosts.sql)).all(after ?? 0, ...hosts.params, limit + 1);
    return toPage('hosts', rows, limit, (row) => row.id, toAnswer);
  }
  const kind = `hosts-${request.sort}`;
  const after = fromKeysCursor(kind, request.cursor, 2);
  if (isRefused(after)) return after;
  const [value = Number.MAX_SAFE_INTEGER, id = 0] = after ?? [];
  const sql = sortedHostsSql(request.sort, hosts.sql);
  const rows = statement<HostRow>(db, sql).all(value, value, id, ...hosts.params, limit + 1);
  return toKeysPage(kind, rows, limit, (row) => [row.place, row.id], toAnswer);
}

/** By id, or else the one last seen of those with this name. */
export function getHost(db: Database, host: string): HostAnswer | undefined {
  const row = statement<HostRow>(db, HOST_SQL).get(host) ?? statement<HostRow>(db, HOST_BY_NAME_SQL).get(host);
  return row === undefined ? undefined : toHostAnswer(db, row);
}

function toHostAnswer(db: Database, row: HostRow): HostAnswer {
  const lost = statement<{ cause: string; n: number }>(db, LOST_OF_HOST_SQL).all(row.id);
  return {
    id: row.host_id,
    name: row.name ?? row.host_id,
    fleet: row.fleet,
    replay: row.is_replay === 1,
    first_seen: new Date(row.first_ms).toISOString(),
    last_seen: new Date(row.last_ms).toISOString(),
    ...(row.kernel === null ? {} : { kernel: row.kernel }),
    ...(row.arch === null ? {} : { arch: row.arch }),
    ...(row.distribution === null ? {} : { distribution: row.distribution }),
    ...(row.landlock_abi === null ? {} : { landlock_abi: row.landlock_abi }),
    boots: row.boots,
    denials: row.denials,
    domains: row.domains,
    malformed: row.malformed,
    lost: lost.map(toLostCount),
    unlogged: row.unlogged,
    ...(row.last_denial_ms === null ? {} : { last_denial_at: new Date(row.last_denial_ms).toISOString() }),
    ...(row.heartbeat === null ? {} : { sources: toSources(JSON.parse(row.heartbeat)) }),
  };
}

function toSources({ tracepoints, sandbox_rules: rules, ancestry }: Heartbeat): HostSources {
  return {
    ...(tracepoints !== undefined && { tracepoints: toState(tracepoints) }),
    ...(rules !== undefined && { sandbox_rules: toState(rules) }),
    ...(ancestry !== undefined && { ancestry }),
  };
}

function toState({ state, reason }: { readonly state: string; readonly reason?: string }) {
  return { state, ...(reason !== undefined && { reason }) };
}
