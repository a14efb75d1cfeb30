// What overviews, top lists and issues are made of: counts by the hour, host, issue, blockers and program, gathered over
// a batch and written in its transaction. A denial's hour is that of its slot.
import type { Database } from './open.ts';
import { addToPacked, type CodeCounts, keyOfCode, packCounts, toCode } from './packed-counts.ts';
import { slotHour } from './slot.ts';
import { statement } from './statement.ts';

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

const LAST_PART = `
  SELECT part, blockers, programs, users
  FROM host_hours
  WHERE hour = ? AND host = ?
  ORDER BY part DESC
  LIMIT 1`;

const ADD_PART = `
  INSERT INTO host_hours (hour, host, part, blockers, programs, users)
  VALUES (?, ?, ?, ?, ?, ?)`;

const SET_PART = `
  UPDATE host_hours
  SET blockers = ?, programs = ?, users = ?
  WHERE hour = ? AND host = ? AND part = ?`;

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

/** By codes of packed-counts.ts. */
interface HourSums {
  readonly blockers: CodeCounts;
  readonly programs: CodeCounts;
  readonly users: CodeCounts;
  readonly issues: Map<number, IssueSums>;
}

/** A row of host_hours, without its key. */
interface Part {
  readonly part: number;
  readonly blockers: string;
  readonly programs: string;
  readonly users: string;
}

/** A part of more characters is not added to any more: who makes up ever new programs must not make it grow with each batch. */
const partLengthMax = 2_000;

interface IssueSums {
  denials: number;
  firstMs: number;
  lastMs: number;
}

type DayKinds = readonly [CodeCounts, CodeCounts, CodeCounts];

type TotalSums = IssueSums & { hosts: number };

export class RollupBatch {
  readonly #db: Database;
  /** By hour, then by host. */
  readonly #hours = new Map<number, Map<number, HourSums>>();

  constructor(db: Database) {
    this.#db = db;
  }

  add({ slot, ms, host, issue, blockers, program, uid, isCanary }: RollupKey): void {
    const sums = this.#sumsOf(slotHour(slot), host);
    increment(sums.blockers, toCode(blockers, isCanary));
    if (program !== null) increment(sums.programs, toCode(program, isCanary));
    if (uid !== null) increment(sums.users, toCode(uid, isCanary));
    addIssue(sums.issues, issue, ms);
  }

  flush(): void {
    const byHost = new Map<number, Map<number, IssueSums>>();
    /** By day, then by issue. */
    const days = new Map<number, Map<number, CodeCounts>>();
    for (const [hour, hosts] of this.#hours) {
      for (const [host, sums] of hosts) {
        this.#flushHour(hour, host, sums);
        const code = host * HOURS_PER_DAY + (hour % HOURS_PER_DAY);
        const ofDay = entryOf(days, Math.floor(hour / HOURS_PER_DAY), () => new Map<number, CodeCounts>());
        for (const [issue, { denials }] of sums.issues) {
          entryOf(ofDay, issue, () => new Map<number, number>()).set(code, denials);
        }
        const ofHost = byHost.get(host);
        if (ofHost === undefined) byHost.set(host, sums.issues);
        else for (const [issue, more] of sums.issues) merge(ofHost, issue, more);
      }
    }
    for (const [day, issues] of days) for (const [issue, counts] of issues) this.#flushDay(issue, day, counts);
    this.#flushIssues(byHost);
    this.#flushCoarse();
    this.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#hours.clear();
  }

  #flushHour(hour: number, host: number, { blockers, programs, users }: HourSums): void {
    const last = statement<Part>(this.#db, LAST_PART).get(hour, host);
    if (last !== undefined && last.blockers.length + last.programs.length + last.users.length < partLengthMax) {
      const lists = [addToPacked(last.blockers, blockers), addToPacked(last.programs, programs)];
      statement(this.#db, SET_PART).run(...lists, addToPacked(last.users, users), hour, host, last.part);
      return;
    }
    const lists = [blockers, programs, users].map(packCounts);
    statement(this.#db, ADD_PART).run(hour, host, last === undefined ? 0 : last.part + 1, ...lists);
  }

  #flushDay(issue: number, day: number, counts: CodeCounts): void {
    let denials = 0;
    for (const n of counts.values()) denials += n;
    const last = statement<{ part: number; hosts: string }>(this.#db, LAST_DAY_PART).get(issue, day);
    if (last !== undefined && last.hosts.length < partLengthMax) {
      statement(this.#db, SET_DAY_PART).run(denials, addToPacked(last.hosts, counts), issue, day, last.part);
      return;
    }
    const part = last === undefined ? 0 : last.part + 1;
    statement(this.#db, ADD_DAY_PART).run(issue, day, part, denials, packCounts(counts));
  }

  #flushIssues(byHost: ReadonlyMap<number, ReadonlyMap<number, IssueSums>>): void {
    const addToHost = statement<{ denials: number }>(this.#db, ADD_TO_HOST_ISSUE);
    const totals = new Map<number, TotalSums>();
    for (const [host, issues] of byHost) {
      for (const [issue, sums] of issues) {
        const { firstMs, lastMs, denials } = sums;
        const isNew = addToHost.get(host, issue, firstMs, lastMs, denials)?.denials === denials;
        const total = totals.get(issue);
        if (total === undefined) totals.set(issue, { ...sums, hosts: isNew ? 1 : 0 });
        else {
          extend(total, sums);
          if (isNew) total.hosts += 1;
        }
      }
    }
    const addToIssue = statement(this.#db, ADD_TO_ISSUE);
    for (const [issue, total] of totals) {
      const { firstMs, lastMs, denials, hosts } = total;
      addToIssue.run(firstMs, lastMs, denials, hosts, lastMs, lastMs, lastMs, issue);
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
    const hosts = entryOf(this.#hours, hour, () => new Map<number, HourSums>());
    return entryOf(hosts, host, emptyHour);
  }
}

function emptyHour(): HourSums {
  return { blockers: new Map(), programs: new Map(), users: new Map(), issues: new Map() };
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

function increment(counts: Map<number, number>, key: number, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function addIssue(issues: Map<number, IssueSums>, issue: number, ms: number): void {
  const sums = issues.get(issue);
  if (sums === undefined) {
    issues.set(issue, { denials: 1, firstMs: ms, lastMs: ms });
    return;
  }
  sums.denials += 1;
  if (ms < sums.firstMs) sums.firstMs = ms;
  if (ms > sums.lastMs) sums.lastMs = ms;
}

function merge(issues: Map<number, IssueSums>, issue: number, more: IssueSums): void {
  const sums = issues.get(issue);
  if (sums === undefined) issues.set(issue, more);
  else extend(sums, more);
}

function extend(sums: IssueSums, more: IssueSums): void {
  sums.denials += more.denials;
  sums.firstMs = Math.min(sums.firstMs, more.firstMs);
  sums.lastMs = Math.max(sums.lastMs, more.lastMs);
}
