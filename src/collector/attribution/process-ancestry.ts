// Who a process came from, as only the machine itself can see it while it lives: the chain of its parents in /proc, with
// start times, programs and control groups. Asked once for each process and domain that appears, read within a budget
// and never waited for: what is skipped or gone is counted, and nothing else depends on it.
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Denial, Document, DomainAllocated, ProcessAncestor } from '../../landlock/document.ts';
import { BoundedMap } from '../../landlock/hierarchy/bounded-map.ts';

/** A process and at most so many above it. */
const ANCESTORS_MAX = 16;
/** Reads of procfs in one second, of some 10 µs each: one for each process of a chain, and three for a new one. */
const READS_PER_SECOND_MAX = 2_000;
/** Appearances that are remembered, and processes that are remembered with what they showed. */
const APPEARANCES_MAX = 8_192;
const PROCESSES_MAX = 4_096;
/** Longer ones are left out: a path has at most PATH_MAX bytes. */
const TEXT_LENGTH_MAX = 4_096;
/** A remembered program may have been replaced by execve: after so long it is read again. */
const REMEMBERED_MS = 10_000;
/** _SC_CLK_TCK: fixed for programs, whatever the kernel's own is. */
const TICKS_PER_SECOND = 100;
/** Start times are right to two ticks, and records to a tick of the kernel. */
const CLOCKS_APART_MS = 50;

export interface AncestryOptions {
  /** `/proc`; replaced in tests, as are the clocks (Unix time and a steady one, ms). */
  readonly root?: string;
  readonly nowMs?: () => number;
  readonly steadyMs?: () => number;
  readonly readsPerSecondMax?: number;
}

/** For the heartbeat. */
export interface AncestryCounts {
  /** Chains that were added to documents. */
  readonly read: number;
  /** The process was gone, or another one by then. */
  readonly gone: number;
  /** Not looked at: the budget of the second was used up. */
  readonly skipped: number;
}

interface Stat {
  readonly parentPid: number;
  readonly startTicks: number;
}

/** What a record says of a process. */
export interface ProcessInRecord {
  readonly pid: number;
  readonly executable: string | undefined;
  /** RFC 3339 */
  readonly seenAt: string;
}

interface Known {
  readonly ancestor: ProcessAncestor;
  readonly readAtMs: number;
}

export class ProcessAncestry {
  readonly #root: string;
  readonly #nowMs: () => number;
  readonly #steadyMs: () => number;
  readonly #readsMax: number;
  readonly #seen = new BoundedMap<string, true>(APPEARANCES_MAX);
  readonly #known = new BoundedMap<string, Known>(PROCESSES_MAX);
  #boot: { readonly ms: number; readonly askedAtMs: number } | undefined;
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #readsLeft = 0;
  #read = 0;
  #gone = 0;
  #skipped = 0;

  constructor(options: AncestryOptions = {}) {
    this.#root = options.root ?? '/proc';
    this.#nowMs = options.nowMs ?? (() => Date.now());
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    this.#readsMax = options.readsPerSecondMax ?? READS_PER_SECOND_MAX;
  }

  get counts(): AncestryCounts {
    return { read: this.#read, gone: this.#gone, skipped: this.#skipped };
  }

  /** The document, with the ancestry of its process or creator where that appears for the first time. */
  add(doc: Document): Document {
    switch (doc.kind) {
      case 'denial':
        return this.#addToDenial(doc);
      case 'domain-allocated':
        return this.#addToAllocation(doc);
      default:
        return doc;
    }
  }

  /** The control group of the process that a record names, if it still is that one. */
  cgroupOf(record: ProcessInRecord): { readonly cgroup: string } | { readonly missing: 'gone' | 'other' | 'skipped' } {
    const own = this.#ownOf(record.pid);
    if (own === undefined) return { missing: 'gone' };
    if (own === 'skipped') return { missing: 'skipped' };
    if (!isSame(own, record)) return { missing: 'other' };
    return own.cgroup === undefined ? { missing: 'gone' } : { cgroup: own.cgroup };
  }

  #ownOf(pid: number): ProcessAncestor | 'skipped' | undefined {
    const offsetMs = this.#bootMs();
    const stat = offsetMs === undefined ? 'skipped' : this.#stat(pid);
    if (offsetMs === undefined || stat === 'skipped' || stat === undefined) return stat && 'skipped';
    return this.#ancestor(pid, stat, offsetMs);
  }

