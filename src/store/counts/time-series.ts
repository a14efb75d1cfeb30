// Denials over time in equal intervals, told apart by one thing: from the rollups where the intervals are whole hours and
// the query allows it, from the denials themselves otherwise; exact either way.

import type { CountSource, Scope, SeriesKey, TimeSeries } from '../answers.ts';
import { WEIGHTS } from '../columns/repeats.ts';
import { firstSlot, HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from '../query/condition.ts';
import { checkCancelled } from '../query/scan.ts';
import { type Compiled, compileScope, type Span } from '../query/scope.ts';
import { type Answer, isRefused, refused } from '../refused.ts';
import {
  type ChosenRollup,
  type CountKey,
  chooseRollup,
  DENIAL_HOURS,
  HOUR_ISSUES,
  HOUR_PROGRAMS,
  hourCondition,
  hourParams,
  type Rollup,
} from '../rollups/rollup-choice.ts';
import { getAccuracy } from './accuracy.ts';
import { KEY_OF_DENIAL, scanDenials, splitSpan } from './counts.ts';
import { forEachHostHours } from './host-hours.ts';
import { type AddHours, forEachIssueHours } from './issue-hours.ts';
import { getLosses } from './losses.ts';
import { forEachProgramHours } from './program-hours.ts';
import { type NamesOf, namesFor } from './series-names.ts';
import { type Shown, shownOf } from './shown-series.ts';
import { getSilences } from './silences.ts';
import { drawIn } from './summary.ts';

export const SERIES_POINTS_MAX = 2_000;
const OTHERS = '(others)';
export const INTERVAL_MS_MIN = 1_000;

export interface PointCount {
  readonly point: number;
  readonly key: number | null;
  readonly denials: number;
}

/** `key`: a column of the rollup. */
export function rollupPointsSql(rollup: Pick<Rollup, 'from' | 'day'>, key: string, condition: string): string {
  return `
  SELECT CAST((r.hour * ${HOUR_MS} - ?) / ? AS INTEGER) AS point, ${key} AS key, sum(r.denials) AS denials
  FROM ${rollup.from}
  WHERE ${hourCondition(rollup)}
    AND ${condition}
  GROUP BY point, ${key}`;
}

/** Of all keys together: read in the order of the hours, so that nothing is sorted. */
export function rollupTotalsSql(rollup: Pick<Rollup, 'from' | 'day'>, condition: string): string {
  return `
  SELECT CAST((r.hour * ${HOUR_MS} - ?) / ? AS INTEGER) AS point, NULL AS key, sum(r.denials) AS denials
  FROM ${rollup.from}
  WHERE ${hourCondition(rollup)}
    AND ${condition}
  GROUP BY r.hour`;
}

/** Points, then the span, then the scope. */
export function rawPointsSql(key: CountKey, condition: string): string {
  return `
  SELECT CAST((d.id - ?) / ? AS INTEGER) AS point, ${KEY_OF_DENIAL[key]} AS key, ${WEIGHTS} AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  GROUP BY point, key`;
}

const COUNT_KEYS: Readonly<Record<SeriesKey, CountKey>> = {
  class: 'blockers',
  blocker: 'blockers',
  none: 'blockers',
  program: 'program',
  host: 'host',
  fleet: 'host',
  issue: 'issue',
};

/**
 * One point for each interval that touches the span. Intervals begin at multiples of `intervalMs` since 1970, so the
 * first and the last may lie partly outside of the span: they count only what is inside.
 */
export function timeSeries(db: Database, asked: Scope, intervalMs: number, groupBy: SeriesKey): Answer<TimeSeries> {
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  if (!(intervalMs >= INTERVAL_MS_MIN) || !Number.isSafeInteger(intervalMs)) {
    return refused('invalid-range', 'the interval is shorter than a second', 'ask for a longer interval');
  }
  const span = drawIn(db, scope);
  const startMs = Math.floor(span.fromMs / intervalMs) * intervalMs;
  const points = Math.max(0, Math.ceil((span.toMs - startMs) / intervalMs));
  if (points > SERIES_POINTS_MAX) {
    return refused('too-many-points', `${points} points, at most ${SERIES_POINTS_MAX}`, 'ask for a longer interval');
  }
  const namesOf = namesFor(db, groupBy);
  const key = keyOf(db, scope, groupBy);
  const shown = shownOf(db, scope, span, { groupBy, key, namesOf });
  const series = new SeriesTable(points, namesOf, shown);
  const source = countSeries(db, scope, span, { key, startMs, intervalMs, keys: shown?.keys }, series);
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    interval_ms: intervalMs,
    group_by: groupBy,
    start_ms: startMs,
    series: series.ranked(groupBy),
    counted_from: source,
    losses: getLosses(db, scope, span, { startMs, intervalMs, points }),
    silences: getSilences(db, scope, span, Date.now()),
    ...getAccuracy(db, scope, span),
  };
}

