// Writes a document as JSON, like JSON.stringify and faster: it knows the shape of a denial, and the parts that many
// denials share are written once. Everything else is left to JSON.stringify. A field that is added to Denial and not
// written here is a compile error (see `allWritten`).
import type { Denial, Document, Endpoint } from './document.ts';

type Process = NonNullable<Denial['process']>;
type Syscall = NonNullable<Denial['syscall']>;
type File = NonNullable<Denial['file']>;

/** True if `Written` names every field of `T`; otherwise it has no value. */
type All<T, Written extends keyof T> = [Exclude<keyof T, Written>] extends [never] ? true : never;

type DenialFields =
  | ('kind' | '@timestamp' | 'event' | 'host' | 'landlock' | 'tags' | 'file' | 'source' | 'destination')
  | ('process' | 'user' | 'group' | 'syscall' | 'package' | 'systemd' | 'container');
type EventFields = 'id' | 'sequence' | 'action' | 'outcome' | 'category' | 'type' | 'reason' | 'provider';
type LandlockFields =
  | ('domain' | 'blockers' | 'object' | 'actor_certainty' | 'target')
  | ('logged' | 'same_exec' | 'unknown_fields' | 'attribution');
type ProcessFields =
  | ('pid' | 'parent' | 'name' | 'executable' | 'args' | 'working_directory')
  | ('tty' | 'session_id' | 'thread' | 'ancestry');
type ObjectFields =
  | ('kind' | 'name' | 'ioctl_command' | 'namespace' | 'capability' | 'bound')
  | ('connected' | 'entries');

/** Holds the compiler to it that nothing is forgotten: of what the decoder says; `repeated` is the store's. */
export const allWritten: [
  All<Denial, DenialFields>,
  All<Denial['event'], EventFields>,
  All<Omit<Denial['landlock'], 'repeated'>, LandlockFields>,
  All<Denial['landlock']['object'], ObjectFields>,
  All<File, 'path' | 'path_raw' | 'name' | 'device' | 'inode'>,
  All<Process, ProcessFields>,
  All<Syscall, 'arch' | 'name' | 'number' | 'exit'>,
  All<Endpoint, 'ip' | 'port'>,
] = [true, true, true, true, true, true, true, true];

/** Anything that is not printable ASCII, or that JSON escapes. */
const UNUSUAL = /[^\x20\x21\x23-\x5b\x5d-\x7e]/;

