// One LANDLOCK_ACCESS record and its actor to a denial. Which address is the source and which the destination, what
// kind of object it is, and what is left out because it is not known, is decided here.
import { rawIfReplaced, textOf } from '../audit/byte-text.ts';
import { type Access, readAccess, unknownFieldsMax } from './access-record.ts';
import type { Actor } from './actor.ts';
import { capabilityName } from './capabilities.ts';
import { certaintyOf } from './certainty.ts';
import { reasonOf } from './describe.ts';
import type { Denial, Endpoint, LandlockObject, UnknownField } from './document.ts';
import type { DocumentBase, Writable } from './document-base.ts';

const DENIED = ['denied'] as const;

function kindOf(access: Access): string {
  if (access.blockers.kind !== undefined) return access.blockers.kind;
  if (access.path !== undefined || access.name !== undefined) return 'file';
  if (access.targetPid !== undefined) return 'process';
  const address = access.remote ?? access.given ?? access.local ?? access.peer;
  return address === undefined ? 'other' : 'socket';
}

function objectOf(access: Access, bound: Endpoint | undefined, actor: Actor): LandlockObject {
  const object: Writable<LandlockObject> = { kind: kindOf(access) };
  if (access.blockers.class === 'fs') {
    if (access.ioctl !== undefined) object.ioctl_command = access.ioctl;
    if (actor.entries !== undefined) object.entries = actor.entries;
    return object;
  }
  const { path, namespaceType: type, namespaceId: id, capability } = access;
  if (access.blockers.isAbstractSocket && path !== undefined) {
    object.name = textOf(path.charCodeAt(0) === 0 ? `@${path.slice(1)}` : path);
  }
  if (access.ioctl !== undefined) object.ioctl_command = access.ioctl;
  if (type !== undefined) object.namespace = id === undefined || id === '0' ? { type } : { type, id };
  if (capability !== undefined) {
    const name = capabilityName(capability);
    object.capability = name === undefined ? { number: capability } : { number: capability, name };
  }
  if (bound !== undefined) object.bound = bound;
  if (access.peer !== undefined) object.connected = access.peer;
  if (actor.entries !== undefined) object.entries = actor.entries;
  return object;
}

function fileOf(access: Access): Denial['file'] {
  const { path, name, device, inode } = access;
  if (path === undefined && name === undefined && device === undefined && inode === undefined) return undefined;
  const file: Writable<NonNullable<Denial['file']>> = {};
  if (path !== undefined) {
    const text = textOf(path);
    const raw = text === path ? undefined : rawIfReplaced(path, text);
    file.path = text;
    if (raw !== undefined) file.path_raw = raw;
  }
  if (name !== undefined) file.name = textOf(name);
  if (device !== undefined) file.device = textOf(device);
  if (inode !== undefined) file.inode = inode;
  return file;
}

function targetOf(access: Access): { process: { pid?: number; name?: string } } | undefined {
  const { targetPid, targetName } = access;
  if (targetPid === undefined && targetName === undefined) return undefined;
  const process: { pid?: number; name?: string } = {};
  if (targetPid !== undefined) process.pid = targetPid;
  if (targetName !== undefined) process.name = textOf(targetName);
  return { process };
}

function unknownOf(access: Access, actor: Actor): readonly UnknownField[] | undefined {
  const ofActor = actor.call?.program.unknown;
  if (ofActor === undefined || ofActor.length === 0) return access.unknown;
  return [...(access.unknown ?? []), ...ofActor].slice(0, unknownFieldsMax);
}

/** The denial in the record with this body, or the reason why it is none. */
export function readDenial(text: string, base: DocumentBase, actor: Actor): Denial | string {
  const access = readAccess(text);
  if (typeof access === 'string') return access;
  const { domain, blockers } = access;
  // A bind names the address it was given; every other call on a bound socket has that address as its source.
  const isBind = blockers.isBind || access.given !== undefined;
  const source = isBind ? access.given : access.local;
  const object = objectOf(access, isBind ? access.local : undefined, actor);
  const { process, call } = actor;
  const certainty = certaintyOf({
    from: actor.from,
    blockers,
    syscall: call?.syscall?.name,
    pid: call?.pid,
    targetPid: access.targetPid,
  });
  const file = fileOf(access);
  const target = targetOf(access);
  const destination = access.remote;
  const reason = reasonOf({ domain, blockers, object, certainty, file, source, destination, target, process });
  const landlock: Writable<Denial['landlock']> = {
    domain: { id: domain },
    blockers: blockers.names,
    object,
    actor_certainty: certainty,
  };
  if (target !== undefined) landlock.target = target;
  const unknown = unknownOf(access, actor);
  if (unknown !== undefined) landlock.unknown_fields = unknown;
  const denial: Writable<Denial> = {
    kind: 'denial',
    '@timestamp': base.timestamp,
    event: {
      id: base.event.id,
      sequence: base.event.sequence,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: blockers.category,
      type: DENIED,
      reason,
    },
    host: base.host,
    landlock,
  };
  if (base.tags !== undefined) denial.tags = base.tags;
  if (file !== undefined) denial.file = file;
  if (source !== undefined) denial.source = source;
  if (destination !== undefined) denial.destination = destination;
  if (process !== undefined) denial.process = process;
  if (call === undefined) return denial;
  if (call.task.user !== undefined) denial.user = call.task.user;
  if (call.task.group !== undefined) denial.group = call.task.group;
  if (call.syscall !== undefined) denial.syscall = call.syscall;
  return denial;
}
