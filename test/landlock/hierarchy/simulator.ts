// A machine in miniature: processes and threads that fork, restrict themselves, exec, are refused and end, by the
// kernel's rules, with the true family of every domain. It says what the audit log would say, as observations.
import type { Actor, Lineage, Observation } from '../../../src/landlock/hierarchy/observation.ts';

/** A source of whole numbers: below(n) is from 0 to n - 1. */
export type Below = (bound: number) => number;

interface SimDomain {
  readonly id: string;
  readonly parent: SimDomain | undefined;
  /** `right object`: everything handled that no rule allows. */
  readonly refuses: ReadonlySet<string>;
  readonly creator: { readonly pid: number; readonly executable: string; readonly name: string };
  users: number;
  isAnnounced: boolean;
}

interface SimThread {
  readonly process: SimProcess;
  name: string;
  domain: SimDomain | undefined;
}

interface SimProcess {
  readonly pid: number;
  parentPid: number;
  readonly startedMs: number;
  executable: string;
  threads: SimThread[];
}

const RIGHTS = ['fs.read_file', 'fs.write_file', 'fs.make_dir', 'fs.execute', 'fs.read_dir'];
const OBJECTS = ['a', 'b', 'c', 'd'];
const PROGRAMS = ['/bin/sh', '/bin/build', '/bin/agent', '/bin/web'];
const LAYERS_MAX = 16;
const PROCESSES_MAX = 24;

/** What the observations hold beside the audit records of denials and domains, and how odd the machine is. */
export interface Telling {
  /** How many of 100 processes get a number that another one had. 1 unless said; a real machine has thousands between. */
  readonly reusePercent?: number;
  /** Audit rules on Landlock's calls: a call for each restriction. */
  readonly calls?: boolean;
  /** Ancestry from /proc, with the first denial of each process by each domain. */
  readonly lineages?: boolean;
}

/** Time that a step takes: a process forks and is restricted in less on a real machine, but not in /proc's clock ticks. */
const STEP_MS = 1_000;

/** Builds a random history of `steps` steps. */
export class Simulator {
  readonly observations: Observation[] = [];
  /** What happened of the things that mislead whoever infers. */
  readonly traps = new Set<string>();
  readonly #parents = new Map<string, string | undefined>();
  readonly #below: Below;
  #processes: SimProcess[] = [];
  #serial = 1;
  #nextId = 0x1af495b55n;
  #nextPid = 100;
  /** Numbers that ended processes had, to be given again. */
  readonly #freePids: number[] = [];
  #nowMs = 0;
  readonly #telling: Telling;
  readonly #told = new Set<string>();

  constructor(below: Below, steps: number, telling: Telling = {}) {
    this.#below = below;
    this.#telling = telling;
    for (let i = 0; i < 3; i++) {
      this.#start(1, '/bin/sh', undefined);
    }
    for (let i = 0; i < steps; i++) {
      this.#nowMs += STEP_MS;
      this.#step();
    }
    for (const process of [...this.#processes]) {
      this.#exit(process);
    }
  }

  /** Whether `ancestor` truly is one of `domain`. */
  isAncestor(ancestor: string, domain: string): boolean {
    for (let parent = this.#parents.get(domain); parent !== undefined; parent = this.#parents.get(parent)) {
      if (parent === ancestor) {
        return true;
      }
    }
    return false;
  }

  /** What the tracepoint landlock_create_domain says, for every domain. */
  creations(): Observation[] {
    return [...this.#parents].map(([domain, parent]) => {
      return { kind: 'creation', domain, record: `t${domain}`, ...(parent !== undefined && { parent }) };
    });
  }

  depth(domain: string): number {
    const parent = this.#parents.get(domain);
    return parent === undefined ? 1 : 1 + this.depth(parent);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#below(list.length)];
  }

