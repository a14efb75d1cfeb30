// A scope (answers.ts) as SQL: which denials, which hosts, which span of time. One place for what the questions share.
import type { Scope } from '../answers.ts';
import { FLAG_CANARY } from '../columns/common-columns.ts';
import { firstSlot, TIME_MS_MAX, TIME_MS_MIN } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { type Refused, refused } from '../refused.ts';
import type { Condition } from './condition.ts';
import { type Filter, parseFilter } from './filter-parse.ts';
import { filterOnRollup, type RollupColumns } from './filter-rollup.ts';
import { filterToSql, oneOf } from './filter-sql.ts';
import { hostIds } from './host-ids.ts';

/** Half-open: from ≤ time < to. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** All times that can be stored. */
export const ALL_TIME: Span = { fromMs: TIME_MS_MIN, toMs: TIME_MS_MAX + 1 };

/** A scope that makes sense, ready for SQL. */
export interface Compiled {
  /** As asked; an open end is that of all time. */
  readonly span: Span;
  readonly hasFrom: boolean;
  readonly hasTo: boolean;
  readonly hasQuery: boolean;
  /** The query; that of no query finds all. */
  readonly filter: Filter;
  readonly includeCanary: boolean;
  /** Hosts, query and canary, but not the span: on a row `d` of denials. */
  readonly denials: Condition;
  /** The hosts asked for, on `column`, which holds a host's row id; undefined where all are. */
  hosts(column: string): Condition | undefined;
}

/** What is asked for, or why it cannot be; narrowed further by `also`. Looks up the hosts that are named. */
export function compileScope(db: Database, scope: Scope, also?: Filter): Compiled | Refused {
  const span = { fromMs: storable(scope.fromMs ?? ALL_TIME.fromMs), toMs: storable(scope.toMs ?? ALL_TIME.toMs) };
  if (!(span.fromMs <= span.toMs)) {
    return refused('invalid-range', 'the span ends before it begins', 'ask for a `from` that is not after `to`');
  }
  const includeCanary = scope.includeCanary === true;
  const conditions: Condition[] = includeCanary ? [] : [{ sql: `d.flags & ${FLAG_CANARY} = 0`, params: [] }];
  const hosts = (column: string) => hostCondition(db, scope, column);
  const denialHosts = hosts('d.host');
  if (denialHosts !== undefined) conditions.push(denialHosts);
  const query = scope.query ?? '';
  const parsed = parseFilter(query);
  if (parsed.kind === 'mistake') return refused('invalid-query', parsed.message, parsed.hint, parsed.position);
  const filter: Filter = also === undefined ? parsed : { kind: 'all', items: [parsed, also] };
  const hasQuery = also !== undefined || query.trim() !== '';
  if (hasQuery) conditions.push(filterToSql(db, filter));
  return {
    span,
    hasFrom: scope.fromMs !== undefined,
    hasTo: scope.toMs !== undefined,
    hasQuery,
    filter,
    includeCanary,
    denials: allOf(conditions),
    hosts,
  };
}

/** Drawn in to the times that can be stored. NaN stays NaN. */
function storable(ms: number): number {
  return Math.round(Math.min(Math.max(ms, ALL_TIME.fromMs), ALL_TIME.toMs));
}

function hostCondition(db: Database, scope: Scope, column: string): Condition | undefined {
  const conditions: Condition[] = [];
  if (scope.host !== undefined) conditions.push(oneOf(column, hostIds(db, scope.host)));
  if (scope.fleet !== undefined) {
    conditions.push({
      sql: `+${column} IN (SELECT h.id FROM hosts h JOIN fleets f ON f.id = h.fleet WHERE f.name = ?)`,
      params: [scope.fleet],
    });
  }
  return conditions.length === 0 ? undefined : allOf(conditions);
}

/** Hosts, query and canary on a row of a rollup; undefined where the query asks what the rollup does not know. */
export function onRollup(
  db: Database,
  scope: Compiled,
  columns: RollupColumns & { readonly isCanary: string },
): Condition | undefined {
  const conditions: Condition[] = scope.includeCanary ? [] : [{ sql: `${columns.isCanary} = 0`, params: [] }];
  const hosts = scope.hosts(columns.host ?? '');
  if (hosts !== undefined && columns.host === undefined) return undefined;
  if (hosts !== undefined) conditions.push(hosts);
  if (scope.hasQuery) {
    const query = filterOnRollup(db, scope.filter, columns);
    if (query === undefined) return undefined;
    conditions.push(query);
  }
  return allOf(conditions);
}

/** The slots of a span: first ≤ id < end. */
export function slotsOf(span: Span): { readonly first: number; readonly end: number } {
  return { first: firstSlot(span.fromMs), end: firstSlot(span.toMs) };
}

export function allOf(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return { sql: '1', params: [] };
  return {
    sql: conditions.map((condition) => condition.sql).join('\n    AND '),
    params: conditions.flatMap((condition) => condition.params),
  };
}
