// Cuts the bytes of a log into events that are taken as they are, and lines for the ordinary way. An event that the end
// of a chunk cuts is kept until the next one; what the lines mean is for others.
import { slackBytes } from '../../landlock/stencil/stamp-scan.ts';
import type { LineSplitter } from './line-splitter.ts';

/** Takes some lines as bytes, before they become text. */
export interface DirectLines {
  /** The bytes that `take` is asked about, up to `end`, until the next ones; `slackBytes` NULs stand behind them. */
  load(bytes: Uint8Array, end: number): void;
  /** Whether `take` may take the line that starts at `start`: cheap, and false for most others. */
  mayTake(start: number): boolean;
  /** Takes the lines from `start` on and answers where they end; or -1, and they go to the sink. */
  take(start: number): number;
  /** Whether `take` failed last only because the bytes end. */
  isCut(): boolean;
  /** How many lines were taken last. */
  readonly lines: number;
}

/** Of an event that a chunk cut; more than that goes the ordinary way. */
const keptBytesMax = 64 * 1024;
const LF = 10;

export class DirectSplitter {
  readonly #direct: DirectLines;
  readonly #lines: LineSplitter;
  #bytes = Buffer.alloc(0);
  /** Where the bytes end that are kept, from the beginning. */
  #kept = 0;

  /** `lines` takes what `direct` does not. */
  constructor(direct: DirectLines, lines: LineSplitter) {
    this.#direct = direct;
    this.#lines = lines;
  }

  push(chunk: Buffer): void {
    const end = this.#join(chunk);
    const bytes = this.#bytes;
    let start = this.#finishLine(end);
    this.#direct.load(bytes, end);
    /** What lies between goes the ordinary way, when its turn has come. */
    let taken = start;
    while (start < end) {
      if (this.#direct.mayTake(start)) {
        this.#pass(taken, start);
        taken = start;
        const next = this.#direct.take(start);
        if (next !== -1) {
          this.#lines.skip(this.#direct.lines);
          taken = next;
          start = next;
          continue;
        }
        if (this.#direct.isCut() && end - start <= keptBytesMax) {
          bytes.copyWithin(0, start, end);
          this.#kept = end - start;
          return;
        }
      }
      const feed = bytes.indexOf(LF, start);
      start = feed === -1 || feed >= end ? end : feed + 1;
    }
    this.#pass(taken, end);
  }

  /** See LineSplitter. */
  end(): void {
    this.#flush();
    this.#lines.end();
  }

  /** See LineSplitter. */
  cut(): string {
    this.#flush();
    return this.#lines.cut();
  }

  #flush(): void {
    this.#pass(0, this.#kept);
    this.#kept = 0;
  }

  /** Puts the chunk behind what is kept; answers where it ends. */
  #join(chunk: Buffer): number {
    const end = this.#kept + chunk.length;
    if (end + slackBytes > this.#bytes.length) {
      const bytes = Buffer.alloc(keptBytesMax + chunk.length + slackBytes);
      this.#bytes.copy(bytes, 0, 0, this.#kept);
      this.#bytes = bytes;
    }
    this.#bytes.set(chunk, this.#kept);
    this.#bytes.fill(0, end, end + slackBytes);
    this.#kept = 0;
    return end;
  }

  /** Where the first line that is all here begins: before it may stand the end of one that is in `lines` already. */
  #finishLine(end: number): number {
    if (!this.#lines.isInLine) return 0;
    const feed = this.#bytes.indexOf(LF);
    const next = feed === -1 || feed >= end ? end : feed + 1;
    this.#pass(0, next);
    return next;
  }

  #pass(start: number, end: number): void {
    if (end > start) this.#lines.push(this.#bytes.subarray(start, end));
  }
}
