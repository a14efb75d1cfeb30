// Documents that the server will never take: kept in a file beside the spool for people to look at, up to a bound,
// and counted whether they are kept or not.
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const FILE = 'dead-letters.ndjson';
export const DEAD_LETTER_BYTES_MAX = 16 * 1024 * 1024;

export class DeadLetters {
  readonly #fd: number;
  readonly #bytesMax: number;
  #bytes: number;
  #count = 0;

  /** Appends to what earlier runs left. `directory`: the spool's. */
  constructor(directory: string, bytesMax = DEAD_LETTER_BYTES_MAX) {
    this.#fd = openSync(join(directory, FILE), 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
    this.#bytesMax = bytesMax;
  }

  /** Since the start, kept or not. */
  get count(): number {
    return this.#count;
  }

  /** `line`: a line of a batch. False where there is no room for it any more; it is counted all the same. */
  add(line: Buffer, reason: string, nowMs: number): boolean {
    this.#count++;
    const letter = { at: new Date(nowMs).toISOString(), reason, line: line.toString('utf8').trimEnd() };
    const text = Buffer.from(`${JSON.stringify(letter)}\n`);
    if (this.#bytes + text.length > this.#bytesMax) return false;
    try {
      this.#bytes += writeSync(this.#fd, text);
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
