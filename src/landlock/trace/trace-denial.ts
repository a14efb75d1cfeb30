// A denial that only the tracepoints tell of (landlock_deny_*, logged=0): the same document as from audit, with what a
// tracepoint knows. Those that audit logs as well are left to audit.
import { rawIfReplaced, textOf } from '../../audit/byte-text.ts';
import { readBlockers } from '../blocker-set.ts';
import { capabilityName } from '../capabilities.ts';
import { certaintyOf } from '../certainty.ts';
import { reasonOf } from '../describe.ts';
import type { Denial, Endpoint, HostFields, LandlockObject, Tag } from '../document.ts';
import type { Writable } from '../document-base.ts';
import { unescapeText } from './escaped-text.ts';
import type { TraceEvent } from './trace-event.ts';
import { TraceFields } from './trace-fields.ts';

/** Where and when, from whoever read the trace. */
export interface TracedBase {
  readonly timestamp: string;
  readonly id: string;
  readonly host: HostFields;
  readonly tags?: readonly Tag[];
}

/** Event → what audit would put before the names of its `blockers=`, or the one blocker that it stands for. */
const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['landlock_deny_access_fs', 'fs.'],
  ['landlock_deny_access_net', 'net.'],
]);
const BLOCKERS: ReadonlyMap<string, string> = new Map([
  ['landlock_deny_ptrace', 'ptrace'],
  ['landlock_deny_scope_signal', 'scope.signal'],
  ['landlock_deny_scope_abstract_unix_socket', 'scope.abstract_unix_socket'],
  ['landlock_deny_permission_namespace', 'namespace.use'],
  ['landlock_deny_permission_capability', 'capability.use'],
]);

/** Whether {@link readTracedDenial} can read events of this name. */
export function isTracedDenial(name: string): boolean {
  return PREFIXES.has(name) || BLOCKERS.has(name);
}

/** The document, `undefined` for a denial that audit logs, or the reason why it is none. */
export function readTracedDenial(event: TraceEvent, base: TracedBase): Denial | string | undefined {
  const fields = new TraceFields(event);
  const domain = fields.takeId('domain');
  if (domain === undefined) return `${event.name} without a domain`;
  if (fields.takeFlag('logged') !== false) return undefined;
  const sameExec = fields.takeFlag('same_exec');
  const blockerText = blockersOf(event.name, fields);
  const blockers = readBlockers(blockerText, 0, blockerText.length);
  const object = objectOf(fields, blockers.kind, blockers.isAbstractSocket);
  const file = blockers.class === 'fs' ? fileOf(fields) : undefined;
  const { source, destination } = endpointsOf(fields, blockers.isBind);
  const target = targetOf(fields);
  const process = processOf(event);
  const certainty = certaintyOf({
    // The task of the event is the one that asked, as in a SYSCALL record; which call it made is not known.
    from: 'syscall',
    blockers,
    syscall: undefined,
    pid: process.pid,
    targetPid: target?.process.pid,
  });
  const reason = reasonOf({ domain, blockers, object, certainty, file, source, destination, target, process });
  const unknown = fields.rest();
  return {
    kind: 'denial',
    '@timestamp': base.timestamp,
    event: {
      id: base.id,
      sequence: 0,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: blockers.category,
      type: ['denied'],
      reason,
      provider: 'tracepoint',
    },
    host: base.host,
    landlock: {
      domain: { id: domain },
      blockers: blockers.names,
      object,
      actor_certainty: certainty,
      ...(target !== undefined && { target }),
      logged: false,
      ...(sameExec !== undefined && { same_exec: sameExec }),
      ...(unknown !== undefined && { unknown_fields: unknown }),
    },
    ...(base.tags !== undefined && { tags: base.tags }),
    ...(file !== undefined && { file }),
    ...(source !== undefined && { source }),
    ...(destination !== undefined && { destination }),
    process,
  };
}

/** As audit writes them. A change of the mounts has no access right, and an empty list. */
function blockersOf(name: string, fields: TraceFields): string {
  const blocker = BLOCKERS.get(name);
  if (blocker !== undefined) return blocker;
  const prefix = PREFIXES.get(name) ?? '';
  const names = fields.takeNames('blockers').map((right) => prefix + right);
  return names.length === 0 && prefix === 'fs.' ? 'fs.change_topology' : names.join(',');
}

function objectOf(fields: TraceFields, kind: string | undefined, isAbstractSocket: boolean): LandlockObject {
  const object: Writable<LandlockObject> = { kind: kind ?? 'other' };
  const name = isAbstractSocket ? fields.take('sun_path') : undefined;
  if (name !== undefined) object.name = textOf(`@${unescapeText(name).replace(/^\0/, '')}`);
  const namespace = fields.take('namespace_type');
  const namespaceId = fields.takeId('namespace_id');
  if (namespace !== undefined) {
    object.namespace = namespaceId === undefined ? { type: namespace } : { type: namespace, id: namespaceId };
  }
  const number = fields.takeNumber('capability');
  if (number !== undefined) {
    const called = capabilityName(number);
    object.capability = called === undefined ? { number } : { number, name: called };
  }
  return object;
}

function fileOf(fields: TraceFields): Denial['file'] {
  const file: Writable<NonNullable<Denial['file']>> = {};
  const path = fields.take('path');
  const device = fields.take('dev');
  const inode = fields.take('ino');
  if (path !== undefined) {
    const bytes = unescapeText(path);
    const text = textOf(bytes);
    const raw = rawIfReplaced(bytes, text);
    file.path = text;
    if (raw !== undefined) file.path_raw = raw;
  }
  if (device !== undefined) file.device = device;
  // 0: the file does not exist.
  if (inode !== undefined && inode !== '0') file.inode = inode;
  return Object.keys(file).length === 0 ? undefined : file;
}

/** The direction is the blocker's: the port of the other one is always 0. */
function endpointsOf(
  fields: TraceFields,
  isBind: boolean,
): { source?: Endpoint | undefined; destination?: Endpoint | undefined } {
  const sourcePort = fields.takeNumber('sport');
  const destinationPort = fields.takeNumber('dport');
  if (isBind) return { source: sourcePort === undefined ? undefined : { port: sourcePort } };
  return { destination: destinationPort === undefined ? undefined : { port: destinationPort } };
}

function targetOf(fields: TraceFields): NonNullable<Denial['landlock']['target']> | undefined {
  const pid = fields.takeNumber('target_pid') ?? fields.takeNumber('tracee_pid') ?? fields.takeNumber('peer_pid');
  const name = fields.take('target_comm') ?? fields.take('tracee_comm');
  const domain = fields.takeId('target_domain') ?? fields.takeId('tracee_domain') ?? fields.takeId('peer_domain');
  if (!pid && name === undefined && domain === undefined) return undefined;
  return {
    // 0: a socket that tells of no process.
    process: { ...(pid && { pid }), ...(name !== undefined && { name: textOf(unescapeText(name)) }) },
    ...(domain !== undefined && { domain: { id: domain } }),
  };
}

function processOf({ task }: TraceEvent): NonNullable<Denial['process']> {
  return {
    ...(task.pid !== undefined && { pid: task.pid }),
    ...(task.name !== undefined && { name: textOf(task.name) }),
    thread: { id: task.threadId },
  };
}
