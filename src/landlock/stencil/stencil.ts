// A stencil: the documents of a kind of event as JSON, with holes where each event puts its own values. It is made by
// the ordinary way (parse, interpret, write) from a text that has placeholders in the holes, and cut up at the
// placeholders; done twice, with different ones, so that a placeholder which happens to stand elsewhere is found out.
import { parseSpan } from '../../audit/parse-line.ts';
import type { AuditRecord } from '../../audit/record.ts';
import type { Document, HostFields, Tag } from '../document.ts';
import { documentToJson } from '../document-json.ts';
import { interpretEvent } from '../interpret-event.ts';
import { latin1Text } from './bytes-text.ts';
import type { EventScan } from './event-scan.ts';
import { HOLE } from './holes.ts';
import {
  type Cut,
  cut,
  type DocumentPlan,
  FILL,
  type Placeholder,
  type Places,
  planDocument,
  type WholeDocument,
} from './stencil-documents.ts';

/** The documents of one kind of event. */
export interface Stencil {
  /** The segments that an event of this kind has, one after the other, and where each of them ends. */
  readonly key: Uint8Array<ArrayBuffer>;
  readonly keyEnds: Int32Array;
  readonly holes: Uint8Array;
  readonly keyView: DataView;
  /** JSON: the first piece, what fills[0] says, the second piece, … Each piece begins at a multiple of eight. */
  readonly pieces: DataView;
  readonly pieceStarts: Int32Array;
  readonly pieceLengths: Int32Array;
  /** Not negative: the hole of that number; else one of {@link FILL}. */
  readonly fills: Int32Array;
  /** Bytes of all pieces, at least. */
  readonly pieceBytes: number;
  /** How often one hole is filled in at most. */
  readonly holeUses: number;
  readonly denials: number;
  /** The holes with the ids of domains. */
  readonly domains: readonly number[];
  /** How each document comes about; empty where documents are not wanted as such. */
  readonly plans: readonly DocumentPlan[];
}

/** So many bytes behind the pieces may be read. */
const pieceSlack = 16;

/** `SECONDS` of the placeholders' events. */
const placeSeconds = 1_000_000_000;
/** Digits that no base32 has. */
const DIGITS = '089';

function base3(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++, rest = Math.floor(rest / 3)) text = `${DIGITS[rest % 3]}${text}`;
  return text;
}

/** A value that may stand in the hole, and nowhere else in this text. `variant` is 0 or 1. */
function placeholderFor(hole: number, at: number, variant: number): string {
  const number = at * 2 + variant;
  switch (hole) {
    case HOLE.domain:
      return `0fade${base3(number, 8)}1`;
    case HOLE.number:
      return `1${base3(number, 7)}1`;
    case HOLE.inode:
      return `11${base3(number, 12)}11`;
    case HOLE.port:
      return `1${base3(number % 81, 4)}`;
    case HOLE.address:
      return `198.18.${variant}.${100 + at}`;
    case HOLE.text:
      return `/zq0${base3(number, 8)}qz`;
    case HOLE.word:
      return `zq3${base3(number, 8)}qz`;
    case HOLE.args:
      return `zq1${base3(number, 8)}qz`;
    default:
      return '0';
  }
}

const HOST: HostFields = { id: 'zq2host', boot: { id: 'zq2boot' } };

/** One text with placeholders, and what they stand for. */
class Specimen {
  readonly lines: string;
  readonly placeholders: Placeholder[] = [];
  /** The arguments', without quotes. */
  args: Placeholder | undefined;

  constructor(scan: EventScan, variant: number) {
    let lines = '';
    for (let at = 0; at < scan.segments; at++) {
      lines += latin1Text(scan.bytes, scan.segmentStarts[at] ?? 0, scan.segmentEnds[at] ?? 0);
      if (at < scan.segments - 1) lines += this.#fill(scan, at, variant);
    }
    this.lines = lines;
  }

  #fill(scan: EventScan, at: number, variant: number): string {
    const hole = scan.holes[at] ?? HOLE.ignored;
    if (hole === HOLE.enrichment) return '';
    if (hole === HOLE.stamp) return `${placeSeconds}.00${variant}:${serialOf(variant)}`;
    const text = placeholderFor(hole, at, variant);
    if (hole === HOLE.ignored) return text;
    if (hole === HOLE.args) {
      this.placeholders.push({ text: `"${text}"`, fill: at });
      this.args = { text, fill: at };
      return `"${text}"`;
    }
    this.placeholders.push({ text, fill: at });
    // Between quotes already where the segment has them.
    return scan.forms[at] === 0 || hole !== HOLE.text ? text : `"${text}"`;
  }
}

function serialOf(variant: number): number {
  return 1_080_908_890 + variant;
}

function recordsOf(lines: string): AuditRecord[] | undefined {
  const records: AuditRecord[] = [];
  for (const line of lines.split('\n')) {
    if (line === '') continue;
    const record = parseSpan(line, 0, line.length);
    if (record?.kind !== 'record') return undefined;
    records.push(record);
  }
  return records;
}

