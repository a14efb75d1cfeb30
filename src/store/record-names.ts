// Evidence names the documents that it rests on by event.id. While families are inferred, and while they are kept, the
// rows' own numbers stand for those: most are never shown.
import type { Evidence } from './answers.ts';
import { fromEventKey } from './event-key.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';

export const KEY_OF_DENIAL_SQL = 'SELECT event_key, event_rest FROM denials WHERE id = ?';

export const KEY_OF_DOMAIN_EVENT_SQL = 'SELECT event_key, event_rest FROM domain_events WHERE id = ?';

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
  const sql = name.startsWith('d') ? KEY_OF_DENIAL_SQL : KEY_OF_DOMAIN_EVENT_SQL;
  const row = statement<{ event_key: number; event_rest: Buffer }>(db, sql).get(Number(name.slice(1)));
  return row === undefined ? [] : [fromEventKey(row.event_key, row.event_rest)];
}
