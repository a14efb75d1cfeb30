// Denials of some issues by the hour, from the lists of issue_days, which are scanned here: SQLite would make a row of
// each of their elements, which takes ten times as long.

import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from '../query/condition.ts';
import { checkCancelled } from '../query/scan.ts';
import { allOf, type Compiled } from '../query/scope.ts';
import { scanLists } from '../rollups/packed-counts.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { daysAround, type Hours, KeptCounts, keptHours } from './kept-counts.ts';
import { hostsOf } from './scope-hosts.ts';

/** Rows that are read at once: few texts are far quicker to fetch than many, and one alone could become too long. */
const ROWS_MAX = 1_000;

/** Of the parts of an issue after a place before another day, as one text: each its place and its list. */
export const ISSUE_LISTS_SQL = `
  SELECT count(*) AS count, group_concat(day || ',' || part || hosts, '') AS lists
  FROM (
    SELECT day, part, hosts
    FROM issue_days
    WHERE issue = ? AND (day, part) > (?, ?) AND day < ?
    ORDER BY day, part
    LIMIT ${ROWS_MAX}
  )`;

/** Lists of the issues that have any of the span; its parameters: days, times, those of the condition on `i`. */
export function issueListsSql(condition: string): string {
  return `
  SELECT i.id, r.day, r.hosts
  FROM issues i CROSS JOIN issue_days r ON r.issue = i.id
  WHERE r.day >= ? AND r.day < ?
    AND i.last_ms >= ? AND i.first_ms < ?
    AND ${condition}`;
}

/** Of one row: its counts of each of the hours that were asked for, the first of them at index 0. */
export type AddHours<Row = number> = (row: Row, counts: Float64Array) => void;

/**
 * How much of each of the issues was denied in whole hours from `from` before `to` on the hosts of `scope`: neither its
 * query nor its canary counts.
 */
export function forEachIssueHours(
  db: Database,
  scope: Pick<Compiled, 'hosts'>,
  issues: readonly number[],
  hours: Hours,
  add: AddHours,
): void {
  const hosts = hostsOf(db, scope);
  const kept = new KeptCounts(db, daysAround(hours));
  for (const issue of issues) {
    const counts =
      hosts === undefined
        ? keptHours(kept, `issue ${issue}`, hours, (days) => readHours(db, undefined, issue, days))
        : readHours(db, hosts, issue, hours);
    add(issue, counts);
  }
}

function readHours(
  db: Database,
  hosts: ReadonlySet<number> | undefined,
  issue: number,
  { from, to }: Hours,
): Float64Array {
  const sums = new Float64Array(to - from);
  const select = statement<{ count: number; lists: string | null }>(db, ISSUE_LISTS_SQL);
  const last = [Math.floor(from / HOURS_PER_DAY), -1];
  for (let count = ROWS_MAX; count === ROWS_MAX; ) {
    checkCancelled(db);
    const row = select.get(issue, ...last, Math.ceil(to / HOURS_PER_DAY));
    count = row?.count ?? 0;
    scanLists(row?.lists ?? '', last, (code, denials) => {
      const hour = (last[0] ?? 0) * HOURS_PER_DAY + (code % HOURS_PER_DAY) - from;
      // What lies beyond the hours has no place there, and stays out.
      if (hosts === undefined || hosts.has(Math.floor(code / HOURS_PER_DAY))) sums[hour] = (sums[hour] ?? 0) + denials;
    });
  }
  return sums;
}

/**
 * How much of each issue that `condition` holds for was denied in whole hours from `from` before `to`, on the hosts of
 * `scope`: neither its query nor its canary counts. The same issue may come more than once.
 */
export function forEachIssueCount(
  db: Database,
  scope: Pick<Compiled, 'hosts'>,
  condition: Condition,
  { from, to }: Hours,
  add: (issue: number, denials: number) => void,
): void {
  const hosts = hostsOf(db, scope);
  const { sql, params } = allOf([condition, ...issuesOfHosts(scope)]);
  const select = statement<{ id: number; day: number; hosts: string }>(db, issueListsSql(sql));
  const days = [Math.floor(from / HOURS_PER_DAY), Math.ceil(to / HOURS_PER_DAY)];
  let rows = 0;
  for (const row of select.iterate(...days, from * HOUR_MS, to * HOUR_MS, ...params)) {
    if (rows++ % ROWS_MAX === 0) checkCancelled(db);
    let sum = 0;
    scanLists(row.hosts, [], (code, denials) => {
      const hour = row.day * HOURS_PER_DAY + (code % HOURS_PER_DAY);
      const isCounted = hour >= from && hour < to;
      if (isCounted && (hosts === undefined || hosts.has(Math.floor(code / HOURS_PER_DAY)))) sum += denials;
    });
    if (sum > 0) add(row.id, sum);
  }
}

/** Only of issues that these hosts have are the lists read. */
function issuesOfHosts(scope: Pick<Compiled, 'hosts'>): readonly Condition[] {
  const hosts = scope.hosts('h.host');
  if (hosts === undefined) return [];
  return [{ sql: `i.id IN (SELECT h.issue FROM host_issues h WHERE ${hosts.sql})`, params: hosts.params }];
}
