// Whether something was stored of a boot since an answer was made: first by counters that cost nothing to ask, and where
// those changed, perhaps because of another boot of the host, by what the boot's domains add up to.
import type { BootRow } from './boot-rows.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';

/** Answers about a boot hold while this is the same. */
export interface BootState {
  readonly denialsOfHost: number;
  readonly lastEvent: number;
  /** What the boot's domains add up to; '' where they are too many to ask. */
  readonly sums: string;
}

export const HOST_DENIALS_SQL = 'SELECT denials + canaries AS denials FROM hosts WHERE id = ?';

export const LAST_EVENT_SQL = 'SELECT max(id) AS id FROM domain_events';

export const EVENT_SINCE_SQL = `
  SELECT 1 FROM domain_events e JOIN domains m ON m.id = e.domain WHERE e.id > ? AND m.boot = ? LIMIT 1`;

export const BOOT_SUMS_SQL = `
  SELECT count(*) || ' ' || sum(m.logged) || ' ' || count(m.allocation) || ' ' || count(m.deallocation) || ' '
    || max(m.last_ms) AS sums
  FROM domains m
  WHERE m.host = ? AND m.boot = ?`;

/** To be asked before what it is to stand for is read. */
export function bootState(db: Database, { host, boot }: BootRow): BootState {
  return {
    denialsOfHost: statement<{ denials: number }>(db, HOST_DENIALS_SQL).get(host)?.denials ?? 0,
    lastEvent: statement<{ id: number | null }>(db, LAST_EVENT_SQL).get()?.id ?? 0,
    sums: statement<{ sums: string | null }>(db, BOOT_SUMS_SQL).get(host, boot)?.sums ?? '',
  };
}

/** The present state if nothing was stored of the boot since `known`; otherwise undefined. */
export function unchangedState(db: Database, boot: BootRow, known: BootState, isWhole: boolean): BootState | undefined {
  const denialsOfHost = statement<{ denials: number }>(db, HOST_DENIALS_SQL).get(boot.host)?.denials ?? 0;
  const lastEvent = statement<{ id: number | null }>(db, LAST_EVENT_SQL).get()?.id ?? 0;
  const hasEvents =
    lastEvent !== known.lastEvent && statement(db, EVENT_SINCE_SQL).get(known.lastEvent, boot.boot) !== undefined;
  if (denialsOfHost === known.denialsOfHost && !hasEvents) return { ...known, lastEvent };
  if (!isWhole) return undefined;
  const now = bootState(db, boot);
  return now.sums === known.sums ? now : undefined;
}
