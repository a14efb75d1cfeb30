// What overviews, top lists and issues are made of: counts by the hour, host, issue, blockers and program, gathered over
// a batch and written in its transaction. A denial's hour is that of its slot.

import { slotHour } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { IssueRegister } from '../interning/issue-register.ts';
import { countAdded } from './count-changes.ts';
import { addIssue, addUser, emptyHour, type HourSums, type IssueSums, increment, settle } from './hour-sums.ts';
import { addToPacked, type CodeCounts, keyOfCode, packCounts, toCode } from './packed-counts.ts';

const LAST_DAY_PART = `
  SELECT part, hosts
  FROM issue_days
  WHERE issue = ? AND day = ?
  ORDER BY part DESC
  LIMIT 1`;

const ADD_DAY_PART = `
  INSERT INTO issue_days (issue, day, part, denials, hosts)
  VALUES (?, ?, ?, ?, ?)`;

const SET_DAY_PART = `
  UPDATE issue_days
  SET denials = denials + ?, hosts = ?
  WHERE issue = ? AND day = ? AND part = ?`;

/** Of a host that had none of the issue. */
const ADD_HOST_ISSUE = `
  INSERT INTO host_issues (host, issue, first_ms, last_ms, denials)
  VALUES (?, ?, ?, ?, ?)`;

/** Statements for a table of lists by host and hour, or day. */
interface PartsTable {
  readonly last: string;
  readonly add: string;
  readonly set: string;
}

function partsTable(table: 'host_hours' | 'host_days', at: 'hour' | 'day'): PartsTable {
  return {
    last: `
      SELECT part, blockers, programs, users
      FROM ${table}
      WHERE ${at} = ? AND host = ?
      ORDER BY part DESC
      LIMIT 1`,
    add: `
      INSERT INTO ${table} (${at}, host, part, blockers, programs, users)
      VALUES (?, ?, ?, ?, ?, ?)`,
    set: `
      UPDATE ${table}
      SET blockers = ?, programs = ?, users = ?
      WHERE ${at} = ? AND host = ? AND part = ?`,
  };
}

const HOST_HOURS = partsTable('host_hours', 'hour');
const HOST_DAYS = partsTable('host_days', 'day');

const ADD_TO_BLOCKER_HOUR = `
  INSERT INTO blocker_hours (hour, blockers, is_canary, denials)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (hour, blockers, is_canary) DO UPDATE SET denials = denials + excluded.denials`;

const ADD_TO_HOUR_PROGRAM = `
  INSERT INTO hour_programs (hour, program, is_canary, denials)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (hour, program, is_canary) DO UPDATE SET denials = denials + excluded.denials`;

const ADD_TO_DAY = `
  INSERT INTO day_counts (kind, day, key, is_canary, denials)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (kind, day, key, is_canary) DO UPDATE SET denials = denials + excluded.denials`;

/** Answers the sum: it is the added number where the host had none of the issue before. */
const ADD_TO_HOST_ISSUE = `
  INSERT INTO host_issues (host, issue, first_ms, last_ms, denials)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (host, issue) DO UPDATE
  SET first_ms = min(first_ms, excluded.first_ms),
      last_ms = max(last_ms, excluded.last_ms),
      denials = denials + excluded.denials
  RETURNING denials`;

/** What was resolved and comes back has regressed; what comes late from before does not undo it. */
const ADD_TO_ISSUE = `
  UPDATE issues
  SET first_ms = min(first_ms, ?),
      last_ms = max(last_ms, ?),
      denials = denials + ?,
      hosts = hosts + ?,
      status_ms = CASE WHEN status = 'resolved' AND ? > status_ms THEN ? ELSE status_ms END,
      status = CASE WHEN status = 'resolved' AND ? > status_ms THEN 'regressed' ELSE status END
  WHERE id = ?`;

/** day_counts.kind. */
export const DAY_KINDS = { blockers: 0, host: 1, program: 2 } as const;
export const HOURS_PER_DAY = 24;

/** What a rollup tells denials apart by; rows of those. */
export interface RollupKey {
  readonly slot: number;
  /** Of the slot, or of a denial that went into the slot of another. */
  readonly ms: number;
  readonly host: number;
  readonly issue: number;
  readonly blockers: number;
  readonly program: number | null;
  /** The user's id itself. */
  readonly uid: number | null;
  readonly isCanary: boolean;
}

/** A row of host_hours or host_days, without its key. */
interface Part {
  readonly part: number;
  readonly blockers: string;
  readonly programs: string;
  readonly users: string;
}

