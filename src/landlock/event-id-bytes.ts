// Event ids (event-id.ts) of many events of one host and boot, from bytes to bytes.
import { hash } from 'node:crypto';
import { idOfDigest, keyOfDigest, writeIdOfDigest } from './event-id.ts';

/** Where the stamp's parts stand. */
export interface StampBytes {
  readonly bytes: Uint8Array;
  readonly stampStart: number;
  readonly serialStart: number;
  readonly serialEnd: number;
}

/** Longest `SECONDS.MMM`, serial and index, with what stands between them. */
const stampBytesMax = 64;

export class EventIds {
  readonly #text: Uint8Array;
  readonly #start: number;
  /** The beginning of the text, by length: a view is dearer than to look one up. */
  readonly #views: (Uint8Array | undefined)[] = [];

  constructor(hostId: string, bootId: string) {
    const head = new TextEncoder().encode(`${hostId}\0${bootId}\0`);
    this.#text = new Uint8Array(head.length + stampBytesMax);
    this.#text.set(head);
    this.#start = head.length;
  }

  /** Writes the id of the record `index` (below 10) at `at`; answers where it ends. */
  write(block: Uint8Array, at: number, stamp: StampBytes, index: number): number {
    return writeIdOfDigest(block, at, this.#digest(stamp, index));
  }

  /** The same as text. */
  text(stamp: StampBytes, index: number): string {
    return idOfDigest(this.#digest(stamp, index));
  }

  /** Its first 32 bits, signed. */
  key(stamp: StampBytes, index: number): number {
    return keyOfDigest(this.#digest(stamp, index));
  }

  #digest({ bytes, stampStart, serialStart, serialEnd }: StampBytes, index: number): string {
    const text = this.#text;
    let end = this.#start;
    for (let i = stampStart; i < serialStart - 1; i++) text[end++] = bytes[i] ?? 0;
    text[end++] = 0;
    for (let i = serialStart; i < serialEnd; i++) text[end++] = bytes[i] ?? 0;
    text[end++] = 0;
    text[end++] = 48 + index;
    this.#views[end] ??= text.subarray(0, end);
    return hash('sha256', this.#views[end] ?? text, 'binary');
  }
}
