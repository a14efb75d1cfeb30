// What the hierarchy learns from: the few facts of a document that say something about who is inside which domain.
// Everything else of a document is of no use here.
import type { Denial, Document, DomainAllocated, DomainCreated, SandboxDocument } from '../document.ts';

interface Mention {
  /** Hexadecimal, as the kernel prints it. */
  readonly domain: string;
  /** The document's event id, for the evidence. */
  readonly record: string;
  /** The audit serial. */
  readonly serial: number;
}

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
}

/** Who made `domain`. */
export interface AllocationSeen extends Mention {
  readonly kind: 'allocation';
  readonly creator: { readonly pid?: number; readonly executable?: string; readonly name?: string };
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
}

export type Observation = DenialSeen | AllocationSeen | DeallocationSeen | CreationTraced;

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
        ? { kind: 'deallocation', ...mention(doc.landlock.domain.id, doc.event) }
        : undefined;
    case 'domain-created':
      return fromCreation(doc);
    default:
      return undefined;
  }
}

function fromCreation({ event, landlock: { domain } }: DomainCreated): CreationTraced {
  const { id, parent } = domain;
  return { kind: 'creation', domain: id, ...(parent !== undefined && { parent: parent.id }), record: event.id };
}

function mention(domain: string, event: { id: string; sequence: number }): Mention {
  return { domain, record: event.id, serial: event.sequence };
}

function fromDenial(doc: Denial): DenialSeen {
  const { blockers, domain, target, actor_certainty: certainty } = doc.landlock;
  const pid = doc.process?.pid;
  const isCertain = certainty === 'certain' && pid !== undefined;
  const object = objectOf(doc);
  const { pid: outsiderPid } = target?.process ?? {};
  return {
    kind: 'denial',
    ...mention(domain.id, doc.event),
    event: `${doc['@timestamp']}:${doc.event.sequence}`,
    isOwnCheck: isCertain && blockers.every((name) => name.startsWith('fs.') && !OPENER_RIGHTS.has(name)),
    blockers,
    ...(isCertain && { actor: actorOf(doc, pid) }),
    ...(object !== undefined && { object }),
    ...(isCertain && outsiderPid !== undefined && outsiderPid !== pid && { outsiderPid }),
  };
}

function actorOf(doc: Denial, pid: number): Actor {
  const { parent, executable, name } = doc.process ?? {};
  return {
    pid,
    ...(parent !== undefined && { parentPid: parent.pid }),
    ...(executable !== undefined && { executable }),
    ...(name !== undefined && { name }),
  };
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
  const { pid, executable, name } = creator;
  return {
    kind: 'allocation',
    ...mention(id, doc.event),
    creator: {
      ...(pid !== undefined && { pid }),
      ...(executable !== undefined && { executable }),
      ...(name !== undefined && { name }),
    },
  };
}
