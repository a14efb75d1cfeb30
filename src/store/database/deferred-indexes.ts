// Indexes of the denials and issues that a large import does without until its end: building one from many rows takes a third of
// keeping it up to date row by row. A process that dies in between leaves a database without them; opening it for
// writing makes them again.
import type { Database } from 'better-sqlite3';

/** As in the migration. Those by spill and program always stay: the writer itself asks for them. */
const INDEXES: readonly (readonly [name: string, definition: string])[] = [
  ['denials_by_host', 'INDEX denials_by_host ON denials (host)'],
  ['denials_by_domain', 'INDEX denials_by_domain ON denials (domain)'],
  ['denials_by_issue', 'INDEX denials_by_issue ON denials (issue)'],
  ['denials_by_object', 'INDEX denials_by_object ON denials (object) WHERE issue < 0 AND object IS NOT NULL'],
  ['issues_by_fingerprint', 'UNIQUE INDEX issues_by_fingerprint ON issues (fingerprint, is_canary)'],
];

/** Takes the indexes away where there is no denial yet; answers whether it did. Within the caller's transaction. */
export function dropIndexesOfNothing(db: Database): boolean {
  const rows = db.prepare('SELECT 1 FROM denials UNION ALL SELECT 1 FROM issues LIMIT 1');
  if (rows.get() !== undefined) return false;
  for (const [name] of INDEXES) db.exec(`DROP INDEX IF EXISTS ${name}`);
  return true;
}

/** Makes those that are not there, each in a transaction of its own. */
export function makeIndexes(db: Database): void {
  const find = db.prepare<[string], unknown>("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
  for (const [name, definition] of INDEXES) {
    if (find.get(name) === undefined) db.exec(`CREATE ${definition}`);
  }
}
