// One LANDLOCK_ACCESS record and its actor to a denial (security/landlock/audit.c, security/lsm_audit.c). Fields are
// read by name and blocker; what this version does not know is kept as it is.
import { rawIfReplaced, textOf } from '../audit/byte-text.ts';
import type { Field } from '../audit/fields.ts';
import { integerOf } from '../audit/numbers.ts';
import { decodeHex, decodeUntrusted } from '../audit/untrusted-string.ts';
import type { ActorFacts } from './actor.ts';
import { blockerClass, findBlocker } from './blockers.ts';
import { capabilityName } from './capabilities.ts';
import { reasonOf } from './describe.ts';
import type { ActorCertainty, Denial, Endpoint, LandlockObject, UnknownField } from './document.ts';
import type { DocumentBase } from './interpret-event.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Unknown fields of one record that are kept. */
export const unknownFieldsMax = 32;

const DOMAIN_ID = /^[0-9a-f]{1,16}$/;
const UNSIGNED = /^\d{1,20}$/;
const portMax = 65_535;

// Quoted by the kernel although they are no path (fs/d_path.c by way of audit_log_d_path).
const PATH_SENTINELS = new Set(['<no_memory>', '<too_long>']);

/** What a LANDLOCK_ACCESS record says, field by field. */
interface Access {
  domain?: string;
  blockers?: readonly string[];
  path?: string;
  name?: string;
  device?: string;
  inode?: string;
  ioctl?: string;
  given?: Writable<Endpoint>;
  remote?: Writable<Endpoint>;
  local?: Writable<Endpoint>;
  peer?: Writable<Endpoint>;
  targetPid?: number;
  targetName?: string;
  namespaceType?: string;
  namespaceId?: string;
  capability?: number;
  readonly unknown: UnknownField[];
}

type EndpointKey = 'given' | 'remote' | 'local' | 'peer';

const ADDRESSES = new Map<string, EndpointKey>([
  ['saddr', 'given'],
  ['daddr', 'remote'],
  ['laddr', 'local'],
  ['faddr', 'peer'],
]);
const PORTS = new Map<string, EndpointKey>([
  ['src', 'given'],
  ['dest', 'remote'],
  ['lport', 'local'],
  ['fport', 'peer'],
]);

function readEndpointField(access: Access, name: string, value: string): boolean {
  const address = ADDRESSES.get(name);
  if (address !== undefined) {
    const endpoint = access[address] ?? {};
    if (endpoint.ip !== undefined || value === '') return false;
    endpoint.ip = value;
    access[address] = endpoint;
    return true;
  }
  const port = PORTS.get(name);
  const number = integerOf(value);
  if (port === undefined || number === undefined || number < 0 || number > portMax) return false;
  const endpoint = access[port] ?? {};
  if (endpoint.port !== undefined) return false;
  endpoint.port = number;
  access[port] = endpoint;
  return true;
}

function setOnce<K extends keyof Access>(access: Access, key: K, value: Access[K] | undefined): boolean {
  if (value === undefined || access[key] !== undefined) return false;
  access[key] = value;
  return true;
}

/** Reads one field; false if it is not known, came twice, or has a value that it cannot have. */
function readField(access: Access, name: string, value: string, isAbstract: boolean): boolean {
  switch (name) {
    case 'domain':
      return setOnce(access, 'domain', DOMAIN_ID.test(value) ? value : undefined);
    case 'blockers':
      return setOnce(access, 'blockers', value === '' || value.startsWith('"') ? undefined : value.split(','));
    case 'path': {
      const bytes = isAbstract ? (decodeHex(value) ?? decodeUntrusted(value)) : decodeUntrusted(value);
      return setOnce(access, 'path', bytes !== undefined && PATH_SENTINELS.has(bytes) ? undefined : bytes);
    }
    case 'name':
      return setOnce(access, 'name', decodeUntrusted(value));
    case 'dev':
      return setOnce(access, 'device', decodeUntrusted(value));
    case 'ino':
      return setOnce(access, 'inode', UNSIGNED.test(value) ? value : undefined);
    case 'ioctlcmd':
      return setOnce(access, 'ioctl', value === '' ? undefined : value);
    case 'opid':
      return setOnce(access, 'targetPid', integerOf(value));
    case 'ocomm':
      return setOnce(access, 'targetName', decodeUntrusted(value));
    case 'namespace_type':
      return setOnce(access, 'namespaceType', value === '' ? undefined : value);
    case 'namespace_id':
      return setOnce(access, 'namespaceId', UNSIGNED.test(value) ? value : undefined);
    case 'capability':
      return setOnce(access, 'capability', integerOf(value));
    default:
      return readEndpointField(access, name, value);
  }
}

