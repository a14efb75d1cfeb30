// One answer, one state of the database: a reader asks by many statements, and between two of them retention may remove
// what the first one found, or a batch add to what the second one counts.
import type { Database } from '../../store/database/open.ts';

/** What `read` answers of the database as it is at its first statement. */
export function readSnapshot<T>(db: Database, read: () => T): T {
  return db.transaction(read).deferred();
}
