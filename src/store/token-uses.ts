// When tokens were last used: noted in memory and written now and then, all at once, so that a request that only reads
// needs no write. Also on a full disk, and beside a long import, a token works.
import type { Database } from './open.ts';
import { statement } from './statement.ts';
import { StoreError, toStoreError } from './store-error.ts';

/** Tokens whose use is not written yet; those beyond are noted when they are used again. */
const usesMax = 1_000;

export class TokenUses {
  readonly #db: Database;
  /** By token id: milliseconds since the epoch of its last use. */
  readonly #uses = new Map<number, number>();

  constructor(db: Database) {
    this.#db = db;
  }

  note(id: number, nowMs: number): void {
    if (this.#uses.size < usesMax || this.#uses.has(id)) this.#uses.set(id, nowMs);
  }

  /** Writes what was noted; where the database cannot take it, it stays noted for the next time. */
  write(): void {
    if (this.#uses.size === 0 || !this.#db.open || this.#db.readonly || this.#db.inTransaction) return;
    const waitMs = Number(this.#db.pragma('busy_timeout', { simple: true }));
    try {
      // Whoever holds the lock is not waited for: this is worth no stall of the requests behind it.
      this.#db.pragma('busy_timeout = 0');
      this.#db.transaction(() => this.#update()).immediate();
      this.#uses.clear();
    } catch (error) {
      // Full, locked or broken: the writer of denials meets the same and says so.
      if (!(toStoreError(error, this.#db.name) instanceof StoreError)) throw error;
    } finally {
      this.#db.pragma(`busy_timeout = ${waitMs}`);
    }
  }

  #update(): void {
    const update = statement(this.#db, 'UPDATE tokens SET used_ms = max(coalesce(used_ms, 0), ?) WHERE id = ?');
    for (const [id, usedMs] of this.#uses) update.run(usedMs, id);
  }
}
