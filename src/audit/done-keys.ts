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
  signatures: readonly number[];
}

const NO_SIGNATURES: readonly number[] = [];

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

export class DoneKeys {
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(doneKeysMax).fill(undefined);

  /** The slot of the record's event if it is remembered as complete. */
  find(record: AuditRecord): { readonly indexed: number; readonly signatures: readonly number[] } | undefined {
    const slot = this.#slots[record.serial & (doneKeysMax - 1)];
    if (slot === undefined || slot.serial !== record.serial || slot.seconds !== record.seconds) return undefined;
    return slot.millis === record.millis && slot.node === record.node ? slot : undefined;
  }

  /** Remembers `key` as complete, with the indexed records among `records`. Adds to what is known of the key. */
  add(
    key: Pick<AuditRecord, 'node' | 'seconds' | 'millis' | 'serial'>,
    records: readonly AuditRecord[],
    isIndexed: (type: number) => boolean,
  ): void {
    const at = key.serial & (doneKeysMax - 1);
    let slot = this.#slots[at];
    if (slot === undefined) {
      slot = { node: '', seconds: 0, millis: 0, serial: -1, indexed: 0, signatures: NO_SIGNATURES };
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
      slot.signatures = NO_SIGNATURES;
    }
    for (const record of records) {
      if (!isIndexed(record.type)) continue;
      slot.indexed++;
      if (slot.signatures.length >= signaturesMax) continue;
      const signature = signatureOf(record);
      slot.signatures = slot.signatures.length === 0 ? [signature] : [...slot.signatures, signature];
    }
  }
}
