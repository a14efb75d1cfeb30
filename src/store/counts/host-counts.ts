// What was denied on hosts by blockers, program or user, from the lists of host_hours and host_days, which are unpacked
// and added up here: SQLite would sort a row for each of their elements, which takes ten times as long.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { checkCancelled } from '../query/scan.ts';
import type { Compiled } from '../query/scope.ts';
import { keyOfCode, scanLists } from '../rollups/packed-counts.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';

export type HostList = 'blockers' | 'programs' | 'users';

/**
 * `key`: the row of the set of blockers or of the program, or the user's id. `hour`: the first of those that are
 * counted. Numbers and no object, as it is called for millions.
 */
export type AddHostCount = (key: number, host: number, denials: number, hour: number) => void;

/** What the lists are of: a day where a whole one is asked about, an hour else. */
const TABLES = {
  hour: { table: 'host_hours', hours: 1 },
  day: { table: 'host_days', hours: HOURS_PER_DAY },
} as const;

type Unit = keyof typeof TABLES;

/** Rows that are read at once: few texts are far quicker to fetch than many, and one alone could become too long. */
const ROWS_MAX = 1_000;

/** Of rows after a place before another hour or day, as one text: each its place and its list. */
export function hostListsSql(list: HostList, hosts: string, unit: Unit): string {
  return `
  SELECT count(*) AS count, group_concat(${unit} || ',' || host || ',' || part || ${list}, '') AS lists
  FROM (
    SELECT ${unit}, host, part, ${list}
    FROM ${TABLES[unit].table}
    WHERE (${unit}, host, part) > (?, ?, ?) AND ${unit} < ?
      AND ${hosts}
    ORDER BY ${unit}, host, part
    LIMIT ${ROWS_MAX}
  )`;
}

interface Wanted {
  readonly list: HostList;
  readonly from: number;
  readonly to: number;
  /** By the hour, also where a whole day is asked about. */
  readonly isHourly?: boolean;
}

/**
 * Whole hours from `from` before `to`, some rows at a time, so that a question that was given up ends. Hosts and canary
 * as in `scope`, whose query does not count. The same may come more than once.
 */
export function forEachHostCount(
  db: Database,
  scope: Pick<Compiled, 'hosts' | 'includeCanary'>,
  { list, from, to, isHourly = false }: Wanted,
  add: AddHostCount,
): void {
  const [firstDay, endDay] = [Math.ceil(from / HOURS_PER_DAY), Math.floor(to / HOURS_PER_DAY)];
  const read = (unit: Unit, first: number, end: number) => readLists(db, scope, { list, unit, first, end }, add);
  if (isHourly || firstDay >= endDay) {
    read('hour', from, to);
    return;
  }
  read('hour', from, firstDay * HOURS_PER_DAY);
  read('day', firstDay, endDay);
  read('hour', endDay * HOURS_PER_DAY, to);
}

interface Stretch {
  readonly list: HostList;
  readonly unit: Unit;
  readonly first: number;
  readonly end: number;
}

function readLists(
  db: Database,
  scope: Pick<Compiled, 'hosts' | 'includeCanary'>,
  { list, unit, first, end }: Stretch,
  add: AddHostCount,
): void {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const select = statement<{ count: number; lists: string | null }>(db, hostListsSql(list, hosts.sql, unit));
  const { hours } = TABLES[unit];
  // No host has this number: all rows of `first` come after it.
  const last = [first, Number.MIN_SAFE_INTEGER, 0];
  for (let count = first < end ? ROWS_MAX : 0; count === ROWS_MAX; ) {
    checkCancelled(db);
    const row = select.get(...last, end, ...hosts.params);
    count = row?.count ?? 0;
    scanLists(row?.lists ?? '', last, (code, denials) => {
      if (code >= 0 || scope.includeCanary) add(keyOfCode(code), last[1] ?? 0, denials, (last[0] ?? 0) * hours);
    });
  }
}

/** Few hosts of many hours are found one by one, in the order of the rows. */
export const HOURS_OF_HOSTS_SQL = `
  SELECT group_concat(hour || ',' || host || blockers, '') AS lists
  FROM host_hours
  WHERE hour IN (SELECT value FROM json_each(?))
    AND host IN (SELECT value FROM json_each(?))`;

interface HoursOfHosts {
  readonly hosts: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** What was denied on these hosts by sets of blockers in whole hours from `from` before `to`; of `scope` its canary counts. */
export function forEachHourOfHosts(
  db: Database,
  scope: Pick<Compiled, 'includeCanary'>,
  { hosts, from, to }: HoursOfHosts,
  add: AddHostCount,
): void {
  const select = statement<{ lists: string | null }>(db, HOURS_OF_HOSTS_SQL);
  const step = Math.max(1, Math.floor(ROWS_MAX / Math.max(1, hosts.length)));
  const head = [0, 0];
  for (let first = from; first < to; first += step) {
    checkCancelled(db);
    const hours = Array.from({ length: Math.min(step, to - first) }, (_, index) => first + index);
    const { lists } = select.get(JSON.stringify(hours), JSON.stringify(hosts)) ?? {};
    scanLists(lists ?? '', head, (code, denials) => {
      if (code >= 0 || scope.includeCanary) add(keyOfCode(code), head[1] ?? 0, denials, head[0] ?? 0);
    });
  }
}
