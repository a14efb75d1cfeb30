// Denials of the decoder in this process that were not made into documents: their rows come from the values of the event
// and from what all denials of its stencil have in common (row-plan.ts). The rows are those that their documents would
// have; whatever this way cannot do has to go by its document. Works within the writer's transaction: `clear` as in
// document-rows.ts.
import type { Denial } from '../../landlock/document.ts';
import {
  type DocumentPlan,
  type EventValues,
  fillArgs,
  fillArgsText,
  fillDocument,
  fillNumber,
  fillText,
} from '../../landlock/stencil/stencil-documents.ts';
import { FLAG_CANARY } from '../columns/common-columns.ts';
import { argsText } from '../columns/denial-columns.ts';
import { TIME_MS_MAX } from '../columns/slot.ts';
import { aboutOf } from '../interning/issue-register.ts';
import type { RowParts } from './denial-insert.ts';
import type { DenialTables, StoredDenial } from './denial-rows.ts';
import { type KnownArgs, newArgs, type StoredActor } from './denial-texts.ts';
import type { BootPlace, PlaceRegister } from './place-register.ts';
import { type KnownProcess, ProcessMemory } from './process-memory.ts';
import { RAW_LENGTH_MAX, type RawBlockWriter } from './raw-blocks.ts';
import { planRow, type RowPlan } from './row-plan.ts';

/** Plans at hand; beyond it all are made again. */
const plansMax = 8_192;
/** Actors, issues and arguments that all of them remember; beyond it all are looked up again. */
const rememberedMax = 262_144;
/** Actors of one program that a plan remembers. */
const variantsMax = 32;
/** Longer arguments are not remembered, in characters. */
const argsLengthMax = 512;
/** After so many that gave no plan it is given up, and all of the kind go by their documents. */
const triesMax = 4;
/** Digits of an inode that are exact in a number, whatever they are. */
const inodeDigitsMax = 15;

interface Tried {
  plan: RowPlan | undefined;
  failures: number;
}

export interface PlannedAt {
  readonly document: number;
  readonly nowMs: number;
}

/** What is known of a denial before it is stored. */
export interface PlannedDenial extends StoredDenial {
  readonly place: BootPlace;
  readonly isLogged: boolean;
  readonly pid: number | undefined;
  readonly parentPid: number | undefined;
  /** Whether the records' text was kept with it. */
  readonly isRawKept: boolean;
}

export class PlannedDenials implements RowParts {
  readonly #tables: DenialTables;
  readonly #places: PlaceRegister;
  readonly #raws: RawBlockWriter;
  readonly #tried = new Map<DocumentPlan, Tried>();
  readonly #processes = new ProcessMemory();
  #remembered = 0;
  // Of the denial that is being stored: what `RowParts` answers.
  #event: EventValues | undefined;
  #document = 0;
  #nowMs = 0;
  #args: KnownArgs | undefined;
  #isRawKept = false;

  constructor(tables: DenialTables, places: PlaceRegister, raws: RawBlockWriter) {
    this.#tables = tables;
    this.#places = places;
    this.#raws = raws;
  }

  /** Stores the denial; null where it is there already, undefined (and nothing was done) where it goes by its document. */
  add(plan: DocumentPlan, event: EventValues, { document, nowMs }: PlannedAt): PlannedDenial | null | undefined {
    const { scan, host } = event;
    const ms = scan.seconds * 1000 + scan.millis;
    if (ms > TIME_MS_MAX || (document === 0 && event.records.bytesMax > RAW_LENGTH_MAX)) return undefined;
    const place = this.#places.boot(host, ms);
    const isThere = this.#tables.insert.isThere(place.boot, ms, scan.serial, document);
    if (isThere !== false) return isThere === true ? null : undefined;
    const row = this.#planOf(plan, event, place, document);
    if (row === undefined || !isExact(row, event)) return undefined;
    this.#event = event;
    this.#document = document;
    this.#nowMs = nowMs;
    this.#isRawKept = false;
    return this.#store(plan, row, event, ms);
  }

  args(): string | bigint | null {
    return this.#args === undefined ? null : this.#tables.denialTexts.knownArgs(this.#args);
  }

