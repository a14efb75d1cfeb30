// How many hosts denials are of, for the overview: without their sums, which would read a row for each of them and hour.
// Exact, as counts.ts is; whatever narrows the denials is counted there.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type Compiled, type Span, slotsOf } from '../query/scope.ts';
import { DAY_KINDS, HOURS_PER_DAY } from '../rollups/rollups.ts';
import { countsBy, splitSpan } from './counts.ts';
import { IS_COUNTED_WITHIN_SQL } from './whole-days.ts';

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

export const HOSTS_OF_DAY_SQL = `
  SELECT key AS host
  FROM day_counts
  WHERE kind = ${DAY_KINDS.host} AND day = ? AND is_canary = 0`;

/** Whole days whose hosts are read at once, before the others are looked at one by one. */
const DAYS_MAX = 3;

/** Days first, as there are fewer of them. */
export const HOST_COUNTED_WITHIN_SQL = `
  SELECT 1
  FROM day_counts
  WHERE kind = ${DAY_KINDS.host} AND day IN (SELECT value FROM json_each(?)) AND key = ? AND is_canary = 0
  UNION ALL
  SELECT 1
  FROM denial_hours
  WHERE hour IN (SELECT value FROM json_each(?)) AND host = ? AND is_canary = 0
  LIMIT 1`;

/**
 * Most hosts are told by when their last denial was. Of the others one denial that is still there is enough, or that one
 * was counted.
 */
export function countDeniedHosts(db: Database, scope: Compiled, span: Span): number {
  if (isNarrowed(scope)) return countsBy(db, scope, span, 'host').length;
  const { first, end } = slotsOf(span);
  const within = statement<{ n: number }>(db, LAST_DENIED_WITHIN_SQL).get(span.fromMs, span.toMs)?.n ?? 0;
  const later = statement<{ id: number }>(db, LAST_DENIED_LATER_SQL).all(span.toMs);
  if (later.length === 0 || !isAnyDenied(db, span)) return within;
  const known = hostsOfLastDays(db, span);
  const isThere = statement(db, HOST_DENIED_WITHIN_SQL);
  const isCounted = statement(db, HOST_COUNTED_WITHIN_SQL);
  const [days, hours] = daysAndHours(span);
  const isDenied = (id: number) =>
    known.has(id) || isThere.get(id, first, end) !== undefined || isCounted.get(days, id, hours, id) !== undefined;
  return within + later.filter(({ id }) => isDenied(id)).length;
}

export const IS_STORED_WITHIN_SQL = 'SELECT EXISTS (SELECT 1 FROM denials WHERE id >= ? AND id < ?) AS n';

/** Mostly there is nothing at all from before a fleet was there, and not one host has to be looked at for it. */
function isAnyDenied(db: Database, span: Span): boolean {
  const { first, end } = slotsOf(span);
  if (statement<{ n: number }>(db, IS_STORED_WITHIN_SQL).get(first, end)?.n === 1) return true;
  const { from, to } = splitSpan(span);
  return statement<{ n: number }>(db, IS_COUNTED_WITHIN_SQL).get(from, to)?.n === 1;
}

function hostsOfLastDays(db: Database, span: Span): ReadonlySet<number> {
  const { from, to } = splitSpan(span);
  const [firstDay, endDay] = [Math.ceil(from / HOURS_PER_DAY), Math.floor(to / HOURS_PER_DAY)];
  const hosts = new Set<number>();
  const ofDay = statement<{ host: number }>(db, HOSTS_OF_DAY_SQL);
  for (let day = endDay - 1; day >= Math.max(firstDay, endDay - DAYS_MAX); day--) {
    for (const { host } of ofDay.all(day)) hosts.add(host);
  }
  return hosts;
}

/** The whole days within a span, and the whole hours before and after them, each as JSON. */
function daysAndHours(span: Span): readonly [days: string, hours: string] {
  const { from, to } = splitSpan(span);
  const [firstDay, endDay] = [Math.ceil(from / HOURS_PER_DAY), Math.floor(to / HOURS_PER_DAY)];
  const numbers = (first: number, end: number) =>
    Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
  if (firstDay >= endDay) return ['[]', JSON.stringify(numbers(from, to))];
  const hours = [...numbers(from, firstDay * HOURS_PER_DAY), ...numbers(endDay * HOURS_PER_DAY, to)];
  return [JSON.stringify(numbers(firstDay, endDay)), JSON.stringify(hours)];
}
