// One process as the records show it: which domains refused it, and which it made. Records name processes by number
// only, and numbers are used again: a node is one stretch of a number's life.
import type { Actor, CallSeen, DenialSeen, Lineage } from './observation.ts';

/** A task has at most 16 layers (security/landlock/limits.h); a process with more has threads in different chains. */
const MEMBERSHIPS_MAX = 17;
/** Restrictions remembered of a process; one with so many has threads that restrict themselves, and no order of its own. */
export const RESTRICTIONS_MAX = 17;
/** Thread names remembered for each domain of a process, and its refusals that are remembered. */
const NAMES_MAX = 8;
const REFUSALS_MAX = 64;
const INIT = 1;
/** Blockers are an open set. */
const BLOCKERS_MAX = 64;

/** What a process has to do with one domain. */
export interface Membership {
  readonly domain: string;
  readonly number: bigint;
  /** It was refused by the domain, so it was inside. */
  isDenied: boolean;
  /** It made the domain. */
  isCreator: boolean;
  /** Names of its threads that the domain refused or that made it. */
  readonly names: Set<string>;
  readonly blockers: Set<string>;
  /** First serial and Unix time at which it refused. */
  firstSerial: number;
  firstMs: number;
  /** One event id for each of the two. */
  denialRecord?: string;
  creationRecord?: string;
}

export interface Refusal {
  readonly number: bigint;
  first: number;
  last: number;
}

export class ProcessNode {
  readonly pid: number;
  executable: string | undefined;
  /** Parents seen so far; more than one after re-parenting. */
  readonly parentPids = new Set<number>();
  readonly memberships = new Map<string, Membership>();
  /** Its threads live in different chains. */
  hasSeveralChains = false;
  /** By blocker and object: which domains refused it, with their first and last serial. */
  readonly refusals = new Map<string, Refusal[]>();
  /** Since boot; with the number, its identity. */
  startTicks: number | undefined;
  /** Itself and those above it as /proc showed them first, and when that was (Unix time). */
  lineage: Lineage | undefined;
  lineageMs = 0;
  /** Times (Unix) at which it made domains, in order; only where audit rules tell. */
  readonly restrictionsMs: number[] = [];
  /** The lowest number of a domain that it made and that has left memory. */
  oldestForgotten: bigint | undefined;
  /** Of the records about it. */
  firstSeenMs = Number.POSITIVE_INFINITY;

  constructor(pid: number) {
    this.pid = pid;
  }

  /** Whether a record about this number can be about this one. */
  isSame(actor: Actor, domain: string): boolean {
    const startTicks = actor.lineage?.[0]?.startTicks;
    if (startTicks !== undefined && this.startTicks !== undefined) {
      return startTicks === this.startTicks;
    }
    if (this.#hasOtherParent(actor.parentPid)) {
      return false;
    }
    const isSameProgram = actor.executable !== undefined && actor.executable === this.executable;
    const isSameParent = actor.parentPid !== undefined && this.parentPids.has(actor.parentPid);
    return isSameProgram || isSameParent || this.memberships.has(domain);
  }