function readAccess(fields: readonly Field[]): Access {
  const access: Access = { unknown: [] };
  const blockers = fields[1]?.name === 'blockers' ? fields[1].value : '';
  const isAbstract = blockers === 'scope.abstract_unix_socket';
  for (const { name, value } of fields) {
    if (readField(access, name, value, isAbstract)) continue;
    if (access.unknown.length < unknownFieldsMax) access.unknown.push({ record: 'LANDLOCK_ACCESS', name, value });
  }
  return access;
}

/** Blockers whose domain can be another task's: the opener's of a descriptor, TRACEME's tracer, SIGIO's owner. */
const SUBJECT_TRAPS = new Set(['fs.truncate', 'fs.ioctl_dev', 'ptrace', 'scope.signal']);

/** System calls in which the calling task itself is checked, whatever the blocker. */
const OWN_CALLS = new Set([
  'fs.truncate truncate',
  'fs.truncate open',
  'fs.truncate openat',
  'fs.truncate openat2',
  'fs.truncate creat',
  'scope.signal kill',
  'scope.signal tkill',
  'scope.signal tgkill',
  'scope.signal rt_sigqueueinfo',
  'scope.signal rt_tgsigqueueinfo',
  'scope.signal pidfd_send_signal',
]);

const IO_URING_CALLS = new Set(['io_uring_enter', 'io_uring_setup', 'io_uring_register']);

function certaintyOf(access: Access, blockers: readonly string[], actor: ActorFacts): ActorCertainty {
  if (actor.from === 'none') return 'absent';
  if (actor.from === 'io_uring') return 'may_be_outside';
  const call = actor.syscall?.name;
  if (call !== undefined && IO_URING_CALLS.has(call)) return 'may_be_outside';
  for (const blocker of blockers) {
    if (!SUBJECT_TRAPS.has(blocker)) {
      if (findBlocker(blocker) === undefined) return 'may_be_outside';
      continue;
    }
    if (blocker === 'ptrace') {
      // PTRACE_TRACEME: the domain is the tracer's, and the object is the caller itself.
      const isSelf = access.targetPid !== undefined && access.targetPid === actor.process?.pid;
      if (isSelf || access.targetPid === undefined) return 'may_be_outside';
      continue;
    }
    if (!OWN_CALLS.has(`${blocker} ${call ?? ''}`)) return 'may_be_outside';
  }
  return 'certain';
}

function categoryOf(blocker: string): readonly string[] {
  if (blocker === 'scope.abstract_unix_socket') return ['intrusion_detection', 'network'];
  switch (blockerClass(blocker)) {
    case 'fs':
      return ['intrusion_detection', 'file'];
    case 'net':
      return ['intrusion_detection', 'network'];
    case 'scope':
    case 'ptrace':
    case 'namespace':
    case 'capability':
      return ['intrusion_detection', 'process'];
    case 'other':
      return ['intrusion_detection'];
  }
}

function kindOf(access: Access, blockers: readonly string[]): string {
  let kind: string | undefined;
  for (const name of blockers) {
    if (name === 'fs.refer' && blockers.length > 1) continue;
    const next = findBlocker(name)?.object;
    if (next === undefined) continue;
    if (kind !== undefined && kind !== next) return 'file';
    kind = next;
  }
  if (kind !== undefined) return kind;
  if (access.path !== undefined || access.name !== undefined) return 'file';
  if (access.targetPid !== undefined) return 'process';
  if (access.remote !== undefined || access.given !== undefined || access.local !== undefined) return 'socket';
  return 'other';
}

