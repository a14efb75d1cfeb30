// The records of the event that was scanned, as lines (record-line.ts), straight from bytes to bytes where they are plain.
import { toLine } from '../../audit/record-line.ts';
import { recordTypeName } from '../../audit/record-types.ts';
import { latin1Text } from './bytes-text.ts';
import type { EventScan } from './event-scan.ts';

/** `type=` and the name of a type, `msg=audit(`, `): ` and a line feed have fewer. */
const headBytesMax = 64;
/** Bytes are copied by four, so that up to three behind the last are written too. */
const wordSlack = 4;

const LF = 10;
const END_OF_STAMP = [0x29, 0x3a, 0x20];
const SPACES = 0x20202020;
/** In a word: the highest bit of each byte. */
const HIGH_BITS = 0x80808080 | 0;

const heads = new Map<number, Uint8Array>();

function headOf(type: number): Uint8Array {
  let head = heads.get(type);
  if (head === undefined) {
    head = new TextEncoder().encode(`type=${recordTypeName(type)} msg=audit(`);
    // As many as there are types that a scan takes.
    heads.set(type, head);
  }
  return head;
}

export class EventRecords {
  readonly #scan: EventScan;

  constructor(scan: EventScan) {
    this.#scan = scan;
  }

  /** No less than what `write` writes. */
  get bytesMax(): number {
    const { records, bodyStarts, bodyEnds, stampStart, serialEnd } = this.#scan;
    let bytes = wordSlack;
    for (let i = 0; i < records; i++) {
      bytes += headBytesMax + serialEnd - stampStart + (bodyEnds[i] ?? 0) - (bodyStarts[i] ?? 0);
    }
    return bytes;
  }

  /** Writes the lines at `at` and answers where they end; -1 where they are not all printable ASCII: see `text`. */
  write(to: DataView, at: number): number {
    const { records, types, bodyStarts, bodyEnds, stampStart, serialEnd, bytes } = this.#scan;
    let end = at;
    for (let i = 0; i < records; i++) {
      if (i > 0) to.setUint8(end++, LF);
      const head = headOf(types[i] ?? 0);
      for (let k = 0; k < head.length; k++) to.setUint8(end++, head[k] ?? 0);
      for (let k = stampStart; k < serialEnd; k++) to.setUint8(end++, bytes[k] ?? 0);
      for (let k = 0; k < 3; k++) to.setUint8(end++, END_OF_STAMP[k] ?? 0);
      end = this.#copy(to, end, bodyStarts[i] ?? 0, bodyEnds[i] ?? 0);
      if (end === -1) return -1;
    }
    return end;
  }

  /** The same lines as text. */
  text(): string {
    const { records, types, bodyStarts, bodyEnds, bytes, seconds, millis, serial } = this.#scan;
    const lines: string[] = [];
    for (let i = 0; i < records; i++) {
      const text = latin1Text(bytes, bodyStarts[i] ?? 0, bodyEnds[i] ?? 0);
      lines.push(toLine({ kind: 'record', type: types[i] ?? 0, node: '', seconds, millis, serial, text }));
    }
    return lines.join('\n');
  }

  #copy(to: DataView, at: number, from: number, end: number): number {
    const { view } = this.#scan;
    let shift = at - from;
    let next = from;
    for (; next + 4 <= end; next += 4) {
      const word = view.getInt32(next, true);
      // Neither above 127 nor below a blank: the borrow of one byte only makes the next look smaller.
      if (((word | (word - SPACES)) & HIGH_BITS) !== 0) return -1;
      to.setInt32(next + shift, word, true);
    }
    for (; next < end; next++) {
      const code = view.getUint8(next);
      if (code < 32 || code > 127) return -1;
      to.setUint8(next + shift, code);
    }
    shift += end;
    return shift;
  }
}
