// How many records travel from the reader's thread to the main one as a single block of bytes:
//   repeated { u32 type + (length << 16), length bytes of payload, zero to three bytes of padding }, native-endian.
// One transfer for hundreds of records, no object for each. Copied by 32-bit words: for some 150 bytes that is several
// times as fast as a call into the runtime.

/** Before each payload. */
export const BATCH_ENTRY_HEADER_BYTES = 4;
/** The longest payload that an entry can hold. */
export const BATCH_PAYLOAD_MAX = 0xffff;

/** Calls `take` for each record, in order; `payload` as latin1. Returns how many there were. Ends at what is none. */
export function forEachRecord(batch: Uint8Array, take: (type: number, payload: string) => void): number {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  let offset = 0;
  let count = 0;
  while (offset + BATCH_ENTRY_HEADER_BYTES <= bytes.length) {
    const head = bytes.readUInt32LE(offset);
    const start = offset + BATCH_ENTRY_HEADER_BYTES;
    const length = head >>> 16;
    take(head & 0xffff, bytes.toString('latin1', start, start + length));
    offset = start + ((length + 3) & ~3);
    count++;
  }
  return count;
}

/** Collects records until they are taken away. */
export class BatchBuilder {
  readonly #words: Uint32Array;
  #used = 0;
  #records = 0;

  constructor(capacityBytes: number) {
    this.#words = new Uint32Array(Math.ceil(capacityBytes / 4));
  }

  get records(): number {
    return this.#records;
  }

  get usedBytes(): number {
    return this.#used * 4;
  }

  /** Room for another payload of that many bytes. */
  fits(payloadBytes: number): boolean {
    return this.#used + 1 + ((payloadBytes + 3) >> 2) <= this.#words.length;
  }

  /** `lengthBytes` bytes from the word `start` of `source` on. The caller has asked `fits`. */
  add(type: number, source: Uint32Array, start: number, lengthBytes: number): void {
    const words = this.#words;
    const count = (lengthBytes + 3) >> 2;
    let at = this.#used;
    words[at++] = type + lengthBytes * 0x10000;
    for (let i = 0; i < count; i++) words[at + i] = source[start + i] ?? 0;
    this.#used = at + count;
    this.#records++;
  }

  /** A copy in memory of its own, ready to be transferred; the builder is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const copy = this.#words.slice(0, this.#used);
    this.clear();
    return new Uint8Array(copy.buffer);
  }

  clear(): void {
    this.#used = 0;
    this.#records = 0;
  }
}
