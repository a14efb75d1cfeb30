// The span of time that a page shows: one of the presets, which end now and move on, or two fixed moments. Pure.

/** The span that ends now: `90m`, `24h`, `7d`, `2w`. */
export interface RelativeRange {
  readonly kind: 'relative';
  readonly preset: string;
}

export interface FixedRange {
  readonly kind: 'fixed';
  readonly fromMs: number;
  readonly toMs: number;
}

export type TimeRange = RelativeRange | FixedRange;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Longer ones are a slip of the hand. */
const SPAN_MAX_MS = 3_660 * DAY_MS;

const UNITS: Readonly<Record<string, readonly [ms: number, word: string]>> = {
  m: [MINUTE_MS, 'minute'],
  h: [HOUR_MS, 'hour'],
  d: [DAY_MS, 'day'],
  w: [7 * DAY_MS, 'week'],
};

export const DEFAULT_RANGE: TimeRange = { kind: 'relative', preset: '24h' };
/** Those that the header offers. */
export const PRESET_NAMES = ['1h', '6h', '24h', '7d', '30d'] as const;

const INTERVALS: readonly (readonly [string, number])[] = [
  ['1s', 1_000],
  ['5s', 5_000],
  ['30s', 30_000],
  ['1m', MINUTE_MS],
  ['5m', 5 * MINUTE_MS],
  ['30m', 30 * MINUTE_MS],
  ['1h', HOUR_MS],
  ['3h', 3 * HOUR_MS],
  ['12h', 12 * HOUR_MS],
  ['1d', DAY_MS],
  ['7d', 7 * DAY_MS],
  ['30d', 30 * DAY_MS],
];
const BARS_MAX = 80;

/** The length of a span like `90m`; undefined: no such span. */
export function spanMsOf(text: string): number | undefined {
  const parts = /^([1-9]\d{0,3})([mhdw])$/.exec(text);
  const spanMs = Number(parts?.[1]) * (UNITS[parts?.[2] ?? '']?.[0] ?? Number.NaN);
  return spanMs <= SPAN_MAX_MS ? spanMs : undefined;
}

/** `24 hours`, `hour`: fits after "the last" and into "the … before". */
export function presetWords(preset: string): string {
  const count = Number.parseInt(preset, 10);
  const word = UNITS[preset.at(-1) ?? '']?.[1] ?? '';
  return count === 1 ? word : `${count} ${word}s`;
}

/** First and last moment of the range. */
export function boundsOf(range: TimeRange, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return range.kind === 'fixed'
    ? { fromMs: range.fromMs, toMs: range.toMs }
    : { fromMs: nowMs - (spanMsOf(range.preset) ?? DAY_MS), toMs: nowMs };
}

/** As long before it, as fleets are counted: both in whole hours, so that none is in both. */
export function hoursBefore(range: TimeRange, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  const first = Math.floor(fromMs / HOUR_MS) * HOUR_MS;
  const end = Math.ceil(toMs / HOUR_MS) * HOUR_MS;
  return { fromMs: 2 * first - end, toMs: first };
}

/** Whether a denial of that moment belongs to the range; the present end of a preset has some tolerance. */
export function isWithin(range: TimeRange, atMs: number, nowMs: number): boolean {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  return atMs >= fromMs && (range.kind === 'relative' ? atMs <= toMs + MINUTE_MS : atMs <= toMs);
}

/** The width of a bar, in the words of the API: few enough bars to tell one from the next. */
export function intervalOf(range: TimeRange): string {
  const { fromMs, toMs } = boundsOf(range, 0);
  const spanMs = toMs - fromMs;
  return INTERVALS.find(([, intervalMs]) => spanMs / intervalMs <= BARS_MAX)?.[0] ?? '30d';
}

/** `24 hours` for a preset, `shown time` for two moments: fits into "in the … before". */
export function spanWords(range: TimeRange): string {
  return range.kind === 'relative' ? presetWords(range.preset) : 'same span';
}

/** As `from` and `to` of the API. */
export function rangeParameters(range: TimeRange): readonly (readonly [string, string])[] {
  if (range.kind === 'relative') {
    return [['from', `now-${range.preset}`]];
  }
  return [
    ['from', new Date(range.fromMs).toISOString()],
    ['to', new Date(range.toMs).toISOString()],
  ];
}

/** The range that lies one span earlier (-1) or later (1); never beyond the present. */
export function shifted(range: TimeRange, steps: 1 | -1, nowMs: number): TimeRange {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  const endMs = Math.min(nowMs, toMs + steps * (toMs - fromMs));
  if (range.kind === 'relative' && endMs === nowMs) {
    return range;
  }
  return { kind: 'fixed', fromMs: endMs - (toMs - fromMs), toMs: endMs };
}

/** A fixed range of a day around one moment, to look at something old. */
export function dayAround(atMs: number): FixedRange {
  return { kind: 'fixed', fromMs: atMs - DAY_MS, toMs: atMs + HOUR_MS };
}
