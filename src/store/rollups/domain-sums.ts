// What a batch adds to its domains, gathered and written once, together with the counters of their hosts that depend
// on a domain as a whole: how many there are (without the canary's) and how many denials were not logged.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { addUsage, NO_PROGRAM } from './usage-hours.ts';

/** One allocation or deallocation that the batch stored. */
interface Turn {
  readonly event: number;
  readonly ms: number;
  readonly total: number | null;
}

/** What a tracepoint said of a domain's making. `event`: its row in domain_creations. */
export interface Creation {
  readonly event: number;
  readonly ms: number;
  /** The parent's number; null: it has none. */
  readonly parent: string | null;
}

/** What a denial adds to its domain. */
export interface DeniedTo {
  /** False where only a tracepoint told of it. */
  readonly isLogged: boolean;
  readonly pid: number | undefined;
  readonly parentPid: number | undefined;
  /** The process and those above it, as far as they were looked at. */
  readonly ancestry?: readonly { readonly pid: number }[] | undefined;
}

interface Sums {
  firstMs: number;
  lastMs: number;
  logged: number;
  traced: number;
  firstDenialMs: number | null;
  lastDenialMs: number | null;
  isCanary: boolean;
  allocation: Turn | undefined;
  deallocation: Turn | undefined;
  creation: Creation | undefined;
  /** The program of `allocation`'s creator. */
  program: number;
  /** The greatest count of any deallocation. */
  total: number | null;
  lastPid: number | undefined;
  lastParentPid: number | undefined;
  readonly processes: Set<number>;
}

interface DomainRow {
  readonly boot: number;
  readonly host: number;
  readonly is_canary: number;
  readonly is_counted: number;
  readonly first_ms: number;
  readonly logged: number;
  readonly total: number | null;
  readonly allocated_ms: number | null;
  readonly allocation: number | null;
  readonly deallocated_ms: number | null;
  readonly deallocation: number | null;
  readonly creation: number | null;
  readonly created_ms: number | null;
  readonly parent: string | null;
}

const READ = `
  SELECT boot, host, is_canary, is_counted, first_ms, logged, total, allocation, allocated_ms, deallocation,
    deallocated_ms, creation, created_ms, parent
  FROM domains
  WHERE id = ?`;

/** Later denials of a domain that was counted before, and no more: it leaves most indexes alone. */
const ADD_DENIALS = `
  UPDATE domains
  SET last_ms = max(last_ms, ?),
      logged = logged + ?,
      traced = traced + ?,
      first_denial_ms = min(ifnull(first_denial_ms, ?), ?),
      last_denial_ms = max(ifnull(last_denial_ms, ?), ?)
  WHERE id = ?`;

const WRITE = `
  UPDATE domains
  SET first_ms = min(first_ms, ?),
      last_ms = max(last_ms, ?),
      logged = logged + ?,
      traced = traced + ?,
      first_denial_ms = min(ifnull(first_denial_ms, ?), ifnull(?, first_denial_ms)),
      last_denial_ms = max(ifnull(last_denial_ms, ?), ifnull(?, last_denial_ms)),
      is_canary = ?,
      is_counted = 1,
      allocation = ?,
      allocated_ms = ?,
      deallocation = ?,
      deallocated_ms = ?,
      total = ?,
      creation = ?,
      created_ms = ?,
      parent = ?
  WHERE id = ?`;

const ADD_TO_HOST = `
  UPDATE hosts
  SET domains = domains + ?,
      -- Bounded: the totals are what someone claims, and no claim may stop the writer.
      unlogged = max(0, min(unlogged + ?, 9007199254740991))
  WHERE id = ?`;

const ADD_PROCESS = `
  INSERT INTO domain_processes (boot, pid, domain, is_parent)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (boot, pid, domain) DO UPDATE SET is_parent = 0 WHERE excluded.is_parent < is_parent`;

const CREATOR_OF = 'SELECT creator_executable AS program FROM domain_events WHERE id = ?';

/** Processes that are known to be written, of all domains; beyond it all are written again. */
const writtenMax = 131_072;

