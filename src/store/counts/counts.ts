// Counts of denials by what a rollup tells apart, over any span: whole hours from the rollups, the rest of the first and
// last hour from the denials themselves, so the answer is exact and cheap. What the rollups do not know comes from the
// denials alone, read in stretches.
import type { CountSource } from '../answers.ts';
import { WEIGHTS } from '../columns/repeats.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { stretchesOf } from '../query/scan.ts';
import { type Compiled, type Span, slotsOf } from '../query/scope.ts';
import { RetentionMarks } from '../retention-marks.ts';
import {
  type ChosenRollup,
  type CountKey,
  chooseRollup,
  HOUR_ISSUES,
  hourCondition,
  hourParams,
  type Rollup,
} from '../rollups/rollup-choice.ts';
import { DAY_KINDS } from '../rollups/rollups.ts';
import { canaryIssues, issueSums } from './issue-days.ts';
import { forEachIssueCount } from './issue-hours.ts';
import type { Hours } from './kept-counts.ts';
import { daySums, partSums } from './key-sums.ts';
import { wholeDays } from './whole-days.ts';

export interface KeyCount {
  /** Row id of the blockers' set, host, program or issue. */
  readonly key: number | null;
  readonly denials: number;
}

/** Where a scan may end before its span does. */
export interface ScanLimits {
  readonly denialsMax: number;
  readonly timeMaxMs: number;
}

