// What stands behind the tiles of the overview: a number of the span, of the one just before, and of parts of it, for new
// issues, hosts with denials, and denials that were not logged.

import type { Scope, Trend, Trends } from '../answers.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { ALL_TIME, type Compiled, compileScope, type Span } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { DAY_KINDS } from '../rollups/rollups.ts';
import { toCount, unloggedSql } from './accuracy.ts';
import { countsBy, splitSpan } from './counts.ts';
import { countDeniedHosts } from './denied-hosts.ts';
import { drawIn } from './summary.ts';
import { countPoints } from './time-series.ts';

/** Of one sparkline; a few less where whole hours or days are counted. */
export const PARTS = 24;
const DAY_MS = 24 * HOUR_MS;

/** Issues first seen in a time, with when that was. */
export function firstSeenSql(canary: string): string {
  return `
  SELECT id, first_ms AS firstMs
  FROM issues
  WHERE first_ms >= ? AND first_ms < ?
    AND ${canary}`;
}

/** How many there were in each part of a span, and before it: part -1. */
export function firstSeenPartsSql(canary: string): string {
  return `
  SELECT CASE WHEN first_ms < ? THEN -1 ELSE CAST((first_ms - ?) / CAST(? AS REAL) * ${PARTS} AS INTEGER) END AS part,
    count(*) AS n
  FROM issues
  WHERE first_ms >= ? AND first_ms < ?
    AND ${canary}
  GROUP BY part`;
}

/** Hosts with a denial on each day (UTC). */
export const HOSTS_OF_DAYS_SQL = `
  SELECT day, count(*) AS n
  FROM day_counts
  WHERE kind = ${DAY_KINDS.host} AND day >= ? AND day < ? AND is_canary = 0
  GROUP BY day`;

/** Hosts with a denial in each hour, as JSON. What is negative in a list is of the canary. */
export const HOSTS_OF_HOURS_SQL = `
  SELECT hour, '[' || group_concat(host) || ']' AS ids
  FROM host_hours h
  WHERE hour >= ? AND hour < ?
    AND (instr(blockers, '-') = 0
      OR EXISTS (SELECT 1 FROM denial_hours r WHERE r.hour = h.hour AND r.host = h.host AND r.is_canary = 0))
  GROUP BY hour`;

export function unloggedPointsSql(hosts: string): string {
  return `
  SELECT CAST((deallocated_ms - ?) / CAST(? AS REAL) AS INTEGER) AS point, total(max(0, total - logged)) AS n
  FROM domains
  WHERE deallocated_ms >= ? AND deallocated_ms < ? AND is_canary = 0
    AND ${hosts}
  GROUP BY point`;
}

export function trends(db: Database, asked: Scope): Answer<Trends> {
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const span = drawIn(db, scope);
  const before = {
    fromMs: scope.hasFrom ? Math.max(span.fromMs - (span.toMs - span.fromMs), ALL_TIME.fromMs) : span.fromMs,
    toMs: span.fromMs,
  };
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    new_issues: newIssues(db, scope, before, span),
    hosts_denied: {
      now: countDeniedHosts(db, scope, span),
      before: countDeniedHosts(db, scope, before),
      points: deniedHostPoints(db, scope, span),
    },
    unlogged: unlogged(db, scope, before, span),
  };
}

function newIssues(db: Database, scope: Compiled, before: Span, span: Span): Trend {
  const points = new Array<number>(PARTS).fill(0);
  let [earlier, now] = [0, 0];
  for (const { part, n } of newIssueParts(db, scope, before, span)) {
    if (part < 0) {
      earlier += n;
      continue;
    }
    now += n;
    points[part] = (points[part] ?? 0) + n;
  }
  return { now, before: earlier, points };
}

interface IssuePart {
  /** -1: before the span. */
  readonly part: number;
  readonly n: number;
}

