// What the rows of all denials of one stencil have in common, worked out once from the first of them, and which values of
// an event go into which column. A kind of denial for which that does not suffice has no plan, and goes by its document.
import type { Denial } from '../../landlock/document.ts';
import { type Cut, type DocumentPlan, FILL, type Plan } from '../../landlock/stencil/stencil-documents.ts';
import { type DenialParts, filling, splitDenial } from '../columns/denial-columns.ts';
import { EXTRA_LENGTH_MAX } from '../columns/extra.ts';
import type { CompiledTemplate } from '../columns/reason-template.ts';
import type { DenialTexts, KnownArgs, StoredActor } from './denial-texts.ts';
import type { BootPlace } from './place-register.ts';
import type { HoleSpan, Owner } from './process-memory.ts';

/** By member of the document: the fill that its value comes from; absent where all have the same. */
export type Holes = { readonly [Member in HoleMember]?: number };

type HoleMember =
  | 'domain'
  | 'path'
  | 'inode'
  | 'targetName'
  | 'targetPid'
  | 'sourceIp'
  | 'sourcePort'
  | 'destinationIp'
  | 'destinationPort'
  | 'pid'
  | 'parentPid'
  | 'comm'
  | 'program'
  | 'args'
  | 'tty'
  | 'session';

/** An actor of a program, by what else it is told apart by. */
export interface KnownActor {
  readonly comm: string | null;
  readonly tty: string | undefined;
  readonly session: number | undefined;
  readonly actor: StoredActor;
}

export interface RowPlan {
  /** The boot that the flags are for. */
  readonly place: BootPlace;
  /** The first one, and what it was split into: right wherever there is no hole. */
  readonly sample: Denial;
  readonly parts: DenialParts;
  readonly holes: Holes;
  /** Where the records tell of the process: in SYSCALL, and its arguments. */
  readonly processSpans: readonly HoleSpan[];
  /** What they do not tell of it. */
  readonly processOwner: Owner;
  readonly tty: string | undefined;
  readonly session: number | undefined;
  readonly args: readonly string[] | undefined;
  readonly blockers: number;
  readonly shape: number;
  /** By program. */
  readonly actors: Map<string | null, KnownActor[]>;
  /** By the row of the program, then by what it is about (`aboutOf`). */
  readonly issues: Map<number, Map<number, number>>;
  /** By the arguments as they stand in the record. */
  readonly knownArgs: Map<string, ProgramArgs>;
}

/** Arguments are written in another way where the first is the program. */
export interface ProgramArgs {
  readonly program: string | null;
  readonly args: KnownArgs;
}

interface Place {
  readonly kind: 'text' | 'number' | 'args';
  readonly member: HoleMember;
}

const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ['landlock.domain.id', { kind: 'text', member: 'domain' }],
  ['file.path', { kind: 'text', member: 'path' }],
  ['file.inode', { kind: 'text', member: 'inode' }],
  ['landlock.target.process.name', { kind: 'text', member: 'targetName' }],
  ['landlock.target.process.pid', { kind: 'number', member: 'targetPid' }],
  ['source.ip', { kind: 'text', member: 'sourceIp' }],
  ['source.port', { kind: 'number', member: 'sourcePort' }],
  ['destination.ip', { kind: 'text', member: 'destinationIp' }],
  ['destination.port', { kind: 'number', member: 'destinationPort' }],
  ['process.pid', { kind: 'number', member: 'pid' }],
  ['process.parent.pid', { kind: 'number', member: 'parentPid' }],
  ['process.name', { kind: 'text', member: 'comm' }],
  ['process.executable', { kind: 'text', member: 'program' }],
  ['process.args', { kind: 'args', member: 'args' }],
  ['process.tty', { kind: 'text', member: 'tty' }],
  ['process.session_id', { kind: 'number', member: 'session' }],
]);

/** What every row says anew. */
const OWN: ReadonlyMap<string, number | 'host'> = new Map<string, number | 'host'>([
  ['@timestamp', FILL.time],
  ['event.sequence', FILL.serial],
  ['host', 'host'],
]);

/** The holes that a form has a column for, beside those of all forms. */
const OF_FORM: Readonly<Record<DenialParts['form'], readonly HoleMember[]>> = {
  file: ['path', 'inode'],
  target: ['targetName', 'targetPid'],
  destination: ['destinationIp'],
  source: ['sourceIp'],
  none: [],
};
const OF_ANY_FORM: ReadonlySet<HoleMember> = new Set<HoleMember>([
  ...(['domain', 'sourcePort', 'destinationPort', 'pid', 'parentPid', 'comm', 'program', 'args'] as const),
  ...(['tty', 'session'] as const),
]);

interface Found {
  readonly holes: Partial<Record<HoleMember, number>>;
  sentence: Cut | undefined;
}

/**
 * The plan for denials like `doc`, which is the first of them; undefined where they cannot have one. `document`: its
 * number in the event.
 */
