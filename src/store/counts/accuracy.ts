// The numbers that may distort all the others: what was malformed, lost, or counted by the kernel without being logged.
import type { Accuracy, LostCount } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled, Span } from '../query/scope.ts';

export function malformedSql(hosts: string): string {
  return `
  SELECT count(*) AS n
  FROM malformed
  WHERE seen_ms >= ? AND seen_ms < ?
    AND ${hosts}`;
}

/** total(), not sum(): no claimed count may overflow it. */
export function lostSql(hosts: string): string {
  return `
  SELECT cause, total(count) AS n
  FROM gaps
  WHERE seen_ms >= ? AND seen_ms < ?
    AND ${hosts}
  GROUP BY cause
  ORDER BY cause`;
}

export function unloggedSql(hosts: string): string {
  return `
  SELECT total(max(0, total - logged)) AS n
  FROM domains
  WHERE deallocated_ms >= ? AND deallocated_ms < ? AND is_canary = 0
    AND ${hosts}`;
}

/** Of the hosts and the span; a query does not narrow it, as what is missing cannot be asked. */
export function getAccuracy(db: Database, scope: Compiled, span: Span): Accuracy {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const params = [span.fromMs, span.toMs, ...hosts.params];
  const malformed = statement<{ n: number }>(db, malformedSql(hosts.sql)).get(...params);
  const lost = statement<{ cause: string; n: number }>(db, lostSql(hosts.sql)).all(...params);
  const unlogged = statement<{ n: number }>(db, unloggedSql(hosts.sql)).get(...params);
  return {
    malformed: malformed?.n ?? 0,
    lost: lost.map(toLostCount),
    unlogged: toCount(unlogged?.n ?? 0),
  };
}

export function toLostCount(row: { readonly cause: string; readonly n: number }): LostCount {
  return { cause: row.cause, count: toCount(row.n) };
}

/** A sum of claims may exceed what a number holds exactly. */
export function toCount(sum: number): number {
  return Math.min(Math.round(sum), Number.MAX_SAFE_INTEGER);
}