  #step(): void {
    const process = this.#pick(this.#processes);
    const thread = process && this.#pick(process.threads);
    if (process === undefined || thread === undefined) {
      this.#start(1, '/bin/sh', undefined);
      return;
    }
    const dice = this.#below(100);
    if (dice < 12) this.#fork(thread);
    else if (dice < 16) this.#thread(thread);
    else if (dice < 30) this.#restrict(thread);
    else if (dice < 34) this.#exec(thread);
    else if (dice < 38) this.#exit(process);
    else if (dice < 39) this.#synchronise(thread);
    else if (dice < 45) this.#move(thread);
    else if (dice < 47) this.#useForeignFile();
    else if (dice < 48) this.#raiseSignal();
    else if (dice < 49) this.#askToBeTraced(process);
    else if (dice < 52) this.#trace(thread);
    else this.#access(thread);
  }

  #start(parentPid: number, executable: string, domain: SimDomain | undefined): void {
    if (this.#processes.length >= PROCESSES_MAX) {
      return;
    }
    const process: SimProcess = {
      pid: this.#newPid(),
      parentPid,
      startedMs: this.#nowMs,
      executable,
      threads: [],
    };
    process.threads.push({ process, name: executable.slice(5), domain });
    this.#processes.push(process);
    this.#hold(domain);
  }

  /** Now and then one that another process had before. */
  #newPid(): number {
    const isReused = this.#below(100) < (this.#telling.reusePercent ?? 1);
    const used = isReused ? this.#freePids.shift() : undefined;
    if (used !== undefined) this.traps.add('number used again');
    return used ?? this.#nextPid++;
  }

  #fork(thread: SimThread): void {
    this.#start(thread.process.pid, thread.process.executable, thread.domain);
  }

  #thread(thread: SimThread): void {
    const { process, domain } = thread;
    if (process.threads.length < 4) {
      const isNamed = this.#below(2) === 0;
      process.threads.push({ process, name: isNamed ? `worker-${process.threads.length}` : thread.name, domain });
      this.#hold(domain);
    }
  }

  #exec(thread: SimThread): void {
    const { process } = thread;
    const executable = this.#pick(PROGRAMS) ?? '';
    for (const other of process.threads.filter((candidate) => candidate !== thread)) {
      this.#release(other.domain);
    }
    process.threads = [thread];
    process.executable = executable;
    thread.name = executable.slice(5);
  }

  #restrict(thread: SimThread): SimDomain | undefined {
    if (this.#layers(thread.domain) >= LAYERS_MAX) {
      return undefined;
    }
    this.#nextId += BigInt(1 + this.#below(16));
    const handled = RIGHTS.filter(() => this.#below(3) === 0);
    const allowed = OBJECTS.filter(() => this.#below(3) === 0);
    const refuses = handled.flatMap((right) =>
      OBJECTS.filter((object) => !allowed.includes(object)).map((object) => `${right} ${object}`),
    );
    const { pid, parentPid, executable } = thread.process;
    if (this.#telling.calls === true) {
      const serial = this.#serial++;
      const actor: Actor = { pid, parentPid, executable, name: thread.name };
      this.#say({ kind: 'call', actor, record: `c${serial}`, serial, timeMs: this.#nowMs, makesDomain: true });
    }
    const domain: SimDomain = {
      id: this.#nextId.toString(16),
      parent: thread.domain,
      refuses: new Set(refuses),
      creator: { pid, executable, name: thread.name },
      users: 0,
      isAnnounced: false,
    };
    this.#parents.set(domain.id, thread.domain?.id);
    const siblings = thread.process.threads.filter((other) => other !== thread && other.domain !== thread.domain);
    if (siblings.length > 0) this.traps.add('sibling domains of threads');
    if (this.#processes.some((other) => other.parentPid === pid && other.threads[0]?.domain === thread.domain)) {
      this.traps.add('fork before restriction');
    }
    this.#hold(thread.domain);
    this.#enter(thread, domain);
    return domain;
  }

  /** LANDLOCK_RESTRICT_SELF_TSYNC: the process's other threads get the caller's new domain. */
  #synchronise(thread: SimThread): void {
    const domain = this.#restrict(thread);
    if (domain !== undefined && thread.process.threads.length > 1) this.traps.add('TSYNC');
    for (const other of thread.process.threads) {
      if (domain !== undefined && other !== thread) {
        this.#enter(other, domain);
      }
    }
  }

  #enter(thread: SimThread, domain: SimDomain): void {
    this.#hold(domain);
    this.#release(thread.domain);
    thread.domain = domain;
  }

  #access(thread: SimThread): void {
    const right = this.#pick(RIGHTS) ?? '';
    const object = this.#pick(OBJECTS) ?? '';
    this.#refuse(thread, this.#refuser(thread.domain, right, object), right, object, this.#serial++);
  }

  /** Two directories, two records, possibly of two layers of the chain. */
  #move(thread: SimThread): void {
    const right = this.#pick(RIGHTS) ?? '';
    const serial = this.#serial++;
    const objects = [this.#pick(OBJECTS) ?? '', this.#pick(OBJECTS) ?? ''];
    const refusers = objects.map((object) => this.#refuser(thread.domain, right, object));
    objects.forEach((object, index) => {
      this.#refuse(thread, refusers[index], right, object, serial);
    });
    const [first, second] = refusers;
    if (first !== undefined && second !== undefined && first !== second) this.traps.add('two domains refuse one call');
  }

  /** A file that somebody else opened: their domain refuses, while the record names our process. */
  #useForeignFile(): void {
    this.#refuseSomebodyElse(this.#pick(this.#processes.flatMap(({ threads }) => threads)), 'fs.truncate');
  }

  /** SIGIO: the domain is that of whoever called F_SETOWN; the record names whoever wrote to the file. */
  #raiseSignal(): void {
    const owner = this.#pick(this.#processes.flatMap(({ threads }) => threads));
    this.#refuseSomebodyElse(owner, 'scope.signal');
  }

  /** PTRACE_TRACEME: the domain is the parent's, which may not trace; the record names the child. */
  #askToBeTraced(process: SimProcess): void {
    const tracer = this.#processes.find(({ pid }) => pid === process.parentPid)?.threads[0];
    const isInside = this.#chain(process.threads[0]?.domain).some((domain) => domain === tracer?.domain);
    if (!isInside) this.#refuseSomebodyElse(tracer, 'ptrace');
  }

  /** The process of the record need not be inside, so that no actor is told (toObservation). */
  #refuseSomebodyElse(subject: SimThread | undefined, blocker: string): void {
    if (subject?.domain === undefined) {
      return;
    }
    const serial = this.#serial++;
    this.traps.add(`somebody else is named: ${blocker}`);
    this.#say({
      kind: 'denial',
      domain: subject.domain.id,
      record: `r${serial}`,
      serial,
      event: `e${serial}`,
      isOwnCheck: false,
      blockers: [blocker],
    });
    this.#announce(subject.domain, serial);
  }

  /** Tracing somebody outside: the innermost domain refuses. */
  #trace(thread: SimThread): void {
    const target = this.#pick(this.#processes);
    if (target === undefined || thread.domain === undefined || target === thread.process) {
      return;
    }
    const [main] = target.threads;
    const isInside = this.#chain(main?.domain).includes(thread.domain);
    if (!isInside) {
      this.#refuse(thread, thread.domain, 'ptrace', undefined, this.#serial++, target.pid);
    }
  }

  #refuse(
    thread: SimThread,
    domain: SimDomain | undefined,
    right: string,
    object: string | undefined,
    serial: number,
    outsiderPid?: number,
  ): void {
    if (domain === undefined) {
      return;
    }
    const { pid, parentPid, executable } = thread.process;
    const lineage = this.#lineage(thread.process, domain);
    const actor: Actor = { pid, parentPid, executable, name: thread.name, ...(lineage !== undefined && { lineage }) };
    this.#say({
      kind: 'denial',
      ...this.#time(),
      domain: domain.id,
      record: `r${serial}`,
      serial,
      event: `e${serial}`,
      isOwnCheck: right.startsWith('fs.'),
      blockers: [right],
      actor,
      ...(object !== undefined && { object }),
      ...(outsiderPid !== undefined && { outsiderPid }),
    });
    this.#announce(domain, serial);
  }

  #announce(domain: SimDomain, serial: number): void {
    if (!domain.isAnnounced) {
      domain.isAnnounced = true;
      const { creator } = domain;
      this.#say({ kind: 'allocation', ...this.#time(), domain: domain.id, record: `a${serial}`, serial, creator });
    }
  }

  #time(): { readonly timeMs?: number } {
    return this.#telling.calls === true || this.#telling.lineages === true ? { timeMs: this.#nowMs } : {};
  }

  /** As /proc shows it now, once for each process of a domain. */
  #lineage(process: SimProcess, domain: SimDomain): Lineage | undefined {
    const key = `${process.pid} ${domain.id}`;
    if (this.#telling.lineages !== true || this.#told.has(key)) {
      return undefined;
    }
    this.#told.add(key);
    const chain: SimProcess[] = [];
    for (let next: SimProcess | undefined = process; next !== undefined && chain.length < 17; ) {
      const { parentPid }: SimProcess = next;
      chain.push(next);
      next = this.#processes.find(({ pid }) => pid === parentPid);
    }
    return chain.map(({ pid, startedMs }) => ({ pid, startTicks: startedMs / 10, startedMs }));
  }

  #exit(process: SimProcess): void {
    this.#processes = this.#processes.filter((other) => other !== process);
    this.#freePids.push(process.pid);
    for (const child of this.#processes) {
      if (child.parentPid === process.pid) {
        child.parentPid = 1;
        this.traps.add('re-parented');
      }
    }
    for (const thread of process.threads) {
      this.#release(thread.domain);
    }
  }

  #hold(domain: SimDomain | undefined): void {
    if (domain !== undefined) {
      domain.users += 1;
    }
  }

  /** security/landlock/domain.h, landlock_put_hierarchy: innermost first. */
  #release(domain: SimDomain | undefined): void {
    for (let next = domain; next !== undefined; next = next.parent) {
      next.users -= 1;
      if (next.users > 0) {
        return;
      }
      if (next.isAnnounced) {
        const serial = this.#serial++;
        this.#say({ kind: 'deallocation', domain: next.id, record: `d${serial}`, serial });
      }
    }
  }

  #refuser(domain: SimDomain | undefined, right: string, object: string): SimDomain | undefined {
    return this.#chain(domain).find(({ refuses }) => refuses.has(`${right} ${object}`));
  }

  #chain(domain: SimDomain | undefined): SimDomain[] {
    return domain === undefined ? [] : [domain, ...this.#chain(domain.parent)];
  }

  #layers(domain: SimDomain | undefined): number {
    return this.#chain(domain).length;
  }

  #say(observation: Observation): void {
    this.observations.push(observation);
  }
}
