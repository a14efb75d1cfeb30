// One English sentence for a denial, honest about what the record does not say. Rules and remedies are told by
// others.
import { findBlocker } from './blockers.ts';
import { namespaceName } from './capabilities.ts';
import type { ActorCertainty, Endpoint, LandlockObject } from './document.ts';

/** What the sentence is made of: the parts of a denial. */
export interface DenialParts {
  readonly domain: string;
  readonly blockers: readonly string[];
  readonly object: LandlockObject;
  readonly certainty: ActorCertainty;
  readonly path?: string | undefined;
  readonly name?: string | undefined;
  readonly source?: Endpoint | undefined;
  readonly destination?: Endpoint | undefined;
  readonly target?: { readonly pid?: number; readonly name?: string } | undefined;
  readonly process?: { readonly pid?: number; readonly name?: string; readonly executable?: string } | undefined;
}

// Control characters, and those that turn the direction of writing or do not show.
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const HIDDEN_ALL = new RegExp(HIDDEN, 'gu');
const PLAIN = /^[\x20-\x7e]*$/;

/** Text from a record inside a sentence: characters that do not show are written as `\u{a}`. */
function shown(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!HIDDEN.test(text)) return text;
  return text.replace(HIDDEN_ALL, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
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

function processText(target: DenialParts['target']): string {
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
  if (parts.path !== undefined) return shown(parts.path);
  if (parts.name !== undefined) return `an entry called ${shown(parts.name)}`;
  return 'a file that the record does not name';
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
      return processText(parts.target);
    case 'namespace.use':
      return namespaceText(parts.object);
    case 'capability.use': {
      const capability = parts.object.capability;
      if (capability === undefined) return 'a capability that the record does not name';
      return capability.name ?? `capability ${capability.number}`;
    }
    default:
      return fileText(parts);
  }
}

function listed(verbs: readonly string[]): string {
  if (verbs.length <= 1) return verbs[0] ?? '';
  return `${verbs.slice(0, -1).join(', ')} and ${verbs.at(-1) ?? ''}`;
}

/** `read and write to /etc/x`, `create a regular file in the directory /usr/local (…)`. */
function deedOf(parts: DenialParts): string {
  const direct: string[] = [];
  const within: string[] = [];
  const unknown: string[] = [];
  let first = '';
  for (const name of parts.blockers) {
    const blocker = findBlocker(name);
    if (blocker === undefined) {
      unknown.push(shown(name));
      continue;
    }
    if (first === '') first = name;
    (blocker.inDirectory ? within : direct).push(blocker.verb);
  }
  const clauses: string[] = [];
  const about = objectText(first, parts);
  if (direct.length > 0) clauses.push(`${listed(direct)} ${about}`);
  if (within.length > 0) {
    clauses.push(`${listed(within)} in the directory ${about} (the record names the parent directory, not the file)`);
  }
  if (unknown.length > 0) {
    const object = first === '' && (parts.path ?? parts.name) !== undefined ? ` on ${about}` : '';
    clauses.push(`do what ${listed(unknown)} stands for, which this version does not know,${object}`.replace(/,$/, ''));
  }
  const command = parts.object.ioctl_command;
  return listed(clauses) + (command === undefined ? '' : ` (low 16 bits of the command: ${shown(command)})`);
}

/** One English sentence that says who was refused what by which domain. */
export function reasonOf(parts: DenialParts): string {
  const certainty =
    parts.certainty === 'may_be_outside' ? '; the process that is named need not be inside that domain' : '';
  return `${actorOf(parts)} was not allowed to ${deedOf(parts)} by Landlock domain ${parts.domain}${certainty}.`;
}