/** Denials as a whole can be counted from any rollup. */
export function keyOf(db: Database, scope: Compiled, groupBy: SeriesKey): CountKey {
  const key = COUNT_KEYS[groupBy];
  const isKnown = groupBy !== 'none' || chooseRollup(db, scope, key) !== undefined;
  return isKnown ? key : 'host';
}

export const ENDS_OF_HOURS_SQL =
  'SELECT (SELECT min(hour) FROM blocker_hours) AS first, (SELECT max(hour) FROM blocker_hours) AS last';

interface PointsRequest {
  readonly key: CountKey;
  readonly startMs: number;
  readonly intervalMs: number;
  /** Only these, where they come from a rollup. */
  readonly keys?: readonly number[] | undefined;
  /** All keys as one, which is null; of whole hours that come from a rollup. */
  readonly isTotal?: boolean;
}

/** Whole hours of the `keys` alone where all can be counted otherwise: the one series that they are not of is what is left. */
function countSeries(
  db: Database,
  scope: Compiled,
  span: Span,
  { key, startMs, intervalMs, keys }: PointsRequest,
  series: SeriesTable,
): CountSource {
  const count = (part: Span, request: Partial<PointsRequest>, add: (row: PointCount) => void) =>
    countPoints(db, scope, part, { key, startMs, intervalMs, ...request }, add);
  const add = (row: PointCount) => series.add(row);
  const { from, to, rests } = splitSpan(span);
  const chosen = chooseRollup(db, scope, key);
  // Denials that have no program are in no series: these are all that have one.
  const all = chosen?.rollup === HOUR_PROGRAMS ? key : key === 'program' ? undefined : keyOfAll(db, scope);
  const isWhole = intervalMs % HOUR_MS === 0 && chosen !== undefined;
  if (keys === undefined || all === undefined || !isWhole || from >= to) return count(span, {}, add);
  // Hours are looked for one by one: of thousands of years only those that there are.
  const ends = statement<{ first: number | null; last: number | null }>(db, ENDS_OF_HOURS_SQL).get();
  const [first, end] = [Math.max(from, ends?.first ?? to), Math.min(to, (ends?.last ?? from) + 1)];
  const hours = { fromMs: first * HOUR_MS, toMs: Math.max(first, end) * HOUR_MS };
  count(hours, { keys }, (row) => {
    series.add(row);
    series.addLeft(row.point, -row.denials);
  });
  count(hours, { key: all, isTotal: true }, (row) => series.addLeft(row.point, row.denials));
  for (const rest of rests) count(rest, {}, add);
  return rests.length === 0 ? 'rollups' : 'rollups-and-denials';
}

/** What all denials can be counted by. */
function keyOfAll(db: Database, scope: Compiled): CountKey | undefined {
  const keys: readonly CountKey[] = ['blockers', 'host'];
  return keys.find((key) => chooseRollup(db, scope, key) !== undefined);
}

const NO_CONDITION: Condition = { sql: '', params: [] };

/** By hour and key where that is the rollup's order: few keys of many hours are found one by one. */
export function onlyKeys(
  { rollup, key }: Pick<ChosenRollup, 'rollup' | 'key'>,
  keys: readonly number[],
  from: number,
  to: number,
): Condition {
  const among = (column: string) => ` AND ${column} IN (SELECT value FROM json_each(?))`;
  const ofKeys = { sql: among(key), params: [JSON.stringify(keys)] };
  if (rollup !== DENIAL_HOURS && rollup !== HOUR_PROGRAMS) return ofKeys;
  const hours = Array.from({ length: to - from }, (_, index) => from + index);
  return { sql: `${ofKeys.sql}${among('r.hour')}`, params: [...ofKeys.params, JSON.stringify(hours)] };
}

