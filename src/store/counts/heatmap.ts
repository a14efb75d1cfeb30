// Denials by the hour of the week in the time of a place: when people or jobs run into a sandbox. Counted by hours of
// UTC, each of which goes to the hour of the week in which it begins there.

import type { Accuracy, CountSource, Scope } from '../answers.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { compileScope, type Span } from '../query/scope.ts';
import { type Answer, isRefused, refused } from '../refused.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { getAccuracy } from './accuracy.ts';
import { drawIn } from './summary.ts';
import { countPoints, keyOf } from './time-series.ts';

export interface HeatmapRequest {
  readonly scope: Scope;
  /** IANA name; default UTC. */
  readonly timezone?: string | undefined;
}

/** Denials by the hour of the week. */
export interface Heatmap extends Accuracy {
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
  /** Monday to Sunday, each with 24 counts. */
  readonly denials: readonly (readonly number[])[];
  /** How often the span has each hour of the week, also in part: what to divide by for a mean. */
  readonly hours: readonly (readonly number[])[];
  readonly counted_from: CountSource;
}

const DAY_MS = HOURS_PER_DAY * HOUR_MS;
const DAYS_PER_WEEK = 7;
const daysMax = 3_660;
/** 1970-01-01 was a Thursday. */
const THURSDAY = 3;

/** Of a span of ten years at most. */
export function heatmap(db: Database, request: HeatmapRequest): Answer<Heatmap> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const { timezone = 'UTC' } = request;
  const offsetAt = offsetsOf(timezone);
  if (offsetAt === undefined) {
    const name = JSON.stringify(timezone);
    return refused('invalid-timezone', `there is no time zone ${name}`, 'write a name like Europe/Paris, or UTC');
  }
  const span = drawIn(db, scope);
  if (span.toMs - span.fromMs > daysMax * DAY_MS) {
    return refused('invalid-range', `the span is longer than ${daysMax} days`, 'ask for a shorter span');
  }
  const startMs = Math.floor(span.fromMs / HOUR_MS) * HOUR_MS;
  const denials = emptyWeek();
  const hours = weekOf(span, startMs, offsetAt);
  const points = { key: keyOf(db, scope, 'none'), startMs, intervalMs: HOUR_MS };
  const source = countPoints(db, scope, span, points, ({ point, denials: n }) => {
    const atMs = startMs + point * HOUR_MS;
    addTo(denials, atMs + offsetAt(atMs), n);
  });
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    timezone,
    denials,
    hours,
    counted_from: source,
    ...getAccuracy(db, scope, span),
  };
}

function emptyWeek(): number[][] {
  return Array.from({ length: DAYS_PER_WEEK }, () => new Array<number>(HOURS_PER_DAY).fill(0));
}

function weekOf(span: Span, startMs: number, offsetAt: (ms: number) => number): number[][] {
  const hours = emptyWeek();
  for (let atMs = startMs; atMs < span.toMs; atMs += HOUR_MS) addTo(hours, atMs + offsetAt(atMs), 1);
  return hours;
}

/** `localMs`: as a clock there shows it, as if it were UTC. */
function addTo(week: readonly number[][], localMs: number, n: number): void {
  const day = week[(Math.floor(localMs / DAY_MS) + THURSDAY) % DAYS_PER_WEEK];
  const hour = Math.floor(localMs / HOUR_MS) % HOURS_PER_DAY;
  if (day !== undefined) day[hour] = (day[hour] ?? 0) + n;
}

/** How far clocks of the zone are ahead of UTC at a time, in milliseconds; undefined where there is no such zone. */
function offsetsOf(timezone: string): ((ms: number) => number) | undefined {
  if (timezone === 'UTC') return () => 0;
  const format = formatOf(timezone);
  if (format === undefined) return undefined;
  const offsetAt = (ms: number): number => {
    const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
  };
  // Few days change their clocks: the others take two look-ups, not twenty-four.
  const days = new Map<number, { readonly first: number; readonly last: number }>();
  return (ms) => {
    const day = Math.floor(ms / DAY_MS);
    let known = days.get(day);
    if (known === undefined) {
      known = { first: offsetAt(day * DAY_MS), last: offsetAt((day + 1) * DAY_MS) };
      days.set(day, known);
    }
    return known.first === known.last ? known.first : offsetAt(ms);
  };
}

function formatOf(timezone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}
