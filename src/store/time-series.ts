// Denials over time in equal intervals, told apart by one thing: from the rollups where the intervals are whole hours,
// from the denials themselves otherwise; exact either way.
import { getAccuracy } from './accuracy.ts';
import type { Scope, SeriesKey, TimeSeries } from './answers.ts';
import { blockersOf, classesOf } from './blocker-sets.ts';
import { KEY_OF_DENIAL, splitSpan } from './counts.ts';
import type { Database } from './open.ts';
import { type Answer, isRefused, refused } from './refused.ts';
import { type Compiled, compileScope, type Span, slotsOf } from './scope.ts';
import { firstSlot, HOUR_MS } from './slot.ts';
import { statement } from './statement.ts';
import { drawIn } from './summary.ts';

export const SERIES_POINTS_MAX = 2_000;
/** Series of one answer; the smallest beyond it are summed up as `(others)`. */
const seriesMax = 24;
const OTHERS = '(others)';
export const INTERVAL_MS_MIN = 1_000;

interface PointCount {
  readonly point: number;
  readonly key: number;
  readonly denials: number;
}

/** `table` may be blocker_hours where hosts do not matter. */
export function rollupPointsSql(
  key: 'blockers' | 'host',
  condition: string,
  table: 'denial_hours' | 'blocker_hours' = 'denial_hours',
): string {
  return `
  SELECT CAST((hour * ${HOUR_MS} - ?) / ? AS INTEGER) AS point, ${key} AS key, sum(denials) AS denials
  FROM ${table}
  WHERE hour >= ? AND hour < ?
    AND ${condition}
  GROUP BY point, key`;
}

export function rawPointsSql(key: 'blockers' | 'host', condition: string): string {
  return `
  SELECT CAST((d.id - ?) / ? AS INTEGER) AS point, ${KEY_OF_DENIAL[key]} AS key, count(*) AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  GROUP BY point, key`;
}

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
  const series = new SeriesTable(points, keysFor(db, groupBy));
  const key = groupBy === 'host' || groupBy === 'fleet' ? 'host' : 'blockers';
  for (const row of countPoints(db, scope, span, { key, startMs, intervalMs })) series.add(row);
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    interval_ms: intervalMs,
    group_by: groupBy,
    start_ms: startMs,
    series: series.ranked(groupBy),
    ...getAccuracy(db, scope, span),
  };
}

interface PointsRequest {
  readonly key: 'blockers' | 'host';
  readonly startMs: number;
  readonly intervalMs: number;
}

function* countPoints(db: Database, scope: Compiled, span: Span, request: PointsRequest): Iterable<PointCount> {
  const { key, startMs, intervalMs } = request;
  const usesRollup = !scope.hasQuery && intervalMs % HOUR_MS === 0;
  const { from, to, rests } = usesRollup ? splitSpan(span) : { from: 0, to: 0, rests: [span] };
  if (from < to) {
    const hosts = scope.hosts('host');
    const canary = scope.includeCanary ? '1' : 'is_canary = 0';
    const sql =
      hosts === undefined
        ? rollupPointsSql(key, canary, key === 'blockers' ? 'blocker_hours' : 'denial_hours')
        : rollupPointsSql(key, `${canary} AND ${hosts.sql}`);
    yield* statement<PointCount>(db, sql).iterate(startMs, intervalMs, from, to, ...(hosts?.params ?? []));
  }
  for (const rest of rests) {
    const { first, end } = slotsOf(rest);
    const slotsPerPoint = firstSlot(startMs + intervalMs) - firstSlot(startMs);
    const select = statement<PointCount>(db, rawPointsSql(key, scope.denials.sql));
    yield* select.iterate(firstSlot(startMs), slotsPerPoint, first, end, ...scope.denials.params);
  }
}

/** From a counted key (a row id) to the names of the series that it adds to. */
function keysFor(db: Database, groupBy: SeriesKey): (key: number) => readonly string[] {
  const known = new Map<number, readonly string[]>();
  const name = seriesNamer(db, groupBy);
  return (key) => {
    let names = known.get(key);
    if (names === undefined) {
      names = name(key);
      known.set(key, names);
    }
    return names;
  };
}

function seriesNamer(db: Database, groupBy: SeriesKey): (key: number) => readonly string[] {
  switch (groupBy) {
    case 'none':
      return () => ['denials'];
    case 'class':
      return (set) => classesOf(blockersOf(db, set));
    case 'blocker':
      return (set) => blockersOf(db, set);
    case 'host':
      return (host) => [nameOf(db, 'SELECT ifnull(name, host_id) AS name FROM hosts WHERE id = ?', host)];
    case 'fleet':
      return (host) => [nameOf(db, 'SELECT f.name FROM hosts h JOIN fleets f ON f.id = h.fleet WHERE h.id = ?', host)];
  }
}

function nameOf(db: Database, sql: string, id: number): string {
  return statement<{ name: string }>(db, sql).get(id)?.name ?? '';
}

class SeriesTable {
  readonly #points: number;
  readonly #namesOf: (key: number) => readonly string[];
  readonly #series = new Map<string, number[]>();

  constructor(points: number, namesOf: (key: number) => readonly string[]) {
    this.#points = points;
    this.#namesOf = namesOf;
  }

  add(row: PointCount): void {
    for (const name of this.#namesOf(row.key)) {
      const points = this.#of(name);
      points[row.point] = (points[row.point] ?? 0) + row.denials;
    }
  }

  /** Largest first. `none` always has its one series, also when it is all zeros. */
  ranked(groupBy: SeriesKey): TimeSeries['series'] {
    if (groupBy === 'none') this.#of('denials');
    const all = Array.from(this.#series, ([key, points]) => ({ key, points, sum: points.reduce((a, b) => a + b, 0) }));
    all.sort((a, b) => b.sum - a.sum || (a.key < b.key ? -1 : 1));
    const shown = all.slice(0, seriesMax).map(({ key, points }) => ({ key, points }));
    const others = all.slice(seriesMax);
    if (others.length === 0) return shown;
    const points = Array.from({ length: this.#points }, (_, i) =>
      others.reduce((n, one) => n + (one.points[i] ?? 0), 0),
    );
    return [...shown, { key: OTHERS, points }];
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
