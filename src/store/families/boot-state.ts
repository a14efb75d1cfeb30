// Whether something was stored of a boot since an answer was made: first by counters that cost nothing to ask, and where
// those changed, perhaps because of another boot of the host, by what the boot's domains add up to.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { BootRow } from './boot-rows.ts';

/** Answers about a boot hold while this is the same. */
export interface BootState {
  readonly denialsOfHost: number;
  /** The newest rows beside the denials, one a table of `TABLES`. */
  readonly newest: readonly number[];
  /** What the boot's domains add up to. */
  readonly sums: string;
}

export const HOST_DENIALS_SQL = 'SELECT denials + canaries AS denials FROM hosts WHERE id = ?';

/** Of each table: its newest row, and whether there is one of a boot after another row. */
export const TABLES = [
  {
    newest: 'SELECT max(id) AS id FROM domain_events',
    since: `
  SELECT 1 FROM domain_events e CROSS JOIN domains m ON m.id = e.domain WHERE e.id > ? AND m.boot = ? LIMIT 1`,
  },
  {
    newest: 'SELECT max(id) AS id FROM domain_creations',
    since: `
  SELECT 1 FROM domain_creations c CROSS JOIN domains m ON m.id = c.domain WHERE c.id > ? AND m.boot = ? LIMIT 1`,
  },
  {
    newest: 'SELECT max(id) AS id FROM sandbox_calls',
    since: 'SELECT 1 FROM sandbox_calls WHERE id > ? AND boot = ? LIMIT 1',
  },
] as const;

export const BOOT_SUMS_SQL = `
  SELECT count(*) || ' ' || sum(m.logged + m.traced) || ' ' || count(m.allocation) || ' ' || count(m.deallocation) || ' '
    || max(m.last_ms) AS sums
  FROM domains m
  WHERE m.boot = ?`;

/** To be asked before what it is to stand for is read. */
export function bootState(db: Database, { host, boot }: BootRow): BootState {
  return {
    denialsOfHost: denialsOf(db, host),
    newest: newestRows(db),
    sums: statement<{ sums: string | null }>(db, BOOT_SUMS_SQL).get(boot)?.sums ?? '',
  };
}

/** The present state if nothing was stored of the boot since `known`; otherwise undefined. */
export function unchangedState(db: Database, boot: BootRow, known: BootState, isWhole: boolean): BootState | undefined {
  const newest = newestRows(db);
  const hasNew = TABLES.some(({ since }, index) => {
    const before = known.newest[index] ?? 0;
    return newest[index] !== before && statement(db, since).get(before, boot.boot) !== undefined;
  });
  if (hasNew) return undefined;
  if (denialsOf(db, boot.host) === known.denialsOfHost) return { ...known, newest };
  if (!isWhole) return undefined;
  const now = bootState(db, boot);
  return now.sums === known.sums ? now : undefined;
}

function denialsOf(db: Database, host: number): number {
  return statement<{ denials: number }>(db, HOST_DENIALS_SQL).get(host)?.denials ?? 0;
}

function newestRows(db: Database): readonly number[] {
  return TABLES.map(({ newest }) => statement<{ id: number | null }>(db, newest).get()?.id ?? 0);
}
