// Takes away counts by the hour and day that are older than history goes back, and issues that nobody needs any more.
// What is gone is gone from all of them alike, in whole days.

import { HOUR_MS, slotMs } from '../columns/slot.ts';
import { OLDEST_DENIAL_SQL } from '../counts/summary.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { RetentionMarks, raiseMark } from '../retention-marks.ts';
import { DAY_KINDS, HOURS_PER_DAY } from '../rollups/rollups.ts';
import { type StepBudget, type Taken, take } from './retention-step.ts';

const DAY_MS = HOURS_PER_DAY * HOUR_MS;
/** Rows of one statement. */
const CHUNK = 500;

/** The tables whose keys begin with the hour. */
const HOUR_TABLES = ['host_hours', 'blocker_hours', 'hour_programs', 'sandbox_hours', 'aggregate_counts'] as const;

const CHANGES_DELETION = `DELETE FROM hour_changes WHERE hour >= 0 AND hour < ? LIMIT ${CHUNK}`;

/** Statements that take a chunk of rows older than the parameter each: an hour, or a day. */
function deletionsOf(dayMs: number): readonly { readonly sql: string; readonly before: number }[] {
  const hour = Math.floor(dayMs / HOUR_MS);
  const ofHours = HOUR_TABLES.map((table) => ({
    sql: `DELETE FROM ${table} WHERE hour < ? LIMIT ${CHUNK}`,
    before: hour,
  }));
  const ofDays = Object.values(DAY_KINDS).map((kind) => ({
    sql: `DELETE FROM day_counts WHERE kind = ${kind} AND day < ? LIMIT ${CHUNK}`,
    before: hour / HOURS_PER_DAY,
  }));
  const ofHosts = { sql: `DELETE FROM host_days WHERE day < ? LIMIT ${CHUNK}`, before: hour / HOURS_PER_DAY };
  const ofPackages = { sql: `DELETE FROM package_days WHERE day < ? LIMIT ${CHUNK}`, before: hour / HOURS_PER_DAY };
  return [ofHosts, ...ofHours, ...ofDays, ofPackages];
}

/**
 * The day up to which rollups may go, in milliseconds: whatever is listed is also counted, and what could still come
 * is refused, so never beyond the denials themselves.
 */
export function rollupsUntil(db: Database, untilMs: number): number {
  const oldest = statement<{ id: number | null }>(db, OLDEST_DENIAL_SQL).get();
  const oldestMs = oldest?.id == null ? Number.POSITIVE_INFINITY : slotMs(oldest.id);
  const until = Math.min(untilMs, oldestMs, new RetentionMarks(db).sinceMs('denials', false));
  return Math.floor(until / DAY_MS) * DAY_MS;
}

/** Takes the rollups of before `untilMs`, as far as `rollupsUntil` lets them go; yields after each transaction. */
export function* takeRollupsBefore(db: Database, untilMs: number, nowMs: number): Generator<Taken> {
  const dayMs = rollupsUntil(db, untilMs);
  if (new RetentionMarks(db).sinceMs('rollups', false) >= dayMs) return;
  for (const { sql, before } of deletionsOf(dayMs)) yield* takeRows(db, sql, before, nowMs);
  yield* takeIssueDays(db, dayMs, nowMs);
  // Last, as whatever is counted is looked for in the hours that are told of here.
  yield* takeRows(db, CHANGES_DELETION, Math.floor(dayMs / HOUR_MS), nowMs);
  raiseMark(db, 'rollups', 'live', dayMs);
}

/** Takes all that `sql` finds before a day or hour. */
function* takeRows(db: Database, sql: string, before: number, nowMs: number): Generator<Taken> {
  let isDone = false;
  while (!isDone) {
    yield take(db, 'rollup_rows', nowMs, (budget) => {
      const { count, isAll } = takeChunks(db, sql, [before], budget);
      isDone = isAll;
      return count;
    });
  }
}

