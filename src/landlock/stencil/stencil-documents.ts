// Documents from a stencil: those that the ordinary way made of the text with placeholders, anew for each event, with
// its own values. Parts without such a value are shared between all documents of the kind.
import type { Denial, Document, DomainAllocated, HostFields } from '../document.ts';
import { timestampText } from '../timestamp.ts';
import { latin1Text, Scratch, type TextTable } from './bytes-text.ts';
import type { EventRecords } from './event-records.ts';
import type { EventScan } from './event-scan.ts';
import { FORM, HEX_VALUES } from './holes.ts';

/** A document that a denial's event has. */
export type WholeDocument = Denial | DomainAllocated;

/** What fills a hole that is not one of the event's text. Documents are numbered from 0: theirs are `id - n`. */
export const FILL = { time: -1, serial: -2, host: -3, id: -4 } as const;

/** One text that stands for a value. */
export interface Placeholder {
  readonly text: string;
  readonly fill: number;
}

/** Pieces of a text, and what stands between them: one fill less than pieces. */
export interface Cut {
  readonly pieces: readonly string[];
  readonly fills: readonly number[];
}

/** Cuts a text at its placeholders, from left to right, the longest first. */
export function cut(text: string, placeholders: readonly Placeholder[]): Cut {
  const pieces: string[] = [];
  const fills: number[] = [];
  let from = 0;
  for (;;) {
    let found: Placeholder | undefined;
    let foundAt = text.length;
    for (const placeholder of placeholders) {
      const at = text.indexOf(placeholder.text, from);
      if (at === -1 || at > foundAt) continue;
      if (at === foundAt && found !== undefined && found.text.length >= placeholder.text.length) continue;
      found = placeholder;
      foundAt = at;
    }
    pieces.push(text.slice(from, foundAt));
    if (found === undefined) return { pieces, fills };
    fills.push(found.fill);
    from = foundAt + found.text.length;
  }
}

type Value = unknown;

/** How a value of a document comes about; undefined for one that is the same in all. */
export type Plan =
  | { readonly kind: 'text'; readonly fill: number }
  | { readonly kind: 'number'; readonly fill: number }
  | { readonly kind: 'args'; readonly fill: number }
  | { readonly kind: 'host' }
  | ({ readonly kind: 'sentence' } & Cut)
  | ObjectPlan;

interface ObjectPlan {
  readonly kind: 'object';
  readonly base: Readonly<Record<string, Value>>;
  readonly members: readonly { readonly name: string; readonly plan: Plan }[];
}

/** How one document comes about. */
export type DocumentPlan = ObjectPlan;

/** What the placeholders of one text are; the arguments' is one text without quotes. */
export interface Places {
  readonly placeholders: readonly Placeholder[];
  readonly args: Placeholder | undefined;
  readonly host: HostFields;
}

