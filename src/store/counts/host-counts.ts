// What was denied on hosts by blockers, program or user, from the lists of host_hours and host_days, which are unpacked
// and added up here: SQLite would sort a row for each of their elements, which takes ten times as long.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { checkCancelled } from '../query/scan.ts';
import type { Compiled } from '../query/scope.ts';
import { keyOfCode, scanLists } from '../rollups/packed-counts.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import type { HostRun } from './host-set.ts';
import { type Hours, KeptCounts, type Numbers, numbersOf } from './kept-counts.ts';
import { hostsOf, marksOf } from './scope-hosts.ts';
import { wholeDays } from './whole-days.ts';

export type HostList = 'blockers' | 'programs' | 'users';

/** What was counted of one key on some hosts. */
export interface HostCounts extends HostRun {
  /** The row of the set of blockers or of the program, or the user's id. */
  readonly key: number;
  /** The first hour of those that are counted. */
  readonly hour: number;
  /** On all of the hosts. */
  readonly denials: number;
}

/** Of many hosts at once, as there are millions of counts. */
export type AddHostCounts = (counts: HostCounts) => void;

export function eachHost({ ofHosts, from, to }: HostRun, call: (host: number, denials: number) => void): void {
  for (let i = from; i < to; i += 2) call(ofHosts[i] ?? 0, ofHosts[i + 1] ?? 0);
}

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

interface Wanted extends Hours {
  readonly list: HostList;
  /** By the hour, also where a whole day is asked about. */
  readonly isHourly?: boolean;
}

type HostScope = Pick<Compiled, 'hosts' | 'includeCanary'>;

/** The lists of fewer hosts are looked for in the table: not all are read and kept for them. */
const HOSTS_MIN = 100;

/**
 * Whole hours from `from` before `to`, some rows at a time, so that a question that was given up ends. Hosts and canary
 * as in `scope`, whose query does not count. The same may come more than once.
 */
export function forEachHostCount(
  db: Database,
  scope: HostScope,
  { list, from, to, isHourly = false }: Wanted,
  add: AddHostCounts,
): void {
  const hosts = hostsOf(db, scope);
  const read = (stretch: Omit<Stretch, 'list'>) =>
    hosts !== undefined && hosts.size < HOSTS_MIN
      ? readLists(db, scope, { list, ...stretch }, add)
      : readKept(
          db,
          { marks: hosts && marksOf(db, hosts), includeCanary: scope.includeCanary },
          { list, ...stretch },
          add,
        );
  const hours = (stretch: Hours) => read({ unit: 'hour', first: stretch.from, end: stretch.to });
  if (isHourly) {
    hours({ from, to });
    return;
  }
  const { first, end, before, after } = wholeDays(db, { from, to });
  hours(before);
  read({ unit: 'day', first, end });
  hours(after);
}

interface Stretch {
  readonly list: HostList;
  readonly unit: Unit;
  readonly first: number;
  readonly end: number;
}

function readLists(db: Database, scope: HostScope, stretch: Stretch, add: AddHostCounts): void {
  const { hours } = TABLES[stretch.unit];
  scanStretch(db, scope, stretch, (code, denials, host, at) => {
    if (code < 0 && !scope.includeCanary) return;
    const ofHosts = new Float64Array([host, denials]);
    add({ key: keyOfCode(code), hour: at * hours, denials, ofHosts, from: 0, to: 2 });
  });
}

/** An element of a list, and whose list of which hour or day it is of. */
type AddElement = (code: number, denials: number, host: number, at: number) => void;

function scanStretch(
  db: Database,
  scope: Pick<Compiled, 'hosts'>,
  { list, unit, first, end }: Stretch,
  add: AddElement,
): void {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const select = statement<{ count: number; lists: string | null }>(db, hostListsSql(list, hosts.sql, unit));
  // No host has this number: all rows of `first` come after it.
  const last = [first, Number.MIN_SAFE_INTEGER, 0];
  for (let count = first < end ? ROWS_MAX : 0; count === ROWS_MAX; ) {
    checkCancelled(db);
    const row = select.get(...last, end, ...hosts.params);
    count = row?.count ?? 0;
    scanLists(row?.lists ?? '', last, (code, denials) => add(code, denials, last[1] ?? 0, last[0] ?? 0));
  }
}

interface KeptScope {
  /** Of each host a mark; undefined: all. */
  readonly marks: Uint8Array | undefined;
  readonly includeCanary: boolean;
}

/** The lists of all hosts are kept: those of an hour or day that nothing was added to since are not read again. */
function readKept(db: Database, scope: KeptScope, { list, unit, first, end }: Stretch, add: AddHostCounts): void {
  if (first >= end) return;
  const { hours } = TABLES[unit];
  const kept = new KeptCounts(db, { from: first * hours, to: end * hours });
  for (const [at, changes] of unit === 'day' ? kept.days : kept.hours) {
    const name = `${list} of ${unit} ${at}`;
    let counts = kept.get<CountsByCode>(name, changes);
    if (counts === undefined) {
      counts = countsByCode(db, { list, unit, first: at, end: at + 1 });
      kept.keep(name, changes, counts, counts.codes.byteLength + counts.ofHosts.byteLength);
    }
    addCounts(counts, scope, at * hours, add);
  }
}

/** Apart, as codes may be large, and hosts and their numbers mostly are not. */
interface CountsByCode {
  /** Each with how many hosts it was counted on, and how often. */
  readonly codes: Numbers;
  /** For one code after the other these hosts, each with its number. */
  readonly ofHosts: Numbers;
}

function countsByCode(db: Database, stretch: Stretch): CountsByCode {
  const byCode = new Map<number, number[]>();
  scanStretch(db, OF_ALL, stretch, (code, denials, host) => {
    const counts = byCode.get(code);
    if (counts === undefined) byCode.set(code, [host, denials]);
    else counts.push(host, denials);
  });
  const codes: number[] = [];
  const ofHosts: number[] = [];
  for (const [code, counts] of byCode) {
    let sum = 0;
    for (let i = 0; i < counts.length; i += 2) {
      const denials = counts[i + 1] ?? 0;
      ofHosts.push(counts[i] ?? 0, denials);
      sum += denials;
    }
    codes.push(code, counts.length / 2, sum);
  }
  return { codes: numbersOf(codes), ofHosts: numbersOf(ofHosts) };
}

const OF_ALL: Pick<Compiled, 'hosts'> = { hosts: () => undefined };

function addCounts({ codes, ofHosts }: CountsByCode, scope: KeptScope, hour: number, add: AddHostCounts): void {
  let from = 0;
  for (let i = 0; i < codes.length; i += 3) {
    const code = codes[i] ?? 0;
    const to = from + 2 * (codes[i + 1] ?? 0);
    const counts = { key: keyOfCode(code), hour, denials: codes[i + 2] ?? 0, ofHosts, from, to };
    if (code >= 0 || scope.includeCanary) {
      if (scope.marks === undefined) add(counts);
      else addMarked(counts, scope.marks, add);
    }
    from = to;
  }
}

function addMarked(counts: HostCounts, marks: Uint8Array, add: AddHostCounts): void {
  const marked = new Float64Array(counts.to - counts.from);
  let [to, sum] = [0, 0];
  eachHost(counts, (host, denials) => {
    if (marks[host] !== 1) return;
    marked[to] = host;
    marked[to + 1] = denials;
    to += 2;
    sum += denials;
  });
  if (to > 0) add({ ...counts, denials: sum, ofHosts: marked, from: 0, to });
}
