// Lets the look-up by event.id forget denials that are gone. Its entries outlive them harmlessly (whoever asks checks),
// so this comes after, run by run.

import { firstSlot } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { forgetGone, runRows } from '../interning/id-runs.ts';
import { type Origins, RetentionMarks, raiseMark } from '../retention-marks.ts';
import { type Taken, take } from './retention-step.ts';

/** Forgets what the mark of the denials says is gone, where that is new; yields after each transaction. */
export function* forgetTakenIds(db: Database, origins: Origins, nowMs: number): Generator<Taken> {
  const marks = new RetentionMarks(db);
  const isReplay = origins === 'all';
  const [fromMs, untilMs] = [marks.sinceMs('id_runs', isReplay), marks.sinceMs('denials', isReplay)];
  if (fromMs >= untilMs) return;
  const from = fromMs === 0 ? Number.NEGATIVE_INFINITY : firstSlot(fromMs);
  yield* forgetIn(db, 'id_runs', runRows(db, from, firstSlot(untilMs)), nowMs);
  raiseMark(db, 'id_runs', origins, untilMs);
}

/** After denials of any time were taken. */
export function* forgetAllGoneIds(db: Database, nowMs: number): Generator<Taken> {
  yield* forgetIn(db, 'id_runs', runRows(db, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY), nowMs);
  const tails = statement<{ id: number }>(db, 'SELECT id FROM id_tails').all();
  yield* forgetIn(
    db,
    'id_tails',
    tails.map((tail) => tail.id),
    nowMs,
  );
}

function* forgetIn(
  db: Database,
  table: 'id_runs' | 'id_tails',
  rows: readonly number[],
  nowMs: number,
): Generator<Taken> {
  let next = 0;
  while (next < rows.length) {
    yield take(db, 'id_entries', nowMs, (budget) => {
      let count = 0;
      let isSpent = false;
      for (let id = rows[next]; id !== undefined && !isSpent; id = rows[next]) {
        count += forgetGone(db, table, id);
        next += 1;
        isSpent = budget.isSpent(256);
      }
      return count;
    });
  }
}
