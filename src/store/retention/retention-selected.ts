// Deletion of what is a user's: single denials, calls, the making of domains, the text of records, and issues of which no
// denial is left then, as their paths may tell what the user did. Counts by hour, host and program name no user and stay.
// Reading which rows these are needs no lock; taking them goes in small transactions, as all of retention.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { countRemoved, type RemovedKind } from '../retention-marks.ts';
import { keyOfCode, packCounts, unpackCounts } from '../rollups/packed-counts.ts';
import { blankRaws, blockOf } from '../writing/raw-blocks.ts';
import { countDenials, type DenialRef, removeDenials } from './retention-denials.ts';
import { forgetAllGoneIds } from './retention-ids.ts';
import { takeEmptyIssues } from './retention-rollups.ts';
import { type Taken, take } from './retention-step.ts';
import { takeUnusedTexts } from './retention-texts.ts';

export interface RawRef {
  readonly id: number;
  readonly raw: number | null;
}

type DenialRow = DenialRef & RawRef & { readonly issue: number };

/** Rows that are read at a time. */
const READ_MAX = 1_000;

/** Whose process it was, or who signed in. */
const ACTORS = 'SELECT a.id FROM actors a WHERE a.uid = ? OR a.audit_uid = ?';

export const DENIALS_OF_USER_SQL = `
  SELECT d.id, d.flags, d.host, d.raw, d.issue
  FROM denials d
  WHERE d.id > ? AND d.actor IN (${ACTORS})
  ORDER BY d.id
  LIMIT ${READ_MAX}`;

const CALLS_OF_USER_SQL = `
  SELECT c.id, c.raw
  FROM sandbox_calls c
  JOIN strings s ON s.id = c.details
  WHERE c.id > ? AND ? IN (json_extract(s.value, '$.user.id'), json_extract(s.value, '$.user.audit.id'))
  ORDER BY c.id
  LIMIT ${READ_MAX}`;

const ALLOCATIONS_OF_USER_SQL = `
  SELECT e.id, e.raw
  FROM domain_events e
  WHERE e.id > ? AND e.creator_uid = ?
  ORDER BY e.id
  LIMIT ${READ_MAX}`;

/** What there is of a user, without taking it. */
export function countOfUser(db: Database, uid: number): readonly Taken[] {
  const count = (sql: string, ...params: readonly unknown[]) =>
    statement<{ n: number }>(db, `SELECT count(*) AS n FROM (${sql.replace(/LIMIT \d+$/, '')})`).get(...params)?.n ?? 0;
  return [
    { kind: 'denials', count: countDenials(db, `d.actor IN (${ACTORS})`, uid, uid) },
    { kind: 'sandbox_calls', count: count(CALLS_OF_USER_SQL, 0, String(uid)) },
    { kind: 'domain_events', count: count(ALLOCATIONS_OF_USER_SQL, 0, uid) },
  ];
}

/** Takes all that is stored of a user of any host; yields after each transaction. */
export function* takeUser(db: Database, uid: number, nowMs: number): Generator<Taken> {
  const issues = new Set<number>();
  let from = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = statement<DenialRow>(db, DENIALS_OF_USER_SQL).all(from, uid, uid);
    yield* takeRows(db, 'denials', rows, nowMs, (some) => removeDenials(db, some));
    for (const { issue } of rows) issues.add(issue);
    const last = rows.at(-1);
    if (last === undefined) break;
    from = last.id;
  }
  yield* takeEmptyIssues(db, issues, nowMs);
  const removeCall = statement(db, 'DELETE FROM sandbox_calls WHERE id = ?');
  yield* takeAll(db, 'sandbox_calls', CALLS_OF_USER_SQL, String(uid), nowMs, (id) => removeCall.run(id));
  const unlink = statement(
    db,
    'UPDATE domains SET allocation = NULL WHERE id = (SELECT domain FROM domain_events WHERE id = ?) AND allocation = ?',
  );
  const removeEvent = statement(db, 'DELETE FROM domain_events WHERE id = ?');
  yield* takeAll(db, 'domain_events', ALLOCATIONS_OF_USER_SQL, uid, nowMs, (id) => {
    unlink.run(id, id);
    removeEvent.run(id);
  });
  yield* takeNamed(db, uid, nowMs);
  yield* forgetAllGoneIds(db, nowMs);
  yield takeUnusedTexts(db, nowMs);
}

