// How much was denied on hosts hour by hour, from the lists of host_hours: for the few of them that a chart shows.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { checkCancelled } from '../query/scan.ts';
import type { Compiled } from '../query/scope.ts';
import { scanLists } from '../rollups/packed-counts.ts';
import type { AddHours } from './issue-hours.ts';
import { daysAround, type Hours, KeptCounts, keptHours } from './kept-counts.ts';

/** Hours that are read at once, as one text. */
const HOURS_MAX = 1_000;

/** Each is found by itself, in the order of the rows. */
export const HOURS_OF_HOST_SQL = `
  SELECT group_concat(hour || blockers, '') AS lists
  FROM host_hours
  WHERE hour IN (SELECT value FROM json_each(?))
    AND host = ?`;

/** How much was denied on each of the hosts in whole hours from `from` before `to`; of `scope` its canary counts. */
export function forEachHostHours(
  db: Database,
  { includeCanary }: Pick<Compiled, 'includeCanary'>,
  hosts: readonly number[],
  hours: Hours,
  add: AddHours,
): void {
  const kept = new KeptCounts(db, daysAround(hours));
  for (const host of hosts) {
    const name = `host ${host}${includeCanary ? ' with canary' : ''}`;
    add(
      host,
      keptHours(kept, name, hours, (days) => readHours(db, includeCanary, host, days)),
    );
  }
}

function readHours(db: Database, includeCanary: boolean, host: number, { from, to }: Hours): Float64Array {
  const sums = new Float64Array(to - from);
  const select = statement<{ lists: string | null }>(db, HOURS_OF_HOST_SQL);
  const head = [0];
  for (let first = from; first < to; first += HOURS_MAX) {
    checkCancelled(db);
    const hours = Array.from({ length: Math.min(HOURS_MAX, to - first) }, (_, index) => first + index);
    const { lists } = select.get(JSON.stringify(hours), host) ?? {};
    scanLists(lists ?? '', head, (code, denials) => {
      const hour = (head[0] ?? 0) - from;
      if (code >= 0 || includeCanary) sums[hour] = (sums[hour] ?? 0) + denials;
    });
  }
  return sums;
}
