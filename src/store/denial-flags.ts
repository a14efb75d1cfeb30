// What denials.flags holds beyond the flags of every kind (common-columns.ts): bits 4 to 7 the index of the denial's
// record in its event, from 8 on how many milliseconds the row's slot stands after its time.

const INDEX_UNIT = 16;
const INDEXES = 16;
const SPILL_UNIT = 256;

export function toDenialFlags(common: number, index: number, spillMs: number): number {
  return common + index * INDEX_UNIT + spillMs * SPILL_UNIT;
}

/** FOREIGN_INDEX (record-index.ts) where the row's event.id is kept whole. */
export function indexOfFlags(flags: number): number {
  return Math.floor(flags / INDEX_UNIT) % INDEXES;
}

/** How many milliseconds the row's slot stands after its time. */
export function spillOfFlags(flags: number): number {
  return Math.floor(flags / SPILL_UNIT);
}
