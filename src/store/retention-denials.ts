// Takes denials away with what stands for each alone: its row, its own event.id, its place in the look-up by id. What
// counts them (rollups, issues, domains, hosts) is history and stays; see retention.ts.
import { FLAG_REPLAY } from './common-columns.ts';
import { indexOfFlags, isRepeated } from './denial-flags.ts';
import type { Database } from './open.ts';
import { FOREIGN_INDEX } from './record-index.ts';
import { detachRepeats, forgetRepeatsBefore, removeRepeats, WEIGHT } from './repeats.ts';
import { type Origins, RetentionMarks, raiseMark } from './retention-marks.ts';
import { type StepBudget, type Taken, take } from './retention-step.ts';
import { firstSlot, slotMs } from './slot.ts';
import { statement } from './statement.ts';

export interface DenialRef {
  readonly id: number;
  readonly flags: number;
  readonly host: number;
}

/** Rows that are looked at together: more than the slots of one millisecond. */
const CHUNK = 300;
/** Rows of ids: some kilobytes each. */
const REPEATS = 64;

export const OLDEST_DENIALS_SQL = `
  SELECT id, flags, host
  FROM denials
  WHERE id >= ? AND id < ?
  ORDER BY id
  LIMIT ?`;

/** Takes all denials of slots before `untilMs`, the oldest first; yields after each transaction. */
export function* takeDenialsBefore(db: Database, untilMs: number, origins: Origins, nowMs: number): Generator<Taken> {
  let isDone = false;
  while (!isDone) {
    yield take(db, 'denials', nowMs, (budget) => {
      const step = takeOldest(db, untilMs, origins, budget);
      isDone = step.isDone;
      return step.count;
    });
  }
  yield* forgetOldRepeats(db, origins, nowMs);
}

/** What could come again is refused by now. */
function* forgetOldRepeats(db: Database, origins: Origins, nowMs: number): Generator<Taken> {
  const sinceMs = new RetentionMarks(db).sinceMs('denials', origins === 'all');
  let isDone = false;
  while (!isDone) {
    yield take(db, 'id_entries', nowMs, () => {
      isDone = forgetRepeatsBefore(db, sinceMs, origins, REPEATS) === 0;
      return 0;
    });
  }
}

function takeOldest(db: Database, untilMs: number, origins: Origins, budget: StepBudget) {
  // Everything before the mark is gone, so nothing is looked at twice. That of replays is never the later one.
  let reachedMs = new RetentionMarks(db).sinceMs('denials', origins === 'all');
  let count = 0;
  let isDone = reachedMs >= untilMs;
  const oldest = statement<DenialRef>(db, OLDEST_DENIALS_SQL);
  while (!isDone) {
    const rows = oldest.all(firstSlot(reachedMs), firstSlot(untilMs), CHUNK);
    isDone = rows.length < CHUNK;
    // A millisecond is taken whole, as the mark is in milliseconds.
    const last = rows.at(-1);
    reachedMs = isDone || last === undefined ? untilMs : slotMs(last.id);
    const end = firstSlot(reachedMs);
    const gone = rows.filter((row) => row.id < end && (origins === 'all' || (row.flags & FLAG_REPLAY) === 0));
    count += removeDenials(db, gone, detachRepeats);
    if (budget.isSpent(rows.length)) break;
  }
  raiseMark(db, 'denials', origins, reachedMs);
  return { count, isDone };
}

/** Denials, also those that stand in the row of another. */
export function countDenials(db: Database, condition: string, ...params: readonly number[]): number {
  const sql = `SELECT total(${WEIGHT}) AS n FROM denials d WHERE ${condition}`;
  return statement<{ n: number }>(db, sql).get(...params)?.n ?? 0;
}

/** Within the caller's transaction, which counts them. Answers how many denials the rows stood for. */
export function removeDenials(db: Database, rows: readonly DenialRef[], forgetRepeats = removeRepeats): number {
  const remove = statement(db, 'DELETE FROM denials WHERE id = ?');
  const forget = statement(db, 'DELETE FROM foreign_ids WHERE denial = ?');
  const hosts = new Map<number, number>();
  let denials = 0;
  for (const { id, flags, host } of rows) {
    remove.run(id);
    const count = isRepeated(flags) ? forgetRepeats(db, id) : 1;
    denials += count;
    if (indexOfFlags(flags) === FOREIGN_INDEX) forget.run(id);
    hosts.set(host, (hosts.get(host) ?? 0) + count);
  }
  const add = statement(db, 'UPDATE hosts SET removed = removed + ? WHERE id = ?');
  for (const [host, n] of hosts) add.run(n, host);
  return denials;
}