/** Where hosts or a query are asked for, an issue counts that has a denial of theirs and was never seen before anywhere. */
function newIssueParts(db: Database, scope: Compiled, before: Span, { fromMs, toMs }: Span): readonly IssuePart[] {
  const canary = scope.includeCanary ? '1' : 'is_canary = 0';
  const both = { fromMs: before.fromMs, toMs };
  const lengthMs = toMs - fromMs;
  if (!scope.hasQuery && scope.hosts('host') === undefined) {
    const parts = statement<IssuePart>(db, firstSeenPartsSql(canary));
    return parts.all(fromMs, fromMs, lengthMs, both.fromMs, both.toMs);
  }
  const known = new Set(countsBy(db, scope, both, 'issue').map(({ key }) => key));
  const rows = statement<{ id: number; firstMs: number }>(db, firstSeenSql(canary)).all(both.fromMs, both.toMs);
  return rows
    .filter(({ id }) => known.has(id))
    .map(({ firstMs }) => ({
      part: firstMs < fromMs ? -1 : Math.floor(((firstMs - fromMs) / lengthMs) * PARTS),
      n: 1,
    }));
}

/** By whole days, by whole hours, or of single denials: as fine as it is cheap. */
function deniedHostPoints(db: Database, scope: Compiled, span: Span): readonly number[] {
  const lengthMs = span.toMs - span.fromMs;
  if (lengthMs <= 0) return [];
  const isNarrowed = scope.hasQuery || scope.includeCanary || scope.hosts('host') !== undefined;
  if (lengthMs >= 7 * DAY_MS && !isNarrowed) return dayPoints(db, span);
  const partMs = lengthMs / PARTS;
  const intervalMs = partMs >= HOUR_MS ? Math.ceil(partMs / HOUR_MS) * HOUR_MS : Math.ceil(partMs / 1_000) * 1_000;
  const startMs = Math.floor(span.fromMs / intervalMs) * intervalMs;
  const hosts = Array.from({ length: Math.ceil((span.toMs - startMs) / intervalMs) }, () => new Set<number | null>());
  const count = (part: Span) =>
    countPoints(db, scope, part, { key: 'host', startMs, intervalMs }, ({ point, key }) => hosts[point]?.add(key));
  if (isNarrowed || intervalMs % HOUR_MS !== 0) {
    count(span);
    return hosts.map(({ size }) => size);
  }
  const { from, to, rests } = splitSpan(span);
  for (const { hour, ids } of statement<{ hour: number; ids: string }>(db, HOSTS_OF_HOURS_SQL).iterate(from, to)) {
    const ofPoint = hosts[Math.floor((hour * HOUR_MS - startMs) / intervalMs)];
    for (const id of JSON.parse(ids) as readonly number[]) ofPoint?.add(id);
  }
  for (const rest of rests) count(rest);
  return hosts.map(({ size }) => size);
}

/** Days together where there are more of them than parts. */
function dayPoints(db: Database, span: Span): readonly number[] {
  const first = Math.floor(span.fromMs / DAY_MS);
  const end = Math.ceil(span.toMs / DAY_MS);
  const daysOfPart = Math.ceil((end - first) / (PARTS + 8));
  const points = new Array<number>(Math.ceil((end - first) / daysOfPart)).fill(0);
  for (const { day, n } of statement<{ day: number; n: number }>(db, HOSTS_OF_DAYS_SQL).iterate(first, end)) {
    const part = Math.floor((day - first) / daysOfPart);
    points[part] = Math.max(points[part] ?? 0, n);
  }
  return points;
}

function unlogged(db: Database, scope: Compiled, before: Span, span: Span): Trend {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const sumOf = ({ fromMs, toMs }: Span) =>
    toCount(statement<{ n: number }>(db, unloggedSql(hosts.sql)).get(fromMs, toMs, ...hosts.params)?.n ?? 0);
  const points = new Array<number>(PARTS).fill(0);
  const partMs = Math.max(1, (span.toMs - span.fromMs) / PARTS);
  const select = statement<{ point: number; n: number }>(db, unloggedPointsSql(hosts.sql));
  for (const { point, n } of select.iterate(span.fromMs, partMs, span.fromMs, span.toMs, ...hosts.params)) {
    points[Math.min(point, PARTS - 1)] = toCount(n);
  }
  return { now: sumOf(span), before: sumOf(before), points };
}
