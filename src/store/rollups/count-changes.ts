// How often counts were changed, written with the changes themselves: what was made of the counts of an hour still holds
// as long as the number of its changes is the same. Late arrivals change old hours; what is taken away changes all.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** The row that stands for all hours: no denial is of it. */
const ALL_HOURS = -1;

const COUNT_CHANGE = `
  INSERT INTO hour_changes (hour, changes)
  VALUES (?, 1)
  ON CONFLICT (hour) DO UPDATE SET changes = changes + 1`;

/** Both in one statement, so that they are of one state of the database. */
export const CHANGES_SQL = `
  SELECT hour, changes FROM hour_changes WHERE hour = ${ALL_HOURS}
  UNION ALL
  SELECT hour, changes FROM hour_changes WHERE hour >= ? AND hour < ?
  ORDER BY hour`;

const TOTAL_CHANGES_SQL = 'SELECT total_changes() AS n';

export interface CountChanges {
  /** How often counts of whatever hours were taken away. */
  readonly takings: number;
  /** By hour, in their order: how often it was added to. An hour that is not in it is not known to stay as it is. */
  readonly additions: ReadonlyMap<number, number>;
}

/** Within the transaction that adds to the counts of these hours. */
export function countAdded(db: Database, hours: Iterable<number>): void {
  const count = statement(db, COUNT_CHANGE);
  for (const hour of hours) count.run(hour);
}

/** Within the transaction of `take`, which takes from counts, if from any. */
export function countTaken<T>(db: Database, take: () => T): T {
  const totalChanges = statement<{ n: number }>(db, TOTAL_CHANGES_SQL);
  const before = totalChanges.get()?.n;
  const taken = take();
  if (totalChanges.get()?.n !== before) statement(db, COUNT_CHANGE).run(ALL_HOURS);
  return taken;
}

/** Of hours from `from` before `to`. */
export function countChanges(db: Database, from: number, to: number): CountChanges {
  const select = statement<{ hour: number; changes: number }>(db, CHANGES_SQL);
  const additions = new Map<number, number>();
  let takings = 0;
  for (const { hour, changes } of select.all(from, to)) {
    if (hour === ALL_HOURS) takings = changes;
    else additions.set(hour, changes);
  }
  return { takings, additions };
}