/** Counts of the intervals of a span (the first begins at `startMs`); answers what they come from. */
export function countPoints(
  db: Database,
  scope: Compiled,
  span: Span,
  { key, startMs, intervalMs, keys, isTotal = false }: PointsRequest,
  add: (row: PointCount) => void,
): CountSource {
  const chosen = intervalMs % HOUR_MS === 0 ? chooseRollup(db, scope, key) : undefined;
  const { from, to, rests } = chosen === undefined ? { from: 0, to: 0, rests: [span] } : splitSpan(span);
  const addHours: AddHours<number | null> = (ofKey, hours) => {
    for (const [index, denials] of hours.entries()) {
      const point = Math.floor(((from + index) * HOUR_MS - startMs) / intervalMs);
      if (denials > 0) add({ point, key: ofKey, denials });
    }
  };
  if (chosen?.rollup === HOUR_ISSUES && keys !== undefined && !scope.hasQuery) {
    forEachIssueHours(db, scope, keys, { from, to }, addHours);
  } else if (chosen?.rollup === DENIAL_HOURS && key === 'host' && keys !== undefined && !scope.hasQuery) {
    forEachHostHours(db, scope, keys, { from, to }, addHours);
  } else if (chosen?.rollup === HOUR_PROGRAMS && (isTotal || keys !== undefined) && !scope.hasQuery) {
    forEachProgramHours(db, scope, isTotal ? [null] : (keys ?? []), { from, to }, addHours);
  } else if (chosen !== undefined && from < to) {
    const { condition, rollup } = chosen;
    const isOfIssues = rollup === HOUR_ISSUES;
    const within = isOfIssues ? `${condition.sql} AND i.last_ms >= ? AND i.first_ms < ?` : condition.sql;
    const bounds = isOfIssues ? [from * HOUR_MS, to * HOUR_MS] : [];
    const only = keys === undefined ? NO_CONDITION : onlyKeys(chosen, keys, from, to);
    const where = `${within}${only.sql}`;
    const sql = isTotal ? rollupTotalsSql(rollup, where) : rollupPointsSql(rollup, chosen.key, where);
    const select = statement<PointCount>(db, sql);
    checkCancelled(db);
    for (const row of select.iterate(
      startMs,
      intervalMs,
      ...hourParams(rollup, from, to),
      ...condition.params,
      ...bounds,
      ...only.params,
    ))
      add(row);
  }
  const slotsPerPoint = firstSlot(startMs + intervalMs) - firstSlot(startMs);
  for (const rest of rests) {
    const point = [firstSlot(startMs), slotsPerPoint];
    scanDenials<PointCount>(db, scope, rest, rawPointsSql(key, scope.denials.sql), add, { before: point });
  }
  if (chosen === undefined) return 'denials';
  return rests.length === 0 ? 'rollups' : 'rollups-and-denials';
}

class SeriesTable {
  readonly #points: number;
  readonly #namesOf: NamesOf;
  readonly #shown: Shown | undefined;
  readonly #series = new Map<string, number[]>();

  constructor(points: number, namesOf: NamesOf, shown: Shown | undefined) {
    this.#points = points;
    this.#namesOf = namesOf;
    this.#shown = shown;
  }

  add(row: PointCount): void {
    for (const name of this.#namesOf(row.key)) {
      const isShown = this.#shown === undefined || this.#shown.names.has(name);
      const points = isShown ? this.#of(name) : this.#others();
      points[row.point] = (points[row.point] ?? 0) + row.denials;
    }
  }

  /** To the series of which no keys are read. */
  addLeft(point: number, denials: number): void {
    const points = this.#shown?.left === undefined ? this.#others() : this.#of(this.#shown.left);
    points[point] = (points[point] ?? 0) + denials;
  }

  /** Largest first, the others last. `none` always has its one series, also when it is all zeros. */
  ranked(groupBy: SeriesKey): TimeSeries['series'] {
    if (groupBy === 'none') this.#of('denials');
    const all = Array.from(this.#series, ([key, points]) => ({ key, points, sum: points.reduce((a, b) => a + b, 0) }));
    all.sort((a, b) => b.sum - a.sum || (a.key < b.key ? -1 : 1));
    const shown = all.map(({ key, points }) => ({ key, points }));
    return this.#rest === undefined ? shown : [...shown, { key: OTHERS, points: this.#rest }];
  }

  #rest: number[] | undefined;

  #others(): number[] {
    this.#rest ??= new Array<number>(this.#points).fill(0);
    return this.#rest;
  }

  #of(name: string): number[] {
    let points = this.#series.get(name);
    if (points === undefined) {
      points = new Array<number>(this.#points).fill(0);
      this.#series.set(name, points);
    }
    return points;
  }
}
