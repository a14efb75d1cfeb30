// A denial as a row and back. Every member that is common has a column; names and repeated groups are to be interned
// by the caller; the rest goes to `extra`. splitDenial and joinDenial are each other's inverse.
import type { Denial } from '../../landlock/document.ts';
import { type BootFacts, joinCommon, splitCommon } from './common-columns.ts';
import { type Extra, keep, keepInner, keepOthers, keepTop, toExtraText, withExtra } from './extra.ts';
import { toLogin } from './login-columns.ts';
import { plainNumber } from './plain-number.ts';
import { fromTemplate } from './reason-template.ts';
import { type RepeatsColumns, toRepeated } from './repeats.ts';

/** What a denial's row holds beside its shape, actor and issue. null: absent, or in extra. */
export interface DenialParts {
  readonly flags: number;
  /** What `object` and `number` hold. */
  readonly form: ObjectForm;
  readonly program: string | null;
  readonly comm: string | null;
  readonly object: string | null;
  readonly number: number | null;
  readonly pid: number | null;
  readonly parentPid: number | null;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
  readonly extra: string | null;
}

/**
 * What was refused has one text and one number, and which these are differs: `file` path and inode, `target` name and
 * pid, `destination` and `source` IP address, `none` neither.
 */
export type ObjectForm = 'file' | 'target' | 'destination' | 'source' | 'none';

/** A row with its interned texts looked up. `parent`: how far its number is below the process's own. */
export interface DenialColumns extends BootFacts, RepeatsColumns {
  readonly flags: number;
  readonly serial: number;
  readonly domain_number: string;
  readonly blockers: string;
  readonly shape: string;
  readonly form: string;
  readonly reason: string;
  readonly login: string;
  readonly program: string | null;
  readonly comm: string | null;
  readonly object: string | null;
  readonly number: number | null;
  readonly args: string | null;
  readonly pid: number | null;
  readonly parent: number | null;
  readonly source_port: number | null;
  readonly destination_port: number | null;
  readonly extra: string | null;
}

interface Shape {
  readonly category: readonly string[];
  readonly object: Denial['landlock']['object'];
  readonly actor_certainty: Denial['landlock']['actor_certainty'];
  readonly syscall?: NonNullable<Denial['syscall']>;
  readonly device?: string;
}

const TOP = new Set(
  'kind @timestamp event host tags landlock file source destination process user group syscall package systemd container'.split(
    ' ',
  ),
);
const EVENT = new Set(['id', 'sequence', 'action', 'outcome', 'category', 'type', 'reason']);
const LANDLOCK = new Set(['domain', 'blockers', 'object', 'actor_certainty', 'attribution']);
const LANDLOCK_OF_TARGET = new Set([...LANDLOCK, 'target']);
const TARGET = new Set(['process']);
const TARGET_PROCESS = new Set(['pid', 'name']);
const DOMAIN = new Set(['id']);
const OBJECT = new Set(['kind', 'ioctl_command', 'namespace', 'capability']);
const FILE = new Set(['path', 'device', 'inode']);
const PORT = new Set(['port']);
const ADDRESS = new Set(['ip', 'port']);
const PROCESS = new Set(['pid', 'parent', 'name', 'executable', 'args', 'tty', 'session_id']);
const PARENT = new Set(['pid']);

/** The parts of a denial. Without a template its reason goes to `extra`. */
export function splitDenial(doc: Denial, boot: BootFacts, hasTemplate: boolean): DenialParts {
  const extra: Extra = {};
  const flags = splitCommon(doc, boot, extra);
  const { process } = doc;
  const form = objectForm(doc);
  keepUnknown(doc, form, extra);
  const program = columnText(process?.executable, extra, ['process', 'executable']);
  const comm = columnText(process?.name, extra, ['process', 'name']);
  if (!hasTemplate) keep(extra, ['event', 'reason'], doc.event.reason);
  const pid = process?.pid ?? null;
  return {
    flags,
    form,
    program,
    comm,
    object: objectText(doc, form, extra),
    number: objectNumber(doc, form, extra),
    pid,
    parentPid: process?.parent?.pid ?? null,
    sourcePort: doc.source?.port ?? null,
    destinationPort: doc.destination?.port ?? null,
    extra: toExtraText(extra),
  };
}