export class DomainSums {
  readonly #db: Database;
  readonly #sums = new Map<number, Sums>();
  /** By domain: the processes that have a row. Mostly the same ones are denied something again. */
  readonly #written = new Map<number, Set<number>>();
  #writtenCount = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  addDenial(domain: number, ms: number, isCanary: boolean, denied: DeniedTo): void {
    const { isLogged, pid, parentPid, ancestry } = denied;
    const sums = this.#sumsOf(domain, ms, isCanary);
    if (isLogged) sums.logged += 1;
    else sums.traced += 1;
    if (sums.firstDenialMs === null || ms < sums.firstDenialMs) sums.firstDenialMs = ms;
    if (sums.lastDenialMs === null || ms > sums.lastDenialMs) sums.lastDenialMs = ms;
    addAncestors(sums.processes, ancestry);
    if (pid === undefined || (pid === sums.lastPid && parentPid === sums.lastParentPid)) return;
    sums.lastPid = pid;
    sums.lastParentPid = parentPid;
    sums.processes.add(pid * 2);
    if (parentPid !== undefined) sums.processes.add(parentPid * 2 + 1);
  }

  /** The earliest allocation counts: the kernel may write it twice. `event` is its row in domain_events. */
  addAllocation(domain: number, allocation: { event: number; ms: number }, isCanary: boolean, creator: Creator): void {
    const sums = this.#sumsOf(domain, allocation.ms, isCanary);
    const turn = { ...allocation, total: null };
    if (creator.pid !== null) sums.processes.add(creator.pid * 2);
    addAncestors(sums.processes, creator.ancestry);
    if (sums.allocation !== undefined && !isBefore(turn, sums.allocation)) return;
    sums.allocation = turn;
    sums.program = creator.program ?? NO_PROGRAM;
  }

  /**
   * The earliest deallocation counts, as a domain ends once, and the greatest total: audit and the tracepoint tell of
   * the same end.
   */
  addDeallocation(domain: number, event: number, ms: number, total: number | null, isCanary: boolean): void {
    const sums = this.#sumsOf(domain, ms, isCanary);
    const turn = { event, ms, total };
    sums.total = greater(sums.total, total);
    if (sums.deallocation === undefined || isBefore(turn, sums.deallocation)) sums.deallocation = turn;
  }

  /** The kernel says it once; of two that claim it the earlier one counts. */
  addCreation(domain: number, creation: Creation, isCanary: boolean): void {
    const sums = this.#sumsOf(domain, creation.ms, isCanary);
    if (sums.creation === undefined || creation.ms < sums.creation.ms) sums.creation = creation;
  }

  flush(): void {
    for (const [id, sums] of this.#sums) this.#write(id, sums);
    this.#sums.clear();
  }

  /** After a transaction that was rolled back, and when rows are gone. */
  clear(): void {
    this.#sums.clear();
    this.#forgetWritten();
  }

  #forgetWritten(): void {
    this.#written.clear();
    this.#writtenCount = 0;
  }

  #write(id: number, sums: Sums): void {
    const row = statement<DomainRow>(this.#db, READ).get(id);
    if (row === undefined) throw new Error(`the domain ${id} is not there`);
    if (addsOnlyDenials(sums, row)) this.#addDenials(id, sums);
    else this.#writeAll(id, sums, row);
    this.#addProcesses(id, row.boot, sums.processes);
  }

  #addProcesses(id: number, boot: number, processes: ReadonlySet<number>): void {
    const addProcess = statement(this.#db, ADD_PROCESS);
    if (this.#writtenCount >= writtenMax) this.#forgetWritten();
    let written = this.#written.get(id);
    if (written === undefined && processes.size > 0) {
      written = new Set();
      this.#written.set(id, written);
    }
    for (const process of processes) {
      if (written?.has(process) === true) continue;
      addProcess.run(boot, Math.floor(process / 2), id, process % 2);
      written?.add(process);
      this.#writtenCount += 1;
    }
  }

  #addDenials(id: number, sums: Sums): void {
    const { lastMs, logged, traced, firstDenialMs: first, lastDenialMs: last } = sums;
    statement(this.#db, ADD_DENIALS).run(lastMs, logged, traced, first, first, last, last, id);
  }

  #writeAll(id: number, sums: Sums, row: DomainRow): void {
    const { firstDenialMs: first, lastDenialMs: last } = sums;
    const allocation = earlier(sums.allocation, row.allocation, row.allocated_ms, null);
    const deallocation = earlier(sums.deallocation, row.deallocation, row.deallocated_ms, row.total);
    const creation = earlierCreation(sums.creation, row);
    const isCanary = sums.isCanary || row.is_canary === 1;
    const total = greater(sums.total, row.total);
    statement(this.#db, WRITE).run(
      sums.firstMs,
      sums.lastMs,
      sums.logged,
      sums.traced,
      first,
      first,
      last,
      last,
      isCanary ? 1 : 0,
      allocation?.event ?? null,
      allocation?.ms ?? null,
      deallocation?.event ?? null,
      deallocation?.ms ?? null,
      total,
      creation?.event ?? null,
      creation?.ms ?? null,
      creation?.parent ?? null,
      id,
    );
    this.#countProgram(row, sums, allocation, isCanary);
    const before = row.is_counted === 0 || row.is_canary === 1 ? NOTHING : { domains: 1, unlogged: unlogged(row) };
    const after = isCanary ? NOTHING : { domains: 1, unlogged: unlogged({ total, logged: row.logged + sums.logged }) };
    if (after.domains === before.domains && after.unlogged === before.unlogged) return;
    statement(this.#db, ADD_TO_HOST).run(after.domains - before.domains, after.unlogged - before.unlogged, row.host);
  }

  /** A domain counts once for its creator's program, in the hour of the allocation that counts. */
  #countProgram(row: DomainRow, sums: Sums, allocation: Turn | undefined, isCanary: boolean): void {
    const { allocation: event, allocated_ms: ms } = row;
    const wasCounted = event !== null && ms !== null && row.is_canary === 0;
    if (wasCounted && !isCanary && allocation?.event === event) return;
    if (wasCounted) {
      const creator = statement<{ program: number | null }>(this.#db, CREATOR_OF).get(event);
      addUsage(this.#db, ms, row.host, creator?.program ?? NO_PROGRAM, { domains: -1 });
    }
    if (isCanary || allocation === undefined) return;
    // One that was stored earlier, and was not counted, cannot come back: a canary stays one.
    addUsage(this.#db, allocation.ms, row.host, sums.program, { domains: 1 });
  }

  #sumsOf(domain: number, ms: number, isCanary: boolean): Sums {
    let sums = this.#sums.get(domain);
    if (sums === undefined) {
      sums = {
        firstMs: ms,
        lastMs: ms,
        logged: 0,
        traced: 0,
        firstDenialMs: null,
        lastDenialMs: null,
        isCanary: false,
        allocation: undefined,
        deallocation: undefined,
        creation: undefined,
        program: NO_PROGRAM,
        total: null,
        lastPid: undefined,
        lastParentPid: undefined,
        processes: new Set(),
      };
      this.#sums.set(domain, sums);
    }
    if (ms < sums.firstMs) sums.firstMs = ms;
    if (ms > sums.lastMs) sums.lastMs = ms;
    if (isCanary) sums.isCanary = true;
    return sums;
  }
}

/** Of an allocation: its process, and its program's text. */
interface Creator {
  readonly pid: number | null;
  readonly program: number | null;
  readonly ancestry: readonly { readonly pid: number }[] | undefined;
}

/** Processes above one that are remembered: a family is found by the nearer ones. */
const ancestorsMax = 16;

function addAncestors(processes: Set<number>, ancestry: readonly { readonly pid: number }[] | undefined): void {
  for (const { pid } of ancestry?.slice(1, 1 + ancestorsMax) ?? []) processes.add(pid * 2 + 1);
}

const NOTHING = { domains: 0, unlogged: 0 };

/** Nothing of a domain's life, and nothing that its host's counters depend on. */
function addsOnlyDenials(sums: Sums, row: DomainRow): boolean {
  const { allocation, deallocation, creation, firstMs, firstDenialMs, isCanary } = sums;
  if (allocation !== undefined || deallocation !== undefined || creation !== undefined) return false;
  if (row.is_counted === 0 || row.total !== null || sums.total !== null) return false;
  return isCanary === (row.is_canary === 1) && firstMs >= row.first_ms && firstDenialMs !== null;
}

/** Denials that the kernel counted but audit did not log, whether or not a tracepoint told of them; never below 0. */
export function unlogged(row: { readonly total: number | null; readonly logged: number }): number {
  return row.total === null ? 0 : Math.max(0, row.total - row.logged);
}

function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function earlierCreation(added: Creation | undefined, row: DomainRow): Creation | undefined {
  if (row.creation === null || row.created_ms === null) return added;
  const stored = { event: row.creation, ms: row.created_ms, parent: row.parent };
  return added !== undefined && added.ms < stored.ms ? added : stored;
}

function isBefore(a: Turn, b: Turn): boolean {
  return a.ms !== b.ms ? a.ms < b.ms : (a.total ?? 0) > (b.total ?? 0);
}

function earlier(added: Turn | undefined, event: number | null, ms: number | null, total: number | null) {
  if (event === null || ms === null) return added;
  const stored = { event, ms, total };
  return added !== undefined && isBefore(added, stored) ? added : stored;
}
