// One state of the database for all statements of an answer, while the writer goes on.
import type { Database } from './open.ts';

/** Runs `read` in a transaction that only reads. */
export function inSnapshot<T>(db: Database, read: () => T): T {
  return db.transaction(read).deferred();
}
