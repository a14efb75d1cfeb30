// What the hierarchy learns from: the few facts of a document that say something about who is inside which domain.
// Everything else of a document is of no use here.
import type {
  Denial,
  Document,
  DomainAllocated,
  DomainCreated,
  ProcessAncestor,
  SandboxCall,
  SandboxDocument,
} from '../document.ts';

interface Mention {
  /** Hexadecimal, as the kernel prints it. */
  readonly domain: string;
  /** The document's event id, for the evidence. */
  readonly record: string;
  /** The audit serial. */
  readonly serial: number;
  /** Unix time. */
  readonly timeMs?: number;
}

/** A process and those above it, the later one first, as /proc showed them at the time of the record. */
export type Lineage = readonly {
  readonly pid: number;
  readonly startTicks: number;
  /** Unix time. */
  readonly startedMs?: number;
}[];

/** A denial by `domain`. */
export interface DenialSeen extends Mention {
  readonly kind: 'denial';
  /** Time stamp and serial: the records of one system call share both. */
  readonly event: string;
  /** The task that was refused; only where it must be inside of the domain. */
  readonly actor?: Actor;
  /** Whether the check was made against the task's own current credentials (the file system rights by path). */
  readonly isOwnCheck: boolean;
  readonly blockers: readonly string[];
  /** Identifies the file or port, where one is known. */
  readonly object?: string;
  /** The process that was to be signalled or traced: it is outside of the domain. */
  readonly outsiderPid?: number;
}

export interface Actor {
  readonly pid: number;
  readonly parentPid?: number;
  readonly executable?: string;
  /** Of the thread. */
  readonly name?: string;
  readonly lineage?: Lineage;
}

/** Who made `domain`. */
export interface AllocationSeen extends Mention {
  readonly kind: 'allocation';
  readonly creator: {
    readonly pid?: number;
    readonly executable?: string;
    readonly name?: string;
    readonly lineage?: Lineage;
  };
}

/** The end of `domain`. */
export interface DeallocationSeen extends Mention {
  readonly kind: 'deallocation';
}

/** The kernel's own word (tracepoint landlock_create_domain, Linux 7.3). */
export interface CreationTraced {
  readonly kind: 'creation';
  readonly domain: string;
  /** Absent: a domain without a parent. */
  readonly parent?: string;
  readonly record: string;
  /** Unix time. */
  readonly timeMs?: number;
}

/** A Landlock call of a process (an audit rule saw it): what its parent was then, and whether it made a domain. */
export interface CallSeen {
  readonly kind: 'call';
  readonly actor: Actor;
  readonly record: string;
  readonly serial: number;
  readonly timeMs: number;
  readonly makesDomain: boolean;
}

export type Observation = DenialSeen | AllocationSeen | DeallocationSeen | CreationTraced | CallSeen;

/** Rights that are checked against whoever opened the file, not against the task. */
const OPENER_RIGHTS = new Set(['fs.truncate', 'fs.ioctl_dev']);

/** undefined: the document says nothing about domains. */
export function toObservation(doc: Document | SandboxDocument): Observation | undefined {
  switch (doc.kind) {
    case 'denial':
      return doc.event.provider === undefined ? fromDenial(doc) : undefined;
    case 'domain-allocated':
      return fromAllocation(doc);
    case 'domain-deallocated':
      // Without a serial it has no place among the records; where there are tracepoints, the parents are known anyway.
      return doc.event.provider === undefined
        ? { kind: 'deallocation', ...mention(doc.landlock.domain.id, doc) }
        : undefined;
    case 'domain-created':
      return fromCreation(doc);
    case 'sandbox-call':
      return fromCall(doc);
    default:
      return undefined;
  }
}

function fromCreation(doc: DomainCreated): CreationTraced {
  const { id, parent } = doc.landlock.domain;
  return {
    kind: 'creation',
    domain: id,
    ...(parent !== undefined && { parent: parent.id }),
    record: doc.event.id,
    timeMs: Date.parse(doc['@timestamp']),
  };
}

function fromCall(doc: SandboxCall): CallSeen | undefined {
  const pid = doc.process?.pid;
  if (pid === undefined) {
    return undefined;
  }
  return {
    kind: 'call',
    actor: actorOf(doc.process, pid),
    record: doc.event.id,
    serial: doc.event.sequence,
    timeMs: Date.parse(doc['@timestamp']),
    makesDomain: doc.landlock.makes_domain === true,
  };
}

function mention(domain: string, { '@timestamp': at, event }: TimedEvent): Mention {
  return { domain, record: event.id, serial: event.sequence, timeMs: Date.parse(at) };
}

interface TimedEvent {
  readonly '@timestamp': string;
  readonly event: { readonly id: string; readonly sequence: number };
}

function fromDenial(doc: Denial): DenialSeen {
  const { blockers, domain, target, actor_certainty: certainty } = doc.landlock;
  const pid = doc.process?.pid;
  const isCertain = certainty === 'certain' && pid !== undefined;
  const object = objectOf(doc);
  const { pid: outsiderPid } = target?.process ?? {};
  return {
    kind: 'denial',
    ...mention(domain.id, doc),
    event: `${doc['@timestamp']}:${doc.event.sequence}`,
    isOwnCheck: isCertain && blockers.every((name) => name.startsWith('fs.') && !OPENER_RIGHTS.has(name)),
    blockers,
    ...(isCertain && { actor: actorOf(doc.process, pid) }),
    ...(object !== undefined && { object }),
    ...(isCertain && outsiderPid !== undefined && outsiderPid !== pid && { outsiderPid }),
  };
}

function actorOf(process: Denial['process'], pid: number): Actor {
  const { parent, executable, name, ancestry } = process ?? {};
  return {
    pid,
    ...(parent !== undefined && { parentPid: parent.pid }),
    ...(executable !== undefined && { executable }),
    ...(name !== undefined && { name }),
    ...(ancestry !== undefined && { lineage: lineageOf(ancestry) }),
  };
}

function lineageOf(ancestry: readonly ProcessAncestor[]): Lineage {
  return ancestry.map(({ pid, start_ticks: startTicks, started_at: at }) => {
    return at === undefined ? { pid, startTicks } : { pid, startTicks, startedMs: Date.parse(at) };
  });
}

function objectOf(doc: Denial): string | undefined {
  if (doc.file?.inode !== undefined) {
    // The same inode may have other rights by another path.
    return `${doc.file.device ?? ''}:${doc.file.inode}:${doc.file.path ?? ''}`;
  }
  const port = doc.destination?.port ?? doc.source?.port;
  return port === undefined ? undefined : `port ${port}`;
}

function fromAllocation(doc: DomainAllocated): AllocationSeen {
  const { id, creator } = doc.landlock.domain;
  const { pid, executable, name, ancestry } = creator;
  return {
    kind: 'allocation',
    ...mention(id, doc),
    creator: {
      ...(pid !== undefined && { pid }),
      ...(executable !== undefined && { executable }),
      ...(name !== undefined && { name }),
      ...(ancestry !== undefined && { lineage: lineageOf(ancestry) }),
    },
  };
}
