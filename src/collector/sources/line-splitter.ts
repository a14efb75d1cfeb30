// Cuts a byte stream into lines. Bytes become latin1 text, one character each; a line longer than the bound is
// given up with its beginning and its place, and the rest of it is skipped without being kept. What a line means
// is for others.

/** Longest line of the audit formats; the kernel's longest record has 8,970 bytes. Longer ones are malformed. */
export const LINE_BYTES_MAX = 64 * 1024;
/** How much of a line that was given up is handed over. */
const HEAD_CHARACTERS = 4096;

const LF = 10;

/** Takes lines in order. `lineNumber` counts from 1. */
export interface LineSink {
  /** The line stands in `text` from `start` up to `end`; `text` may be a whole chunk: copy what is kept long. */
  line(text: string, start: number, end: number, lineNumber: number): void;
  /** A line over the bound; `head` is its beginning. */
  overlong(head: string, lineNumber: number): void;
}

/** Feed it chunks of any size; lines end with LF or CRLF, the last one also with the input. */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #lineMax: number;
  readonly #headMax: number;
  #carry = '';
  #skipping = false;
  #lineNumber = 0;

  constructor(sink: LineSink, lineMax = LINE_BYTES_MAX) {
    this.#sink = sink;
    this.#lineMax = lineMax;
    this.#headMax = Math.min(lineMax, HEAD_CHARACTERS);
  }

  push(chunk: Buffer): void {
    let start = 0;
    if (this.isInLine) {
      const end = chunk.indexOf(LF);
      if (end < 0) {
        this.#keep(chunk.toString('latin1', 0, chunk.length));
        return;
      }
      this.#finishCarried(chunk.toString('latin1', 0, end));
      start = end + 1;
    }
    if (start === chunk.length) return;
    const text = chunk.toString('latin1', start, chunk.length);
    start = 0;
    while (start < text.length) {
      const end = text.indexOf('\n', start);
      if (end < 0) {
        this.#keep(text.slice(start));
        return;
      }
      this.#emit(text, start, end);
      start = end + 1;
    }
  }

  /** Whether the last line that came has not ended yet. */
  get isInLine(): boolean {
    return this.#carry !== '' || this.#skipping;
  }

  /** Counts lines that somebody else took. */
  skip(lines: number): void {
    this.#lineNumber += lines;
  }

  /** The input has ended: what stands without a line feed is a line too. */
  end(): void {
    if (this.isInLine) this.#finishCarried('');
  }

  /** The input broke off: gives up what stands without a line feed, and answers its beginning. */
  cut(): string {
    const rest = this.#carry.slice(0, this.#headMax);
    this.#carry = '';
    this.#skipping = false;
    return rest;
  }

  #emit(text: string, start: number, end: number): void {
    this.#lineNumber++;
    const stop = end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (stop - start > this.#lineMax) {
      this.#sink.overlong(text.slice(start, start + this.#headMax), this.#lineNumber);
    } else {
      this.#sink.line(text, start, stop, this.#lineNumber);
    }
  }

  #keep(rest: string): void {
    if (this.#skipping) return;
    this.#carry = this.#carry === '' ? rest : this.#carry + rest;
    // One byte more than the bound may be the CR of a line that just fits.
    if (this.#carry.length <= this.#lineMax + 1) return;
    this.#skipping = true;
    this.#sink.overlong(this.#carry.slice(0, this.#headMax), ++this.#lineNumber);
    this.#carry = '';
  }

  #finishCarried(rest: string): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    const line = this.#carry + rest;
    this.#carry = '';
    this.#emit(line, 0, line.length);
  }
}