/** Where more than one fits, the first in this order; the others are kept in extra. */
function objectForm(doc: Denial): ObjectForm {
  const { file, destination, source } = doc;
  if (file !== undefined) return 'file';
  const target = doc.landlock.target?.process;
  if (target?.pid !== undefined || target?.name !== undefined) return 'target';
  if (destination?.ip !== undefined) return 'destination';
  return source?.ip === undefined ? 'none' : 'source';
}

function objectText(doc: Denial, form: ObjectForm, extra: Extra): string | null {
  switch (form) {
    case 'file':
      return columnText(doc.file?.path, extra, ['file', 'path']);
    case 'target':
      return columnText(doc.landlock.target?.process.name, extra, ['landlock', 'target', 'process', 'name']);
    case 'destination':
      return columnText(doc.destination?.ip, extra, ['destination', 'ip']);
    case 'source':
      return columnText(doc.source?.ip, extra, ['source', 'ip']);
    case 'none':
      return null;
  }
}

function objectNumber(doc: Denial, form: ObjectForm, extra: Extra): number | null {
  if (form === 'file') return columnInode(doc.file?.inode, extra);
  return form === 'target' ? (doc.landlock.target?.process.pid ?? null) : null;
}

/** The text of a denial's set of blockers. */
export function blockersText(doc: Denial): string {
  return JSON.stringify(doc.landlock.blockers);
}

/** What was refused, apart from names and numbers. */
export function shapeText(doc: Denial): string {
  const { kind, ioctl_command, namespace, capability } = doc.landlock.object;
  return JSON.stringify({
    category: doc.event.category,
    object: { kind, ioctl_command, namespace, capability },
    actor_certainty: doc.landlock.actor_certainty,
    syscall: doc.syscall,
    device: doc.file?.device,
  });
}

/** Stands for the program where that is the first argument. JSON itself has no such character. */
const PROGRAM_MARK = '\u0001';

/** The arguments as JSON; `program` as it is stored. */
export function argsText(args: readonly string[], program: string | null): string {
  if (program === null || args[0] !== program) return JSON.stringify(args);
  return PROGRAM_MARK + JSON.stringify(args.slice(1));
}

function toArgs(text: string, program: string | null): readonly string[] {
  if (!text.startsWith(PROGRAM_MARK)) return JSON.parse(text);
  return [program ?? '', ...JSON.parse(text.slice(PROGRAM_MARK.length))];
}