export interface Counted {
  readonly counts: readonly KeyCount[];
  readonly source: CountSource;
  /** What was counted: the newest part of the span where a limit was met. */
  readonly span: Span;
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

export const NEWEST_DENIAL_SQL = `
  SELECT max(id) AS id
  FROM denials`;

/**
 * The same for counts. Where no denial that is stored is later than the span, as where it ends now, the hour that it ends
 * in is taken whole: else all of its denials would be read, which may be millions.
 */
export function splitStored(db: Database, span: Span): ReturnType<typeof splitSpan> {
  const newest = statement<{ id: number | null }>(db, NEWEST_DENIAL_SQL).get()?.id ?? null;
  const isOpen = newest !== null && newest < slotsOf(span).end;
  return splitSpan(isOpen ? { ...span, toMs: Math.ceil(span.toMs / HOUR_MS) * HOUR_MS } : span);
}

/** `key`: a column of the rollup. */
export function rollupCountsSql(rollup: Rollup, key: string, condition: string): string {
  return `
  SELECT ${key} AS key, sum(r.denials) AS denials
  FROM ${rollup.from}
  WHERE ${hourCondition(rollup)}
    AND ${condition}
  GROUP BY ${key}`;
}

/** Issues of which all denials are within the span: their own numbers also tell of days whose counts are gone. */
export function wholeIssuesSql(canary: string): string {
  return `
  SELECT id AS key, denials
  FROM issues
  WHERE first_ms >= ? AND last_ms < ?
    AND ${canary}`;
}

/** What a row of denials says of a key. 0 is no program. */
export const KEY_OF_DENIAL: Readonly<Record<CountKey, string>> = {
  host: 'd.host',
  blockers: '(SELECT s.blockers FROM shapes s WHERE s.id = d.shape)',
  program: '(SELECT nullif(a.program, 0) FROM actors a WHERE a.id = d.actor)',
  issue: 'd.issue',
};

/** The column of denials that a key follows from, and how: looked up once for each of its values, and not for each row. */
const COLUMN_OF_KEY: Readonly<Record<CountKey, { readonly column: string; readonly key: string }>> = {
  host: { column: 'd.host', key: 'g.part' },
  blockers: { column: 'd.shape', key: '(SELECT s.blockers FROM shapes s WHERE s.id = g.part)' },
  program: { column: 'd.actor', key: '(SELECT nullif(a.program, 0) FROM actors a WHERE a.id = g.part)' },
  issue: { column: 'd.issue', key: 'g.part' },
};

export function rawCountsSql(key: CountKey, condition: string): string {
  const { column, key: keyOf } = COLUMN_OF_KEY[key];
  return `
  SELECT ${keyOf} AS key, sum(g.denials) AS denials
  FROM (
    SELECT ${column} AS part, ${WEIGHTS} AS denials
    FROM denials d
    WHERE d.id >= ? AND d.id < ?
      AND ${condition}
    GROUP BY part
  ) g
  GROUP BY key`;
}

export function rawTotalSql(condition: string): string {
  return `
  SELECT ifnull(${WEIGHTS}, 0) AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}`;
}

/** Exact counts by `key` over `span`. */
export function countsBy(db: Database, scope: Compiled, span: Span, key: CountKey): readonly KeyCount[] {
  return countKeys(db, scope, span, key).counts;
}

/** How many there are over `span`, which is less work than to tell them apart. */
export function countAll(db: Database, scope: Compiled, span: Span): number {
  const chosen = chooseRollup(db, scope, 'blockers');
  let total = 0;
  const add = ({ denials }: { readonly denials: number }) => {
    total += denials;
  };
  const { from, to, rests } = chosen === undefined ? { from: 0, to: 0, rests: [span] } : splitStored(db, span);
  if (chosen !== undefined) for (const row of countHours(db, scope, { from, to, key: 'blockers' }, chosen)) add(row);
  for (const rest of rests) scanDenials(db, scope, rest, rawTotalSql(scope.denials.sql), add);
  return total;
}

/** The same with where they come from. `limits` are for the case that all of it comes from the denials. */
export function countKeys(db: Database, scope: Compiled, span: Span, key: CountKey, limits?: ScanLimits): Counted {
  const chosen = chooseRollup(db, scope, key);
  const counts = new Map<number | null, number>();
  const add = (row: KeyCount) => counts.set(row.key, (counts.get(row.key) ?? 0) + row.denials);
  const scan = (part: Span, partLimits?: ScanLimits) =>
    scanDenials<KeyCount>(db, scope, part, rawCountsSql(key, scope.denials.sql), add, { limits: partLimits });
  const answer = (source: CountSource, counted: Span): Counted => ({
    counts: Array.from(counts, ([rowKey, denials]) => ({ key: rowKey, denials })),
    source,
    span: counted,
  });
  if (chosen === undefined) return answer('denials', scan(span, limits));
  if (chosen.rollup === HOUR_ISSUES && key === 'issue') return answer(...countIssues(db, scope, span, chosen, counts));
  const { from, to, rests } = splitStored(db, span);
  for (const row of countHours(db, scope, { from, to, key }, chosen)) add(row);
  for (const rest of rests) scan(rest);
  return answer(rests.length === 0 ? 'rollups' : 'rollups-and-denials', span);
}

interface CountedHours extends Hours {
  readonly key: CountKey;
}

function* countHours(
  db: Database,
  scope: Compiled,
  { from, to, key }: CountedHours,
  chosen: ChosenRollup,
): Iterable<KeyCount> {
  const { rollup, condition } = chosen;
  const isOfAll = !scope.hasQuery && scope.hosts('host') === undefined;
  const readHours = (hours: Hours): readonly KeyCount[] => {
    if (hours.from >= hours.to) return [];
    const sql = rollupCountsSql(rollup, chosen.key, condition.sql);
    return statement<KeyCount>(db, sql).all(...hourParams(rollup, hours.from, hours.to), ...condition.params);
  };
  if (key === 'issue' || !isOfAll) {
    yield* readHours({ from, to });
    return;
  }
  const { first, end, before, after } = wholeDays(db, { from, to });
  const sums = daySums(db, { kind: DAY_KINDS[key], first, end }, scope.includeCanary);
  const name = `${key}${scope.includeCanary ? ' with canary' : ''}`;
  for (const part of [before, after]) sums.add(partSums(db, name, part, () => numbersOfRows(readHours(part))));
  for (const [ofKey, denials] of sums.all()) yield { key: ofKey, denials };
}

/** Rollups of all hosts have no row for what has no key. */
function numbersOfRows(rows: readonly KeyCount[]): readonly number[] {
  return rows.flatMap(({ key, denials }) => (key === null ? [] : [key, denials]));
}

/** Of all hosts they are added up here, of some only the lists of their issues are read. */
function countIssues(
  db: Database,
  scope: Compiled,
  span: Span,
  { rollup, key, condition }: ChosenRollup,
  counts: Map<number | null, number>,
): [CountSource, Span] {
  const add = (row: KeyCount) => counts.set(row.key, (counts.get(row.key) ?? 0) + row.denials);
  const { from, to, rests } = splitStored(db, span);
  if (from >= to) {
    // No whole hour.
  } else if (scope.hasQuery) {
    const sql = rollupCountsSql(rollup, key, `${condition.sql} AND i.last_ms >= ? AND i.first_ms < ?`);
    const bounds = [from * HOUR_MS, to * HOUR_MS];
    const rows = statement<KeyCount>(db, sql).all(...hourParams(rollup, from, to), ...condition.params, ...bounds);
    for (const row of rows) add(row);
  } else if (scope.hosts('host') === undefined) {
    const left: ReadonlySet<number> = scope.includeCanary ? new Set() : canaryIssues(db);
    for (const [issue, denials] of issueSums(db, { from, to })) {
      if (!left.has(issue)) counts.set(issue, denials);
    }
    if (span.fromMs < new RetentionMarks(db).sinceMs('rollups', false)) setWhole(db, scope, span, counts);
  } else {
    const canary = scope.includeCanary ? '1' : 'is_canary = 0';
    forEachIssueCount(db, scope, { sql: canary, params: [] }, { from, to }, (issue, denials) =>
      add({ key: issue, denials }),
    );
  }
  for (const rest of rests) {
    scanDenials<KeyCount>(db, scope, rest, rawCountsSql('issue', scope.denials.sql), add);
  }
  return [rests.length === 0 ? 'rollups' : 'rollups-and-denials', span];
}

function setWhole(db: Database, scope: Compiled, span: Span, counts: Map<number | null, number>): void {
  const issues = statement<KeyCount>(db, wholeIssuesSql(scope.includeCanary ? '1' : 'is_canary = 0'));
  for (const { key, denials } of issues.iterate(span.fromMs, span.toMs)) counts.set(key, denials);
}

interface ScanOptions {
  readonly limits?: ScanLimits | undefined;
  /** Parameters of `sql` before all others. */
  readonly before?: readonly number[];
}

/**
 * Runs `sql` (its parameters: first slot, end, those of the scope) over `span` in stretches, the newest first. Answers
 * what was read: all of the span unless a limit was met.
 */
export function scanDenials<Row extends { readonly denials: number }>(
  db: Database,
  scope: Compiled,
  span: Span,
  sql: string,
  add: (row: Row) => void,
  { limits, before = [] }: ScanOptions = {},
): Span {
  const startedMs = performance.now();
  const select = statement<Row>(db, sql);
  let denials = 0;
  for (const stretch of stretchesOf(db, span)) {
    const { first, end } = slotsOf(stretch);
    for (const row of select.iterate(...before, first, end, ...scope.denials.params)) {
      denials += row.denials;
      add(row);
    }
    const isEnough =
      limits !== undefined && (denials >= limits.denialsMax || performance.now() - startedMs >= limits.timeMaxMs);
    if (isEnough) return { fromMs: stretch.fromMs, toMs: span.toMs };
  }
  return span;
}
