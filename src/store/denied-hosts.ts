// How many hosts denials are of, for the overview: without their sums, which would read a row for each of them and hour.
// Exact, as counts.ts is; whatever narrows the denials is counted there.
import { countsBy } from './counts.ts';
import type { Database } from './open.ts';
import { type Compiled, type Span, slotsOf } from './scope.ts';
import { statement } from './statement.ts';

export const LAST_DENIED_WITHIN_SQL = `
  SELECT count(*) AS n
  FROM hosts
  WHERE last_denial_ms >= ? AND last_denial_ms < ?`;

export const LAST_DENIED_LATER_SQL = `
  SELECT id
  FROM hosts
  WHERE last_denial_ms >= ?`;

export const HOST_DENIED_WITHIN_SQL = `
  SELECT 1
  FROM denials
  WHERE host = ? AND id >= ? AND id < ? AND flags & 1 = 0
  LIMIT 1`;

function isNarrowed(scope: Compiled): boolean {
  return scope.hasQuery || scope.includeCanary || scope.hosts('host') !== undefined;
}

/** Most hosts are told by when their last denial was; of the others one denial that is still there is enough. */
export function countDeniedHosts(db: Database, scope: Compiled, span: Span): number {
  const exactly = () => countsBy(db, scope, span, 'host').length;
  if (isNarrowed(scope)) return exactly();
  const { first, end } = slotsOf(span);
  const within = statement<{ n: number }>(db, LAST_DENIED_WITHIN_SQL).get(span.fromMs, span.toMs)?.n ?? 0;
  const later = statement<{ id: number }>(db, LAST_DENIED_LATER_SQL).all(span.toMs);
  const isDenied = statement(db, HOST_DENIED_WITHIN_SQL);
  return later.every(({ id }) => isDenied.get(id, first, end) !== undefined) ? within + later.length : exactly();
}
