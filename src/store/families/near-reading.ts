// The rows of a domain's relatives: all domains of one boot that have a process in common, directly or by way of others,
// those of the processes above, and those that a tracepoint ties together. Whatever is known of what a domain is nested
// in rests on these rows alone, so most of a great boot need not be read.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { ObservedRows } from './boot-observations.ts';
import {
  CALLS_OF_PROCESS_SQL,
  type CallRow,
  CREATIONS_OF_DOMAIN_SQL,
  type CreationRow,
  DENIALS_OF_DOMAIN_SQL,
  type DenialColumnValues,
  EVENTS_OF_DOMAIN_SQL,
  type EventRow,
} from './boot-rows.ts';

/** Beyond these a family is too great to be read by itself. */
export interface NearBounds {
  readonly nearDomainsMax: number;
  readonly nearDenialsMax: number;
}

export interface NearReading {
  readonly rows: ObservedRows;
  readonly denials: number;
  /** What it depends on; see `signatureOf`. */
  readonly scope: NearScope;
}

/** Row ids of domains, and process numbers with how they were looked up (`is_parent` up to that). */
export interface NearScope {
  readonly boot: number;
  readonly domains: readonly number[];
  readonly pids: ReadonlyMap<number, number>;
  readonly withDescendants: boolean;
}

export const DOMAINS_OF_PROCESS_SQL = `
  SELECT p.domain
  FROM domain_processes p
  WHERE p.boot = ? AND p.pid = ? AND p.is_parent <= ?`;

export const NEAR_DOMAIN_SQL = `
  SELECT m.id, m.number, m.parent
  FROM domains m
  WHERE m.id = ?`;

export const DOMAIN_OF_NUMBER_SQL = `
  SELECT m.id
  FROM domains m
  WHERE m.number = ? AND m.boot = ?`;

export const TRACED_CHILDREN_SQL = `
  SELECT m.id
  FROM domains m
  WHERE m.boot = ? AND m.parent = ?`;

/** Calls of one process that are looked at: it has no more than 16 layers, and few tries. */
const callsMax = 64;

export const DOMAIN_SIGNATURE_SQL = `
  SELECT m.logged || ' ' || m.traced || ' ' || ifnull(m.allocation, 0) || ' ' || ifnull(m.deallocation, 0) || ' '
    || ifnull(m.creation, 0) || ' ' || m.last_ms AS text
  FROM domains m
  WHERE m.id = ?`;

export const PROCESS_SIGNATURE_SQL = `
  SELECT count(*) AS count
  FROM domain_processes p
  WHERE p.boot = ? AND p.pid = ? AND p.is_parent <= ?`;

export const CALLS_SIGNATURE_SQL = `
  SELECT count(*) AS count
  FROM sandbox_calls s
  WHERE s.boot = ? AND s.pid = ?`;

/** The same as long as nothing was stored that the families in the scope depend on. */
export function signatureOf(db: Database, { boot, domains, pids }: NearScope): string {
  const ofDomain = statement<{ text: string }>(db, DOMAIN_SIGNATURE_SQL);
  const ofProcess = statement<{ count: number }>(db, PROCESS_SIGNATURE_SQL);
  const ofCalls = statement<{ count: number }>(db, CALLS_SIGNATURE_SQL);
  const parts = domains.map((id) => ofDomain.get(id)?.text ?? '');
  for (const [pid, depth] of pids) {
    const processes = ofProcess.get(boot, pid, depth)?.count ?? 0;
    parts.push(`${processes} ${ofCalls.get(boot, pid)?.count ?? 0}`);
  }
  return parts.join('\n');
}

/**
 * The relatives of the domain `id` (a row id): `withDescendants` also those that may be nested in it. undefined where
 * they are too many. To be called within a transaction, so that it sees one state of the database.
 */
export function readNear(
  db: Database,
  boot: number,
  id: number,
  withDescendants: boolean,
  bounds: NearBounds,
): NearReading | undefined {
  const search = new NearSearch(db, boot, withDescendants, bounds);
  search.addDomain(id);
  return search.run();
}

class NearSearch {
  readonly #db: Database;
  readonly #boot: number;
  readonly #withDescendants: boolean;
  readonly #bounds: NearBounds;
  readonly #found = new Set<number>();
  readonly #open: number[] = [];
  readonly #pids = new Map<number, number>();
  readonly #numbers = new Map<number, string>();
  readonly #denials: DenialColumnValues[] = [];
  readonly #events: EventRow[] = [];
  readonly #creations: CreationRow[] = [];
  readonly #calls: CallRow[] = [];

