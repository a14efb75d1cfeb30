// Lists fleets with their counts: over all time, summed up from those of their hosts.
import { toCount } from './accuracy.ts';
import type { FleetAnswer, Page } from './answers.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from './cursor.ts';
import type { Database } from './open.ts';
import { type Answer, isRefused } from './refused.ts';
import { statement } from './statement.ts';

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

/** The fleet of this name; undefined where there is none. */
export function getFleet(db: Database, name: string): FleetAnswer | undefined {
  const row = statement<FleetRow>(db, FLEET_SQL).get(name);
  return row === undefined ? undefined : toFleetAnswer(row);
}

/** One page of the fleets, in the order in which they were made. */
export function listFleets(db: Database, request: PageRequest): Answer<Page<FleetAnswer>> {
  const after = fromCursor('fleets', request.cursor);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const rows = statement<FleetRow>(db, FLEETS_SQL).all(after ?? 0, limit + 1);
  return toPage('fleets', rows, limit, (row) => row.id, toFleetAnswer);
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
