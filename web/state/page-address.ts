// What the page shows is all in its address: a link copied from the address bar shows the same to someone else.
// Parsing never fails; what is not understood is left out. Pure.
import type { BlockerClass } from '../../src/api/schemas/stats.ts';
import { classQuery, isBlockerClass } from './blocker-class.ts';
import { DEFAULT_RANGE, isPreset, rangeParameters, type TimeRange } from './time-range.ts';

export interface View {
  readonly range: TimeRange;
  /** Host id. */
  readonly host?: string;
  readonly fleet?: string;
  readonly blockerClass?: BlockerClass;
  /** event.id of the denial whose drawer is open. */
  readonly denial?: string;
}

/** Reads the query part of an address. */
export function parseAddress(search: string): View {
  const parameters = new URLSearchParams(search);
  const host = parameters.get('host');
  const fleet = parameters.get('fleet');
  const blockerClass = parameters.get('class');
  const denial = parameters.get('denial');
  return {
    range: parseRange(parameters),
    ...(host ? { host } : {}),
    ...(fleet ? { fleet } : {}),
    ...(blockerClass !== null && isBlockerClass(blockerClass) ? { blockerClass } : {}),
    ...(denial ? { denial } : {}),
  };
}

/** The address of a view; `/` alone for the default one. */
export function toAddress(view: View): string {
  const parameters = new URLSearchParams();
  if (view.range.kind === 'fixed') {
    parameters.set('from', new Date(view.range.fromMs).toISOString());
    parameters.set('to', new Date(view.range.toMs).toISOString());
  } else if (view.range.preset !== '24h') {
    parameters.set('range', view.range.preset);
  }
  for (const [name, value] of [
    ['host', view.host],
    ['fleet', view.fleet],
    ['class', view.blockerClass],
    ['denial', view.denial],
  ] as const) {
    if (value !== undefined) {
      parameters.set(name, value);
    }
  }
  const search = parameters.toString();
  return search === '' ? '/' : `/?${search}`;
}

/** The view without one of its filters. */
export function without(view: View, key: 'host' | 'fleet' | 'blockerClass' | 'denial'): View {
  const { [key]: _left, ...rest } = view;
  return rest;
}

/** Whether the two ask the server for the same numbers (the open drawer does not matter). */
export function asksTheSame(a: View, b: View): boolean {
  return toAddress(without(a, 'denial')) === toAddress(without(b, 'denial'));
}

/** What every question about denials is asked with. */
export function scopeParameters(view: View): readonly (readonly [string, string])[] {
  return [...rangeParameters(view.range), ...streamParameters(view)];
}

/** The same for what comes from now on. */
export function streamParameters(view: View): readonly (readonly [string, string])[] {
  return [
    ...(view.host === undefined ? [] : [['host', view.host] as const]),
    ...(view.fleet === undefined ? [] : [['fleet', view.fleet] as const]),
    ...(view.blockerClass === undefined ? [] : [['q', classQuery(view.blockerClass)] as const]),
  ];
}

function parseRange(parameters: URLSearchParams): TimeRange {
  const fromMs = Date.parse(parameters.get('from') ?? '');
  const toMs = Date.parse(parameters.get('to') ?? '');
  if (fromMs < toMs) {
    return { kind: 'fixed', fromMs, toMs };
  }
  const preset = parameters.get('range') ?? '';
  return isPreset(preset) ? { kind: 'relative', preset } : DEFAULT_RANGE;
}