  constructor(db: Database, boot: number, withDescendants: boolean, bounds: NearBounds) {
    this.#db = db;
    this.#boot = boot;
    this.#withDescendants = withDescendants;
    this.#bounds = bounds;
  }

  addDomain(id: number): void {
    if (this.#found.has(id)) return;
    this.#found.add(id);
    this.#open.push(id);
  }

  run(): NearReading | undefined {
    const { nearDomainsMax, nearDenialsMax } = this.#bounds;
    for (let id = this.#open.pop(); id !== undefined; id = this.#open.pop()) {
      this.#readDomain(id);
      if (this.#found.size > nearDomainsMax || this.#denials.length > nearDenialsMax) return undefined;
    }
    this.#denials.sort((a, b) => a[0] - b[0]);
    return {
      rows: {
        numbers: this.#numbers,
        denials: [this.#denials],
        events: this.#events,
        creations: this.#creations,
        calls: this.#calls,
      },
      denials: this.#denials.length,
      scope: {
        boot: this.#boot,
        domains: [...this.#found],
        pids: this.#pids,
        withDescendants: this.#withDescendants,
      },
    };
  }

  #readDomain(id: number): void {
    const domain = statement<{ number: string; parent: string | null }>(this.#db, NEAR_DOMAIN_SQL).get(id);
    if (domain === undefined) return;
    this.#numbers.set(id, domain.number);
    this.#readTraced(domain);
    const left = this.#bounds.nearDenialsMax - this.#denials.length;
    for (const row of statement<DenialColumnValues>(this.#db, DENIALS_OF_DOMAIN_SQL)
      .raw()
      .all(id, left + 1)) {
      this.#denials.push(row);
      this.#addProcesses(row[9], row[10], row[14]);
    }
    for (const row of statement<EventRow>(this.#db, EVENTS_OF_DOMAIN_SQL).all(id)) {
      this.#events.push(row);
      this.#addProcesses(row.creator_pid, null, row.extra);
    }
    this.#creations.push(...statement<CreationRow>(this.#db, CREATIONS_OF_DOMAIN_SQL).all(id));
  }

  #readTraced({ number, parent }: { readonly number: string; readonly parent: string | null }): void {
    const ids = (sql: string, ...values: unknown[]) => statement<{ id: number }>(this.#db, sql).all(...values);
    if (parent !== null) for (const { id } of ids(DOMAIN_OF_NUMBER_SQL, parent, this.#boot)) this.addDomain(id);
    if (!this.#withDescendants) return;
    const left = this.#bounds.nearDomainsMax + 1;
    for (const { id } of ids(`${TRACED_CHILDREN_SQL} LIMIT ?`, this.#boot, number, left)) this.addDomain(id);
  }

  /** `extra`: the rest of a document, which may hold the ancestry that /proc showed. */
  #addProcesses(pid: number | null, parentPid: number | null, extra: string | null): void {
    if (pid !== null) this.#addProcess(pid);
    if (parentPid !== null) this.#addProcess(parentPid);
    if (extra !== null) for (const above of ancestorPids(extra)) this.#addProcess(above);
  }

  #addProcess(pid: number): void {
    if (this.#pids.has(pid)) return;
    const domains = statement<{ domain: number }>(this.#db, `${DOMAINS_OF_PROCESS_SQL} LIMIT ?`);
    const left = this.#bounds.nearDomainsMax + 1;
    // Those below a process that is in no domain here have nothing to do with this family.
    const isMember = domains.get(this.#boot, pid, 0, 1) !== undefined;
    const depth = this.#withDescendants && isMember ? 1 : 0;
    this.#pids.set(pid, depth);
    if (isMember) for (const { domain } of domains.all(this.#boot, pid, depth, left)) this.addDomain(domain);
    for (const call of statement<CallRow>(this.#db, CALLS_OF_PROCESS_SQL).all(this.#boot, pid, callsMax)) {
      this.#calls.push(call);
      this.#addProcesses(null, call.parent_pid, call.extra);
    }
  }
}

/** The process numbers in the `ancestry` of a stored rest, wherever it is. */
export function ancestorPids(extra: string): number[] {
  if (!extra.includes('"ancestry"')) return [];
  const { process, landlock }: Rest = JSON.parse(extra);
  const ancestry = process?.ancestry ?? landlock?.domain?.creator?.ancestry ?? [];
  return ancestry.map(({ pid }) => pid);
}

interface Rest {
  readonly process?: { readonly ancestry?: readonly { readonly pid: number }[] };
  readonly landlock?: { readonly domain?: { readonly creator?: { readonly ancestry?: readonly { pid: number }[] } } };
}
