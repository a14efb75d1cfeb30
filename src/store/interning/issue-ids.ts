// The numbers of issues. A positive one says that all denials of the issue are about the very path or port that it names,
// so that these are found by their issue and need no index of their own; any other issue has a negative one.
import type { ExplainedParts, ObjectClass } from '../../landlock/fingerprint.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

const EXACT: ReadonlySet<ObjectClass> = new Set(['path', 'local-port', 'remote-port']);

/** Whether denials of an issue with these parts are all about the same path, or have no path. */
export function saysAll({ objectClass, rules }: Pick<ExplainedParts, 'objectClass' | 'rules'>): boolean {
  return EXACT.has(objectClass) && rules.object.length === 0;
}

export const ENDS_OF_ISSUES_SQL =
  'SELECT (SELECT min(id) FROM issues) AS least, (SELECT max(id) FROM issues) AS greatest';

/** Numbers that no issue has. */
export class IssueIds {
  readonly #db: Database;
  /** Of those that were given out and those that have a row; undefined until one is asked for in this transaction. */
  #ends: { least: number; greatest: number } | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** To be called first in a transaction, and after one that was rolled back: another process may have added issues. */
  begin(): void {
    this.#ends = undefined;
  }

  next(isExact: boolean): number {
    this.#ends ??= this.#read();
    return isExact ? ++this.#ends.greatest : --this.#ends.least;
  }

  #read() {
    const ends = statement<{ least: number | null; greatest: number | null }>(this.#db, ENDS_OF_ISSUES_SQL).get();
    return { least: Math.min(0, ends?.least ?? 0), greatest: Math.max(0, ends?.greatest ?? 0) };
  }
}
