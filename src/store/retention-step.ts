// One small transaction of retention: bounded in rows and in time, so that ingest never waits for long.
import type { Database } from './open.ts';
import { countRemoved, type RemovedKind } from './retention-marks.ts';

/** Rows that one transaction takes at the most; and the time after which it takes no more, in milliseconds. */
export const STEP_ROWS_MAX = 2_000;
const STEP_MS_MAX = 12;

/** What one transaction took. */
export interface Taken {
  readonly kind: RemovedKind;
  readonly count: number;
}

/** How much more the open transaction may do. */
export class StepBudget {
  readonly #startMs = performance.now();
  #rows = 0;

  /** `rows`: touched since it was last asked. */
  isSpent(rows: number): boolean {
    this.#rows += rows;
    return this.#rows >= STEP_ROWS_MAX || performance.now() - this.#startMs >= STEP_MS_MAX;
  }
}

/** Does `work` in a transaction of its own and counts what it took. `work` answers how many rows. */
export function take(db: Database, kind: RemovedKind, nowMs: number, work: (budget: StepBudget) => number): Taken {
  const step = db.transaction(() => {
    const count = work(new StepBudget());
    countRemoved(db, kind, count, nowMs);
    return count;
  });
  return { kind, count: step.immediate() };
}