function quote(text: string): string {
  return UNUSUAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** One in so many new values is remembered: those that documents share soon are, those that they do not mostly not. */
const keptEvery = 4;

/** The JSON of values that documents share and nobody changes; it goes when they go. */
const shared = new WeakMap<object, string>();
let newValues = 0;

function sharedJson(value: object): string {
  const known = shared.get(value);
  if (known !== undefined) return known;
  const json = JSON.stringify(value);
  if (newValues++ % keptEvery === 0) shared.set(value, json);
  return json;
}

/** The host of the document before: hardly ever another one than this document's. */
let lastHost: object | undefined;
let lastHostJson = '';

function hostJson(host: Denial['host']): string {
  if (host !== lastHost) {
    lastHostJson = JSON.stringify(host);
    lastHost = host;
  }
  return lastHostJson;
}

/** Programs whose JSON is remembered; a newer one takes an older one's place. A power of two. */
const programsMax = 1024;
/** Longer ones are not remembered, in characters. */
const programTextMax = 1024;

interface Program {
  readonly name: string;
  readonly executable: string;
  readonly json: string;
}

const programs = new Array<Program | undefined>(programsMax).fill(undefined);

/** A program's name and executable, which every process that runs it has. */
function programJson(name: string, executable: string): string {
  const { length } = name;
  const end = name.charCodeAt(length - 1) + name.charCodeAt(length - 2) * 13 + name.charCodeAt(length - 3) * 101;
  const place = (end + executable.length * 37) & (programsMax - 1);
  const known = programs[place];
  if (known !== undefined && known.name === name && known.executable === executable) return known.json;
  const json = `,"name":${quote(name)},"executable":${quote(executable)}`;
  if (json.length < programTextMax) programs[place] = { name, executable, json };
  return json;
}

function argsJson(args: readonly string[]): string {
  let json = '';
  for (const arg of args) json += json === '' ? quote(arg) : `,${quote(arg)}`;
  return `[${json}]`;
}

function endpointJson({ ip, port }: Endpoint): string {
  const address = ip === undefined ? '' : `"ip":${quote(ip)}`;
  if (port === undefined) return `{${address}}`;
  return address === '' ? `{"port":${port}}` : `{${address},"port":${port}}`;
}

function fileJson(file: File): string {
  const { path, path_raw: raw, name, device, inode } = file;
  let json = '';
  if (path !== undefined) json += `,"path":${quote(path)}`;
  if (raw !== undefined) json += `,"path_raw":${quote(raw)}`;
  if (name !== undefined) json += `,"name":${quote(name)}`;
  if (device !== undefined) json += `,"device":${quote(device)}`;
  if (inode !== undefined) json += `,"inode":${quote(inode)}`;
  return `{${json.slice(1)}}`;
}

function processJson(process: Process): string {
  const { pid, parent, name, executable, args, working_directory: directory, tty, session_id: session } = process;
  let json = '';
  if (pid !== undefined) json += `,"pid":${pid}`;
  if (parent !== undefined) json += `,"parent":{"pid":${parent.pid}}`;
  if (name !== undefined && executable !== undefined) json += programJson(name, executable);
  else if (name !== undefined) json += `,"name":${quote(name)}`;
  else if (executable !== undefined) json += `,"executable":${quote(executable)}`;
  if (args !== undefined) json += `,"args":${argsJson(args)}`;
  if (directory !== undefined) json += `,"working_directory":${quote(directory)}`;
  if (tty !== undefined) json += `,"tty":${quote(tty)}`;
  if (session !== undefined) json += `,"session_id":${session}`;
  if (process.thread !== undefined) json += `,"thread":{"id":${process.thread.id}}`;
  if (process.ancestry !== undefined) json += `,"ancestry":${JSON.stringify(process.ancestry)}`;
  return `{${json.slice(1)}}`;
}

function isKindAlone(object: Denial['landlock']['object']): boolean {
  return (
    object.name === undefined &&
    object.ioctl_command === undefined &&
    object.namespace === undefined &&
    object.capability === undefined &&
    object.bound === undefined &&
    object.connected === undefined &&
    object.entries === undefined
  );
}

function landlockJson(landlock: Denial['landlock']): string {
  const { domain, blockers, object, actor_certainty: certainty, target, unknown_fields: unknown } = landlock;
  const about = isKindAlone(object) ? `{"kind":${quote(object.kind)}}` : JSON.stringify(object);
  let json = `{"domain":{"id":${quote(domain.id)}},"blockers":${sharedJson(blockers)},"object":${about}`;
  json += `,"actor_certainty":"${certainty}"`;
  if (target !== undefined) json += `,"target":${JSON.stringify(target)}`;
  if (landlock.logged !== undefined) json += `,"logged":${landlock.logged}`;
  if (landlock.same_exec !== undefined) json += `,"same_exec":${landlock.same_exec}`;
  if (unknown !== undefined) json += `,"unknown_fields":${JSON.stringify(unknown)}`;
  if (landlock.attribution !== undefined) json += `,"attribution":"${landlock.attribution}"`;
  return `${json}}`;
}

function denialJson(denial: Denial): string {
  const { event, host, landlock, tags, file, source, destination, process, user, group, syscall } = denial;
  let json = `{"kind":"denial","@timestamp":${quote(denial['@timestamp'])},"event":{"id":${quote(event.id)}`;
  json += `,"sequence":${event.sequence},"action":"${event.action}","outcome":"${event.outcome}"`;
  json += `,"category":${sharedJson(event.category)},"type":["denied"],"reason":${quote(event.reason)}`;
  json += event.provider === undefined ? '}' : `,"provider":"${event.provider}"}`;
  json += `,"host":${hostJson(host)},"landlock":${landlockJson(landlock)}`;
  if (tags !== undefined) json += `,"tags":${JSON.stringify(tags)}`;
  if (file !== undefined) json += `,"file":${fileJson(file)}`;
  if (source !== undefined) json += `,"source":${endpointJson(source)}`;
  if (destination !== undefined) json += `,"destination":${endpointJson(destination)}`;
  if (process !== undefined) json += `,"process":${processJson(process)}`;
  if (user !== undefined) json += `,"user":${sharedJson(user)}`;
  if (group !== undefined) json += `,"group":{"id":${quote(group.id)}}`;
  if (syscall !== undefined) json += `,"syscall":${sharedJson(syscall)}`;
  if (denial.package !== undefined) json += `,"package":${sharedJson(denial.package)}`;
  if (denial.systemd !== undefined) json += `,"systemd":${sharedJson(denial.systemd)}`;
  if (denial.container !== undefined) json += `,"container":${sharedJson(denial.container)}`;
  return `${json}}`;
}

/**
 * The JSON of a document, without a line end. For documents as interpretEvent makes them this is JSON.stringify's
 * text; fields in another order come in the usual one. Documents must not change after they were written.
 */
export function documentToJson(document: Document): string {
  return document.kind === 'denial' ? denialJson(document) : JSON.stringify(document);
}
