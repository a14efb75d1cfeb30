// The fields of one LANDLOCK_ACCESS record (security/landlock/audit.c; security/lsm_audit.c audit_log_lsm_data), read
// by name. What the fields mean together is denial.ts's business.
import { readFields } from '../audit/fields.ts';
import { integerOf } from '../audit/numbers.ts';
import { ownString } from '../audit/own-string.ts';
import { decodeHex, decodeUntrusted } from '../audit/untrusted-string.ts';
import { type BlockerSet, readBlockers } from './blocker-set.ts';
import type { Endpoint, UnknownField } from './document.ts';
import type { Writable } from './document-base.ts';

/** Unknown fields of one record that are kept. */
export const unknownFieldsMax = 32;

/** What a record says. Text is latin1 (bytes); numbers beyond 2^53 are text. */
export interface Access {
  readonly domain: string;
  readonly blockers: BlockerSet;
  path: string | undefined;
  name: string | undefined;
  device: string | undefined;
  inode: string | undefined;
  ioctl: string | undefined;
  /** saddr/src: given to bind(). */
  given: Writable<Endpoint> | undefined;
  /** daddr/dest: given to connect() or sendto(). */
  remote: Writable<Endpoint> | undefined;
  /** laddr/lport: what the socket was bound to. */
  local: Writable<Endpoint> | undefined;
  /** faddr/fport: what the socket was connected to. */
  peer: Writable<Endpoint> | undefined;
  targetPid: number | undefined;
  targetName: string | undefined;
  namespaceType: string | undefined;
  namespaceId: string | undefined;
  capability: number | undefined;
  unknown: UnknownField[] | undefined;
}

const SPACE = 32;
const QUOTE = 34;
const EQUALS = 61;
const domainLengthMax = 16;
const portMax = 65_535;
const DOMAIN_ID = /^[0-9a-f]{1,16}$/;
const UNSIGNED = /^\d{1,20}$/;
const ENRICHED_NAME = /^[A-Z_]+$/;

/** Quoted by the kernel although they are no path (kernel/audit.c, audit_log_d_path). */
const PATH_SENTINELS = new Set(['<no_memory>', '<too_long>']);

type EndpointKey = 'given' | 'remote' | 'local' | 'peer';

function setAddress(access: Access, key: EndpointKey, value: string): boolean {
  const endpoint = access[key] ?? {};
  if (endpoint.ip !== undefined || value === '') return false;
  endpoint.ip = ownString(value);
  access[key] = endpoint;
  return true;
}

function setPort(access: Access, key: EndpointKey, value: string): boolean {
  const number = integerOf(value);
  const endpoint = access[key] ?? {};
  if (number === undefined || number < 0 || number > portMax || endpoint.port !== undefined) return false;
  endpoint.port = number;
  access[key] = endpoint;
  return true;
}

function setPath(access: Access, value: string): boolean {
  const bytes = access.blockers.isAbstractSocket
    ? (decodeHex(value) ?? decodeUntrusted(value))
    : decodeUntrusted(value);
  if (bytes === undefined || access.path !== undefined || PATH_SENTINELS.has(bytes)) return false;
  access.path = ownString(bytes);
  return true;
}

type TextKey = 'name' | 'device' | 'targetName' | 'inode' | 'ioctl' | 'namespaceType' | 'namespaceId';

function setText(access: Access, key: TextKey, value: string | undefined): boolean {
  if (value === undefined || value === '' || access[key] !== undefined) return false;
  access[key] = ownString(value);
  return true;
}

function setNumber(access: Access, key: 'targetPid' | 'capability', value: string): boolean {
  const number = integerOf(value);
  if (number === undefined || access[key] !== undefined) return false;
  access[key] = number;
  return true;
}

/** Reads one field; false if it is not known, came twice, or has a value that it cannot have. */
function setField(access: Access, name: string, value: string): boolean {
  switch (name) {
    case 'path':
      return setPath(access, value);
    case 'dev':
      return setText(access, 'device', decodeUntrusted(value));
    case 'ino':
      return setText(access, 'inode', UNSIGNED.test(value) ? value : undefined);
    case 'name':
      return setText(access, 'name', decodeUntrusted(value));
    case 'ioctlcmd':
      return setText(access, 'ioctl', value);
    case 'opid':
      return setNumber(access, 'targetPid', value);
    case 'ocomm':
      return setText(access, 'targetName', decodeUntrusted(value));
    case 'namespace_type':
      return setText(access, 'namespaceType', value);
    case 'namespace_id':
      return setText(access, 'namespaceId', UNSIGNED.test(value) ? value : undefined);
    case 'capability':
      return setNumber(access, 'capability', value);
    case 'saddr':
      return setAddress(access, 'given', value);
    case 'daddr':
      return setAddress(access, 'remote', value);
    case 'laddr':
      return setAddress(access, 'local', value);
    case 'faddr':
      return setAddress(access, 'peer', value);
    case 'src':
      return setPort(access, 'given', value);
    case 'dest':
      return setPort(access, 'remote', value);
    case 'lport':
      return setPort(access, 'local', value);
    case 'fport':
      return setPort(access, 'peer', value);
    default:
      return false;
  }
}

