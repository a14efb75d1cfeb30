// How many records travel from the reader's thread to the main one as a single block of bytes:
//   repeated { u16 type, u16 length, length bytes of payload }, little-endian.
// One transfer for hundreds of records, no object for each.

/** Before each payload. */
export const BATCH_ENTRY_HEADER_BYTES = 4;

/** Calls `take` for each record, in order; `payload` as latin1. Returns how many there were. */
export function forEachRecord(batch: Uint8Array, take: (type: number, payload: string) => void): number {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  let offset = 0;
  let count = 0;
  while (offset + BATCH_ENTRY_HEADER_BYTES <= bytes.length) {
    const type = bytes.readUInt16LE(offset);
    const start = offset + BATCH_ENTRY_HEADER_BYTES;
    const end = start + bytes.readUInt16LE(offset + 2);
    take(type, bytes.toString('latin1', start, end));
    offset = end;
    count++;
  }
  return count;
}

/** Collects records until they are taken away. */
export class BatchBuilder {
  readonly #bytes: Buffer;
  #used = 0;
  #records = 0;

  constructor(capacityBytes: number) {
    this.#bytes = Buffer.alloc(capacityBytes);
  }

  get records(): number {
    return this.#records;
  }

  get usedBytes(): number {
    return this.#used;
  }

  /** Room for another payload of that many bytes. */
  fits(payloadBytes: number): boolean {
    return this.#used + BATCH_ENTRY_HEADER_BYTES + payloadBytes <= this.#bytes.length;
  }

  /** The caller has asked `fits`. */
  add(type: number, source: Buffer, start: number, end: number): void {
    const at = this.#used;
    this.#bytes.writeUInt16LE(type, at);
    this.#bytes.writeUInt16LE(end - start, at + 2);
    source.copy(this.#bytes, at + BATCH_ENTRY_HEADER_BYTES, start, end);
    this.#used = at + BATCH_ENTRY_HEADER_BYTES + (end - start);
    this.#records++;
  }

  /** A copy in memory of its own, ready to be transferred; the builder is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(this.#used);
    copy.set(this.#bytes.subarray(0, this.#used));
    this.clear();
    return copy;
  }

  clear(): void {
    this.#used = 0;
    this.#records = 0;
  }
}
