// Fills a stencil with one event's values: JSON bytes, a line for each document.
import type { EventIds } from '../event-id-bytes.ts';
import type { EventScan } from './event-scan.ts';
import { FORM, HEX_VALUES, HOLE } from './holes.ts';
import type { Stencil } from './stencil.ts';
import { FILL } from './stencil-documents.ts';

/** Where to write; `view` is of all of `block`. */
export interface Room {
  readonly block: Uint8Array;
  readonly view: DataView;
  readonly at: number;
}

/** Where lines of output go. */
export interface ByteSink {
  /** Room for `bytes` more at `at` of `block`; they are output once `commit` was told where they end. */
  reserve(bytes: number): Room;
  commit(end: number): void;
}

const QUOTE = 34;
const COMMA = 44;
const TIMESTAMP_BYTES = 26;
const ID_BYTES = 26;
/** Bytes are copied by four, so that up to three behind the last are written too. */
const wordSlack = 4;

function digits(block: Uint8Array, at: number, value: number, count: number): number {
  let rest = value;
  for (let place = at + count - 1; place >= at; place--) {
    block[place] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  return at + count;
}

/** `2026-03-01T10:00:00.` of the second that was written last. */
let knownSeconds = -1;
let knownText = new Uint8Array(0);

function writeTime(block: Uint8Array, at: number, scan: EventScan): number {
  if (scan.seconds !== knownSeconds) {
    knownSeconds = scan.seconds;
    knownText = new TextEncoder().encode(new Date(scan.seconds * 1000).toISOString().slice(0, 20));
  }
  for (let i = 0; i < knownText.length; i++) block[at + i] = knownText[i] ?? 0;
  const end = digits(block, at + knownText.length, scan.millis, 3);
  block[end] = 90;
  return end + 1;
}

/** For the short texts that there are, a loop costs less than a call. */
function copy(to: DataView, at: number, from: DataView, start: number, length: number): number {
  for (let i = 0; i < length; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true);
  return at + length;
}

function writeHex(block: Uint8Array, start: number, bytes: Uint8Array, from: number, to: number): number {
  let at = start;
  for (let i = from; i < to; i += 2) {
    block[at++] = ((HEX_VALUES[bytes[i] ?? 0] ?? 0) << 4) | (HEX_VALUES[bytes[i + 1] ?? 0] ?? 0);
  }
  return at;
}

/** Arguments end with NUL each; the last one need not. */
function writeArgs(block: Uint8Array, start: number, bytes: Uint8Array, from: number, to: number): number {
  let at = start;
  block[at++] = QUOTE;
  for (let i = from; i < to; i += 2) {
    const code = ((HEX_VALUES[bytes[i] ?? 0] ?? 0) << 4) | (HEX_VALUES[bytes[i + 1] ?? 0] ?? 0);
    if (code !== 0) block[at++] = code;
    else if (i + 2 < to) {
      block[at++] = QUOTE;
      block[at++] = COMMA;
      block[at++] = QUOTE;
    }
  }
  block[at++] = QUOTE;
  return at;
}

function writeHole(room: Room, start: number, scan: EventScan, hole: number): number {
  const { block } = room;
  const { bytes } = scan;
  const from = scan.segmentEnds[hole] ?? 0;
  const to = scan.segmentStarts[hole + 1] ?? 0;
  const form = scan.forms[hole];
  if (form === FORM.hex) return writeHex(block, start, bytes, from, to);
  if (form === FORM.hexArgs) return writeArgs(block, start, bytes, from, to);
  return copy(room.view, start, scan.view, from, to - from);
}

/** No less than what {@link writeJson} writes. */
function roomFor(stencil: Stencil, scan: EventScan, host: Uint8Array): number {
  let room = stencil.pieceBytes + wordSlack;
  const { fills } = stencil;
  for (let i = 0; i < fills.length; i++) {
    const fill = fills[i] ?? 0;
    if (fill === FILL.host) room += host.length;
    else if (fill < 0) room += TIMESTAMP_BYTES + ID_BYTES;
    else {
      const length = (scan.segmentStarts[fill + 1] ?? 0) - (scan.segmentEnds[fill] ?? 0);
      // An argument's end is two digits, and three characters of JSON.
      room += scan.holes[fill] === HOLE.args ? length * 2 + 2 : length;
    }
  }
  return room;
}

/** Writes the event's documents. `host` is the JSON of their host. */
export function writeJson(sink: ByteSink, stencil: Stencil, scan: EventScan, host: Uint8Array, ids: EventIds): void {
  const { pieces, pieceStarts, pieceLengths, fills } = stencil;
  const room = sink.reserve(roomFor(stencil, scan, host));
  const { block, view } = room;
  let { at } = room;
  for (let i = 0; i < pieceStarts.length; i++) {
    at = copy(view, at, pieces, pieceStarts[i] ?? 0, pieceLengths[i] ?? 0);
    if (i === fills.length) break;
    const fill = fills[i] ?? 0;
    if (fill >= 0) at = writeHole(room, at, scan, fill);
    else if (fill === FILL.time) at = writeTime(block, at, scan);
    else if (fill === FILL.serial) {
      at = copy(view, at, scan.view, scan.serialStart, scan.serialEnd - scan.serialStart);
    } else if (fill === FILL.host) {
      block.set(host, at);
      at += host.length;
    } else at = ids.write(block, at, scan, FILL.id - fill);
  }
  sink.commit(at);
}