/** Where the value that starts at `start` ends; -1 for a quoted one that does not end. */
function endOfValue(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return text.indexOf('"', start + 1) + 1 || -1;
  const end = text.indexOf(' ', start);
  return end === -1 ? text.length : end;
}

function addUnknown(access: Access, name: string, value: string): void {
  access.unknown ??= [];
  if (access.unknown.length >= unknownFieldsMax) return;
  access.unknown.push({ record: 'LANDLOCK_ACCESS', name: ownString(name), value: ownString(value) });
}

/** The object's fields, from `start` on. False if a quoted value does not end. */
function readObject(access: Access, text: string, start: number): boolean {
  let at = start;
  while (at < text.length) {
    if (text.charCodeAt(at) === SPACE) {
      at++;
      continue;
    }
    let nameEnd = at;
    let code = text.charCodeAt(nameEnd);
    while (nameEnd < text.length && code !== EQUALS && code !== SPACE) code = text.charCodeAt(++nameEnd);
    if (code !== EQUALS || nameEnd === at) {
      const end = endOfValue(text, nameEnd === at ? at + 1 : at);
      if (end === -1) return false;
      addUnknown(access, '', text.substring(at, end));
      at = end;
      continue;
    }
    const name = text.substring(at, nameEnd);
    const end = endOfValue(text, nameEnd + 1);
    if (end === -1) return false;
    const value = text.substring(nameEnd + 1, end);
    if (!setField(access, name, value)) {
      // Some forwarders turn auditd's mark before its own interpretation into a blank.
      if (ENRICHED_NAME.test(name)) return true;
      addUnknown(access, name, value);
    }
    at = end;
  }
  return true;
}

function endOfDomain(text: string, start: number): number {
  let at = start;
  let code = text.charCodeAt(at);
  while ((code >= 48 && code <= 57) || (code >= 97 && code <= 102)) code = text.charCodeAt(++at);
  return code === SPACE && at > start && at - start <= domainLengthMax ? at : -1;
}

function emptyAccess(domain: string, blockers: BlockerSet): Access {
  return {
    domain,
    blockers,
    path: undefined,
    name: undefined,
    device: undefined,
    inode: undefined,
    ioctl: undefined,
    given: undefined,
    remote: undefined,
    local: undefined,
    peer: undefined,
    targetPid: undefined,
    targetName: undefined,
    namespaceType: undefined,
    namespaceId: undefined,
    capability: undefined,
    unknown: undefined,
  };
}

const UNENDED = 'LANDLOCK_ACCESS with a quoted value that does not end';

/** A record that does not begin as all kernels up to 7.4 write it: fields in any order, new ones before the old. */
function readUnusual(text: string): Access | string {
  const fields = readFields(text);
  if (fields === undefined) return UNENDED;
  const domain = fields.findIndex((field) => field.name === 'domain');
  const blockers = fields.findIndex((field) => field.name === 'blockers');
  const id = fields[domain]?.value;
  const list = fields[blockers]?.value;
  if (id === undefined) return 'LANDLOCK_ACCESS without domain=';
  if (!DOMAIN_ID.test(id)) return 'LANDLOCK_ACCESS with a domain= that is no hexadecimal number';
  if (list === undefined) return 'LANDLOCK_ACCESS without blockers=';
  const set = readBlockers(list, 0, list.length);
  if (set.names.length === 0) return 'LANDLOCK_ACCESS with empty blockers=';
  const access = emptyAccess(ownString(id), set);
  for (const [at, { name, value }] of fields.entries()) {
    if (at !== domain && at !== blockers && !setField(access, name, value)) addUnknown(access, name, value);
  }
  return access;
}

/** Reads the body of a LANDLOCK_ACCESS record, or says why it is none. */
export function readAccess(text: string): Access | string {
  const domainStart = 7;
  const domainEnd = text.startsWith('domain=') ? endOfDomain(text, domainStart) : -1;
  if (domainEnd === -1 || !text.startsWith('blockers=', domainEnd + 1)) return readUnusual(text);
  const blockersStart = domainEnd + 10;
  const space = text.indexOf(' ', blockersStart);
  const blockersEnd = space === -1 ? text.length : space;
  const blockers = readBlockers(text, blockersStart, blockersEnd);
  if (blockers.names.length === 0) return 'LANDLOCK_ACCESS with empty blockers=';
  const access = emptyAccess(ownString(text.substring(domainStart, domainEnd)), blockers);
  return readObject(access, text, blockersEnd) ? access : UNENDED;
}
