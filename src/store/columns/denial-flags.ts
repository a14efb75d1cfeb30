// What denials.flags holds beyond the flags of every kind (common-columns.ts): bits 4 to 7 the index of the denial's
// record in its event, bit 8 whether the row stands for more denials (repeats.ts), from 9 on how many milliseconds its
// slot stands after its time.

const INDEX_UNIT = 16;
const INDEXES = 16;
const REPEATED = 256;
const SPILL_UNIT = 512;

export function toDenialFlags(common: number, index: number, spillMs: number): number {
  return common + index * INDEX_UNIT + spillMs * SPILL_UNIT;
}

/** FOREIGN_INDEX (record-index.ts) where the row's event.id is kept whole. */
export function indexOfFlags(flags: number): number {
  return Math.floor(flags / INDEX_UNIT) % INDEXES;
}

/** Whether the row stands for more denials than its own. */
export function isRepeated(flags: number): boolean {
  return (flags & REPEATED) !== 0;
}

/** How many milliseconds the row's slot stands after its time. */
export function spillOfFlags(flags: number): number {
  return Math.floor(flags / SPILL_UNIT);
}
