// Prepared statements, kept with the connection that they belong to, so that a reader can be a plain function.
import type { Statement } from 'better-sqlite3';
import type { Database } from './open.ts';

/** Statements kept for one connection; beyond it the oldest is prepared again when it is needed. */
const statementsMax = 256;

const statementsOf = new WeakMap<Database, Map<string, Statement<unknown[], unknown>>>();

/** The prepared `sql`. `Row` is what it answers: the caller vouches for it, as the SQL stands next to it. */
export function statement<Row>(db: Database, sql: string): Statement<unknown[], Row> {
  let statements = statementsOf.get(db);
  if (statements === undefined) {
    statements = new Map();
    statementsOf.set(db, statements);
  }
  let found = statements.get(sql);
  if (found === undefined) {
    found = db.prepare<unknown[], unknown>(sql);
    if (statements.size >= statementsMax) {
      const oldest = statements.keys().next();
      if (!oldest.done) statements.delete(oldest.value);
    }
    statements.set(sql, found);
  }
  return found as Statement<unknown[], Row>;
}
