// The records of events as they came, a few hundred events deflated together. A reference (`raw` in the rows) is
// block * 256 + place in the block. The layout of a block: u16 count, count times u32 length in bytes, the texts in
// UTF-8; all of it deflated with the dictionary that the block's row names.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { rawDictionary, rawDictionaryLatest } from './raw-dictionary.ts';

/** Events in one block: more compress better, fewer are found faster. Part of the format: at most 256. */
const EVENTS_PER_BLOCK = 256;
/** Bytes in one block before compression, so that one with huge events stays readable. */
const blockBytesMax = 1024 * 1024;
/** The text of one event; a longer one is refused. */
export const RAW_LENGTH_MAX = 512 * 1024;
export const RAW_TOO_LONG = `raw: longer than ${RAW_LENGTH_MAX} characters`;
/** What a block may grow to when it is read. */
const inflatedBytesMax = blockBytesMax + 4 * RAW_LENGTH_MAX;
/** Room for a block of usual events; one with larger ones has its own for as long as it is gathered. */
const bufferBytes = 256 * 1024;
/** zlib's level: 1 costs a fifth of 6 and loses a tenth on this text. */
const level = 1;

/** The text of one event as bytes; `write` answers where it ends, or -1 where it has to be taken as `text`. */
export interface WritableText {
  readonly bytesMax: number;
  write(to: DataView, at: number): number;
  text(): string;
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Gathers the texts of a batch. References are final at once; `flush` writes the last block. */
export class RawBlockWriter {
  readonly #db: Database;
  #block: number | undefined;
  #count = 0;
  /** The block as it will be deflated, its head (of EVENTS_PER_BLOCK lengths) apart. */
  readonly #head = Buffer.alloc(2 + 4 * EVENTS_PER_BLOCK);
  #texts: Buffer = Buffer.alloc(bufferBytes);
  #view = viewOf(this.#texts);
  #bytes = 0;
  #nowMs = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Takes the text of one event and answers its reference. */
  add(text: string, nowMs: number): number {
    if (this.#count >= EVENTS_PER_BLOCK || this.#bytes >= blockBytesMax) this.flush();
    this.#nowMs = nowMs;
    this.#block ??= this.#nextBlock();
    this.#makeRoom(text.length * 3);
    const length = this.#texts.write(text, this.#bytes, 'utf8');
    this.#head.writeUInt32LE(length, 2 + 4 * this.#count);
    this.#bytes += length;
    this.#count += 1;
    return this.#block * EVENTS_PER_BLOCK + this.#count - 1;
  }

  /** The same for a text that is bytes already. */
  addWritten(text: WritableText, nowMs: number): number {
    if (this.#count >= EVENTS_PER_BLOCK || this.#bytes >= blockBytesMax) this.flush();
    this.#makeRoom(text.bytesMax);
    const end = text.write(this.#view, this.#bytes);
    if (end === -1) return this.add(text.text(), nowMs);
    this.#nowMs = nowMs;
    this.#block ??= this.#nextBlock();
    this.#head.writeUInt32LE(end - this.#bytes, 2 + 4 * this.#count);
    this.#bytes = end;
    this.#count += 1;
    return this.#block * EVENTS_PER_BLOCK + this.#count - 1;
  }

  flush(): void {
    if (this.#block === undefined) return;
    this.#head.writeUInt16LE(this.#count, 0);
    const block = Buffer.concat([this.#head.subarray(0, 2 + 4 * this.#count), this.#texts.subarray(0, this.#bytes)]);
    const bytes = deflateRawSync(block, {
      level,
      // One piece of output where the default of 16 KiB would be several: a third less time.
      chunkSize: Math.max(block.length, 1_024),
      dictionary: rawDictionary(rawDictionaryLatest),
    });
    const insert = statement(this.#db, 'INSERT INTO raw_blocks (id, dictionary, stored_ms, bytes) VALUES (?, ?, ?, ?)');
    insert.run(this.#block, rawDictionaryLatest, this.#nowMs, bytes);
    this.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#block = undefined;
    this.#count = 0;
    this.#bytes = 0;
    if (this.#texts.length > bufferBytes) this.#setTexts(Buffer.alloc(bufferBytes));
  }

  #makeRoom(bytes: number): void {
    const wanted = this.#bytes + bytes;
    if (wanted <= this.#texts.length) return;
    const larger = Buffer.alloc(Math.max(wanted, this.#texts.length * 2));
    this.#texts.copy(larger, 0, 0, this.#bytes);
    this.#setTexts(larger);
  }

  #setTexts(texts: Buffer): void {
    this.#texts = texts;
    this.#view = viewOf(texts);
  }

  #nextBlock(): number {
    const last = statement<{ id: number | null }>(this.#db, 'SELECT max(id) AS id FROM raw_blocks').get();
    return (last?.id ?? 0) + 1;
  }
}

/** The text of a reference; undefined where retention has taken it. */
export function readRaw(db: Database, reference: number): string | undefined {
  const block = inflateBlock(db, Math.floor(reference / EVENTS_PER_BLOCK));
  if (block === undefined) return undefined;
  const place = reference % EVENTS_PER_BLOCK;
  const count = block.readUInt16LE(0);
  if (place >= count) return undefined;
  let from = 2 + 4 * count;
  for (let i = 0; i < place; i++) from += block.readUInt32LE(2 + 4 * i);
  const length = block.readUInt32LE(2 + 4 * place);
  return length === 0 ? undefined : block.toString('utf8', from, from + length);
}

/**
 * Takes the texts of these references out of their block (`references` are all of one); the others keep their places.
 * Answers how many there were. Within the caller's transaction.
 */
export function blankRaws(db: Database, references: readonly number[]): number {
  const id = Math.floor((references[0] ?? 0) / EVENTS_PER_BLOCK);
  const block = inflateBlock(db, id);
  if (block === undefined) return 0;
  const count = block.readUInt16LE(0);
  const places = new Set(references.map((reference) => reference % EVENTS_PER_BLOCK));
  const head = Buffer.from(block.subarray(0, 2 + 4 * count));
  const texts: Buffer[] = [];
  let blanked = 0;
  for (let place = 0, from = head.length; place < count; place++) {
    const length = block.readUInt32LE(2 + 4 * place);
    if (length > 0 && places.has(place)) {
      head.writeUInt32LE(0, 2 + 4 * place);
      blanked += 1;
    } else texts.push(block.subarray(from, from + length));
    from += length;
  }
  if (blanked === 0) return 0;
  const bytes = deflateRawSync(Buffer.concat([head, ...texts]), { dictionary: rawDictionary(rawDictionaryLatest) });
  const update = statement(db, 'UPDATE raw_blocks SET dictionary = ?, bytes = ? WHERE id = ?');
  update.run(rawDictionaryLatest, bytes, id);
  return blanked;
}

/** The number of the block that a reference is to. */
export function blockOf(reference: number): number {
  return Math.floor(reference / EVENTS_PER_BLOCK);
}

function inflateBlock(db: Database, id: number): Buffer | undefined {
  const find = statement<{ dictionary: number; bytes: Buffer }>(
    db,
    'SELECT dictionary, bytes FROM raw_blocks WHERE id = ?',
  );
  const row = find.get(id);
  if (row === undefined) return undefined;
  return inflateRawSync(row.bytes, { dictionary: rawDictionary(row.dictionary), maxOutputLength: inflatedBytesMax });
}