/** The document of a row. `eventId` and `ms` are the row's identity and true time. */
export function joinDenial(row: DenialColumns, eventId: string, ms: number): Denial {
  const shape = toShape(row.shape);
  const login = toLogin(row.login);
  const common = joinCommon(row.flags, row);
  const isFile = row.form === 'file';
  const file = present({
    path: isFile ? row.object : null,
    device: shape.device,
    inode: isFile && row.number !== null ? String(row.number) : null,
  });
  const source = present({ ip: row.form === 'source' ? row.object : null, port: row.source_port });
  const destination = present({ ip: row.form === 'destination' ? row.object : null, port: row.destination_port });
  const target = row.form === 'target' ? present({ pid: row.number, name: row.object }) : undefined;
  const process = present({
    pid: row.pid,
    parent: row.parent === null ? null : { pid: (row.pid ?? 0) - row.parent },
    name: row.comm,
    executable: row.program,
    args: row.args === null ? null : toArgs(row.args, row.program),
    tty: login.tty,
    session_id: login.session_id,
  });
  const base: Denial = {
    kind: 'denial',
    '@timestamp': new Date(ms).toISOString(),
    event: {
      id: eventId,
      sequence: row.serial,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: shape.category,
      type: ['denied'],
      reason: '',
    },
    ...common,
    landlock: {
      domain: { id: row.domain_number },
      blockers: JSON.parse(row.blockers),
      object: shape.object,
      ...(target === undefined ? {} : { target: { process: target } }),
      actor_certainty: shape.actor_certainty,
      ...(login.attribution === undefined ? {} : { attribution: login.attribution }),
      ...(row.repeats !== null && { repeated: toRepeated(row) }),
    },
    ...(file === undefined ? {} : { file }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(process === undefined ? {} : { process }),
    ...(login.user === undefined ? {} : { user: login.user }),
    ...(login.group === undefined ? {} : { group: login.group }),
    ...(shape.syscall === undefined ? {} : { syscall: shape.syscall }),
    ...(login.package === undefined ? {} : { package: login.package }),
    ...(login.systemd === undefined ? {} : { systemd: login.systemd }),
    ...(login.container === undefined ? {} : { container: login.container }),
  };
  const doc = withExtra(base, row.extra);
  if (doc.event.reason === '')
    return { ...doc, event: { ...doc.event, reason: fromTemplate(row.reason, fillings(doc)) } };
  return doc;
}

function keepUnknown(doc: Denial, form: ObjectForm, extra: Extra): void {
  const { landlock, process } = doc;
  keepTop(extra, doc, TOP);
  keepOthers(extra, 'event', doc.event, EVENT);
  keepOthers(extra, 'file', doc.file, FILE);
  keepOthers(extra, 'source', doc.source, form === 'source' ? ADDRESS : PORT);
  keepOthers(extra, 'destination', doc.destination, form === 'destination' ? ADDRESS : PORT);
  keepOthers(extra, 'process', process, PROCESS);
  if (process?.parent !== undefined) keepInner(extra, 'process', 'parent', process.parent, PARENT);
  keepOthers(extra, 'landlock', landlock, form === 'target' ? LANDLOCK_OF_TARGET : LANDLOCK);
  if (form === 'target' && landlock.target !== undefined) keepOfTarget(landlock.target, extra);
  keepInner(extra, 'landlock', 'domain', landlock.domain, DOMAIN);
  keepInner(extra, 'landlock', 'object', landlock.object, OBJECT);
}

function keepOfTarget(target: NonNullable<Denial['landlock']['target']>, extra: Extra): void {
  keepInner(extra, 'landlock', 'target', target, TARGET);
  const { process } = target;
  for (const key in process) {
    if (!TARGET_PROCESS.has(key))
      keep(extra, ['landlock', 'target', 'process', key], process[key as keyof typeof process]);
  }
}

/** What describe.ts weaves into its sentences; a sentence that has none of it is stored as it is. */
export function fillings(doc: Denial): readonly (string | undefined)[] {
  return MARKS.map((mark) => filling(doc, mark));
}

const MARKS = [0, 1, 2, 3, 4, 5, 6, 7];

/** One of them. */
export function filling(doc: Denial, mark: number): string | undefined {
  switch (mark) {
    case 0:
      return doc.file?.path;
    case 1:
      return doc.process?.executable;
    case 2:
      return doc.process?.name;
    case 3:
      return `domain ${doc.landlock.domain.id}`;
    case 4:
      return pidText(doc.process?.pid);
    case 5:
      return endpointText(doc.destination ?? doc.source);
    case 6:
      return doc.landlock.target?.process.name;
    default:
      return pidText(doc.landlock.target?.process.pid);
  }
}

function pidText(pid: number | undefined): string | undefined {
  return pid === undefined ? undefined : `pid ${pid}`;
}

function endpointText(endpoint: Denial['source']): string | undefined {
  if (endpoint?.port === undefined) return endpoint?.ip;
  return endpoint.ip === undefined ? `port ${endpoint.port}` : `${endpoint.ip}:${endpoint.port}`;
}

/** SQLite's text functions end at U+0000, so a text with one has no column, and no filter finds it. */
export function isColumnText(value: string): boolean {
  return !value.includes('\0');
}

function columnText(value: string | undefined, extra: Extra, path: readonly [string, ...string[]]): string | null {
  if (value === undefined) return null;
  if (isColumnText(value)) return value;
  keep(extra, path, value);
  return null;
}

function columnInode(value: string | undefined, extra: Extra): number | null {
  if (value === undefined) return null;
  const number = plainNumber(value);
  if (number === null) keep(extra, ['file', 'inode'], value);
  return number;
}

function toShape(text: string): Shape {
  return JSON.parse(text);
}

type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The members that are there; undefined where none is. */
function present<T extends object>(members: T): Present<T> | undefined {
  let found: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(members)) {
    if (value === null || value === undefined) continue;
    found ??= {};
    found[key] = value;
  }
  return found as Present<T> | undefined;
}
