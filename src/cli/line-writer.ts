// Writes many lines to a stream in large blocks, waits where the reader is slow, and ends quietly where nobody
// reads any more (`trespass decode log | head`).
import type { Writable } from 'node:stream';
import type { ByteSink, Room } from '../landlock/stencil/stencil-json.ts';

const LF = 10;

/** Lines are gathered up to this many bytes… */
const GATHERED_BYTES = 256 * 1024;
/** …in blocks with room for a long one more. */
const BLOCK_BYTES = 2 * GATHERED_BYTES;
/** Blocks that were written and are kept to be filled again. */
const FREE_MAX = 4;
/** Bytes of one character of a string in UTF-8, at most. */
const CHARACTER_BYTES_MAX = 3;

interface OwnRoom extends Room {
  readonly block: Buffer;
  at: number;
}

function roomIn(block: Buffer): OwnRoom {
  return { block, view: new DataView(block.buffer, block.byteOffset, block.byteLength), at: 0 };
}

export class LineWriter implements ByteSink {
  readonly #stream: Writable;
  readonly #free: Buffer[] = [];
  #room = roomIn(Buffer.allocUnsafeSlow(BLOCK_BYTES));
  #isClosed = false;
  #waiting: (() => void) | undefined;
  #failure: Error | undefined;
  readonly #unfinished: (() => void)[] = [];

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
    const { block, at } = this.reserve(line.length * CHARACTER_BYTES_MAX + 1);
    const end = at + block.write(line, at, 'utf8');
    block[end] = LF;
    this.commit(end + 1);
  }

  /** See ByteSink. The answer is only valid until the next call of any kind. */
  reserve(bytes: number): Readonly<OwnRoom> {
    if (this.#room.at + bytes > this.#room.block.length) {
      this.flush();
      if (bytes > this.#room.block.length) this.#room = roomIn(Buffer.allocUnsafeSlow(bytes));
    }
    return this.#room;
  }

  commit(end: number): void {
    this.#room.at = end;
    if (end >= GATHERED_BYTES) this.flush();
  }

  /** See ByteSink. */
  beforeOutput(finish: () => void): void {
    this.#unfinished.push(finish);
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
    this.flush();
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

  /** Hands over what is gathered. */
  flush(): void {
    const { block, at } = this.#room;
    if (at === 0 || this.#isClosed) {
      this.#room.at = 0;
      return;
    }
    for (const finish of this.#unfinished.splice(0)) finish();
    this.#room = roomIn(this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES));
    this.#stream.write(block.subarray(0, at), () => {
      // A block that was made for one long line is not kept.
      if (block.length === BLOCK_BYTES && this.#free.length < FREE_MAX) this.#free.push(block);
    });
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
