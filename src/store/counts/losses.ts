// What was lost over time, so that a chart can show where its numbers are too small.

import type { LossSeries } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled, Span } from '../query/scope.ts';
import { toCount } from './accuracy.ts';

/** Causes of one answer; the others, by name, are called `(others)`. There are about ten. */
const causesMax = 32;
const OTHERS = '(others)';

/** The points of a time series. */
export interface Intervals {
  readonly startMs: number;
  readonly intervalMs: number;
  readonly points: number;
}

/**
 * A loss is noticed at seen_ms and happened since since_ms, which may be before the span, as may be its end after it:
 * the points are its first and last interval, from minus infinity to infinity, and `n` what was noticed.
 */
export function lossesSql(hosts: string): string {
  return `
  SELECT cause, CAST(floor((min(seen_ms, ifnull(since_ms, seen_ms)) - ?) / CAST(? AS REAL)) AS INTEGER) AS first_point,
    CAST(floor((seen_ms - ?) / CAST(? AS REAL)) AS INTEGER) AS last_point,
    seen_ms < ? AS is_inside, total(count) AS n
  FROM gaps
  WHERE seen_ms >= ? AND (seen_ms < ? OR since_ms < ?)
    AND ${hosts}
  GROUP BY cause, first_point, last_point, is_inside
  ORDER BY cause, first_point`;
}

interface LossRow {
  readonly cause: string;
  readonly first_point: number;
  readonly last_point: number;
  readonly is_inside: number;
  readonly n: number;
}

/** Of the hosts of the scope; a query does not narrow it, as what is missing cannot be asked. By name of the cause. */
export function getLosses(db: Database, scope: Compiled, span: Span, intervals: Intervals): readonly LossSeries[] {
  const { startMs, intervalMs, points } = intervals;
  if (points === 0) return [];
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const { fromMs, toMs } = span;
  const select = statement<LossRow>(db, lossesSql(hosts.sql));
  const rows = select.iterate(startMs, intervalMs, startMs, intervalMs, toMs, fromMs, toMs, toMs, ...hosts.params);
  const causes = new Map<string, Loss>();
  for (const row of rows) {
    const cause = causes.has(row.cause) || causes.size < causesMax ? row.cause : OTHERS;
    const loss = causes.get(cause) ?? { points: new Array(points).fill(0), changes: new Array(points + 1).fill(0) };
    causes.set(cause, loss);
    if (row.is_inside === 1) loss.points[row.last_point] = toCount((loss.points[row.last_point] ?? 0) + row.n);
    const first = Math.max(0, row.first_point);
    const end = Math.min(points, row.last_point + 1);
    loss.changes[first] = (loss.changes[first] ?? 0) + 1;
    loss.changes[end] = (loss.changes[end] ?? 0) - 1;
  }
  return Array.from(causes, ([cause, loss]) => ({ cause, points: loss.points, during: runsOf(loss.changes) }));
}

interface Loss {
  readonly points: number[];
  /** How many more losses there are from this interval on. */
  readonly changes: number[];
}

/** First and last place of each run in which the sum of the changes is not 0. */
function runsOf(changes: readonly number[]): LossSeries['during'] {
  const runs: { first: number; last: number }[] = [];
  let losses = 0;
  for (const [at, change] of changes.entries()) {
    const before = losses;
    losses += change;
    if (before === 0 && losses > 0) runs.push({ first: at, last: at });
    const run = runs.at(-1);
    if (before > 0 && losses === 0 && run !== undefined) run.last = at - 1;
  }
  return runs;
}
