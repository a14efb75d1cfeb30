// Writes many lines to a stream in large blocks, waits where the reader is slow, and ends quietly where nobody
// reads any more (`trespass decode log | head`).
import type { Writable } from 'node:stream';

/** Lines are gathered up to this many characters. */
const BLOCK_CHARACTERS = 64 * 1024;

export class LineWriter {
  readonly #stream: Writable;
  #block = '';
  #isClosed = false;
  #waiting: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  /** True when nobody reads any more: further lines go nowhere. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Without its line feed. */
  write(line: string): void {
    this.#block += `${line}\n`;
    if (this.#block.length >= BLOCK_CHARACTERS) this.#flush();
  }

  /** A promise while the reader is behind. Rejects when writing failed for another reason than a closed pipe. */
  room(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosed || !this.#stream.writableNeedDrain) return undefined;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#stream.off('drain', settle);
        this.#waiting = undefined;
        if (this.#failure === undefined) resolve();
        else reject(this.#failure);
      };
      this.#waiting = settle;
      this.#stream.once('drain', settle);
    });
  }

  /** Resolves when everything has been handed to the system. The stream stays open. */
  async end(): Promise<void> {
    this.#flush();
    while (!this.#isClosed && this.#stream.writableLength > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
        this.#stream.write('', () => resolve());
      });
    }
    this.#waiting = undefined;
    this.#stream.off('close', this.#onClose);
    // The error listener stays: an error that comes late must not end the process.
    if (this.#failure !== undefined) throw this.#failure;
  }

  #flush(): void {
    const block = this.#block;
    this.#block = '';
    if (block === '' || this.#isClosed) return;
    // Most blocks are ASCII: those are copied as they are, which is cheaper than encoding them.
    this.#stream.write(block, Buffer.byteLength(block) === block.length ? 'latin1' : 'utf8');
  }

  readonly #onError = (error: Error): void => {
    if (!('code' in error) || error.code !== 'EPIPE') this.#failure ??= error;
    this.#onClose();
  };

  readonly #onClose = (): void => {
    this.#isClosed = true;
    this.#waiting?.();
  };
}