  raw(): number | null {
    if (this.#document !== 0 || this.#event === undefined) return null;
    this.#isRawKept = true;
    return this.#raws.addWritten(this.#event.records, this.#nowMs);
  }

  id(): number {
    return this.#event?.idKeyOf(this.#document) ?? 0;
  }

  clear(): void {
    this.#tried.clear();
    this.#processes.clear();
    this.#remembered = 0;
  }

  #planOf(plan: DocumentPlan, event: EventValues, place: BootPlace, document: number): RowPlan | undefined {
    if (this.#remembered >= rememberedMax) this.clear();
    let tried = this.#tried.get(plan);
    if (tried?.plan !== undefined && tried.plan.place === place) return tried.plan;
    if (tried !== undefined && tried.failures >= triesMax) return undefined;
    if (tried === undefined) {
      if (this.#tried.size >= plansMax) this.clear();
      tried = { plan: undefined, failures: 0 };
      this.#tried.set(plan, tried);
    }
    const doc = denialOf(plan, event);
    tried.plan =
      doc && planRow(plan, doc, { place, document }, this.#tables.denialTexts, (text) => this.#processes.owner(text));
    if (tried.plan === undefined) tried.failures += 1;
    return tried.plan;
  }

  #store(plan: DocumentPlan, row: RowPlan, event: EventValues, ms: number): PlannedDenial {
    const { holes, parts, place } = row;
    const { strings } = this.#tables.texts;
    const domain = this.#places.domain(place, textOf(holes.domain, event, ''), ms);
    const { actor, args, pid, parentPid } = this.#process(plan, row, event);
    const object = strings.idOrNull(objectText(row, event));
    const sourcePort = numberOf(holes.sourcePort, event, parts.sourcePort);
    const destinationPort = numberOf(holes.destinationPort, event, parts.destinationPort);
    const columns = { form: parts.form, sourcePort, destinationPort, extra: parts.extra };
    const issue = this.#issue(row, event, { program: actor.program, object, columns });
    this.#args = args;
    const seenMs = this.#tables.insert.put(
      {
        boot: place.boot,
        ms,
        serial: event.scan.serial,
        index: this.#document,
        flags: parts.flags,
        host: place.host,
        domain,
        issue,
        blockers: row.blockers,
        shape: row.shape,
        actor: actor.id,
        program: actor.program,
        uid: actor.uid,
        object,
        number: numberOf(holes.inode ?? holes.targetPid, event, parts.number),
        pid,
        parentPid,
        sourcePort,
        destinationPort,
        argsText: this.#args?.text ?? null,
        extra: parts.extra,
      },
      this,
    );
    return {
      domain,
      seenMs,
      flags: parts.flags,
      issue,
      place,
      isLogged: true,
      pid: pid ?? undefined,
      parentPid: parentPid ?? undefined,
      isRawKept: this.#isRawKept,
    };
  }

  #process(plan: DocumentPlan, row: RowPlan, event: EventValues): KnownProcess {
    const known = this.#processes.find(row.processOwner, event.scan, row.processSpans);
    if (known !== undefined) return known;
    const { holes, parts } = row;
    const program = textOf(holes.program, event, parts.program);
    const process: KnownProcess = {
      actor: this.#actor(plan, row, event, program),
      args: this.#argsOf(row, event, program),
      pid: numberOf(holes.pid, event, parts.pid),
      parentPid: numberOf(holes.parentPid, event, parts.parentPid),
    };
    this.#processes.keep(row.processOwner, process);
    return process;
  }

