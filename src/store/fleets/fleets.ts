// Lists fleets with their counts: over all time, summed up from those of their hosts.

import type { FleetAnswer, Page } from '../answers.ts';
import { toCount } from '../counts/accuracy.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, fromKeysCursor, type PageRequest, pageLimit, toKeysPage, toPage } from '../query/cursor.ts';
import { type Answer, isRefused } from '../refused.ts';

/** What fleets can be sorted by, each as a column of what is selected. */
const SORT_COLUMNS = {
  hosts: 'hosts',
  denials: 'denials',
  domains: 'domains',
  unlogged: 'unlogged',
  last_denial_at: 'ifnull(last_denial_ms, -1)',
} as const;

export const FLEET_SORTS = ['hosts', 'denials', 'domains', 'unlogged', 'last_denial_at'] as const;
export type FleetSort = (typeof FLEET_SORTS)[number];

export interface FleetsRequest extends PageRequest {
  /** The greatest first; absent: in the order in which they were made. */
  readonly sort?: FleetSort | undefined;
}

interface FleetRow {
  readonly id: number;
  readonly name: string;
  readonly hosts: number;
  readonly denials: number;
  readonly domains: number;
  readonly unlogged: number;
  readonly last_denial_ms: number | null;
}

const SELECT_FLEET = `
  SELECT f.id, f.name, count(h.id) AS hosts, total(h.denials) AS denials, total(h.domains) AS domains,
    total(h.unlogged) AS unlogged, max(h.last_denial_ms) AS last_denial_ms
  FROM fleets f
  LEFT JOIN hosts h ON h.fleet = f.id`;

export const FLEETS_SQL = `${SELECT_FLEET}
  WHERE f.id > ?
  GROUP BY f.id
  ORDER BY f.id
  LIMIT ?`;

export const FLEET_SQL = `${SELECT_FLEET}
  WHERE f.name = ?
  GROUP BY f.id`;

/** All of them are summed up, and those after the place of a value and a row taken. */
export function sortedFleetsSql(sort: FleetSort): string {
  const value = SORT_COLUMNS[sort];
  return `
  SELECT *, ${value} AS place
  FROM (${SELECT_FLEET} GROUP BY f.id)
  WHERE (${value} < ? OR (${value} = ? AND id > ?))
  ORDER BY place DESC, id
  LIMIT ?`;
}

/** The fleet of this name; undefined where there is none. */
export function getFleet(db: Database, name: string): FleetAnswer | undefined {
  const row = statement<FleetRow>(db, FLEET_SQL).get(name);
  return row === undefined ? undefined : toFleetAnswer(row);
}

/** One page of the fleets. */
export function listFleets(db: Database, request: FleetsRequest): Answer<Page<FleetAnswer>> {
  const limit = pageLimit(request.limit);
  if (request.sort === undefined) {
    const after = fromCursor('fleets', request.cursor);
    if (isRefused(after)) return after;
    const rows = statement<FleetRow>(db, FLEETS_SQL).all(after ?? 0, limit + 1);
    return toPage('fleets', rows, limit, (row) => row.id, toFleetAnswer);
  }
  const kind = `fleets-${request.sort}`;
  const after = fromKeysCursor(kind, request.cursor, 2);
  if (isRefused(after)) return after;
  const [value = Number.MAX_SAFE_INTEGER, id = 0] = after ?? [];
  const sorted = statement<FleetRow & { readonly place: number }>(db, sortedFleetsSql(request.sort));
  const rows = sorted.all(value, value, id, limit + 1);
  return toKeysPage(kind, rows, limit, (row) => [toCount(row.place), row.id], toFleetAnswer);
}

function toFleetAnswer(row: FleetRow): FleetAnswer {
  return {
    name: row.name,
    hosts: row.hosts,
    denials: toCount(row.denials),
    domains: toCount(row.domains),
    unlogged: toCount(row.unlogged),
    ...(row.last_denial_ms === null ? {} : { last_denial_at: new Date(row.last_denial_ms).toISOString() }),
  };
}
