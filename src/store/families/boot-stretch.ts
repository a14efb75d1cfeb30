// How much of a boot is read at once: all of it, or where it has too many records those around one domain.

import { firstSlot, slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { BootRow, Stretch } from './boot-rows.ts';

export interface StretchBounds {
  /** Denials of a boot that is read as a whole. */
  readonly denialsMax: number;
  readonly domainsMax: number;
  /** Denials of a part. */
  readonly partMax: number;
}

/** A stretch to read, and which domains it is good for: those first seen between the two times (inclusive). */
export interface Reach extends Stretch {
  readonly isWhole: boolean;
  readonly goodFromMs: number;
  readonly goodToMs: number;
}

export const BOOT_SPAN_SQL = 'SELECT first_ms, last_ms FROM boots WHERE id = ?';

export const BOOT_DENIAL_COUNT_SQL = `
  SELECT count(*) AS count FROM (SELECT 1 FROM denials WHERE host = ? AND id >= ? AND id < ? LIMIT ?)`;

export const BOOT_DOMAIN_COUNT_SQL = `
  SELECT count(*) AS count FROM (SELECT 1 FROM domains WHERE boot = ? LIMIT ?)`;

export const SLOT_BEFORE_SQL = `
  SELECT id FROM denials WHERE host = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT 1 OFFSET ?`;

export const SLOT_AFTER_SQL = `
  SELECT id FROM denials WHERE host = ? AND id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?`;

/** undefined: there is no such boot. `aroundMs`: what a part is to be around. */
export function reachOf(db: Database, boot: BootRow, aroundMs: number, bounds: StretchBounds): Reach | undefined {
  const span = statement<{ first_ms: number; last_ms: number }>(db, BOOT_SPAN_SQL).get(boot.boot);
  if (span === undefined) return undefined;
  const whole = { firstSlot: firstSlot(span.first_ms), endSlot: firstSlot(span.last_ms + 1) };
  const { denialsMax, domainsMax } = bounds;
  const count = (sql: string, ...values: number[]) => statement<{ count: number }>(db, sql).get(...values)?.count ?? 0;
  const isWhole =
    count(BOOT_DENIAL_COUNT_SQL, boot.host, whole.firstSlot, whole.endSlot, denialsMax + 1) <= denialsMax &&
    count(BOOT_DOMAIN_COUNT_SQL, boot.boot, domainsMax + 1) <= domainsMax;
  if (!isWhole) return partOf(db, boot, whole, aroundMs, bounds.partMax);
  return {
    ...whole,
    fromMs: span.first_ms,
    toMs: span.last_ms,
    isWhole,
    goodFromMs: Number.NEGATIVE_INFINITY,
    goodToMs: Number.POSITIVE_INFINITY,
  };
}

/** As many denials before as after; good for the domains of the middle half. */
function partOf(
  db: Database,
  { host }: BootRow,
  whole: Pick<Stretch, 'firstSlot' | 'endSlot'>,
  aroundMs: number,
  partMax: number,
): Reach {
  const middle = firstSlot(aroundMs);
  const before = (rows: number) => slotOf(db, SLOT_BEFORE_SQL, host, whole.firstSlot, middle, rows);
  const after = (rows: number) => slotOf(db, SLOT_AFTER_SQL, host, middle, whole.endSlot, rows);
  const [half, quarter] = [Math.ceil(partMax / 2), Math.ceil(partMax / 4)];
  const [first, end] = [before(half), after(half)];
  const [goodFirst, goodEnd] = [before(quarter), after(quarter)];
  return {
    firstSlot: first ?? whole.firstSlot,
    endSlot: end ?? whole.endSlot,
    fromMs: slotMs(first ?? whole.firstSlot),
    toMs: slotMs(end ?? whole.endSlot),
    isWhole: false,
    goodFromMs: first === undefined || goodFirst === undefined ? Number.NEGATIVE_INFINITY : slotMs(goodFirst),
    goodToMs: end === undefined || goodEnd === undefined ? Number.POSITIVE_INFINITY : slotMs(goodEnd),
  };
}

/** undefined: there are not so many. */
function slotOf(db: Database, sql: string, host: number, first: number, end: number, rows: number): number | undefined {
  return statement<{ id: number }>(db, sql).get(host, first, end, rows)?.id;
}
