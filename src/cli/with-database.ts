// Opens the database that a command works on, and says in the store's words what is wrong with it.
import { closeDatabase, type Database, openDatabase } from '../store/database/open.ts';
import { toStoreError } from '../store/database/store-error.ts';

/** What `work` answers. Throws StoreError. */
export function withDatabase<T>(path: string, options: { readonly readonly?: boolean }, work: (db: Database) => T): T {
  const db = openDatabase(path, options);
  try {
    return work(db);
  } catch (error) {
    throw toStoreError(error, path);
  } finally {
    closeDatabase(db);
  }
}
