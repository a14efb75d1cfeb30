// One English sentence for a denial, honest about what the record does not say. Rules and remedies are told by
// others.
import type { BlockerSet } from './blocker-set.ts';
import { namespaceName } from './capabilities.ts';
import type { ActorCertainty, Denial, Endpoint, LandlockObject } from './document.ts';
import { shown } from './phrase.ts';

/** What the sentence is made of: the parts of a denial. */
export interface DenialParts {
  readonly domain: string;
  readonly blockers: BlockerSet;
  readonly object: LandlockObject;
  readonly certainty: ActorCertainty;
  readonly file: Denial['file'];
  readonly source: Endpoint | undefined;
  readonly destination: Endpoint | undefined;
  readonly target: Denial['landlock']['target'] | undefined;
  readonly process: Denial['process'];
}

function actorOf(parts: DenialParts): string {
  const process = parts.process;
  if (process === undefined || parts.certainty === 'absent') return 'A process that the records do not name';
  const name = process.name ?? process.executable;
  if (process.pid === undefined) return name === undefined ? 'A process' : shown(name);
  return name === undefined ? `Process ${process.pid}` : `${shown(name)} (pid ${process.pid})`;
}

function endpointText(endpoint: Endpoint | undefined, absent: string): string {
  if (endpoint === undefined) return absent;
  const { ip, port } = endpoint;
  if (ip === undefined) return port === undefined ? absent : `port ${port}`;
  const host = ip.includes(':') ? `[${ip}]` : ip;
  return port === undefined ? host : `${host}:${port}`;
}

function processText(parts: DenialParts): string {
  const target = parts.target?.process;
  if (target?.pid === undefined) return target?.name === undefined ? 'another process' : shown(target.name);
  return target.name === undefined ? `process ${target.pid}` : `${shown(target.name)} (pid ${target.pid})`;
}

function namespaceText(object: LandlockObject): string {
  const { type = '', id } = object.namespace ?? {};
  const name = namespaceName(type) ?? (type === '' ? '' : `type ${shown(type)}`);
  const what = name === '' ? 'namespace' : `${name} namespace`;
  return id === undefined ? `a new ${what}` : `the ${what} ${shown(id)}`;
}

function fileText(parts: DenialParts): string {
  if (parts.file?.path !== undefined) return shown(parts.file.path);
  if (parts.file?.name !== undefined) return `the entry named ${shown(parts.file.name)}`;
  return 'a file that the record does not name';
}

/** For a blocker that is not known: whatever object the record has. */
function otherText(parts: DenialParts): string {
  if (parts.file?.path !== undefined || parts.file?.name !== undefined) return fileText(parts);
  if (parts.target !== undefined) return processText(parts);
  return endpointText(parts.destination ?? parts.source, 'an object that the record does not name');
}

function objectText(first: string, parts: DenialParts): string {
  switch (first) {
    case 'net.bind_tcp':
    case 'net.bind_udp':
      return endpointText(parts.source, 'any port of any address');
    case 'net.connect_tcp':
    case 'net.connect_send_udp':
      return endpointText(parts.destination, 'an address that the record does not name');
    case 'scope.abstract_unix_socket':
      return parts.object.name === undefined ? 'of another domain' : shown(parts.object.name);
    case 'scope.signal':
    case 'ptrace':
      return processText(parts);
    case 'namespace.use':
      return namespaceText(parts.object);
    case 'capability.use': {
      const capability = parts.object.capability;
      if (capability === undefined) return 'a capability that the record does not name';
      return capability.name ?? `capability ${capability.number}`;
    }
    default:
      return parts.blockers.class === 'fs' ? fileText(parts) : otherText(parts);
  }
}

/** The object is the caller itself: it is the parent's sandbox that refuses. */
function asksToBeTraced({ blockers, target, process }: DenialParts): boolean {
  const pid = target?.process.pid;
  return blockers.names[0] === 'ptrace' && pid !== undefined && pid === process?.pid;
}

/** What was refused, as words that go behind "to": the deed, its object, and what the record does not say about it. */
export function deedOf(parts: DenialParts): string {
  if (asksToBeTraced(parts)) return 'let its parent trace it (PTRACE_TRACEME)';
  const { before, after } = parts.blockers.phrase;
  const command = parts.object.ioctl_command;
  const ioctl = command === undefined ? '' : ` (low 16 bits of the command: ${shown(command)})`;
  const about = objectText(parts.blockers.known[0]?.name ?? '', parts);
  return `${before}${about}${after}${ioctl}`;
}

/** One English sentence that says who was refused what by which domain. */
export function reasonOf(parts: DenialParts): string {
  const doubt =
    parts.certainty === 'may_be_outside' ? '; the process that is named need not be inside that domain' : '';
  return `${actorOf(parts)} was not allowed to ${deedOf(parts)} by Landlock domain ${parts.domain}${doubt}.`;
}
