// Which rollup answers a question about counts: the first that tells apart what is asked for, and knows what the query
// asks about. A question that none can answer is answered from the denials.

import type { Database } from '../database/open.ts';
import type { Condition } from '../query/condition.ts';
import { needsProgram, type RollupColumns } from '../query/filter-rollup.ts';
import { type Compiled, onRollup } from '../query/scope.ts';
import { HOURS_PER_DAY } from './rollups.ts';

/** What a count is told apart by, beside its time. */
export type CountKey = 'blockers' | 'host' | 'program' | 'issue';

export interface Rollup {
  /** Its rows have an hour and denials, in `r`. */
  readonly from: string;
  readonly columns: RollupColumns & { readonly isCanary: string };
  /** Where its rows are found by their day, and not by their hour. */
  readonly day?: string;
  /** What has no program is not in it. */
  readonly ofProgramsOnly?: true;
}

/** Of all hosts together, as the next. */
export const BLOCKER_HOURS: Rollup = {
  from: 'blocker_hours r',
  columns: { blockers: 'r.blockers', isCanary: 'r.is_canary' },
};
export const HOUR_PROGRAMS: Rollup = {
  from: 'hour_programs r',
  columns: { program: 'r.program', isCanary: 'r.is_canary' },
  ofProgramsOnly: true,
};

export const DENIAL_HOURS: Rollup = {
  from: 'denial_hours r',
  columns: { host: 'r.host', blockers: 'r.blockers', isCanary: 'r.is_canary' },
};
export const PROGRAM_HOURS: Rollup = {
  from: 'program_hours r',
  columns: { host: 'r.host', program: 'r.program', isCanary: 'r.is_canary' },
  ofProgramsOnly: true,
};
/** From the issues, as its rows are in their order: only those of the hours asked for are read. */
export const HOUR_ISSUES: Rollup = {
  from: 'issues i CROSS JOIN hour_issues r ON r.issue = i.id',
  columns: { host: 'r.host', issue: 'i.id', isCanary: 'i.is_canary' },
  day: 'r.day',
};

/** The smallest first. */
const ROLLUPS: readonly Rollup[] = [BLOCKER_HOURS, HOUR_PROGRAMS, DENIAL_HOURS, PROGRAM_HOURS, HOUR_ISSUES];

export interface ChosenRollup {
  readonly rollup: Rollup;
  /** The column that the counts are told apart by. */
  readonly key: string;
  readonly condition: Condition;
}

/** The rows of hours from `first` before `end`; its parameters are those of `hourParams`. */
export function hourCondition({ day }: Pick<Rollup, 'day'>): string {
  return `r.hour >= ? AND r.hour < ?${day === undefined ? '' : ` AND ${day} >= ? AND ${day} < ?`}`;
}

export function hourParams({ day }: Pick<Rollup, 'day'>, first: number, end: number): readonly number[] {
  return day === undefined
    ? [first, end]
    : [first, end, Math.floor(first / HOURS_PER_DAY), Math.ceil(end / HOURS_PER_DAY)];
}

/** undefined: only the denials themselves know. */
export function chooseRollup(db: Database, scope: Compiled, key: CountKey): ChosenRollup | undefined {
  for (const rollup of ROLLUPS) {
    const column = rollup.columns[key];
    // Whoever counts programs has no use for denials without one.
    const isWhole = rollup.ofProgramsOnly !== true || key === 'program' || needsProgram(scope.filter);
    if (column === undefined || !isWhole) continue;
    const condition = onRollup(db, scope, rollup.columns);
    if (condition !== undefined) return { rollup, key: column, condition };
  }
  return undefined;
}