function isWhole(document: Document): document is WholeDocument {
  return document.kind === 'denial' || document.kind === 'domain-allocated';
}

interface Draft extends Cut {
  readonly documents: readonly WholeDocument[];
  readonly places: Places;
}

function draftOf(scan: EventScan, variant: number, tags: readonly Tag[] | undefined): Draft | undefined {
  const specimen = new Specimen(scan, variant);
  const records = recordsOf(specimen.lines);
  const serial = serialOf(variant);
  if (records === undefined || records.length !== scan.records) return undefined;
  const key = { node: '', seconds: placeSeconds, millis: variant, serial };
  const { documents } = interpretEvent({ ...key, records, completion: 'proctitle' }, { host: HOST, tags });
  if (documents.length !== scan.landlock || !documents.every(isWhole)) return undefined;
  const { placeholders } = specimen;
  let json = '';
  for (const [at, document] of documents.entries()) {
    placeholders.push({ text: document.event.id, fill: FILL.id - at });
    json += `${documentToJson(document)}\n`;
  }
  placeholders.push({ text: documents[0]?.['@timestamp'] ?? '', fill: FILL.time });
  placeholders.push({ text: `${serial}`, fill: FILL.serial });
  placeholders.push({ text: JSON.stringify(HOST), fill: FILL.host });
  const places = { placeholders, args: specimen.args, host: HOST };
  return { ...cut(json, placeholders), documents, places };
}

function isSame(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/** Whether each value of the event's text that is to be shown is shown, and each document has all of its own. */
function isComplete(scan: EventScan, fills: readonly number[]): boolean {
  const used = new Set(fills);
  for (let at = 0; at < scan.segments - 1; at++) {
    const hole = scan.holes[at];
    if ((hole === HOLE.domain || hole === HOLE.text) && !used.has(at)) return false;
  }
  for (let document = 0; document < scan.landlock; document++) if (!used.has(FILL.id - document)) return false;
  return used.has(FILL.time) && used.has(FILL.serial) && used.has(FILL.host);
}

function keyOf(scan: EventScan): Pick<Stencil, 'key' | 'keyView' | 'keyEnds' | 'holes'> {
  const keyEnds = new Int32Array(scan.segments);
  let length = 0;
  for (let at = 0; at < scan.segments; at++) {
    length += (scan.segmentEnds[at] ?? 0) - (scan.segmentStarts[at] ?? 0);
    keyEnds[at] = length;
  }
  const key = new Uint8Array(length);
  for (let at = 0; at < scan.segments; at++) {
    key.set(scan.bytes.subarray(scan.segmentStarts[at], scan.segmentEnds[at]), keyEnds[at - 1] ?? 0);
  }
  return { key, keyView: new DataView(key.buffer), keyEnds, holes: scan.holes.slice(0, scan.segments) };
}

function layOut(texts: readonly string[]): Pick<Stencil, 'pieces' | 'pieceStarts' | 'pieceLengths' | 'pieceBytes'> {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const pieceStarts = new Int32Array(encoded.length);
  let end = 0;
  for (const [at, { length }] of encoded.entries()) {
    pieceStarts[at] = end;
    end += (length + 7) & ~7;
  }
  const bytes = new Uint8Array(end + pieceSlack);
  for (const [at, piece] of encoded.entries()) bytes.set(piece, pieceStarts[at]);
  const pieceLengths = Int32Array.from(encoded, ({ length }) => length);
  return { pieces: new DataView(bytes.buffer), pieceStarts, pieceLengths, pieceBytes: end };
}

function mostOfOne(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

export interface StencilOptions {
  readonly tags: readonly Tag[] | undefined;
  /** Whether documents are wanted, and not their JSON alone. */
  readonly isPlanned: boolean;
}

/** The stencil for events like the one that was scanned; undefined for a kind that must go the ordinary way. */
export function makeStencil(scan: EventScan, { tags, isPlanned }: StencilOptions): Stencil | undefined {
  const first = draftOf(scan, 0, tags);
  const second = draftOf(scan, 1, tags);
  if (first === undefined || second === undefined) return undefined;
  if (!isSame(first.pieces, second.pieces) || !isSame(first.fills, second.fills)) return undefined;
  if (!isComplete(scan, first.fills)) return undefined;
  const domains: number[] = [];
  for (let at = 0; at < scan.segments - 1; at++) if (scan.holes[at] === HOLE.domain) domains.push(at);
  return {
    ...keyOf(scan),
    ...layOut(first.pieces),
    fills: Int32Array.from(first.fills),
    holeUses: mostOfOne(first.fills.filter((fill) => fill >= 0)),
    denials: first.documents.filter((document) => document.kind === 'denial').length,
    plans: isPlanned ? first.documents.map((document) => planDocument(document, first.places)) : [],
    domains,
  };
}
