// The days of an issue as a line that ends today, and what that line tells. Pure; the present moment is an argument.
import type { IssueAnswer } from '../../src/api/schemas/issue.ts';

export type Trend = NonNullable<IssueAnswer['trend']>;

export interface TrendDay {
  readonly startMs: number;
  readonly denials: number;
}

/** Days of a line. */
export const TREND_DAYS = 30;
const DAY_MS = 86_400_000;
/** Compared with the days before them. */
const RECENT_DAYS = 2;
const BEFORE_DAYS = 7;
/** Fewer denials a day are no escalation, whatever they were before. */
const ESCALATION_DENIALS_MIN = 10;
const ESCALATION_FACTOR_MIN = 3;

/** The last thirty days (UTC) up to today; the answer ends with the day of the last denial. */
export function trendDays(trend: Trend, nowMs: number): readonly TrendDay[] {
  const startMs = Date.parse(trend.start);
  const first = Math.floor(nowMs / DAY_MS) - TREND_DAYS + 1;
  return Array.from({ length: TREND_DAYS }, (_, index) => {
    const dayMs = (first + index) * DAY_MS;
    return { startMs: dayMs, denials: trend.points[Math.round((dayMs - startMs) / DAY_MS)] ?? 0 };
  });
}

/**
 * How many times as many denials the busier one of the last two days has as a day of the week before; Infinity after
 * a silent week. undefined: not so many more.
 */
export function escalationOf(days: readonly TrendDay[]): number | undefined {
  const counts = days.map((day) => day.denials);
  const recent = Math.max(0, ...counts.slice(-RECENT_DAYS));
  const before = counts.slice(-RECENT_DAYS - BEFORE_DAYS, -RECENT_DAYS);
  const usual = before.reduce((sum, count) => sum + count, 0) / BEFORE_DAYS;
  const factor = recent / usual;
  return recent >= ESCALATION_DENIALS_MIN && factor >= ESCALATION_FACTOR_MIN ? factor : undefined;
}
