// A view of the denials as the server keeps it under a name, and back. Pure.
import type { NewSavedView, SavedView } from '../../src/api/schemas/view.ts';
import { QUERY_LENGTH_MAX, type View } from './page-address.ts';
import { scopeParameters } from './request-parameters.ts';
import { spanMsOf, type TimeRange } from './time-range.ts';

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** For a view that has no beginning. */
const ALL: TimeRange = { kind: 'relative', preset: '3650d' };

export function toSaved(view: View, name: string, shared: boolean): NewSavedView {
  return { name, page: 'denials', shared, ...Object.fromEntries(scopeParameters(view)) };
}

/** The view that is kept; undefined where the address has no room for its query. */
export function fromSaved({ from, to, q, host, fleet }: SavedView, nowMs: number): View | undefined {
  if (q !== undefined && q.length > QUERY_LENGTH_MAX) {
    return undefined;
  }
  return {
    page: 'denials',
    range: rangeOf(from, to, nowMs),
    ...(host !== undefined && { host }),
    ...(fleet !== undefined && { fleet }),
    ...(q !== undefined && { query: q }),
  };
}

function rangeOf(from: string | undefined, to: string | undefined, nowMs: number): TimeRange {
  const preset = /^now-(\w+)$/.exec(from ?? '')?.[1];
  if (preset !== undefined && spanMsOf(preset) !== undefined && (to === undefined || to === 'now')) {
    return { kind: 'relative', preset };
  }
  const fromMs = from === undefined ? Number.NaN : momentOf(from, nowMs);
  const toMs = to === undefined ? nowMs : momentOf(to, nowMs);
  return fromMs < toMs ? { kind: 'fixed', fromMs, toMs } : ALL;
}

/** RFC 3339, or relative to now as the API has it. */
function momentOf(text: string, nowMs: number): number {
  const [isRelative, sign, count, unit = ''] = /^now(?:([+-])(\d{1,6})([smhdw]))?$/.exec(text) ?? [];
  if (isRelative === undefined) {
    return Date.parse(text);
  }
  const offsetMs = count === undefined ? 0 : Number(count) * (UNITS_MS[unit] ?? 0);
  return sign === '-' ? nowMs - offsetMs : nowMs + offsetMs;
}
