// Takes entries of the log of administration that are older than it goes back.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type Taken, take } from './retention-step.ts';

/** Rows of one statement. */
const CHUNK = 500;

/** Takes all of before `untilMs`; yields after each transaction. */
export function* takeAdminActsBefore(db: Database, untilMs: number, nowMs: number): Generator<Taken> {
  let isDone = false;
  while (!isDone) {
    yield take(db, 'admin_acts', nowMs, (budget) => {
      let count = 0;
      while (!isDone) {
        const sql = `DELETE FROM admin_acts WHERE at_ms < ? LIMIT ${CHUNK}`;
        const { changes } = statement(db, sql).run(untilMs);
        count += changes;
        isDone = changes < CHUNK;
        if (budget.isSpent(changes)) break;
      }
      return count;
    });
  }
}
