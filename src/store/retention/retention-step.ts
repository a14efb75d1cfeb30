// One small transaction of retention: bounded in rows and in time, so that ingest never waits for long.
import type { Database } from '../database/open.ts';
import { countRemoved, type RemovedKind } from '../retention-marks.ts';
import { countTaken } from '../rollups/count-changes.ts';

/** Rows that one transaction takes at the most; and how long it takes with its commit, in milliseconds. */
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
  readonly #timeMaxMs: number;
  #rows = 0;

  constructor(timeMaxMs = STEP_MS_MAX) {
    this.#timeMaxMs = timeMaxMs;
  }

  /** `rows`: touched since it was last asked. */
  isSpent(rows: number): boolean {
    this.#rows += rows;
    return this.#rows >= STEP_ROWS_MAX || performance.now() - this.#startMs >= this.#timeMaxMs;
  }
}

/** Which part of the time of its last steps went by before the commit, which writes every page that was touched. */
const workShares = new WeakMap<Database, number>();
/** However slow commits are: what is taken must keep up with what comes in. */
const WORK_SHARE_MIN = 0.5;

/** In steps of these kinds counts become less: what of them was kept in memory is no longer true. */
const OF_COUNTS: ReadonlySet<RemovedKind> = new Set<RemovedKind>(['rollup_rows', 'issues']);

/** Does `work` in a transaction of its own and counts what it took. `work` answers how many rows. */
export function take(db: Database, kind: RemovedKind, nowMs: number, work: (budget: StepBudget) => number): Taken {
  const share = workShares.get(db) ?? 1;
  let startMs = 0;
  let workedMs = 0;
  const step = db.transaction(() => {
    // From here on, as it may have waited for its turn.
    startMs = performance.now();
    const count = OF_COUNTS.has(kind)
      ? countTaken(db, () => work(new StepBudget(STEP_MS_MAX * share)))
      : work(new StepBudget(STEP_MS_MAX * share));
    countRemoved(db, kind, count, nowMs);
    workedMs = performance.now() - startMs;
    return count;
  });
  const count = step.immediate();
  const now = workedMs / Math.max(performance.now() - startMs, Number.EPSILON);
  workShares.set(db, Math.max(WORK_SHARE_MIN, (share + now) / 2));
  return { kind, count };
}
