// Takes denials away with what stands for each alone: its row, its own event.id, its place in the look-up by id. What
// counts them (rollups, issues, domains, hosts) is history and stays; see retention.ts.
import { FLAG_REPLAY } from './common-columns.ts';
import { indexOfFlags } from './denial-flags.ts';
import type { Database } from './open.ts';
import { FOREIGN_INDEX } from './record-index.ts';
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
    removeDenials(db, gone);
    count += gone.length;
    if (budget.isSpent(rows.length)) break;
  }
  raiseMark(db, 'denials', origins, reachedMs);
  return { count, isDone };
}

/** Within the caller's transaction, which counts them. */
export function removeDenials(db: Database, rows: readonly DenialRef[]): void {
  const remove = statement(db, 'DELETE FROM denials WHERE id = ?');
  const forget = statement(db, 'DELETE FROM foreign_ids WHERE denial = ?');
  const hosts = new Map<number, number>();
  for (const { id, flags, host } of rows) {
    remove.run(id);
    if (indexOfFlags(flags) === FOREIGN_INDEX) forget.run(id);
    hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  const count = statement(db, 'UPDATE hosts SET removed = removed + ? WHERE id = ?');
  for (const [host, n] of hosts) count.run(n, host);
}
