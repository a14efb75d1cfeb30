// How much of each issue was denied on all hosts together in whole hours: days from an index that has nothing else, and
// whatever has not changed since it was read from memory.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { checkCancelled } from '../query/scan.ts';
import { scanLists } from '../rollups/packed-counts.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { type Hours, KeptCounts } from './kept-counts.ts';
import { KeySums, keptSums, partSums } from './key-sums.ts';
import { wholeDays } from './whole-days.ts';

/** Issues of a day that are read at once, as one text. */
const ISSUES_MAX = 10_000;
/** Rows with lists that are read before somebody is asked whether the answer is still wanted. */
const ROWS_MAX = 1_000;

/** Of the issues of a day after one of them: a list of them with their numbers, as scanLists takes it. */
export const ISSUES_OF_DAY_SQL = `
  SELECT count(*) AS count, max(issue) AS last, '[' || group_concat('[' || issue || ',' || denials || ']', ',') || ']' AS list
  FROM (
    SELECT issue, sum(denials) AS denials
    FROM issue_days INDEXED BY issue_days_by_day
    WHERE day = ? AND issue > ?
    GROUP BY issue
    ORDER BY issue
    LIMIT ${ISSUES_MAX}
  )`;

/** Of all issues of a day. */
export const LISTS_OF_DAY_SQL = `
  SELECT issue, hosts
  FROM issue_days INDEXED BY issue_days_by_day
  WHERE day = ?`;

export const CANARY_ISSUES_SQL = `
  SELECT id
  FROM issues
  WHERE is_canary = 1`;

/** The sums by issue over whole hours; the canary's issues are among them. */
export function issueSums(db: Database, hours: Hours): ReadonlyMap<number, number> {
  const sums = new KeySums();
  const { first, end, before, after } = wholeDays(db, hours);
  addHours(db, before, sums);
  if (first < end) {
    const kept = new KeptCounts(db, { from: first * HOURS_PER_DAY, to: end * HOURS_PER_DAY });
    for (const [day, changes] of kept.days) {
      checkCancelled(db);
      sums.add(keptSums(kept, `issues of day ${day}`, changes, () => readDay(db, day)));
    }
  }
  addHours(db, after, sums);
  return sums.all();
}

/** Those that the canary causes. */
export function canaryIssues(db: Database): ReadonlySet<number> {
  return new Set(
    statement<{ id: number }>(db, CANARY_ISSUES_SQL)
      .all()
      .map(({ id }) => id),
  );
}

function addHours(db: Database, { from, to }: Hours, sums: KeySums): void {
  for (let first = from; first < to; ) {
    const day = Math.floor(first / HOURS_PER_DAY);
    const hours = { from: first, to: Math.min(to, (day + 1) * HOURS_PER_DAY) };
    sums.add(partSums(db, 'issues', hours, () => readPart(db, day, hours)));
    first = hours.to;
  }
}

function readDay(db: Database, day: number): readonly number[] {
  const select = statement<{ count: number; last: number | null; list: string | null }>(db, ISSUES_OF_DAY_SQL);
  const numbers: number[] = [];
  let last = Number.MIN_SAFE_INTEGER;
  for (let count = ISSUES_MAX; count === ISSUES_MAX; ) {
    checkCancelled(db);
    const row = select.get(day, last);
    count = row?.count ?? 0;
    last = row?.last ?? last;
    scanLists(row?.list ?? '', [], (issue, denials) => numbers.push(issue, denials));
  }
  return numbers;
}

function readPart(db: Database, day: number, { from, to }: Hours): readonly number[] {
  const select = statement<{ issue: number; hosts: string }>(db, LISTS_OF_DAY_SQL);
  const numbers: number[] = [];
  let rows = 0;
  for (const { issue, hosts } of select.iterate(day)) {
    if (rows++ % ROWS_MAX === 0) checkCancelled(db);
    let sum = 0;
    scanLists(hosts, [], (code, denials) => {
      const hour = day * HOURS_PER_DAY + (code % HOURS_PER_DAY);
      if (hour >= from && hour < to) sum += denials;
    });
    if (sum > 0) numbers.push(issue, sum);
  }
  return numbers;
}
