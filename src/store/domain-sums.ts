// What a batch adds to its domains, gathered and written once, together with the counters of their hosts that depend
// on a domain as a whole: how many there are (without the canary's) and how many denials were not logged.
import type { Database } from './open.ts';
import { statement } from './statement.ts';

/** One allocation or deallocation that the batch stored. */
interface Turn {
  readonly event: number;
  readonly ms: number;
  readonly total: number | null;
}

interface Sums {
  firstMs: number;
  lastMs: number;
  logged: number;
  firstDenialMs: number | null;
  lastDenialMs: number | null;
  isCanary: boolean;
  allocation: Turn | undefined;
  deallocation: Turn | undefined;
}

interface DomainRow {
  readonly host: number;
  readonly is_canary: number;
  readonly is_counted: number;
  readonly logged: number;
  readonly total: number | null;
  readonly allocated_ms: number | null;
  readonly allocation: number | null;
  readonly deallocated_ms: number | null;
  readonly deallocation: number | null;
}

const READ = `
  SELECT host, is_canary, is_counted, logged, total, allocation, allocated_ms, deallocation, deallocated_ms
  FROM domains
  WHERE id = ?`;

const WRITE = `
  UPDATE domains
  SET first_ms = min(first_ms, @firstMs),
      last_ms = max(last_ms, @lastMs),
      logged = logged + @logged,
      first_denial_ms = min(ifnull(first_denial_ms, @firstDenialMs), ifnull(@firstDenialMs, first_denial_ms)),
      last_denial_ms = max(ifnull(last_denial_ms, @lastDenialMs), ifnull(@lastDenialMs, last_denial_ms)),
      is_canary = @isCanary,
      is_counted = 1,
      allocation = @allocation,
      allocated_ms = @allocatedMs,
      deallocation = @deallocation,
      deallocated_ms = @deallocatedMs,
      total = @total
  WHERE id = @id`;

const ADD_TO_HOST = `
  UPDATE hosts
  SET domains = domains + ?,
      -- Bounded: the totals are what someone claims, and no claim may stop the writer.
      unlogged = max(0, min(unlogged + ?, 9007199254740991))
  WHERE id = ?`;

export class DomainSums {
  readonly #db: Database;
  readonly #sums = new Map<number, Sums>();

  constructor(db: Database) {
    this.#db = db;
  }

  addDenial(domain: number, ms: number, isCanary: boolean): void {
    const sums = this.#sumsOf(domain, ms, isCanary);
    sums.logged += 1;
    if (sums.firstDenialMs === null || ms < sums.firstDenialMs) sums.firstDenialMs = ms;
    if (sums.lastDenialMs === null || ms > sums.lastDenialMs) sums.lastDenialMs = ms;
  }

  /** The earliest allocation counts: the kernel may write it twice. `event` is its row in domain_events. */
  addAllocation(domain: number, event: number, ms: number, isCanary: boolean): void {
    const sums = this.#sumsOf(domain, ms, isCanary);
    const turn = { event, ms, total: null };
    if (sums.allocation === undefined || isBefore(turn, sums.allocation)) sums.allocation = turn;
  }

  /** The earliest deallocation counts: a domain ends once. */
  addDeallocation(domain: number, event: number, ms: number, total: number | null, isCanary: boolean): void {
    const sums = this.#sumsOf(domain, ms, isCanary);
    const turn = { event, ms, total };
    if (sums.deallocation === undefined || isBefore(turn, sums.deallocation)) sums.deallocation = turn;
  }

  flush(): void {
    for (const [id, sums] of this.#sums) this.#write(id, sums);
    this.#sums.clear();
  }

  clear(): void {
    this.#sums.clear();
  }

  #write(id: number, sums: Sums): void {
    const row = statement<DomainRow>(this.#db, READ).get(id);
    if (row === undefined) throw new Error(`the domain ${id} is not there`);
    const allocation = earlier(sums.allocation, row.allocation, row.allocated_ms, null);
    const deallocation = earlier(sums.deallocation, row.deallocation, row.deallocated_ms, row.total);
    const isCanary = sums.isCanary || row.is_canary === 1;
    statement(this.#db, WRITE).run({
      id,
      firstMs: sums.firstMs,
      lastMs: sums.lastMs,
      logged: sums.logged,
      firstDenialMs: sums.firstDenialMs,
      lastDenialMs: sums.lastDenialMs,
      isCanary: isCanary ? 1 : 0,
      allocation: allocation?.event ?? null,
      allocatedMs: allocation?.ms ?? null,
      deallocation: deallocation?.event ?? null,
      deallocatedMs: deallocation?.ms ?? null,
      total: deallocation?.total ?? null,
    });
    const before = row.is_counted === 0 || row.is_canary === 1 ? NOTHING : { domains: 1, unlogged: unlogged(row) };
    const total = deallocation?.total ?? null;
    const after = isCanary ? NOTHING : { domains: 1, unlogged: unlogged({ total, logged: row.logged + sums.logged }) };
    if (after.domains === before.domains && after.unlogged === before.unlogged) return;
    statement(this.#db, ADD_TO_HOST).run(after.domains - before.domains, after.unlogged - before.unlogged, row.host);
  }

  #sumsOf(domain: number, ms: number, isCanary: boolean): Sums {
    let sums = this.#sums.get(domain);
    if (sums === undefined) {
      sums = {
        firstMs: ms,
        lastMs: ms,
        logged: 0,
        firstDenialMs: null,
        lastDenialMs: null,
        isCanary: false,
        allocation: undefined,
        deallocation: undefined,
      };
      this.#sums.set(domain, sums);
    }
    if (ms < sums.firstMs) sums.firstMs = ms;
    if (ms > sums.lastMs) sums.lastMs = ms;
    if (isCanary) sums.isCanary = true;
    return sums;
  }
}

const NOTHING = { domains: 0, unlogged: 0 };

/** Denials that the kernel counted but did not log; never below 0, as late logs may be counted twice elsewhere. */
export function unlogged(row: { readonly total: number | null; readonly logged: number }): number {
  return row.total === null ? 0 : Math.max(0, row.total - row.logged);
}

function isBefore(a: Turn, b: Turn): boolean {
  return a.ms !== b.ms ? a.ms < b.ms : (a.total ?? 0) > (b.total ?? 0);
}

function earlier(added: Turn | undefined, event: number | null, ms: number | null, total: number | null) {
  if (event === null || ms === null) return added;
  const stored = { event, ms, total };
  return added !== undefined && isBefore(added, stored) ? added : stored;
}
