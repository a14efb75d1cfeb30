// Lists the boots of a host: when each was heard of, and what is known of its domains.

import type { LostCount, Page } from '../answers.ts';
import { toCount, toLostCount } from '../counts/accuracy.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromKeysCursor, type PageRequest, pageLimit, toKeysPage } from '../query/cursor.ts';
import { BOOT_SUPERSEDED_SQL } from '../query/domain-status.ts';
import { checkCancelled } from '../query/scan.ts';
import { type Answer, isRefused } from '../refused.ts';

export interface BootsRequest extends PageRequest {
  /** Host id, or the name of the one last seen of those with it. */
  readonly host: string;
}

export interface BootAnswer {
  readonly id: string;
  /** Its id was made from a log, as no record tells the kernel's. */
  readonly derived?: true;
  /** The host has not booted again since, as far as known. */
  readonly current: boolean;
  readonly first_seen: string;
  readonly last_seen: string;
  /** Without the canary's. `live`: not deallocated, and of the current boot. */
  readonly domains: { readonly total: number; readonly live: number };
  /** Those that audit logged, without the canary's. */
  readonly denials: number;
  readonly unlogged: number;
  readonly lost: readonly LostCount[];
}

interface BootRow {
  readonly id: number;
  readonly host: number;
  readonly boot_id: string;
  readonly is_derived: number;
  readonly is_superseded: number;
  readonly first_ms: number;
  readonly last_ms: number;
}

export const BOOTS_SQL = `
  SELECT b.id, b.host, b.boot_id, b.is_derived, ${BOOT_SUPERSEDED_SQL} AS is_superseded, b.first_ms, b.last_ms
  FROM boots b
  WHERE b.host = ? AND (b.first_ms < ? OR (b.first_ms = ? AND b.id < ?))
  ORDER BY b.first_ms DESC, b.id DESC
  LIMIT ?`;

const HOST_ROW_SQL = `
  SELECT id
  FROM hosts
  WHERE host_id = ? OR name = ?
  ORDER BY host_id = ? DESC, last_ms DESC
  LIMIT 1`;

/** The canary's domains are left out. */
export const BOOT_COUNTS_SQL = `
  SELECT count(*) AS domains, total(deallocated_ms IS NULL) AS live, total(logged) AS denials,
    total(max(0, total - logged)) AS unlogged
  FROM domains
  WHERE boot = ? AND is_canary = 0`;

export const BOOT_LOST_SQL = `
  SELECT cause, total(count) AS n
  FROM gaps
  WHERE host = ? AND boot = ?
  GROUP BY cause
  ORDER BY cause`;

/** One page of a host's boots, the latest first; undefined where there is no such host. */
export function listBoots(db: Database, request: BootsRequest): Answer<Page<BootAnswer>> | undefined {
  const { host } = request;
  const found = statement<{ id: number }>(db, HOST_ROW_SQL).get(host, host, host);
  if (found === undefined) return undefined;
  const after = fromKeysCursor('boots', request.cursor, 2);
  if (isRefused(after)) return after;
  const [firstMs = Number.MAX_SAFE_INTEGER, id = 0] = after ?? [];
  const limit = pageLimit(request.limit);
  const rows = statement<BootRow>(db, BOOTS_SQL).all(found.id, firstMs, firstMs, id, limit + 1);
  return toKeysPage(
    'boots',
    rows,
    limit,
    (row) => [row.first_ms, row.id],
    (row) => toBootAnswer(db, row),
  );
}

interface CountsRow {
  readonly domains: number;
  readonly live: number;
  readonly denials: number;
  readonly unlogged: number;
}

function toBootAnswer(db: Database, row: BootRow): BootAnswer {
  checkCancelled(db);
  const counts = statement<CountsRow>(db, BOOT_COUNTS_SQL).get(row.id);
  const lost = statement<{ cause: string; n: number }>(db, BOOT_LOST_SQL).all(row.host, row.id);
  const isCurrent = row.is_superseded === 0;
  return {
    id: row.boot_id,
    ...(row.is_derived === 1 && { derived: true as const }),
    current: isCurrent,
    first_seen: new Date(row.first_ms).toISOString(),
    last_seen: new Date(row.last_ms).toISOString(),
    domains: { total: counts?.domains ?? 0, live: isCurrent ? (counts?.live ?? 0) : 0 },
    denials: toCount(counts?.denials ?? 0),
    unlogged: toCount(counts?.unlogged ?? 0),
    lost: lost.map(toLostCount),
  };
}
