// The bars of the chart: what the server answered, kept up to date by what arrives after it, until the next answer
// replaces it. Pure; the present moment is an argument.
import type { TimeSeries } from '../../src/api/schemas/stats.ts';

/** What was lost over time for one cause, in the bars of the model. */
export type LossSeries = TimeSeries['losses'][number];

/** A time in which a host was not heard of. */
export type Silence = TimeSeries['silences'][number];

export interface SeriesModel {
  readonly startMs: number;
  readonly intervalMs: number;
  /** Bars. */
  readonly length: number;
  readonly points: ReadonlyMap<string, readonly number[]>;
  readonly losses: readonly LossSeries[];
  readonly silences: readonly Silence[];
}

/** What is missing in one bar. */
export interface BarLoss {
  /** Something is missing here; when exactly, within a longer time, may not be known. */
  readonly isMissing: boolean;
  /** What was noticed here, by cause. */
  readonly noticed: readonly { readonly cause: string; readonly count: number }[];
}

/** A chart of more bars is not drawn; a span that long is asked for with a wider interval. */
export const BARS_MAX = 400;

export function fromAnswer(answer: TimeSeries): SeriesModel {
  // Where nothing was denied there may be no series at all, but there is a span.
  const spanned = Math.ceil((Date.parse(answer.to) - answer.start_ms) / answer.interval_ms) || 0;
  const length = Math.min(BARS_MAX, Math.max(spanned, 0, ...answer.series.map((one) => one.points.length)));
  return {
    startMs: answer.start_ms,
    intervalMs: answer.interval_ms,
    length,
    points: new Map(answer.series.map((one) => [one.key, padded(one.points.slice(0, length), length)])),
    losses: answer.losses,
    silences: answer.silences,
  };
}

/** Adds one denial of `keys`. Outside the bars it changes nothing: move the bars first. */
export function addDenial(model: SeriesModel, atMs: number, keys: readonly string[]): SeriesModel {
  const bar = barOf(model, atMs);
  if (bar < 0 || bar >= model.length) {
    return model;
  }
  const points = new Map(model.points);
  for (const key of keys) {
    const values = padded(points.get(key) ?? [], model.length);
    values[bar] = (values[bar] ?? 0) + 1;
    points.set(key, values);
  }
  return { ...model, points };
}

/** Moves the bars on so that the last one holds `nowMs`; as many leave at the front. */
export function moveTo(model: SeriesModel, nowMs: number): SeriesModel {
  const ahead = Math.min(barOf(model, nowMs) - model.length + 1, model.length);
  if (ahead <= 0 || !Number.isFinite(ahead)) {
    return model;
  }
  const steps = barOf(model, nowMs) - model.length + 1;
  const points = new Map<string, readonly number[]>();
  for (const [key, values] of model.points) {
    points.set(key, padded(values.slice(ahead), model.length));
  }
  const losses = model.losses.map(({ cause, points: noticed, during }) => ({
    cause,
    points: noticed.slice(steps),
    during: during.flatMap(({ first, last }) =>
      last < steps ? [] : [{ first: Math.max(0, first - steps), last: last - steps }],
    ),
  }));
  return { ...model, startMs: model.startMs + steps * model.intervalMs, points, losses };
}

/** Start of a bar. */
export function barStartMs(model: SeriesModel, bar: number): number {
  return model.startMs + bar * model.intervalMs;
}

/** All bars of `key` together; of everything without a key. */
export function totalOf(model: SeriesModel, key?: string): number {
  let total = 0;
  for (const [name, values] of model.points) {
    if (key === undefined || name === key) {
      total += values.reduce((sum, value) => sum + value, 0);
    }
  }
  return total;
}

/** The height of each bar over all keys. */
export function barTotals(model: SeriesModel): readonly number[] {
  const totals = new Array<number>(model.length).fill(0);
  for (const values of model.points.values()) {
    values.forEach((value, bar) => {
      totals[bar] = (totals[bar] ?? 0) + value;
    });
  }
  return totals;
}

/** For each bar what is missing in it. */
export function lossOfBars(model: SeriesModel): readonly BarLoss[] {
  return Array.from({ length: model.length }, (_, bar) => {
    const noticed = model.losses.flatMap(({ cause, points }) => {
      const count = points[bar] ?? 0;
      return count > 0 ? [{ cause, count }] : [];
    });
    const isWithin = model.losses.some(({ during }) => during.some(({ first, last }) => first <= bar && bar <= last));
    return { isMissing: isWithin || noticed.length > 0, noticed };
  });
}

/** For each bar the names of the hosts that were not heard of in it, each once. */
export function silentHostsOfBars(model: SeriesModel): readonly (readonly string[])[] {
  const bars = Array.from({ length: model.length }, () => new Map<string, string>());
  for (const { host, name, since, until } of model.silences) {
    const first = Math.max(0, barOf(model, Date.parse(since)));
    const last = until === undefined ? model.length - 1 : Math.min(model.length - 1, barOf(model, Date.parse(until)));
    for (let bar = first; bar <= last; bar++) {
      bars[bar]?.set(host, name);
    }
  }
  return bars.map((hosts) => [...hosts.values()]);
}

function barOf(model: SeriesModel, atMs: number): number {
  return Math.floor((atMs - model.startMs) / model.intervalMs);
}

function padded(values: readonly number[], length: number): number[] {
  return values.length >= length ? [...values] : [...values, ...new Array<number>(length - values.length).fill(0)];
}