export function planRow(
  plan: DocumentPlan,
  doc: Denial,
  at: { readonly place: BootPlace; readonly document: number },
  texts: DenialTexts,
  ownerOf: (text: string) => Owner,
): RowPlan | undefined {
  const found: Found = { holes: {}, sentence: undefined };
  if (!findHoles(plan, '', at.document, found) || found.holes.domain === undefined) return undefined;
  const { holes } = found;
  const blockers = texts.blockers(doc, true);
  const reason = texts.reason(doc, blockers);
  const template = reason === undefined ? undefined : texts.template(blockers, reason);
  if (reason === undefined || template === undefined) return undefined;
  if (!fitsAll(template, found.sentence ?? { pieces: [doc.event.reason], fills: [] }, doc, holes)) return undefined;
  if (doc.landlock.logged === false || doc.process?.ancestry !== undefined) return undefined;
  const parts = splitDenial(doc, at.place, true);
  if ((parts.extra?.length ?? 0) > EXTRA_LENGTH_MAX) return undefined;
  const fitting = new Set<string>([...OF_ANY_FORM, ...OF_FORM[parts.form]]);
  if (!Object.keys(holes).every((member) => fitting.has(member))) return undefined;
  return {
    place: at.place,
    sample: doc,
    parts,
    holes,
    processSpans: processSpans(holes),
    processOwner: ownerOf(ownerText(doc, parts, holes)),
    tty: doc.process?.tty,
    session: doc.process?.session_id,
    args: doc.process?.args,
    blockers,
    shape: texts.shape(doc, parts.form, blockers, reason, true),
    actors: new Map(),
    issues: new Map(),
    knownArgs: new Map(),
  };
}

const OF_PROCESS: readonly HoleMember[] = ['pid', 'parentPid', 'tty', 'session', 'comm', 'program'];

function processSpans(holes: Holes): HoleSpan[] {
  const found = OF_PROCESS.flatMap((member) => holes[member] ?? []);
  const spans = found.length === 0 ? [] : [{ first: Math.min(...found), last: Math.max(...found) }];
  return holes.args === undefined ? spans : [...spans, { first: holes.args, last: holes.args }];
}

/** All that stands outside the spans, and which values stand in them: mostly the same for all plans. */
function ownerText(doc: Denial, parts: DenialParts, holes: Holes): string {
  const { process, user, group, package: owner, systemd, container, landlock } = doc;
  const common = [...OF_PROCESS, 'args' as const].map((member) => holes[member] === undefined);
  const values = [parts.pid, parts.parentPid, process?.tty, process?.session_id, parts.comm, parts.program];
  const outside = values.map((value, i) => (common[i] === true ? (value ?? null) : null));
  const args = holes.args === undefined ? process?.args : undefined;
  return JSON.stringify([common, outside, args, user, group, owner, systemd, container, landlock.attribution]);
}

/** False where a value stands where no column is. */
function findHoles({ members }: DocumentPlan, prefix: string, document: number, found: Found): boolean {
  return members.every(({ name, plan }) => findHole(plan, `${prefix}${name}`, document, found));
}

function findHole(plan: Plan, path: string, document: number, found: Found): boolean {
  if (plan.kind === 'object') return findHoles(plan, `${path}.`, document, found);
  if (plan.kind === 'host') return OWN.get(path) === 'host';
  if (plan.kind === 'sentence') {
    found.sentence = plan;
    return path === 'event.reason';
  }
  if (path === 'event.id') return plan.fill === FILL.id - document;
  if (OWN.has(path)) return OWN.get(path) === plan.fill;
  const place = PLACES.get(path);
  if (place?.kind !== plan.kind || plan.fill < 0) return false;
  found.holes[place.member] = plan.fill;
  return true;
}

/** Whether the template gives the sentence of all of them, whatever their values are. */
function fitsAll(template: CompiledTemplate, sentence: Cut, doc: Denial, holes: Holes): boolean {
  const wanted = sentence.pieces.flatMap((piece, i) => (i === 0 ? [piece] : [sentence.fills[i - 1] ?? 0, piece]));
  const given = template.flatMap((piece) => (typeof piece === 'string' ? [piece] : fillingParts(doc, piece, holes)));
  return joined(wanted) === joined(given);
}

/** One text in which fills cannot be mistaken for characters. */
function joined(parts: readonly (string | number)[]): string {
  let text = '';
  for (const part of parts) text += typeof part === 'number' ? `\0${part};` : part.replaceAll('\0', '\0\0');
  return text;
}

/** What stands for the mark (denial-columns.ts), in pieces: text, and fills as numbers. */
function fillingParts(doc: Denial, mark: number, holes: Holes): readonly (string | number)[] {
  const { destination, landlock, process } = doc;
  switch (mark) {
    case 0:
      return [holes.path ?? filling(doc, mark) ?? ''];
    case 1:
      return [holes.program ?? filling(doc, mark) ?? ''];
    case 2:
      return [holes.comm ?? filling(doc, mark) ?? ''];
    case 3:
      return ['domain ', holes.domain ?? landlock.domain.id];
    case 4:
      return pidParts(holes.pid, process?.pid);
    case 5:
      return destination === undefined
        ? endpointParts(holes.sourceIp, holes.sourcePort, doc.source)
        : endpointParts(holes.destinationIp, holes.destinationPort, destination);
    case 6:
      return [holes.targetName ?? filling(doc, mark) ?? ''];
    default:
      return pidParts(holes.targetPid, landlock.target?.process.pid);
  }
}

function pidParts(fill: number | undefined, pid: number | undefined): readonly (string | number)[] {
  return pid === undefined ? [] : ['pid ', fill ?? String(pid)];
}

function endpointParts(
  ipFill: number | undefined,
  portFill: number | undefined,
  endpoint: Denial['source'],
): readonly (string | number)[] {
  const ip = ipFill ?? endpoint?.ip;
  const port = portFill ?? (endpoint?.port === undefined ? undefined : String(endpoint.port));
  if (port === undefined) return ip === undefined ? [] : [ip];
  return ip === undefined ? ['port ', port] : [ip, ':', port];
}
