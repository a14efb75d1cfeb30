// How much was denied to programs hour by hour on all hosts together: to the few that a chart shows, and to all.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { checkCancelled } from '../query/scan.ts';
import type { Compiled } from '../query/scope.ts';
import type { AddHours } from './issue-hours.ts';
import { daysAround, type Hours, KeptCounts, keptHours } from './kept-counts.ts';

const NOT_CANARY = 'AND is_canary = 0';

/** Each hour is found by itself, in the order of the rows. */
export function hoursOfProgramSql(canary: string): string {
  return `
  SELECT hour, denials
  FROM hour_programs
  WHERE hour IN (SELECT value FROM json_each(?))
    AND program = ? ${canary}`;
}

export function hoursOfProgramsSql(canary: string): string {
  return `
  SELECT hour, sum(denials) AS denials
  FROM hour_programs
  WHERE hour >= ? AND hour < ? ${canary}
  GROUP BY hour`;
}

/** null: all programs. */
export type ProgramKey = number | null;

/** In whole hours from `from` before `to`; of `scope` its canary counts. */
export function forEachProgramHours(
  db: Database,
  { includeCanary }: Pick<Compiled, 'includeCanary'>,
  programs: readonly ProgramKey[],
  hours: Hours,
  add: AddHours<ProgramKey>,
): void {
  const kept = new KeptCounts(db, daysAround(hours));
  for (const program of programs) {
    const name = `program ${program ?? 'of all'}${includeCanary ? ' with canary' : ''}`;
    const counts = keptHours(kept, name, hours, (days) =>
      readHours(db, program, days, includeCanary ? '' : NOT_CANARY),
    );
    add(program, counts);
  }
}

function readHours(db: Database, program: ProgramKey, { from, to }: Hours, canary: string): Float64Array {
  checkCancelled(db);
  const sums = new Float64Array(to - from);
  const ofAll = statement<HourRow>(db, hoursOfProgramsSql(canary));
  const ofOne = statement<HourRow>(db, hoursOfProgramSql(canary));
  const hours = () => JSON.stringify(Array.from({ length: to - from }, (_, index) => from + index));
  for (const { hour, denials } of program === null ? ofAll.iterate(from, to) : ofOne.iterate(hours(), program)) {
    sums[hour - from] = (sums[hour - from] ?? 0) + denials;
  }
  return sums;
}

interface HourRow {
  readonly hour: number;
  readonly denials: number;
}
