// The records of the event that a document belongs to. They are stored with one document of the event only, so its
// siblings (same boot, time and serial) are asked where the document has none itself.

import { firstSlot } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { readRaw } from '../writing/raw-blocks.ts';

export interface EventPlace {
  /** The document's own reference. */
  readonly raw: number | null;
  readonly boot: number;
  readonly serial: number;
  readonly ms: number;
  readonly spillMs: number;
}

/** How much further than the document itself a sibling may have spilled. */
const spillSlackMs = 16;

export const SIBLING_DENIALS_SQL = `
  SELECT d.raw
  FROM denials d
  JOIN domains m ON m.id = d.domain
  WHERE d.id >= ? AND d.id < ? AND d.serial = ? AND d.raw IS NOT NULL AND m.boot = ?
  LIMIT 1`;

export const SIBLING_DOMAIN_EVENTS_SQL = `
  SELECT e.raw
  FROM domain_events e
  JOIN domains m ON m.id = e.domain
  WHERE e.at_ms = ? AND e.serial = ? AND e.raw IS NOT NULL AND m.boot = ?
  LIMIT 1`;

/** The lines of the whole event; none where retention has taken them or none ever came. */
export function recordsOfEvent(db: Database, event: EventPlace): readonly string[] {
  return recordsOf(db, event.raw ?? siblingReference(db, event));
}

/** The lines behind a reference; none where there is no reference. */
export function recordsOf(db: Database, reference: number | null): readonly string[] {
  const text = reference === null ? undefined : readRaw(db, reference);
  return text === undefined ? [] : text.split('\n');
}

function siblingReference(db: Database, event: EventPlace): number | null {
  // Of a tracepoint: audit gave it no serial, and there are no records.
  if (event.serial === 0) return null;
  const from = firstSlot(event.ms);
  const to = firstSlot(event.ms + event.spillMs + spillSlackMs);
  const denial = statement<{ raw: number }>(db, SIBLING_DENIALS_SQL).get(from, to, event.serial, event.boot);
  if (denial !== undefined) return denial.raw;
  return statement<{ raw: number }>(db, SIBLING_DOMAIN_EVENTS_SQL).get(event.ms, event.serial, event.boot)?.raw ?? null;
}