  /**
   * A process keeps its parent until that ends, and goes to init then. (Or to a subreaper: such a process is taken
   * for two, which loses evidence and invents none.)
   */
  #hasOtherParent(parentPid: number | undefined): boolean {
    const isComparable = parentPid !== undefined && parentPid !== INIT && this.parentPids.size > 0;
    return isComparable && !this.parentPids.has(parentPid) && !this.parentPids.has(INIT);
  }

  /** Whether it has more domains than were remembered, so that those say nothing of each other. */
  get isCrowded(): boolean {
    return this.memberships.size >= MEMBERSHIPS_MAX;
  }

  /** undefined where the process has too many domains to be one chain. */
  #member(domain: string, number: bigint): Membership | undefined {
    let membership = this.memberships.get(domain);
    if (membership === undefined) {
      if (this.memberships.size >= MEMBERSHIPS_MAX) {
        this.hasSeveralChains = true;
        return undefined;
      }
      membership = {
        domain,
        number,
        isDenied: false,
        isCreator: false,
        names: new Set(),
        blockers: new Set(),
        firstSerial: Number.POSITIVE_INFINITY,
        firstMs: Number.POSITIVE_INFINITY,
      };
      this.memberships.set(domain, membership);
    }
    return membership;
  }

  /** What a record of any kind says about the process itself. */
  met({ executable, parentPid, lineage }: Actor, timeMs: number | undefined): void {
    this.executable = executable ?? this.executable;
    if (parentPid !== undefined && this.parentPids.size < NAMES_MAX) {
      this.parentPids.add(parentPid);
    }
    this.firstSeenMs = Math.min(this.firstSeenMs, timeMs ?? Number.POSITIVE_INFINITY);
    if (lineage !== undefined && this.lineage === undefined) {
      this.lineage = lineage;
      this.lineageMs = timeMs ?? 0;
      this.startTicks ??= lineage[0]?.startTicks;
    }
  }

  /** It made a domain, which one is not told. */
  restricted({ timeMs }: CallSeen): void {
    if (this.restrictionsMs.length < RESTRICTIONS_MAX) {
      this.restrictionsMs.push(timeMs);
      this.restrictionsMs.sort((a, b) => a - b);
    }
  }

  /** The domain refused it something. */
  denied(seen: DenialSeen, number: bigint, serial: number): void {
    const membership = this.#member(seen.domain, number);
    if (membership === undefined) {
      return;
    }
    membership.isDenied = true;
    membership.denialRecord ??= seen.record;
    addName(membership, seen.actor?.name);
    membership.firstSerial = Math.min(membership.firstSerial, serial);
    membership.firstMs = Math.min(membership.firstMs, seen.timeMs ?? Number.POSITIVE_INFINITY);
    for (const blocker of seen.blockers.slice(0, BLOCKERS_MAX)) {
      if (membership.blockers.size < BLOCKERS_MAX) {
        membership.blockers.add(blocker);
      }
    }
    if (seen.object !== undefined) {
      this.#refused(seen.blockers, seen.object, number, serial);
    }
    if (seen.blockers.includes('ptrace')) {
      this.#innermost(number, serial);
    }
  }

  /** This process made the domain. */
  created(domain: string, number: bigint, record: string, name: string | undefined): void {
    const membership = this.#member(domain, number);
    if (membership !== undefined) {
      membership.isCreator = true;
      membership.creationRecord ??= record;
      addName(membership, name);
    }
  }

  /**
   * The domain leaves memory; what follows from it for the others stays. `isOutlivedBy` says of another domain, by its
   * id, that it was still there when this one had ended.
   */
  forget(domain: { readonly id: string; readonly number: bigint }, isOutlivedBy: (id: string) => boolean): void {
    const membership = this.memberships.get(domain.id);
    if (membership === undefined) {
      return;
    }
    this.hasSeveralChains ||= this.isCrowded;
    this.memberships.delete(domain.id);
    if (membership.isCreator && (this.oldestForgotten === undefined || domain.number < this.oldestForgotten)) {
      this.oldestForgotten = domain.number;
    }
    for (const { number, domain: id } of this.memberships.values()) {
      const isOutlived = number > domain.number && isOutlivedBy(id);
      this.hasSeveralChains ||= isOutlived;
    }
  }

  /** The youngest domain that refuses is the one that is named: an older one cannot refuse the same thing later. */
  #refused(blockers: readonly string[], object: string, number: bigint, serial: number): void {
    for (const blocker of blockers.filter((name) => name !== 'fs.refer')) {
      // (Whether a move is refused depends on both directories, not on the one of the record.)
      const key = refusalKey(blocker, object);
      const known = this.refusals.get(key) ?? [];
      const own = known.find((refusal) => refusal.number === number);
      const { first, last } = {
        first: Math.min(own?.first ?? serial, serial),
        last: Math.max(own?.last ?? serial, serial),
      };
      for (const other of known) {
        const isOutOfOrder = other.number > number ? other.first < last : other.number < number && first < other.last;
        this.hasSeveralChains ||= isOutOfOrder;
      }
      if (own !== undefined) {
        Object.assign(own, { first, last });
      } else if (known.length < NAMES_MAX) {
        known.push({ number, first, last });
      }
      if (this.refusals.has(key) || this.refusals.size < REFUSALS_MAX) {
        this.refusals.set(key, known);
      }
    }
  }

  /** A ptrace denial names the innermost domain of the task: it had not met a younger one before. */
  #innermost(number: bigint, serial: number): void {
    for (const other of this.memberships.values()) {
      if (other.number > number && other.firstSerial < serial) {
        this.hasSeveralChains = true;
      }
    }
  }
}

/** Blocker and object as one key. */
function refusalKey(blocker: string, object: string): string {
  return `${blocker} ${object}`;
}

function addName(membership: Membership, name: string | undefined): void {
  if (name !== undefined && membership.names.size < NAMES_MAX) {
    membership.names.add(name);
  }
}
