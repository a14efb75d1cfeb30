// What the store says of itself.
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreFacts } from '../answers.ts';
import { slotMs } from '../columns/slot.ts';
import { freeBytes } from '../database/free-bytes.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { readRemovals } from '../retention-marks.ts';
import { OLDEST_DENIAL_SQL } from './summary.ts';

/** The counters of the hosts; counting ten million rows would take seconds. With the canary's. */
export const DENIALS_STORED_SQL = `
  SELECT total(denials + canaries - removed) AS n
  FROM hosts`;

export function storeFacts(db: Database): StoreFacts {
  const version = statement<{ version: number }>(db, 'SELECT max(version) AS version FROM migrations').get();
  const denials = statement<{ n: number }>(db, DENIALS_STORED_SQL).get();
  const oldest = statement<{ id: number | null }>(db, OLDEST_DENIAL_SQL).get();
  const logBytes = sizeOf(`${db.name}-wal`);
  const diskFreeBytes = freeBytes(dirname(db.name));
  return {
    path: db.name,
    bytes: (sizeOf(db.name) ?? pagesOf(db)) + (logBytes ?? 0),
    ...(logBytes !== undefined && { log_bytes: logBytes }),
    ...(diskFreeBytes !== undefined && { disk_free_bytes: diskFreeBytes }),
    schema_version: version?.version ?? 0,
    denials: denials?.n ?? 0,
    removed: readRemovals(db),
    ...(oldest?.id === null || oldest === undefined
      ? {}
      : { oldest_denial_at: new Date(slotMs(oldest.id)).toISOString() }),
  };
}

/** undefined where the path is out of this process's reach: the server gives its rights away after opening. */
function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function pagesOf(db: Database): number {
  return Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }));
}
