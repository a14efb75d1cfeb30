// Evidence names the documents that it rests on by event.id. While families are inferred, and while they are kept, the
// rows' own numbers stand for those: most are never shown.
import type { Evidence } from '../answers.ts';
import { fromEventKey } from '../columns/event-key.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { eventIdOfDenial } from './denials.ts';

export const KEY_OF_DOMAIN_EVENT_SQL = 'SELECT event_key, event_rest FROM domain_events WHERE id = ?';

export const KEY_OF_CREATION_SQL = 'SELECT event_key, event_rest FROM domain_creations WHERE id = ?';

export const KEY_OF_CALL_SQL = 'SELECT event_key, event_rest FROM sandbox_calls WHERE id = ?';

const KEY_SQL: ReadonlyMap<string, string> = new Map([
  ['e', KEY_OF_DOMAIN_EVENT_SQL],
  ['c', KEY_OF_CREATION_SQL],
  ['s', KEY_OF_CALL_SQL],
]);

/** A row of domain_creations. */
export function nameOfCreation(row: number): string {
  return `c${row}`;
}

/** A row of sandbox_calls. */
export function nameOfCall(row: number): string {
  return `s${row}`;
}

/** A row of denials. */
export function nameOfDenial(row: number): string {
  return `d${row}`;
}

/** A row of domain_events. */
export function nameOfDomainEvent(row: number): string {
  return `e${row}`;
}

/** With event.ids in place of the rows' names; records that are not stored any more are left out. */
export function withEventIds(db: Database, evidence: readonly Evidence[]): readonly Evidence[] {
  return evidence.map((one) => {
    const { records } = one;
    return Array.isArray(records) ? { ...one, records: records.flatMap((name) => eventIdOf(db, String(name))) } : one;
  });
}

function eventIdOf(db: Database, name: string): string[] {
  const id = Number(name.slice(1));
  if (name.startsWith('d')) {
    const eventId = eventIdOfDenial(db, id);
    return eventId === undefined ? [] : [eventId];
  }
  const sql = KEY_SQL.get(name.charAt(0)) ?? KEY_OF_DOMAIN_EVENT_SQL;
  const row = statement<{ event_key: number; event_rest: Buffer }>(db, sql).get(id);
  return row === undefined ? [] : [fromEventKey(row.event_key, row.event_rest)];
}