/** A part of more characters is not added to any more: who makes up ever new programs must not make it grow with each batch. */
const partLengthMax = 2_000;

type Lists = Pick<HourSums, 'blockers' | 'programs' | 'users'>;

type DayKinds = readonly [CodeCounts, CodeCounts, CodeCounts];

type TotalSums = Omit<IssueSums, 'kind'> & { hosts: number };

export class RollupBatch {
  readonly #db: Database;
  /** By hour, then by host. */
  readonly #hours = new Map<number, Map<number, HourSums>>();
  readonly #issues: IssueRegister;
  /** The sums that were added to last, and where they are. */
  #last: { readonly hour: number; readonly host: number; readonly sums: HourSums } | undefined;

  constructor(db: Database, issues: IssueRegister) {
    this.#db = db;
    this.#issues = issues;
  }

  add({ slot, ms, host, issue, blockers, program, uid, isCanary }: RollupKey): void {
    const sums = this.#sumsOf(slotHour(slot), host);
    const ofProgram = program === null ? null : toCode(program, isCanary);
    addIssue(sums, { issue, ms, blockers: toCode(blockers, isCanary), program: ofProgram });
    if (uid !== null) addUser(sums, toCode(uid, isCanary));
  }

  flush(): void {
    countAdded(this.#db, this.#hours.keys());
    const byHost = new Map<number, Map<number, IssueSums>>();
    /** By day, then by issue. */
    const days = new Map<number, Map<number, CodeCounts>>();
    /** By day, then by host. */
    const hostDays = new Map<number, Map<number, Lists>>();
    for (const [hour, hosts] of this.#hours) {
      const day = Math.floor(hour / HOURS_PER_DAY);
      for (const [host, sums] of hosts) {
        settle(sums);
        this.#flushLists(HOST_HOURS, hour, host, sums);
        const ofHosts = entryOf(hostDays, day, () => new Map<number, Lists>());
        ofHosts.set(host, joined(ofHosts.get(host), sums));
        const code = host * HOURS_PER_DAY + (hour % HOURS_PER_DAY);
        const ofDay = entryOf(days, day, () => new Map<number, CodeCounts>());
        for (const [issue, { denials }] of sums.issues) {
          entryOf(ofDay, issue, () => new Map<number, number>()).set(code, denials);
        }
        const ofHost = byHost.get(host);
        if (ofHost === undefined) byHost.set(host, sums.issues);
        else for (const [issue, more] of sums.issues) merge(ofHost, issue, more);
      }
    }
    for (const [day, hosts] of hostDays) {
      for (const [host, lists] of hosts) this.#flushLists(HOST_DAYS, day, host, lists);
    }
    for (const [day, issues] of days) for (const [issue, counts] of issues) this.#flushDay(issue, day, counts);
    this.#flushIssues(byHost);
    this.#issues.flush();
    this.#flushCoarse();
    this.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#hours.clear();
    this.#last = undefined;
  }

  #flushLists(table: PartsTable, at: number, host: number, { blockers, programs, users }: Lists): void {
    const last = statement<Part>(this.#db, table.last).get(at, host);
    if (last !== undefined && last.blockers.length + last.programs.length + last.users.length < partLengthMax) {
      const lists = [addToPacked(last.blockers, blockers), addToPacked(last.programs, programs)];
      statement(this.#db, table.set).run(...lists, addToPacked(last.users, users), at, host, last.part);
      return;
    }
    const lists = [blockers, programs, users].map(packCounts);
    statement(this.#db, table.add).run(at, host, last === undefined ? 0 : last.part + 1, ...lists);
  }

  #flushDay(issue: number, day: number, counts: CodeCounts): void {
    let denials = 0;
    for (const n of counts.values()) denials += n;
    const find = statement<{ part: number; hosts: string }>(this.#db, LAST_DAY_PART);
    const last = this.#issues.isUnwritten(issue) ? undefined : find.get(issue, day);
    if (last !== undefined && last.hosts.length < partLengthMax) {
      statement(this.#db, SET_DAY_PART).run(denials, addToPacked(last.hosts, counts), issue, day, last.part);
      return;
    }
    const part = last === undefined ? 0 : last.part + 1;
    statement(this.#db, ADD_DAY_PART).run(issue, day, part, denials, packCounts(counts));
  }

  #flushIssues(byHost: ReadonlyMap<number, ReadonlyMap<number, IssueSums>>): void {
    const addToHost = statement<{ denials: number }>(this.#db, ADD_TO_HOST_ISSUE);
    const addHost = statement(this.#db, ADD_HOST_ISSUE);
    const totals = new Map<number, TotalSums>();
    for (const [host, issues] of byHost) {
      for (const [issue, sums] of issues) {
        const { firstMs, lastMs, denials } = sums;
        let isNew = this.#issues.isUnwritten(issue);
        if (isNew) addHost.run(host, issue, firstMs, lastMs, denials);
        else isNew = addToHost.get(host, issue, firstMs, lastMs, denials)?.denials === denials;
        const total = totals.get(issue);
        if (total === undefined) totals.set(issue, { denials, firstMs, lastMs, hosts: isNew ? 1 : 0 });
        else {
          extend(total, sums);
          if (isNew) total.hosts += 1;
        }
      }
    }
    const addToIssue = statement(this.#db, ADD_TO_ISSUE);
    for (const [issue, total] of totals) {
      const { firstMs, lastMs, denials, hosts } = total;
      if (this.#issues.isUnwritten(issue)) this.#issues.write(issue, total);
      else addToIssue.run(firstMs, lastMs, denials, hosts, lastMs, lastMs, lastMs, issue);
    }
  }

  /** Of all hosts together, by the hour and by the day. */
  #flushCoarse(): void {
    const addToHour = statement(this.#db, ADD_TO_BLOCKER_HOUR);
    const addToPrograms = statement(this.#db, ADD_TO_HOUR_PROGRAM);
    const days = new Map<number, DayKinds>();
    for (const [hour, hosts] of this.#hours) {
      const ofHour: CodeCounts = new Map();
      const programsOfHour: CodeCounts = new Map();
      const kinds = entryOf(days, Math.floor(hour / HOURS_PER_DAY), emptyDay);
      for (const [host, { blockers, programs }] of hosts) {
        for (const [code, n] of blockers) {
          increment(ofHour, code, n);
          increment(kinds[DAY_KINDS.host], toCode(host, code < 0), n);
        }
        for (const [code, n] of programs) increment(programsOfHour, code, n);
      }
      for (const [code, n] of programsOfHour) {
        addToPrograms.run(hour, keyOfCode(code), code < 0 ? 1 : 0, n);
        increment(kinds[DAY_KINDS.program], code, n);
      }
      for (const [code, n] of ofHour) {
        addToHour.run(hour, keyOfCode(code), code < 0 ? 1 : 0, n);
        increment(kinds[DAY_KINDS.blockers], code, n);
      }
    }
    const addToDay = statement(this.#db, ADD_TO_DAY);
    for (const [day, kinds] of days) {
      for (const [kind, counts] of kinds.entries()) {
        for (const [code, n] of counts) addToDay.run(kind, day, keyOfCode(code), code < 0 ? 1 : 0, n);
      }
    }
  }

  #sumsOf(hour: number, host: number): HourSums {
    if (this.#last?.hour === hour && this.#last.host === host) return this.#last.sums;
    const hosts = entryOf(this.#hours, hour, () => new Map<number, HourSums>());
    const sums = entryOf(hosts, host, emptyHour);
    this.#last = { hour, host, sums };
    return sums;
  }
}

/** Both together; neither is changed. */
function joined(lists: Lists | undefined, more: Lists): Lists {
  if (lists === undefined) return more;
  return {
    blockers: sumOf(lists.blockers, more.blockers),
    programs: sumOf(lists.programs, more.programs),
    users: sumOf(lists.users, more.users),
  };
}

function sumOf(counts: CodeCounts, more: CodeCounts): CodeCounts {
  const sum = new Map(counts);
  for (const [code, n] of more) increment(sum, code, n);
  return sum;
}

/** One map for each of DAY_KINDS. */
function emptyDay(): DayKinds {
  return [new Map(), new Map(), new Map()];
}

/** The map's entry, made where there is none. */
function entryOf<V>(map: Map<number, V>, key: number, make: () => V): V {
  let entry = map.get(key);
  if (entry === undefined) {
    entry = make();
    map.set(key, entry);
  }
  return entry;
}

function merge(issues: Map<number, IssueSums>, issue: number, more: IssueSums): void {
  const sums = issues.get(issue);
  if (sums === undefined) issues.set(issue, more);
  else extend(sums, more);
}

function extend(sums: Omit<IssueSums, 'kind'>, more: IssueSums): void {
  sums.denials += more.denials;
  sums.firstMs = Math.min(sums.firstMs, more.firstMs);
  sums.lastMs = Math.max(sums.lastMs, more.lastMs);
}
