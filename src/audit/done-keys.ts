// Remembers which events are complete, so that what comes late is known to be late and what comes twice is known
// to be a repetition. Bounded: one slot for each of the last serials; a newer event takes its slot over.
import type { AuditRecord } from './record.ts';

/** How many complete events are remembered. Serials rise by one, so these are the latest ones. */
export const doneKeysMax = 8192;

/** More indexed records than any event of the kernel has; later ones are not compared. */
const signaturesMax = 256;

interface Slot {
  node: string;
  seconds: number;
  millis: number;
  serial: number;
  /** How many indexed records the event had. */
  indexed: number;
  /** Of the first indexed record, if there is one: most events have no further one. */
  first: number;
  more: number[] | undefined;
}

type Key = Pick<AuditRecord, 'node' | 'seconds' | 'millis' | 'serial'>;

function addSignature(slot: Slot, signature: number): void {
  slot.indexed++;
  if (slot.indexed === 1) slot.first = signature;
  else if (slot.indexed <= signaturesMax) {
    slot.more ??= [];
    slot.more.push(signature);
  }
}

/** What is remembered of a complete event. */
export type Done = Readonly<Pick<Slot, 'indexed' | 'first' | 'more'>>;

/** Whether an indexed record with this signature was in the event. */
export function hasSignature({ indexed, first, more }: Done, signature: number): boolean {
  return indexed > 0 && (first === signature || (more?.includes(signature) ?? false));
}

/** Characters that make a signature. */
const samples = 16;

/** A number that differs for different texts, save by accident: over the type, the length and some characters. */
export function signatureOf({ type, text }: AuditRecord): number {
  const { length } = text;
  let hash = type + length * 31;
  const step = length > samples ? (length / samples) | 0 : 1;
  for (let at = length - 1; at >= 0; at -= step) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** {@link signatureOf} of a record whose text stands in `bytes` from `start` up to `end`. */
export function signatureOfBytes(type: number, bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let hash = type + length * 31;
  const step = length > samples ? (length / samples) | 0 : 1;
  for (let at = end - 1; at >= start; at -= step) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
  return hash;
}

export class DoneKeys {
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(doneKeysMax).fill(undefined);

  /** The slot of the record's event if it is remembered as complete. */
  find(record: AuditRecord): Done | undefined {
    const slot = this.#slots[record.serial & (doneKeysMax - 1)];
    if (slot === undefined || slot.serial !== record.serial || slot.seconds !== record.seconds) return undefined;
    return slot.millis === record.millis && slot.node === record.node ? slot : undefined;
  }

  /** Remembers `key` as complete, with the indexed records among `records`. Adds to what is known of the key. */
  add(key: Key, records: readonly AuditRecord[], isIndexed: (type: number) => boolean): void {
    const slot = this.#slotFor(key);
    for (const record of records) if (isIndexed(record.type)) addSignature(slot, signatureOf(record));
  }

  /** The same for a key whose indexed records have these signatures. */
  addSignatures(key: Key, signatures: Int32Array, count: number): void {
    const slot = this.#slotFor(key);
    for (let i = 0; i < count; i++) addSignature(slot, signatures[i] ?? 0);
  }

  #slotFor(key: Key): Slot {
    const at = key.serial & (doneKeysMax - 1);
    let slot = this.#slots[at];
    if (slot === undefined) {
      slot = { node: '', seconds: 0, millis: 0, serial: -1, indexed: 0, first: 0, more: undefined };
      this.#slots[at] = slot;
    }
    const same =
      slot.serial === key.serial &&
      slot.seconds === key.seconds &&
      slot.millis === key.millis &&
      slot.node === key.node;
    if (!same) {
      slot.node = key.node;
      slot.seconds = key.seconds;
      slot.millis = key.millis;
      slot.serial = key.serial;
      slot.indexed = 0;
      slot.more = undefined;
    }
    return slot;
  }
}