  #addToDenial(doc: Denial): Denial {
    const { process } = doc;
    if (process?.pid === undefined || !this.#isNew(`${process.pid} ${doc.landlock.domain.id}`)) return doc;
    const ancestry = this.#ancestryOf({ pid: process.pid, executable: process.executable, seenAt: doc['@timestamp'] });
    return ancestry === undefined ? doc : { ...doc, process: { ...process, ancestry } };
  }

  #addToAllocation(doc: DomainAllocated): DomainAllocated {
    const { domain } = doc.landlock;
    const { pid, executable } = domain.creator;
    // Mostly the creator is also the first one to be refused, and was told of with that.
    if (pid === undefined || this.#seen.get(`${pid} ${domain.id}`) !== undefined) return doc;
    if (!this.#isNew(`creator ${domain.id}`)) return doc;
    // A launcher runs another program by now: then it is told with the denial, if it is still there at all.
    const ancestry = this.#ancestryOf({ pid, executable, seenAt: doc['@timestamp'] });
    if (ancestry === undefined) return doc;
    return { ...doc, landlock: { ...doc.landlock, domain: { ...domain, creator: { ...domain.creator, ancestry } } } };
  }

  #isNew(key: string): boolean {
    if (this.#seen.get(key) !== undefined) return false;
    this.#seen.set(key, true);
    return true;
  }

  /** undefined: gone, another process by now, or skipped. */
  #ancestryOf(record: ProcessInRecord): readonly ProcessAncestor[] | undefined {
    const ancestry = this.#chainOf(record.pid);
    if (ancestry === 'skipped') {
      this.#skipped++;
      return undefined;
    }
    const [own] = ancestry;
    if (own === undefined || !isSame(own, record)) {
      this.#gone++;
      return undefined;
    }
    this.#read++;
    return ancestry;
  }

