// Indexes of the denials that a large import does without until its end: building one from many rows takes a third of
// keeping it up to date row by row. A process that dies in between leaves a database without them; opening it for
// writing makes them again.
import type { Database } from 'better-sqlite3';

/** As in the migration. The index by spill always stays: no document can be told from a new one without it. */
const INDEXES: readonly (readonly [name: string, definition: string])[] = [
  ['denials_by_host', 'denials (host)'],
  ['denials_by_domain', 'denials (domain)'],
  ['denials_by_issue', 'denials (issue)'],
  ['denials_by_object', 'denials (object) WHERE object IS NOT NULL'],
];

/** Takes the indexes away where there is no denial yet; answers whether it did. Within the caller's transaction. */
export function dropIndexesOfNothing(db: Database): boolean {
  if (db.prepare('SELECT 1 FROM denials LIMIT 1').get() !== undefined) return false;
  for (const [name] of INDEXES) db.exec(`DROP INDEX IF EXISTS ${name}`);
  return true;
}

/** Makes those that are not there, each in a transaction of its own. */
export function makeIndexes(db: Database): void {
  const find = db.prepare<[string], unknown>("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
  for (const [name, definition] of INDEXES) {
    if (find.get(name) === undefined) db.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${definition}`);
  }
}
