// Event ids (event-id.ts) of many events of one host and boot, from bytes to bytes.
import { idOfWords, writeIdOfWords } from './event-id.ts';
import { addBlock, BLOCK_BYTES, initialState } from './sha256.ts';

/** Where the stamp's parts stand: `SECONDS.MMM:SERIAL`. */
export interface StampBytes {
  /** Of the bytes; seven more than the stamp has may be read. */
  readonly view: DataView;
  readonly stampStart: number;
  readonly serialStart: number;
  readonly serialEnd: number;
}

/** The number of bits, at the end of the last block. */
const LENGTH_BYTES = 8;
/** Bytes are copied by so many; UTF-8 has no eight that are changed by being a number. */
const WORD_BYTES = 8;
/** What the hash says of the end of the text. */
const END_MARK = 0x80;
/** NUL, the index, and the mark. */
const END_BYTES = 3;

export class EventIds {
  /** After the whole blocks of the beginning, which is the same for all. */
  readonly begun = initialState();
  readonly #headLength: number;
  /** The rest of the beginning, and the event's own text; at most two blocks. */
  readonly #tail = new Uint8Array(2 * BLOCK_BYTES + WORD_BYTES);
  readonly #view = new DataView(this.#tail.buffer);
  readonly #tailStart: number;
  /** Of the id that was asked for last. */
  readonly #words = new Int32Array(this.begun.length);

  constructor(hostId: string, bootId: string) {
    const head = new TextEncoder().encode(`${hostId}\0${bootId}\0`);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    let at = 0;
    for (; at + BLOCK_BYTES <= head.length; at += BLOCK_BYTES) addBlock(this.begun, this.begun, view, at);
    this.#tail.set(head.subarray(at));
    this.#headLength = head.length;
    this.#tailStart = head.length - at;
  }

  /** Writes the id of the record `index` (below 10) at `at`; answers where it ends. */
  write(block: DataView, at: number, stamp: StampBytes, index: number): number {
    this.#hash(stamp, index);
    return writeIdOfWords(block, at, this.#words);
  }

  /** The same as text. */
  text(stamp: StampBytes, index: number): string {
    this.#hash(stamp, index);
    const words = this.#words;
    return idOfWords(words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, words[3] ?? 0, words[4] ?? 0);
  }

  /** Its first 32 bits, signed. */
  key(stamp: StampBytes, index: number): number {
    this.#hash(stamp, index);
    return this.#words[0] ?? 0;
  }

  /** The rest of the beginning, with which each last block begins. */
  get rest(): Uint8Array {
    return this.#tail.subarray(0, this.#tailStart);
  }

  /** Whether all that follows `begun` is one block. */
  isOneBlock({ stampStart, serialEnd }: StampBytes): boolean {
    return this.#tailStart + serialEnd - stampStart + END_BYTES + LENGTH_BYTES <= BLOCK_BYTES;
  }

  /**
   * Writes what follows `rest`, from the first of `bytes` on: the one or two last blocks. Answers how many bytes they
   * are. `view` is of all of `bytes`.
   */
  fill(bytes: Uint8Array, own: DataView, first: number, stamp: StampBytes, index: number): number {
    const { view, stampStart, serialStart, serialEnd } = stamp;
    const start = first + this.#tailStart;
    const length = serialEnd - stampStart;
    for (let i = 0; i < length; i += WORD_BYTES) own.setFloat64(start + i, view.getFloat64(stampStart + i));
    // NUL where the stamp has its colon.
    bytes[start + serialStart - 1 - stampStart] = 0;
    let end = start + length;
    bytes[end] = 0;
    bytes[end + 1] = 48 + index;
    bytes[end + 2] = END_MARK;
    end += END_BYTES;
    const size = this.isOneBlock(stamp) ? BLOCK_BYTES : 2 * BLOCK_BYTES;
    const sizeAt = first + size - LENGTH_BYTES;
    for (; end < sizeAt; end += WORD_BYTES) own.setFloat64(end, 0);
    own.setInt32(sizeAt, 0);
    own.setInt32(sizeAt + 4, (this.#headLength + length + 2) * 8);
    return size;
  }

  #hash(stamp: StampBytes, index: number): void {
    const own = this.#view;
    const size = this.fill(this.#tail, own, 0, stamp, index);
    const words = this.#words;
    addBlock(this.begun, words, own, 0);
    if (size > BLOCK_BYTES) addBlock(words, words, own, BLOCK_BYTES);
  }
}
