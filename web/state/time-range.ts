// The span of time that a page shows: one of the presets, which end now and move on, or two fixed moments. Pure.

export interface RelativeRange {
  readonly kind: 'relative';
  readonly preset: Preset;
}

export interface FixedRange {
  readonly kind: 'fixed';
  readonly fromMs: number;
  readonly toMs: number;
}

export type TimeRange = RelativeRange | FixedRange;

export type Preset = '1h' | '6h' | '24h' | '7d' | '30d';

interface PresetFacts {
  readonly spanMs: number;
  /** As the statistics of the API name it. */
  readonly interval: string;
  /** `the last 24 hours`, `the 24 hours before`. */
  readonly words: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const PRESETS: Readonly<Record<Preset, PresetFacts>> = {
  '1h': { spanMs: HOUR_MS, interval: '1m', words: 'hour' },
  '6h': { spanMs: 6 * HOUR_MS, interval: '5m', words: '6 hours' },
  '24h': { spanMs: DAY_MS, interval: '30m', words: '24 hours' },
  '7d': { spanMs: 7 * DAY_MS, interval: '3h', words: '7 days' },
  '30d': { spanMs: 30 * DAY_MS, interval: '12h', words: '30 days' },
};

export const DEFAULT_RANGE: TimeRange = { kind: 'relative', preset: '24h' };
export const PRESET_NAMES: readonly Preset[] = ['1h', '6h', '24h', '7d', '30d'];

const INTERVALS: readonly (readonly [string, number])[] = [
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

export function isPreset(text: string): text is Preset {
  return PRESET_NAMES.some((name) => name === text);
}

/** First and last moment of the range. */
export function boundsOf(range: TimeRange, nowMs: number): { readonly fromMs: number; readonly toMs: number } {
  return range.kind === 'fixed'
    ? { fromMs: range.fromMs, toMs: range.toMs }
    : { fromMs: nowMs - PRESETS[range.preset].spanMs, toMs: nowMs };
}

/** Whether a denial of that moment belongs to the range; the present end of a preset has some tolerance. */
export function isWithin(range: TimeRange, atMs: number, nowMs: number): boolean {
  const { fromMs, toMs } = boundsOf(range, nowMs);
  return atMs >= fromMs && (range.kind === 'relative' ? atMs <= toMs + MINUTE_MS : atMs <= toMs);
}

/** The width of a bar, in the words of the API: few enough bars to tell one from the next. */
export function intervalOf(range: TimeRange): string {
  if (range.kind === 'relative') {
    return PRESETS[range.preset].interval;
  }
  const spanMs = range.toMs - range.fromMs;
  return INTERVALS.find(([, intervalMs]) => spanMs / intervalMs <= BARS_MAX)?.[0] ?? '30d';
}

/** `24 hours` for a preset, `shown time` for two moments: fits into "in the … before". */
export function spanWords(range: TimeRange): string {
  return range.kind === 'relative' ? PRESETS[range.preset].words : 'same span';
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

/** A fixed range of a day around one moment, to look at something old. */
export function dayAround(atMs: number): FixedRange {
  return { kind: 'fixed', fromMs: atMs - DAY_MS, toMs: atMs + HOUR_MS };
}
