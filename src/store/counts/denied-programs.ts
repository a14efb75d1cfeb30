// How many programs denials are of, for the overview: without their sums, which would sort a row for each of them and hour.
// Exact, as counts.ts is; whatever narrows the denials is counted there.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled, Span } from '../query/scope.ts';
import { DAY_KINDS, HOURS_PER_DAY } from '../rollups/rollups.ts';
import { countsBy, type KeyCount, rawCountsSql, scanDenials, splitStored } from './counts.ts';

/** Of hours before whole days, of these days, of hours after them, and of what is given. */
export const PROGRAMS_DENIED_SQL = `
  SELECT count(DISTINCT key) AS n
  FROM (
    SELECT program AS key FROM hour_programs WHERE hour >= ? AND hour < ? AND is_canary = 0
    UNION ALL
    SELECT key FROM day_counts WHERE kind = ? AND day >= ? AND day < ? AND is_canary = 0
    UNION ALL
    SELECT program FROM hour_programs WHERE hour >= ? AND hour < ? AND is_canary = 0
    UNION ALL
    SELECT value FROM json_each(?)
  )`;

export function countDeniedPrograms(db: Database, scope: Compiled, span: Span): number {
  if (scope.hasQuery || scope.includeCanary || scope.hosts('host') !== undefined) {
    return countsBy(db, scope, span, 'program').filter(({ key }) => key !== null).length;
  }
  const { from, to, rests } = splitStored(db, span);
  const others = new Set<number>();
  const add = ({ key }: KeyCount) => {
    if (key !== null) others.add(key);
  };
  for (const rest of rests) {
    scanDenials<KeyCount>(db, scope, rest, rawCountsSql('program', scope.denials.sql), add);
  }
  const [firstDay, endDay] = [Math.ceil(from / HOURS_PER_DAY), Math.floor(to / HOURS_PER_DAY)];
  const days = firstDay < endDay ? [firstDay, endDay] : [0, 0];
  const before = firstDay < endDay ? [from, firstDay * HOURS_PER_DAY] : [from, to];
  const after = firstDay < endDay ? [endDay * HOURS_PER_DAY, to] : [0, 0];
  const count = statement<{ n: number }>(db, PROGRAMS_DENIED_SQL);
  return count.get(...before, DAY_KINDS.program, ...days, ...after, JSON.stringify([...others]))?.n ?? 0;
}
