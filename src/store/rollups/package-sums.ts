// Which hosts have which package, and how much is denied to its programs by the day, host and issue: what compares
// versions of a package. Gathered over a batch and written in its transaction; without the canary's.
import type { Denial } from '../../landlock/document.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { HOURS_PER_DAY } from './rollups.ts';

export const DAY_MS = HOURS_PER_DAY * HOUR_MS;
/** A host says every half minute what it has: that it still has it is noted once an hour. */
const NOTED_EVERY_MS = HOUR_MS;

const ADD_TO_DAY = `
  INSERT INTO package_days (package, day, host, issue, denials)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (package, day, host, issue) DO UPDATE SET denials = denials + excluded.denials`;

const SEE_PACKAGE = `
  INSERT INTO host_packages (host, package, first_ms, last_ms)
  VALUES (?, ?, ?, ?)
  ON CONFLICT (host, package) DO UPDATE
  SET first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)
  WHERE excluded.first_ms < first_ms OR excluded.last_ms > last_ms + ?`;

const ADD_PACKAGE = `
  INSERT INTO packages (name, version, type)
  VALUES (?, ?, ?)
  ON CONFLICT (name, version, type) DO NOTHING`;

interface PackageDenial {
  /** Rows. */
  readonly package: number;
  readonly host: number;
  readonly issue: number;
  readonly ms: number;
}

interface Seen {
  readonly host: number;
  readonly package: number;
  firstMs: number;
  lastMs: number;
}

export class PackageSums {
  readonly #db: Database;
  /** By the key of the table. */
  readonly #days = new Map<string, { readonly key: readonly number[]; denials: number }>();
  readonly #seen = new Map<string, Seen>();

  constructor(db: Database) {
    this.#db = db;
  }

  add({ package: owner, host, issue, ms }: PackageDenial): void {
    const key = [owner, Math.floor(ms / DAY_MS), host, issue];
    const text = key.join(' ');
    const sum = this.#days.get(text);
    if (sum === undefined) this.#days.set(text, { key, denials: 1 });
    else sum.denials += 1;
    const place = `${host} ${owner}`;
    const seen = this.#seen.get(place);
    if (seen === undefined) {
      this.#seen.set(place, { host, package: owner, firstMs: ms, lastMs: ms });
      return;
    }
    seen.firstMs = Math.min(seen.firstMs, ms);
    seen.lastMs = Math.max(seen.lastMs, ms);
  }

  flush(): void {
    const addToDay = statement(this.#db, ADD_TO_DAY);
    for (const { key, denials } of this.#days.values()) addToDay.run(...key, denials);
    const see = statement(this.#db, SEE_PACKAGE);
    for (const { host, package: owner, firstMs, lastMs } of this.#seen.values())
      see.run(host, owner, firstMs, lastMs, 0);
    this.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#days.clear();
    this.#seen.clear();
  }
}

/** What a host says that it has now. In a transaction. */
export function notePackages(
  db: Database,
  hostId: string,
  packages: readonly NonNullable<Denial['package']>[],
  nowMs: number,
): void {
  const host = statement<{ id: number }>(db, 'SELECT id FROM hosts WHERE host_id = ?').get(hostId);
  if (host === undefined) return;
  const find = statement<{ id: number }>(db, 'SELECT id FROM packages WHERE name = ? AND version = ? AND type = ?');
  for (const { name, version, type = '' } of packages) {
    const id = find.get(name, version, type)?.id ?? statement(db, ADD_PACKAGE).run(name, version, type).lastInsertRowid;
    statement(db, SEE_PACKAGE).run(host.id, id, nowMs, nowMs, NOTED_EVERY_MS);
  }
}