/** A row of host_hours or host_days. */
interface UserCounts {
  readonly at: number;
  readonly host: number;
  readonly part: number;
  readonly users: string;
}

const USER_COUNTS = [
  { table: 'host_hours', at: 'hour' },
  { table: 'host_days', at: 'day' },
] as const;

function nextUserCountsSql({ table, at }: (typeof USER_COUNTS)[number]): string {
  return `
  SELECT ${at} AS at, host, part, users
  FROM ${table}
  WHERE (${at}, host, part) > (?, ?, ?)
  ORDER BY ${at}, host, part
  LIMIT ${READ_MAX}`;
}

/** What the user is called, and counts that name them. */
function* takeNamed(db: Database, uid: number, nowMs: number): Generator<Taken> {
  statement(db, 'DELETE FROM user_names WHERE uid = ?').run(uid);
  for (const counts of USER_COUNTS) yield* takeCounted(db, uid, counts, nowMs);
}

function* takeCounted(
  db: Database,
  uid: number,
  counts: (typeof USER_COUNTS)[number],
  nowMs: number,
): Generator<Taken> {
  const next = statement<UserCounts>(db, nextUserCountsSql(counts));
  const { table, at } = counts;
  const set = statement(db, `UPDATE ${table} SET users = ? WHERE ${at} = ? AND host = ? AND part = ?`);
  let last: UserCounts | undefined = { at: -1, host: 0, part: 0, users: '' };
  while (last !== undefined) {
    yield take(db, 'rollup_rows', nowMs, (budget) => {
      const rows: readonly UserCounts[] = last === undefined ? [] : next.all(last.at, last.host, last.part);
      last = undefined;
      let count = 0;
      for (const row of rows) {
        const kept = [...unpackCounts(row.users)].filter(([code]) => keyOfCode(code) !== uid);
        const users = packCounts(new Map(kept));
        if (users !== row.users) count += set.run(users, row.at, row.host, row.part).changes;
        last = row;
        if (budget.isSpent(1)) break;
      }
      return count;
    });
  }
}

function* takeAll(
  db: Database,
  kind: RemovedKind,
  sql: string,
  user: string | number,
  nowMs: number,
  remove: (id: number) => unknown,
): Generator<Taken> {
  for (let from = 0; ; ) {
    const rows = statement<RawRef>(db, sql).all(from, user);
    yield* takeRows(db, kind, rows, nowMs, (some) => {
      for (const { id } of some) remove(id);
      return some.length;
    });
    const last = rows.at(-1);
    if (last === undefined) return;
    from = last.id;
  }
}

/**
 * Takes the rows with the text of their records; `remove` takes some of them. Each block of text costs a millisecond, so
 * as many rows go in one transaction as there is time. It answers for how many they stood.
 */
export function* takeRows<Row extends RawRef>(
  db: Database,
  kind: RemovedKind,
  rows: readonly Row[],
  nowMs: number,
  remove: (rows: readonly Row[]) => number,
): Generator<Taken> {
  const byBlock = new Map<number, Row[]>();
  for (const row of rows) {
    const block = row.raw === null ? -1 : blockOf(row.raw);
    byBlock.set(block, [...(byBlock.get(block) ?? []), row]);
  }
  const groups = [...byBlock];
  while (groups.length > 0) {
    yield take(db, kind, nowMs, (budget) => {
      let count = 0;
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        const [block, some] = group;
        if (block >= 0) {
          const texts = blankRaws(
            db,
            some.map((row) => row.raw ?? -1),
          );
          countRemoved(db, 'raw_events', texts, nowMs);
        }
        count += remove(some);
        if (budget.isSpent(some.length)) break;
      }
      return count;
    });
  }
}