  #actor(plan: DocumentPlan, row: RowPlan, event: EventValues, program: string | null): StoredActor {
    const { holes, parts, actors } = row;
    const comm = textOf(holes.comm, event, parts.comm);
    const tty = holes.tty === undefined ? row.tty : fillText(holes.tty, event);
    const session = holes.session === undefined ? row.session : fillNumber(holes.session, event);
    let known = actors.get(program);
    if (known === undefined) {
      known = [];
      actors.set(program, known);
    }
    for (const other of known) {
      if (other.comm === comm && other.tty === tty && other.session === session) return other.actor;
    }
    const actor = this.#tables.denialTexts.actor(knownDenial(plan, event), program, comm);
    if (known.length >= variantsMax) known.length = 0;
    known.push({ comm, tty, session, actor });
    this.#remembered += 1;
    return actor;
  }

  #issue(
    row: RowPlan,
    event: EventValues,
    facts: {
      readonly program: number | null;
      readonly object: number | null;
      readonly columns: Pick<RowPlan['parts'], 'form' | 'sourcePort' | 'destinationPort' | 'extra'>;
    },
  ): number {
    const { program, object, columns } = facts;
    const about = program === null ? undefined : aboutOf(object, columns);
    let issues = program === null ? undefined : row.issues.get(program);
    const known = about === undefined ? undefined : issues?.get(about);
    if (known !== undefined) return known;
    const isCanary = (row.parts.flags & FLAG_CANARY) !== 0;
    const issue = this.#tables.issues.idOf({ shape: row.shape, program, object, parts: columns, isCanary }, () =>
      withObject(row, event),
    );
    if (program === null || about === undefined) return issue;
    if (issues === undefined) {
      issues = new Map();
      row.issues.set(program, issues);
    }
    issues.set(about, issue);
    this.#remembered += 1;
    return issue;
  }

  #argsOf(row: RowPlan, event: EventValues, program: string | null): KnownArgs | undefined {
    const { holes, args, knownArgs } = row;
    if (holes.args === undefined) return args === undefined ? undefined : newArgs(argsText(args, program));
    const text = fillArgsText(holes.args, event);
    const known = knownArgs.get(text);
    if (known !== undefined && known.program === program) return known.args;
    const added = newArgs(argsText(fillArgs(holes.args, event), program));
    if (text.length <= argsLengthMax) {
      knownArgs.set(text, { program, args: added });
      this.#remembered += 1;
    }
    return added;
  }
}

/** Whether the event's numbers fit their columns. */
function isExact({ holes: { inode } }: RowPlan, { scan }: EventValues): boolean {
  if (inode === undefined) return true;
  return (scan.segmentStarts[inode + 1] ?? 0) - (scan.segmentEnds[inode] ?? 0) <= inodeDigitsMax;
}

function objectText({ holes, parts }: Pick<RowPlan, 'holes' | 'parts'>, event: EventValues): string | null {
  const fill = holes.path ?? holes.targetName ?? holes.destinationIp ?? holes.sourceIp;
  return textOf(fill, event, parts.object);
}

/** Not the denial, but one of the same issue: what decides on that is the event's own, the rest the first one's. */
function withObject({ sample, holes, parts }: RowPlan, event: EventValues): Denial {
  const { process, file, source, destination, landlock } = sample;
  const object = objectText({ holes, parts }, event);
  const port = (fill: number | undefined, common: number | undefined) =>
    fill === undefined ? common : fillNumber(fill, event);
  const sourcePort = port(holes.sourcePort, source?.port);
  const destinationPort = port(holes.destinationPort, destination?.port);
  const executable = textOf(holes.program, event, process?.executable);
  const name = textOf(holes.comm, event, process?.name);
  return {
    ...sample,
    ...(process && {
      process: { ...process, ...(executable !== undefined && { executable }), ...(name !== undefined && { name }) },
    }),
    ...(file && { file: { ...file, ...(holes.path !== undefined && object !== null && { path: object }) } }),
    ...(source && { source: { ...source, ...(sourcePort !== undefined && { port: sourcePort }) } }),
    ...(destination && {
      destination: { ...destination, ...(destinationPort !== undefined && { port: destinationPort }) },
    }),
    ...(holes.targetName !== undefined &&
      object !== null &&
      landlock.target && {
        landlock: { ...landlock, target: { process: { ...landlock.target.process, name: object } } },
      }),
  };
}

function textOf<T>(fill: number | undefined, event: EventValues, common: T): string | T {
  return fill === undefined ? common : fillText(fill, event);
}

function numberOf(fill: number | undefined, event: EventValues, common: number | null): number | null {
  return fill === undefined ? common : fillNumber(fill, event);
}

function denialOf(plan: DocumentPlan, event: EventValues): Denial | undefined {
  const doc = fillDocument(plan, event);
  return doc.kind === 'denial' ? doc : undefined;
}

/** Of a plan that has given a denial. */
function knownDenial(plan: DocumentPlan, event: EventValues): Denial {
  const doc = denialOf(plan, event);
  if (doc === undefined) throw new Error('a plan for rows of denials is no denial');
  return doc;
}
