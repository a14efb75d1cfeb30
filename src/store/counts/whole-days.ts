// Hours as whole days and what is before and after them, as the days' counts are a twentieth of the hours' to read.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import type { Hours } from './kept-counts.ts';

export const IS_COUNTED_WITHIN_SQL = 'SELECT EXISTS (SELECT 1 FROM blocker_hours WHERE hour >= ? AND hour < ?) AS n';

export interface WholeDays {
  /** From `first` before `end`; both are 0 where there is no whole day. */
  readonly first: number;
  readonly end: number;
  /** The hours before and after the days; all where there is no whole day. */
  readonly before: Hours;
  readonly after: Hours;
}

const NONE: Hours = { from: 0, to: 0 };

/**
 * A day of whose other hours nothing is counted is a whole one too: mostly that of today, so that it does not have to be
 * read by its hours.
 */
export function wholeDays(db: Database, { from, to }: Hours): WholeDays {
  const isCounted = (first: number, end: number) =>
    first < end && statement<{ n: number }>(db, IS_COUNTED_WITHIN_SQL).get(first, end)?.n === 1;
  const firstOfDay = Math.floor(from / HOURS_PER_DAY) * HOURS_PER_DAY;
  const endOfDay = Math.ceil(to / HOURS_PER_DAY) * HOURS_PER_DAY;
  const first = Math.ceil((isCounted(firstOfDay, from) ? from : firstOfDay) / HOURS_PER_DAY);
  const end = Math.floor((isCounted(to, endOfDay) ? to : endOfDay) / HOURS_PER_DAY);
  if (from >= to || first >= end) return { first: 0, end: 0, before: { from, to }, after: NONE };
  const before = { from, to: Math.max(from, first * HOURS_PER_DAY) };
  const after = { from: Math.min(to, end * HOURS_PER_DAY), to };
  return { first, end, before, after };
}
