// Takes denials away with what stands for each alone: its row, its own event.id, its place in the look-up by id. What
// counts them (rollups, issues, domains, hosts) is history and stays; see retention.ts.
import { FLAG_REPLAY } from '../columns/common-columns.ts';
import { indexOfFlags, isRepeated } from '../columns/denial-flags.ts';
import { FOREIGN_INDEX } from '../columns/record-index.ts';
import { detachRepeats, forgetRepeatsBefore, removeRepeats, WEIGHT } from '../columns/repeats.ts';
import { firstSlot, slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type Origins, RetentionMarks, raiseMark } from '../retention-marks.ts';
import { type StepBudget, type Taken, take } from './retention-step.ts';

export interface DenialRef {
  readonly id: number;
  readonly flags: number;
  readonly host: number;
}

/** Rows that are read together: more than the slots of one millisecond. */
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
  // Everything before the mark is gone or refused, so nothing is looked at twice but the last millisecond, of which some
  // may be left. The mark of replays is never the later one.
  let reachedMs = new RetentionMarks(db).sinceMs('denials', origins === 'all');
  let from = firstSlot(reachedMs - 1);
  let isDone = false;
  const removal = new Removal(db, detachRepeats);
  const oldest = statement<DenialRef>(db, OLDEST_DENIALS_SQL);
  while (!isDone) {
    const rows = oldest.all(from, firstSlot(untilMs), CHUNK);
    let isSpent = false;
    for (const row of rows) {
      if (origins === 'all' || (row.flags & FLAG_REPLAY) === 0) {
        removal.take(row);
        isSpent = budget.isSpent(1);
      }
      from = row.id + 1;
      if (isSpent) break;
    }
    isDone = !isSpent && rows.length < CHUNK;
    reachedMs = Math.max(reachedMs, isDone ? untilMs : slotMs(from - 1) + 1);
    if (isSpent || budget.isSpent(0)) break;
  }
  removal.finish();
  raiseMark(db, 'denials', origins, reachedMs);
  return { count: removal.denials, isDone };
}

/** Denials, also those that stand in the row of another. */
export function countDenials(db: Database, condition: string, ...params: readonly number[]): number {
  const sql = `SELECT total(${WEIGHT}) AS n FROM denials d WHERE ${condition}`;
  return statement<{ n: number }>(db, sql).get(...params)?.n ?? 0;
}

/** Within the caller's transaction, which counts them. Answers how many denials the rows stood for. */
export function removeDenials(db: Database, rows: readonly DenialRef[]): number {
  const removal = new Removal(db, removeRepeats);
  for (const row of rows) removal.take(row);
  removal.finish();
  return removal.denials;
}

/** Takes rows one by one; what their hosts lose is written once, by `finish`. */
class Removal {
  readonly #db: Database;
  readonly #forgetRepeats: typeof removeRepeats;
  readonly #hosts = new Map<number, number>();
  /** That the rows stood for. */
  denials = 0;

  constructor(db: Database, forgetRepeats: typeof removeRepeats) {
    this.#db = db;
    this.#forgetRepeats = forgetRepeats;
  }

  take({ id, flags, host }: DenialRef): void {
    statement(this.#db, 'DELETE FROM denials WHERE id = ?').run(id);
    const count = isRepeated(flags) ? this.#forgetRepeats(this.#db, id) : 1;
    if (indexOfFlags(flags) === FOREIGN_INDEX) {
      statement(this.#db, 'DELETE FROM foreign_ids WHERE denial = ?').run(id);
    }
    this.#hosts.set(host, (this.#hosts.get(host) ?? 0) + count);
    this.denials += count;
  }

  finish(): void {
    const add = statement(this.#db, 'UPDATE hosts SET removed = removed + ? WHERE id = ?');
    for (const [host, n] of this.#hosts) add.run(n, host);
  }
}