/** The key of issue_days begins with the issue, so each issue that is old enough is looked at. */
function* takeIssueDays(db: Database, dayMs: number, nowMs: number): Generator<Taken> {
  const next = 'SELECT id FROM issues WHERE id > ? AND first_ms < ? ORDER BY id LIMIT 1';
  const remove = `DELETE FROM issue_days WHERE issue = ? AND day < ? LIMIT ${CHUNK}`;
  let issue: number | undefined = Number.MIN_SAFE_INTEGER;
  while (issue !== undefined) {
    yield take(db, 'rollup_rows', nowMs, (budget) => {
      let count = 0;
      let isSpent = false;
      while (issue !== undefined && !isSpent) {
        const taken = takeChunks(db, remove, [issue, Math.floor(dayMs / DAY_MS)], budget);
        count += taken.count;
        if (!taken.isAll) break;
        issue = statement<{ id: number }>(db, next).get(issue, dayMs)?.id;
        isSpent = budget.isSpent(1);
      }
      return count;
    });
  }
}

function takeChunks(db: Database, sql: string, params: readonly number[], budget: StepBudget) {
  for (let count = 0; ; ) {
    const { changes } = statement(db, sql).run(...params);
    count += changes;
    if (changes < CHUNK) return { count, isAll: true };
    if (budget.isSpent(changes)) return { count, isAll: false };
  }
}

/**
 * Those that people are done with, and those of which no rollup is left and nobody said anything; never one that has
 * denials. Parameters: the ages in milliseconds of the one and of the other.
 */
export const DONE_ISSUES_CONDITION = `
  ((i.status IN ('archived', 'resolved') AND max(i.last_ms, ifnull(i.status_ms, 0)) < ?)
    OR (i.last_ms < ? AND i.note IS NULL AND i.assignee IS NULL))
  AND NOT EXISTS (SELECT 1 FROM denials d WHERE d.issue = i.id)`;

const NEXT_ISSUES_SQL = `
  SELECT i.id, ${DONE_ISSUES_CONDITION} AS is_done
  FROM issues i
  WHERE i.id > ?
  ORDER BY i.id
  LIMIT 100`;

const HOST_ISSUES_SQL = `DELETE FROM host_issues WHERE issue = ? AND host IN (SELECT id FROM hosts) LIMIT ${CHUNK}`;

/** Takes issues that are done and older than `untilMs`, with their rollups; yields after each transaction. */
export function* takeIssuesBefore(db: Database, untilMs: number, nowMs: number): Generator<Taken> {
  const rollupsMs = new RetentionMarks(db).sinceMs('rollups', false);
  let last: number | undefined = 0;
  while (last !== undefined) {
    yield take(db, 'issues', nowMs, (budget) => {
      let count = 0;
      let isSpent = false;
      while (last !== undefined && !isSpent) {
        const rows: readonly { readonly id: number; readonly is_done: number }[] = statement<{
          id: number;
          is_done: number;
        }>(db, NEXT_ISSUES_SQL).all(untilMs, rollupsMs, last);
        if (rows.length === 0) last = undefined;
        for (const { id, is_done } of rows) {
          if (is_done === 1) {
            if (!takeIssue(db, id, budget)) return count;
            count += 1;
          }
          last = id;
          isSpent = budget.isSpent(1);
          if (isSpent) break;
        }
      }
      return count;
    });
  }
}

/** Takes those of `issues` that have no denials, whatever their age; yields after each transaction. */
export function* takeEmptyIssues(db: Database, issues: Iterable<number>, nowMs: number): Generator<Taken> {
  const hasDenials = statement(db, 'SELECT 1 FROM denials WHERE issue = ? LIMIT 1');
  for (const issue of issues) {
    let isDone = false;
    while (!isDone) {
      yield take(db, 'issues', nowMs, (budget) => {
        isDone = hasDenials.get(issue) !== undefined;
        if (isDone) return 0;
        isDone = takeIssue(db, issue, budget);
        return isDone ? 1 : 0;
      });
    }
  }
}

/** Answers whether it is gone; if not, there is more to take of it first. What is left of it agrees at any time. */
function takeIssue(db: Database, issue: number, budget: StepBudget): boolean {
  const days = takeChunks(db, `DELETE FROM issue_days WHERE issue = ? LIMIT ${CHUNK}`, [issue], budget);
  if (!days.isAll) return false;
  const packages = takeChunks(db, `DELETE FROM package_days WHERE issue = ? LIMIT ${CHUNK}`, [issue], budget);
  if (!packages.isAll) return false;
  const hosts = takeChunks(db, HOST_ISSUES_SQL, [issue], budget);
  statement(db, 'UPDATE issues SET hosts = hosts - ? WHERE id = ?').run(hosts.count, issue);
  if (!hosts.isAll) return false;
  statement(db, 'DELETE FROM issues WHERE id = ?').run(issue);
  return true;
}