  #chainOf(pid: number): readonly ProcessAncestor[] | 'skipped' {
    const offsetMs = this.#bootMs();
    if (offsetMs === undefined) return 'skipped';
    const chain: ProcessAncestor[] = [];
    let stat = this.#stat(pid);
    let current = pid;
    while (stat !== undefined && stat !== 'skipped' && chain.length <= ANCESTORS_MAX) {
      const ancestor = this.#ancestor(current, stat, offsetMs);
      if (ancestor === 'skipped') return chain.length === 0 ? 'skipped' : chain;
      if (ancestor === undefined) break;
      chain.push(ancestor);
      const { parentPid, startTicks } = stat;
      if (parentPid === 0) break;
      stat = this.#stat(parentPid);
      // A parent that began after its child: the number was given to somebody else in between.
      if (stat !== undefined && stat !== 'skipped' && stat.startTicks > startTicks) break;
      current = parentPid;
    }
    return stat === 'skipped' && chain.length === 0 ? 'skipped' : chain;
  }

  /** One process, read in one piece: its start time is the same before and after. undefined: it was not. */
  #ancestor(pid: number, stat: Stat, offsetMs: number): ProcessAncestor | 'skipped' | undefined {
    const key = `${pid} ${stat.startTicks}`;
    const known = this.#known.get(key);
    const nowMs = this.#steadyMs();
    if (known !== undefined && nowMs - known.readAtMs < REMEMBERED_MS) {
      this.#known.set(key, known);
      return known.ancestor;
    }
    if (!this.#spend(3)) return 'skipped';
    const executable = shorten(this.#link(`${pid}/exe`));
    const cgroup = shorten(cgroupPath(this.#text(`${pid}/cgroup`) ?? ''));
    const again = parseStat(this.#text(`${pid}/stat`));
    if (again?.startTicks !== stat.startTicks) return undefined;
    const startedAtMs = offsetMs + (stat.startTicks * 1000) / TICKS_PER_SECOND;
    const ancestor: ProcessAncestor = {
      pid,
      start_ticks: stat.startTicks,
      started_at: new Date(startedAtMs).toISOString(),
      ...(executable !== undefined && { executable: executable.replace(/ \(deleted\)$/, '') }),
      ...(cgroup !== undefined && { cgroup }),
    };
    this.#known.set(key, { ancestor, readAtMs: nowMs });
    return ancestor;
  }

  #stat(pid: number): Stat | 'skipped' | undefined {
    return this.#spend(1) ? parseStat(this.#text(`${pid}/stat`)) : 'skipped';
  }

  /** When the machine was booted, on the clock of the records; asked once a second, since that clock is corrected. */
  #bootMs(): number | undefined {
    const steadyMs = this.#steadyMs();
    if (this.#boot !== undefined && steadyMs - this.#boot.askedAtMs < 1_000) return this.#boot.ms;
    if (!this.#spend(1)) return undefined;
    const seconds = Number(/^(\d+\.\d+) /.exec(this.#text('uptime') ?? '')?.[1] ?? Number.NaN);
    const ms = this.#nowMs() - seconds * 1000;
    this.#boot = Number.isFinite(ms) ? { ms, askedAtMs: steadyMs } : undefined;
    return this.#boot?.ms;
  }

  #spend(reads: number): boolean {
    const nowMs = this.#steadyMs();
    if (nowMs - this.#secondStartMs >= 1_000) {
      this.#secondStartMs = nowMs;
      this.#readsLeft = this.#readsMax;
    }
    if (this.#readsLeft < reads) return false;
    this.#readsLeft -= reads;
    return true;
  }

  #text(path: string): string | undefined {
    try {
      return readFileSync(join(this.#root, path), 'utf8');
    } catch {
      return undefined;
    }
  }

  /** undefined also where the process is another user's and we lack CAP_SYS_PTRACE. */
  #link(path: string): string | undefined {
    try {
      return readlinkSync(join(this.#root, path));
    } catch {
      return undefined;
    }
  }
}

/** /proc/PID/stat (proc_pid_stat(5)): the name is in parentheses and may hold anything, so it is read from the right. */
function parseStat(text: string | undefined): Stat | undefined {
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  const parentPid = Number(fields?.[1] ?? Number.NaN);
  const startTicks = Number(fields?.[19] ?? Number.NaN);
  return Number.isSafeInteger(parentPid) && Number.isSafeInteger(startTicks) ? { parentPid, startTicks } : undefined;
}

/** cgroups(7): of version 2, or where that tells nothing, of systemd's own hierarchy, or of any other. */
function cgroupPath(text: string): string | undefined {
  const paths = [/^0::(.*)$/m, /^[0-9]+:name=systemd:(.*)$/m, /^[0-9]+:[^:]*:(\/.+)$/m].map(
    (one) => one.exec(text)?.[1],
  );
  return paths.find((path) => path !== undefined && path !== '/') ?? paths.find((path) => path !== undefined);
}

/** The number may have been given to another process since: one with another program, or that is younger. */
function isSame(own: ProcessAncestor, { executable, seenAt }: ProcessInRecord): boolean {
  if (own.executable !== undefined && executable !== undefined && own.executable !== executable) return false;
  return Date.parse(own.started_at ?? '') <= Date.parse(seenAt) + CLOCKS_APART_MS;
}

function shorten(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text.length > TEXT_LENGTH_MAX ? undefined : text;
}
