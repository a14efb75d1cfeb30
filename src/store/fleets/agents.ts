// What the collectors say of themselves: the last heartbeat of each host.
import type { Heartbeat } from '../../delivery/batch.ts';
import { noteSilence } from '../counts/silences.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { toStoreError } from '../database/store-error.ts';
import { notePackages } from '../rollups/package-sums.ts';

export interface CollectorRow {
  readonly host: string;
  readonly contactMs: number;
  readonly heartbeat: Heartbeat;
}

/** Collectors listed at once; a fleet has fewer. */
const collectorsMax = 10_000;

const ADD_HOST = `
  INSERT INTO hosts (host_id, name, name_ms, is_replay, first_ms, last_ms)
  VALUES (@id, @name, @nowMs, 0, @nowMs, @nowMs)
  ON CONFLICT (host_id) DO UPDATE
  SET name = excluded.name,
      name_ms = max(ifnull(name_ms, 0), excluded.name_ms),
      is_replay = 0,
      last_ms = max(last_ms, excluded.last_ms)`;

const DESCRIBE_HOST = `
  UPDATE hosts
  SET kernel = ?, arch = ?, distribution = ?, landlock_abi = ?
  WHERE host_id = ?`;

const ADD_BOOT = `
  INSERT INTO boots (host, boot_id, name, is_derived, first_ms, last_ms)
  SELECT id, @boot, @name, 0, @nowMs, @nowMs FROM hosts WHERE host_id = @id
  ON CONFLICT (host, boot_id) DO UPDATE
  SET last_ms = max(last_ms, excluded.last_ms)`;

const SAVE = `
  INSERT INTO collectors (host, contact_ms, heartbeat)
  SELECT id, ?, ? FROM hosts WHERE host_id = ?
  ON CONFLICT (host) DO UPDATE
  SET contact_ms = excluded.contact_ms, heartbeat = excluded.heartbeat`;

const NAME_USER = `
  INSERT INTO user_names (uid, host, name)
  SELECT @uid, id, @name FROM hosts WHERE host_id = @host
  ON CONFLICT (uid, host) DO UPDATE
  SET name = excluded.name
  WHERE name <> excluded.name`;

export const COLLECTORS_SQL = `
  SELECT h.host_id AS host, c.contact_ms AS contactMs, c.heartbeat
  FROM collectors c
  JOIN hosts h ON h.id = c.host
  ORDER BY c.host
  LIMIT ?`;

/** Keeps a checked heartbeat and what it says of its host; names of users and packages apart from it. Throws StoreError. */
export function saveHeartbeat(
  db: Database,
  { users = [], packages = [], ...heartbeat }: Heartbeat,
  nowMs: number,
): void {
  const { host } = heartbeat;
  const save = db.transaction(() => {
    statement(db, ADD_HOST).run({ id: host.id, name: host.name, nowMs });
    statement(db, DESCRIBE_HOST).run(
      host.kernel,
      host.arch,
      host.distribution ?? null,
      host.landlock_abi ?? null,
      host.id,
    );
    statement(db, ADD_BOOT).run({ id: host.id, boot: host.boot_id, name: host.name, nowMs });
    for (const { uid, name } of users) statement(db, NAME_USER).run({ uid, host: host.id, name });
    noteSilence(db, host.id, nowMs);
    notePackages(db, host.id, packages, nowMs);
    statement(db, SAVE).run(nowMs, JSON.stringify(heartbeat), host.id);
  });
  try {
    save.immediate();
  } catch (error) {
    throw toStoreError(error, db.name);
  }
}

export const COLLECTOR_SQL = `
  SELECT h.host_id AS host, c.contact_ms AS contactMs, c.heartbeat
  FROM hosts h
  JOIN collectors c ON c.host = h.id
  WHERE h.host_id = ?`;

/** The last heartbeat of the collector of the host with this id; undefined where it never sent one. */
export function getCollector(db: Database, host: string): CollectorRow | undefined {
  const row = statement<{ host: string; contactMs: number; heartbeat: string }>(db, COLLECTOR_SQL).get(host);
  return row === undefined ? undefined : { ...row, heartbeat: toHeartbeat(row.heartbeat) };
}

/** The last heartbeat of every collector. */
export function listCollectors(db: Database): readonly CollectorRow[] {
  const rows = statement<{ host: string; contactMs: number; heartbeat: string }>(db, COLLECTORS_SQL).all(collectorsMax);
  return rows.map((row) => ({ ...row, heartbeat: toHeartbeat(row.heartbeat) }));
}

/** Our own JSON, checked before it was stored. */
function toHeartbeat(text: string): Heartbeat {
  return JSON.parse(text);
}
