// Denials over time in equal intervals, told apart by one thing: from the rollups where the intervals are whole hours and
// the query allows it, from the denials themselves otherwise; exact either way.
import { getAccuracy } from './accuracy.ts';
import type { CountSource, Scope, SeriesKey, TimeSeries } from './answers.ts';
import { countKeys, KEY_OF_DENIAL, scanDenials, splitSpan } from './counts.ts';
import { getLosses } from './losses.ts';
import type { Database } from './open.ts';
import { type Answer, isRefused, refused } from './refused.ts';
import { WEIGHTS } from './repeats.ts';
import { type CountKey, chooseRollup, HOUR_ISSUES, hourCondition, hourParams, type Rollup } from './rollup-choice.ts';
import { checkCancelled } from './scan.ts';
import { type Compiled, compileScope, type Span } from './scope.ts';
import { type NamesOf, namesFor } from './series-names.ts';
import { getSilences } from './silences.ts';
import { firstSlot, HOUR_MS } from './slot.ts';
import { statement } from './statement.ts';
import { drawIn } from './summary.ts';

export const SERIES_POINTS_MAX = 2_000;
/** Series of one answer; the smallest beyond it are summed up as `(others)`. */
const seriesMax = 24;
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
  const series = new SeriesTable(points, namesOf, shownOf(db, scope, span, { groupBy, key, namesOf }));
  const source = countPoints(db, scope, span, { key, startMs, intervalMs }, (row) => series.add(row));
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

interface ShownRequest {
  readonly groupBy: SeriesKey;
  readonly key: CountKey;
  readonly namesOf: NamesOf;
}

/** The names that get a series of their own, so that no others need be kept; undefined: all, as there are few. */
function shownOf(
  db: Database,
  scope: Compiled,
  span: Span,
  { groupBy, key, namesOf }: ShownRequest,
): ReadonlySet<string> | undefined {
  if (groupBy === 'none' || groupBy === 'class') return undefined;
  const sums = new Map<string, number>();
  for (const row of countKeys(db, scope, span, key).counts) {
    for (const name of namesOf(row.key)) sums.set(name, (sums.get(name) ?? 0) + row.denials);
  }
  const ranked = [...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return new Set(ranked.slice(0, seriesMax).map(([name]) => name));
}

interface PointsRequest {
  readonly key: CountKey;
  readonly startMs: number;
  readonly intervalMs: number;
}

/** Counts of the intervals of a span (the first begins at `startMs`); answers what they come from. */
export function countPoints(
  db: Database,
  scope: Compiled,
  span: Span,
  { key, startMs, intervalMs }: PointsRequest,
  add: (row: PointCount) => void,
): CountSource {
  const chosen = intervalMs % HOUR_MS === 0 ? chooseRollup(db, scope, key) : undefined;
  const { from, to, rests } = chosen === undefined ? { from: 0, to: 0, rests: [span] } : splitSpan(span);
  if (chosen !== undefined && from < to) {
    const { condition, rollup } = chosen;
    const isOfIssues = rollup === HOUR_ISSUES;
    const within = isOfIssues ? `${condition.sql} AND i.last_ms >= ? AND i.first_ms < ?` : condition.sql;
    const bounds = isOfIssues ? [from * HOUR_MS, to * HOUR_MS] : [];
    const select = statement<PointCount>(db, rollupPointsSql(rollup, chosen.key, within));
    checkCancelled(db);
    for (const row of select.iterate(
      startMs,
      intervalMs,
      ...hourParams(rollup, from, to),
      ...condition.params,
      ...bounds,
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
  readonly #shown: ReadonlySet<string> | undefined;
  readonly #series = new Map<string, number[]>();

  /** Names that are not `shown` are summed up. */
  constructor(points: number, namesOf: NamesOf, shown: ReadonlySet<string> | undefined) {
    this.#points = points;
    this.#namesOf = namesOf;
    this.#shown = shown;
  }

  add(row: PointCount): void {
    for (const name of this.#namesOf(row.key)) {
      const isShown = this.#shown === undefined || this.#shown.has(name);
      const points = isShown ? this.#of(name) : this.#others();
      points[row.point] = (points[row.point] ?? 0) + row.denials;
    }
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