function objectOf(access: Access, kind: string, bound: Endpoint | undefined, actor: ActorFacts): LandlockObject {
  const object: Writable<LandlockObject> = { kind };
  if (kind === 'abstract-unix-socket' && access.path !== undefined) {
    object.name = textOf(access.path.startsWith('\0') ? `@${access.path.slice(1)}` : access.path);
  }
  if (access.ioctl !== undefined) object.ioctl_command = access.ioctl;
  if (access.namespaceType !== undefined) {
    const { namespaceType: type, namespaceId: id } = access;
    object.namespace = id === undefined || id === '0' ? { type } : { type, id };
  }
  if (access.capability !== undefined) {
    const name = capabilityName(access.capability);
    object.capability = name === undefined ? { number: access.capability } : { number: access.capability, name };
  }
  if (bound !== undefined) object.bound = bound;
  if (access.peer !== undefined) object.connected = access.peer;
  if (actor.entries !== undefined) object.entries = actor.entries;
  return object;
}

function fileOf(access: Access): Denial['file'] {
  const file: Writable<NonNullable<Denial['file']>> = {};
  if (access.path !== undefined) {
    const text = textOf(access.path);
    const raw = rawIfReplaced(access.path, text);
    file.path = text;
    if (raw !== undefined) file.path_raw = raw;
  }
  if (access.name !== undefined) file.name = textOf(access.name);
  if (access.device !== undefined) file.device = textOf(access.device);
  if (access.inode !== undefined) file.inode = access.inode;
  return Object.keys(file).length === 0 ? undefined : file;
}

function targetOf(access: Access): { process: { pid?: number; name?: string } } | undefined {
  if (access.targetPid === undefined && access.targetName === undefined) return undefined;
  const process: { pid?: number; name?: string } = {};
  if (access.targetPid !== undefined) process.pid = access.targetPid;
  if (access.targetName !== undefined) process.name = textOf(access.targetName);
  return { process };
}

/** The denial, or the reason why the record is none. */
export function readDenial(fields: readonly Field[], base: DocumentBase, actor: ActorFacts): Denial | string {
  const access = readAccess(fields);
  const { domain, blockers } = access;
  if (domain === undefined) return 'LANDLOCK_ACCESS without a domain= of hex digits';
  if (blockers === undefined) return 'LANDLOCK_ACCESS without blockers=';
  const isConnect = access.given === undefined && !blockers.some((name) => name.startsWith('net.bind_'));
  const source = isConnect ? access.local : access.given;
  const bound = isConnect ? undefined : access.local;
  const certainty = certaintyOf(access, blockers, actor);
  const object = objectOf(access, kindOf(access, blockers), bound, actor);
  const file = fileOf(access);
  const target = targetOf(access);
  const destination = access.remote;
  const process = actor.process;
  const parts = { domain, blockers, object, certainty, source, destination, process };
  const reason = reasonOf({ ...parts, target: target?.process, path: file?.path, name: file?.name });
  const unknown = actor.unknown === undefined ? access.unknown : [...access.unknown, ...actor.unknown];
  const landlock: Writable<Denial['landlock']> = {
    domain: { id: domain },
    blockers,
    object,
    actor_certainty: certainty,
  };
  if (target !== undefined) landlock.target = target;
  if (unknown.length > 0) landlock.unknown_fields = unknown.slice(0, unknownFieldsMax);
  const denial: Writable<Denial> = {
    kind: 'denial',
    '@timestamp': base['@timestamp'],
    event: {
      id: base.event.id,
      sequence: base.event.sequence,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: categoryOf(blockers[0] ?? ''),
      type: ['denied'],
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
  if (actor.user !== undefined) denial.user = actor.user;
  if (actor.group !== undefined) denial.group = actor.group;
  if (actor.syscall !== undefined) denial.syscall = actor.syscall;
  return denial;
}
