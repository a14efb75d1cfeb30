// When tokens and sessions were last used: noted in memory and written now and then, all at once, so that a request
// that only reads needs no write. Also on a full disk, and beside a long import, a token works.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { StoreError, toStoreError } from '../database/store-error.ts';

export type UsedTable = 'tokens' | 'sessions';

/** Uses of each that are not written yet; those beyond are noted when they come again. */
const usesMax = 1_000;

const UPDATES: Readonly<Record<UsedTable, string>> = {
  tokens: 'UPDATE tokens SET used_ms = max(coalesce(used_ms, 0), ?) WHERE id = ?',
  sessions: 'UPDATE sessions SET used_ms = max(used_ms, ?) WHERE id = ?',
};

export class LastUses {
  readonly #db: Database;
  /** By id: milliseconds since the epoch of its last use. */
  readonly #uses: Readonly<Record<UsedTable, Map<number, number>>> = { tokens: new Map(), sessions: new Map() };

  constructor(db: Database) {
    this.#db = db;
  }

  note(table: UsedTable, id: number, nowMs: number): void {
    const uses = this.#uses[table];
    if (uses.size < usesMax || uses.has(id)) uses.set(id, nowMs);
  }

  /** What was noted and is not written yet. */
  noted(table: UsedTable, id: number): number | undefined {
    return this.#uses[table].get(id);
  }

  /** Writes what was noted; where the database cannot take it, it stays noted for the next time. */
  write(): void {
    const tables = (['tokens', 'sessions'] as const).filter((table) => this.#uses[table].size > 0);
    if (tables.length === 0 || !this.#db.open || this.#db.readonly || this.#db.inTransaction) return;
    const waitMs = Number(this.#db.pragma('busy_timeout', { simple: true }));
    try {
      // Whoever holds the lock is not waited for: this is worth no stall of the requests behind it.
      this.#db.pragma('busy_timeout = 0');
      this.#db.transaction(() => tables.forEach((table) => void this.#update(table))).immediate();
      for (const table of tables) this.#uses[table].clear();
    } catch (error) {
      // Full, locked or broken: the writer of denials meets the same and says so.
      if (!(toStoreError(error, this.#db.name) instanceof StoreError)) throw error;
    } finally {
      this.#db.pragma(`busy_timeout = ${waitMs}`);
    }
  }

  #update(table: UsedTable): void {
    const update = statement(this.#db, UPDATES[table]);
    for (const [id, usedMs] of this.#uses[table]) update.run(usedMs, id);
  }
}