function planOf(value: Value, places: Places): Plan | undefined {
  if (typeof value === 'string') return planOfText(value, places);
  if (typeof value === 'number') {
    const placeholder = places.placeholders.find(({ text }) => text === String(value));
    return placeholder && { kind: 'number', fill: placeholder.fill };
  }
  if (value === places.host) return { kind: 'host' };
  if (Array.isArray(value)) {
    const { args } = places;
    return args !== undefined && value.length === 1 && value[0] === args.text
      ? { kind: 'args', fill: args.fill }
      : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const plan = planOfObject(value, places);
  return plan.members.length === 0 ? undefined : plan;
}

function planOfText(value: string, { placeholders }: Places): Plan | undefined {
  const { pieces, fills } = cut(value, placeholders);
  const [first] = fills;
  if (first === undefined) return undefined;
  const isWhole = fills.length === 1 && pieces.every((piece) => piece === '');
  return isWhole ? { kind: 'text', fill: first } : { kind: 'sentence', pieces, fills };
}

function planOfObject(value: object, places: Places): ObjectPlan {
  const base: Record<string, Value> = { ...value };
  const members: { name: string; plan: Plan }[] = [];
  for (const [name, member] of Object.entries(value)) {
    const plan = planOf(member, places);
    if (plan !== undefined) members.push({ name, plan });
  }
  return { kind: 'object', base, members };
}

/** How the document with these placeholders comes about. */
export function planDocument(document: WholeDocument, places: Places): DocumentPlan {
  return planOfObject(document, places);
}

/** One event's values. */
export interface EventValues {
  readonly scan: EventScan;
  host: HostFields;
  readonly texts: TextTable;
  readonly records: EventRecords;
  /** The id of the document of this number, and its first 32 bits, signed. */
  idOf(document: number): string;
  idKeyOf(document: number): number;
}

/** The document for the scanned event. */
export function fillDocument(plan: DocumentPlan, values: EventValues): Document {
  return fillObject(plan, values) as unknown as Document;
}

function fillObject(plan: ObjectPlan, values: EventValues): Record<string, Value> {
  const object: Record<string, Value> = { ...plan.base };
  const { members } = plan;
  for (let i = 0; i < members.length; i++) {
    const member = members[i];
    if (member !== undefined) object[member.name] = fillValue(member.plan, values);
  }
  return object;
}

function fillValue(plan: Plan, values: EventValues): Value {
  switch (plan.kind) {
    case 'object':
      return fillObject(plan, values);
    case 'host':
      return values.host;
    case 'text':
      return fillText(plan.fill, values);
    case 'number':
      return fillNumber(plan.fill, values);
    case 'args':
      return fillArgs(plan.fill, values);
    case 'sentence': {
      const { pieces, fills } = plan;
      let text = pieces[0] ?? '';
      for (let i = 0; i < fills.length; i++) text += fillText(fills[i] ?? 0, values) + (pieces[i + 1] ?? '');
      return text;
    }
  }
}

/** The text of a fill. */
export function fillText(fill: number, { scan, texts, idOf }: EventValues): string {
  if (fill >= 0) {
    const from = scan.segmentEnds[fill] ?? 0;
    const to = scan.segmentStarts[fill + 1] ?? 0;
    return scan.forms[fill] === FORM.verbatim
      ? texts.get(scan.bytes, scan.view, from, to)
      : hexText(scan, from, to, texts);
  }
  if (fill === FILL.time) return timestampText(scan.seconds, scan.millis);
  if (fill === FILL.serial) return String(scan.serial);
  return idOf(FILL.id - fill);
}

/** Its number: exact up to 15 digits. */
export function fillNumber(fill: number, { scan }: EventValues): number {
  if (fill === FILL.serial) return scan.serial;
  const { bytes } = scan;
  const to = scan.segmentStarts[fill + 1] ?? 0;
  let value = 0;
  for (let at = scan.segmentEnds[fill] ?? 0; at < to; at++) value = value * 10 + (bytes[at] ?? 0) - 48;
  return value;
}

function hexByte(bytes: Uint8Array, at: number): number {
  return ((HEX_VALUES[bytes[at] ?? 0] ?? 0) << 4) | (HEX_VALUES[bytes[at + 1] ?? 0] ?? 0);
}

const scratch = new Scratch();

function hexText({ bytes }: EventScan, from: number, to: number, texts: TextTable): string {
  const length = (to - from) >> 1;
  scratch.reserve(length);
  for (let at = 0; at < length; at++) scratch.bytes[at] = hexByte(bytes, from + at * 2);
  return texts.get(scratch.bytes, scratch.view, 0, length);
}

/** The arguments of a fill as one text, as they stand in the record: each ends with NUL, but perhaps the last. */
export function fillArgsText(fill: number, { scan, texts }: EventValues): string {
  const from = scan.segmentEnds[fill] ?? 0;
  const to = scan.segmentStarts[fill + 1] ?? 0;
  // With its quotes.
  if (scan.forms[fill] === FORM.verbatim) return texts.get(scan.bytes, scan.view, from + 1, to - 1);
  return hexText(scan, from, to, texts);
}

/** Arguments end with NUL each; the last one need not. */
export function fillArgs(fill: number, { scan, texts }: EventValues): readonly string[] {
  const { bytes } = scan;
  const from = scan.segmentEnds[fill] ?? 0;
  const to = scan.segmentStarts[fill + 1] ?? 0;
  // With its quotes.
  if (scan.forms[fill] === FORM.verbatim) return [latin1Text(bytes, from + 1, to - 1)];
  const args: string[] = [];
  const length = (to - from) >> 1;
  scratch.reserve(length);
  const { bytes: room, view } = scratch;
  let start = 0;
  for (let at = 0; at < length; at++) {
    const code = hexByte(bytes, from + at * 2);
    room[at] = code;
    if (code !== 0) continue;
    args.push(texts.get(room, view, start, at));
    start = at + 1;
  }
  if (start < length) args.push(texts.get(room, view, start, length));
  return args;
}
