// Counts of denials by the hour, host and set of blockers over any span: whole hours from the rollups, the rest of the
// first and last hour from the denials themselves, so the answer is exact and cheap. Narrowed by a query, all of it
// comes from the denials.
import type { Database } from './open.ts';
import { DAY_KINDS, HOURS_PER_DAY } from './rollups.ts';
import { type Compiled, type Span, slotsOf } from './scope.ts';
import { HOUR_MS } from './slot.ts';
import { statement } from './statement.ts';

/** What a count is told apart by, beside its time. */
export type CountKey = 'blockers' | 'host' | 'program';

export interface KeyCount {
  /** Row id of the blockers' set, host or program. */
  readonly key: number | null;
  readonly denials: number;
}

/** A span as whole hours (numbers of hours since 1970; empty where `from` = `to`) and the rests of them. */
export function splitSpan(span: Span): { readonly from: number; readonly to: number; readonly rests: readonly Span[] } {
  const from = Math.ceil(span.fromMs / HOUR_MS);
  const to = Math.floor(span.toMs / HOUR_MS);
  if (from >= to) return { from: 0, to: 0, rests: span.fromMs < span.toMs ? [span] : [] };
  const rests = [
    { fromMs: span.fromMs, toMs: from * HOUR_MS },
    { fromMs: to * HOUR_MS, toMs: span.toMs },
  ].filter((rest) => rest.fromMs < rest.toMs);
  return { from, to, rests };
}

export function rollupCountsSql(key: CountKey, condition: string): string {
  const table = key === 'program' ? 'program_hours' : 'denial_hours';
  return `
  SELECT ${key} AS key, sum(denials) AS denials
  FROM ${table}
  WHERE hour >= ? AND hour < ?
    AND ${condition}
  GROUP BY ${key}`;
}

/** Of all hosts. */
export function dayCountsSql(canary: string): string {
  return `
  SELECT key, sum(denials) AS denials
  FROM day_counts
  WHERE kind = ? AND day >= ? AND day < ?
    AND ${canary}
  GROUP BY key`;
}

/** What a row of denials says of a key. 0 is no program. */
export const KEY_OF_DENIAL: Readonly<Record<CountKey, string>> = {
  host: 'd.host',
  blockers: '(SELECT s.blockers FROM shapes s WHERE s.id = d.shape)',
  program: '(SELECT nullif(a.program, 0) FROM actors a WHERE a.id = d.actor)',
};

export function rawCountsSql(key: CountKey, condition: string): string {
  return `
  SELECT ${KEY_OF_DENIAL[key]} AS key, count(*) AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  GROUP BY key`;
}

/** Exact counts by `key` over `span`. */
export function countsBy(db: Database, scope: Compiled, span: Span, key: CountKey): readonly KeyCount[] {
  const hosts = scope.hosts('host');
  const usesRollup = !scope.hasQuery;
  const { from, to, rests } = usesRollup ? splitSpan(span) : { from: 0, to: 0, rests: [span] };
  const counts = new Map<number | null, number>();
  const add = (rows: readonly KeyCount[]) => {
    for (const row of rows) counts.set(row.key, (counts.get(row.key) ?? 0) + row.denials);
  };
  const canary = scope.includeCanary ? '1' : 'is_canary = 0';
  const addHours = (first: number, end: number) => {
    if (first >= end) return;
    const sql = rollupCountsSql(key, hosts === undefined ? canary : `${canary} AND ${hosts.sql}`);
    add(statement<KeyCount>(db, sql).all(first, end, ...(hosts?.params ?? [])));
  };
  const [firstDay, endDay] = [Math.ceil(from / HOURS_PER_DAY), Math.floor(to / HOURS_PER_DAY)];
  if (hosts === undefined && firstDay < endDay) {
    add(statement<KeyCount>(db, dayCountsSql(canary)).all(DAY_KINDS[key], firstDay, endDay));
    addHours(from, firstDay * HOURS_PER_DAY);
    addHours(endDay * HOURS_PER_DAY, to);
  } else {
    addHours(from, to);
  }
  for (const rest of rests) {
    const { first, end } = slotsOf(rest);
    add(statement<KeyCount>(db, rawCountsSql(key, scope.denials.sql)).all(first, end, ...scope.denials.params));
  }
  return Array.from(counts, ([rowKey, denials]) => ({ key: rowKey, denials }));
}
