// Fills a stencil with one event's values: JSON bytes, a line for each document.
import type { HostFields } from '../document.ts';
import type { EventIds } from '../event-id-bytes.ts';
import { ID_BYTES, LaterIds } from '../event-id-lanes.ts';
import type { EventScan } from './event-scan.ts';
import { FORM } from './holes.ts';
import { HEX_PAIRS } from './pair-tables.ts';
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
  /** `finish` is called once, before anything of what was reserved so far is output: until then its bytes may be changed. */
  beforeOutput(finish: () => void): void;
}

const QUOTE = 34;
/** `","`, the first character low. */
const NEXT_ARGUMENT = 0x222c22;
const Z = 90;
/** `YYYY-MM-DDTHH:MM:SS.` */
const SECOND_BYTES = 20;
const TIME_BYTES = SECOND_BYTES + 4;
/** Bytes are copied by eight, and at least sixteen, so that up to sixteen behind the last are written too. */
const wordSlack = 16;

/**
 * For the short texts that there are, a loop costs less than a call. As numbers of eight bytes: UTF-8 has none that a
 * copy might change, and what is behind the text need not be right.
 */
function copy(to: DataView, at: number, from: DataView, start: number, length: number): number {
  to.setFloat64(at, from.getFloat64(start, true), true);
  to.setFloat64(at + 8, from.getFloat64(start + 8, true), true);
  for (let i = 16; i < length; i += 8) to.setFloat64(at + i, from.getFloat64(start + i, true), true);
  return at + length;
}

/** UTF-8 that can be copied by eight. */
function encode(text: string): { readonly view: DataView; readonly length: number } {
  const { length } = Buffer.from(text);
  const bytes = new Uint8Array(length + 2 * wordSlack);
  new TextEncoder().encodeInto(text, bytes);
  return { view: new DataView(bytes.buffer), length };
}

function writeHex(to: Uint8Array, start: number, from: DataView, first: number, end: number): number {
  let at = start;
  for (let i = first; i < end; i += 2) to[at++] = HEX_PAIRS[from.getUint16(i, true)] ?? 0;
  return at;
}

/** Arguments end with NUL each; the last one need not. */
function writeArgs({ block, view }: Room, start: number, from: DataView, first: number, end: number): number {
  let at = start;
  block[at++] = QUOTE;
  for (let i = first; i < end; i += 2) {
    const code = (HEX_PAIRS[from.getUint16(i, true)] ?? 0) & 0xff;
    if (code !== 0) block[at++] = code;
    else if (i + 2 < end) {
      view.setInt32(at, NEXT_ARGUMENT, true);
      at += 3;
    }
  }
  block[at++] = QUOTE;
  return at;
}

/** One for all events of an input. */
export class JsonFiller {
  readonly #sink: ByteSink;
  readonly #ids: LaterIds;
  #host = encode('');
  #seconds = -1;
  #second = encode('');
  #isAwaited = false;
  readonly #finish = (): void => {
    this.#isAwaited = false;
    this.#ids.finish();
  };

  constructor(sink: ByteSink, ids: EventIds) {
    this.#sink = sink;
    this.#ids = new LaterIds(ids);
  }

  /** Whose events follow. */
  setHost(host: HostFields, ids: EventIds): void {
    this.#host = encode(JSON.stringify(host));
    this.#ids.setIds(ids);
  }

  /** Writes the event's documents. */
  write(stencil: Stencil, scan: EventScan): void {
    const { pieces, pieceStarts, pieceLengths, fills } = stencil;
    const { view: from, segmentStarts, segmentEnds, forms } = scan;
    const room = this.#sink.reserve(this.#roomFor(stencil, scan));
    const { view } = room;
    let { at } = room;
    for (let i = 0; i < fills.length; i++) {
      at = copy(view, at, pieces, pieceStarts[i] ?? 0, pieceLengths[i] ?? 0);
      const fill = fills[i] ?? 0;
      if (fill < 0) {
        at = this.#writeFill(view, at, scan, fill);
        continue;
      }
      const start = segmentEnds[fill] ?? 0;
      const end = segmentStarts[fill + 1] ?? 0;
      const form = forms[fill];
      if (form === FORM.verbatim) at = copy(view, at, from, start, end - start);
      else if (form === FORM.hex) at = writeHex(room.block, at, from, start, end);
      else at = writeArgs(room, at, from, start, end);
    }
    if (!this.#isAwaited) {
      this.#isAwaited = true;
      this.#sink.beforeOutput(this.#finish);
    }
    this.#sink.commit(copy(view, at, pieces, pieceStarts[fills.length] ?? 0, pieceLengths[fills.length] ?? 0));
  }

  /** No less than what {@link write} writes. */
  #roomFor({ pieceBytes, fills, holeUses }: Stencil, { end, segmentStarts }: EventScan): number {
    // An argument's end is two digits, and three characters of JSON.
    const holes = holeUses * 2 * (end - (segmentStarts[0] ?? 0));
    return pieceBytes + holes + fills.length * (TIME_BYTES + ID_BYTES + this.#host.length + wordSlack) + wordSlack;
  }

  #writeFill(view: DataView, at: number, scan: EventScan, fill: number): number {
    if (fill <= FILL.id) return this.#ids.write(view, at, scan, FILL.id - fill);
    if (fill === FILL.host) return copy(view, at, this.#host.view, 0, this.#host.length);
    if (fill === FILL.time) return this.#writeTime(view, at, scan);
    return copy(view, at, scan.view, scan.serialStart, scan.serialEnd - scan.serialStart);
  }

  #writeTime(view: DataView, at: number, scan: EventScan): number {
    if (scan.seconds !== this.#seconds) {
      this.#seconds = scan.seconds;
      this.#second = encode(new Date(scan.seconds * 1000).toISOString().slice(0, SECOND_BYTES));
    }
    copy(view, at, this.#second.view, 0, SECOND_BYTES);
    // The three digits stand before the colon and the serial.
    view.setInt32(at + SECOND_BYTES, scan.view.getInt32(scan.serialStart - 4, true), true);
    view.setUint8(at + TIME_BYTES - 1, Z);
    return at + TIME_BYTES;
  }
}
