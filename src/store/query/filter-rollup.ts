// A filter as a condition on a row of a rollup, for the questions that a rollup can answer: means what filter-sql.ts
// means for the denials that the row counts. Undefined where the row does not know.

import type { Database } from '../database/open.ts';
import type { Condition } from './condition.ts';
import type { Filter, TextField } from './filter-parse.ts';
import { among, fleetCondition, hostCondition, matching, oneOf, strings } from './filter-sql.ts';
import { issueIds } from './host-ids.ts';
import { matchesPattern, type Pattern } from './pattern.ts';

/** Which of its columns say what; absent where the rollup does not tell it apart. */
export interface RollupColumns {
  readonly host?: string;
  readonly blockers?: string;
  readonly program?: string;
  readonly issue?: string;
}

export function filterOnRollup(db: Database, filter: Filter, columns: RollupColumns): Condition | undefined {
  switch (filter.kind) {
    case 'all':
      return join(db, filter.items, columns, ' AND ', '1');
    case 'any':
      return join(db, filter.items, columns, ' OR ', '0');
    case 'not': {
      const item = filterOnRollup(db, filter.item, columns);
      return item === undefined ? undefined : { sql: `NOT ifnull(${item.sql}, 0)`, params: item.params };
    }
    case 'text':
      return textCondition(db, filter.field, filter.pattern, columns);
    case 'anywhere':
    case 'number':
      return undefined;
  }
}

function join(db: Database, items: readonly Filter[], columns: RollupColumns, operator: string, empty: string) {
  if (items.length === 0) return { sql: empty, params: [] };
  const conditions: Condition[] = [];
  for (const item of items) {
    const condition = filterOnRollup(db, item, columns);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(operator)})`,
    params: conditions.flatMap(({ params }) => params),
  };
}

function textCondition(
  db: Database,
  field: TextField,
  pattern: Pattern,
  { host, blockers, program, issue }: RollupColumns,
): Condition | undefined {
  switch (field) {
    case 'host':
      return host === undefined ? undefined : hostCondition(db, host, pattern);
    case 'fleet':
      return host === undefined ? undefined : fleetCondition(host, pattern);
    case 'kind':
      return matchesPattern(pattern, 'denial') ? { sql: '1', params: [] } : undefined;
    case 'blocker':
      if (blockers === undefined) return undefined;
      return among(`+${blockers}`, 'SELECT blockers FROM blocker_members WHERE', matching('blocker', pattern));
    case 'program':
      return program === undefined ? undefined : programCondition(program, pattern);
    case 'issue':
      if (issue === undefined) return undefined;
      if (pattern.length === 1) return oneOf(issue, issueIds(db, pattern[0] ?? ''));
      return among(`+${issue}`, 'SELECT id FROM issues WHERE', matching('fingerprint', pattern));
    default:
      return undefined;
  }
}

function programCondition(column: string, pattern: Pattern): Condition {
  const { sql, params } = strings(pattern);
  return { sql: `+${column} IN ${sql}`, params };
}

/** Whether the filter finds nothing but denials with a program: others are not in the rollup of programs. */
export function needsProgram(filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.items.some(needsProgram);
    case 'any':
      return filter.items.length > 0 && filter.items.every(needsProgram);
    case 'text':
      return filter.field === 'program';
    default:
      return false;
  }
}
