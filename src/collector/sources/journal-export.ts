// The journal export format (systemd.io/JOURNAL_EXPORT_FORMATS) as journal entries: fields `NAME=value`, or
// `NAME`, a 64-bit little-endian length and the bytes; an empty line ends an entry. Only the fields of
// JOURNAL_FIELDS are kept, and no more than a bounded part of the rest is held at a time.
import { JOURNAL_FIELDS, type JournalEntry } from './journal-entry.ts';

/** Longest field that is looked at; an audit record is far shorter. Longer values are skipped as they pass. */
const FIELD_BYTES_MAX = 1024 * 1024;
const NEWLINE = 10;

type Fields = { -readonly [K in keyof JournalEntry]?: string };

/** Takes entries in order; `index` counts from 1. */
export interface JournalSink {
  entry(entry: JournalEntry, index: number): void;
  /** Input that is no export format; reading goes on after the next empty line. */
  broken(reason: string, text: string, index: number): void;
}

/** Feed it chunks of any size. */
export class JournalExport {
  readonly #sink: JournalSink;
  #pending: Buffer = Buffer.alloc(0);
  #fields: Fields = {};
  #hasFields = false;
  #isBroken = false;
  /** Bytes of a value that is too long, still to be skipped. */
  #skip = 0n;
  #index = 0;

  constructor(sink: JournalSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#skip > 0n) {
      const skipped = this.#skip < BigInt(bytes.length) ? Number(this.#skip) : bytes.length;
      this.#skip -= BigInt(skipped);
      bytes = bytes.subarray(skipped);
    }
    let offset = 0;
    while (offset < bytes.length) {
      const next = this.#field(bytes, offset);
      if (next === undefined) break;
      offset = next;
    }
    let rest = bytes.subarray(Math.min(offset, bytes.length));
    if (rest.length > FIELD_BYTES_MAX) {
      this.#break('journal field without an end', rest);
      rest = rest.subarray(rest.length);
    }
    this.#pending = Buffer.from(rest);
  }

  end(): void {
    if (this.#pending.length > 0) this.push(Buffer.from('\n'));
    if (this.#pending.length > 0 || this.#skip > 0n) this.#break('the journal text ends inside a field', this.#pending);
    this.#pending = Buffer.alloc(0);
    this.#finishEntry();
  }

  /** The input broke off: gives up the entry that is not whole, and answers the beginning of its last field. */
  cut(): string {
    const rest = this.#pending.toString('latin1', 0, Math.min(this.#pending.length, 4096));
    this.#pending = Buffer.alloc(0);
    this.#isBroken = true;
    this.#finishEntry();
    return rest;
  }

  /** Reads one line or field at `offset`; returns where the next one begins, or undefined where bytes are missing. */
  #field(bytes: Buffer, offset: number): number | undefined {
    const end = bytes.indexOf(NEWLINE, offset);
    if (end < 0) return undefined;
    if (end === offset) {
      this.#finishEntry();
      return end + 1;
    }
    if (this.#isBroken) return end + 1;
    const equals = bytes.subarray(offset, end).indexOf(0x3d);
    if (equals >= 0) {
      this.#set(bytes.toString('latin1', offset, offset + equals), bytes, offset + equals + 1, end);
      return end + 1;
    }
    return this.#binaryField(bytes, offset, end);
  }

  #binaryField(bytes: Buffer, offset: number, end: number): number | undefined {
    if (!/^[A-Z0-9_]{1,64}$/.test(bytes.toString('latin1', offset, Math.min(end, offset + 65)))) {
      this.#break('no line of the journal export format', bytes.subarray(offset, end));
      return end + 1;
    }
    if (bytes.length < end + 9) return undefined;
    const length = bytes.readBigUInt64LE(end + 1);
    const start = end + 9;
    if (length > BigInt(FIELD_BYTES_MAX)) {
      this.#hasFields = true;
      this.#skip = length + 1n - BigInt(Math.min(bytes.length - start, Number.MAX_SAFE_INTEGER));
      if (this.#skip > 0n) return bytes.length;
      const over = Number(-this.#skip);
      this.#skip = 0n;
      return bytes.length - over;
    }
    const stop = start + Number(length);
    if (bytes.length < stop + 1) return undefined;
    this.#set(bytes.toString('latin1', offset, end), bytes, start, stop);
    return stop + 1;
  }

  #set(name: string, bytes: Buffer, start: number, end: number): void {
    this.#hasFields = true;
    const key = JOURNAL_FIELDS.get(name);
    if (key !== undefined) this.#fields[key] ??= bytes.toString('latin1', start, end);
  }

  #finishEntry(): void {
    if (this.#hasFields && !this.#isBroken) {
      const f = this.#fields;
      this.#sink.entry(
        {
          transport: f.transport,
          auditType: f.auditType,
          auditId: f.auditId,
          sourceRealtimeUs: f.sourceRealtimeUs,
          message: f.message,
          bootId: f.bootId,
          machineId: f.machineId,
          hostname: f.hostname,
        },
        ++this.#index,
      );
    }
    this.#fields = {};
    this.#hasFields = false;
    this.#isBroken = false;
  }

  #break(reason: string, bytes: Buffer): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#sink.broken(reason, bytes.toString('latin1', 0, Math.min(bytes.length, 4096)), this.#index + 1);
  }
}
