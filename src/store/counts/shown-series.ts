// Which names of a time series get a series of their own, and which rows of a rollup have to be read for them. Of some
// hundred thousand issues or hosts only those that are shown are read: what is left of all denials is of the others.
import type { SeriesKey } from '../answers.ts';
import type { Database } from '../database/open.ts';
import type { Compiled, Span } from '../query/scope.ts';
import type { CountKey } from '../rollups/rollup-choice.ts';
import { countKeys } from './counts.ts';
import { largestOf } from './largest.ts';
import type { NamesOf } from './series-names.ts';

/** Series of one answer; the smallest beyond it are summed up as `(others)`. */
export const SERIES_MAX = 24;
/** Rows that are looked for one by one. */
const KEYS_MAX = 2_000;
/** Of these no denial has more than one. */
const PARTED: ReadonlySet<SeriesKey> = new Set(['host', 'fleet', 'issue', 'program']);

export interface Shown {
  readonly names: ReadonlySet<string>;
  /** What has to be read: all that are shown, but those of one series. undefined: whatever there is. */
  readonly keys: readonly number[] | undefined;
  /** The name of that one; undefined: the others. */
  readonly left: string | undefined;
}

interface ShownRequest {
  readonly groupBy: SeriesKey;
  readonly key: CountKey;
  readonly namesOf: NamesOf;
}

/** The largest of the span; undefined: all, as there are few. */
export function shownOf(
  db: Database,
  scope: Compiled,
  span: Span,
  { groupBy, key, namesOf }: ShownRequest,
): Shown | undefined {
  if (groupBy === 'none' || groupBy === 'class') return undefined;
  const { counts: all } = countKeys(db, scope, span, key);
  // Where each key has a name of its own, only the largest are looked up. The canary's issues have twins.
  const isNamedByKey = groupBy === 'program' || (groupBy === 'issue' && !scope.includeCanary);
  const named = all.filter((row) => row.key !== null);
  const counts = isNamedByKey ? largestOf(named, SERIES_MAX) : named;
  const sums = new Map<string, number>();
  for (const row of counts) {
    for (const name of namesOf(row.key)) sums.set(name, (sums.get(name) ?? 0) + row.denials);
  }
  const ranked = [...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([name]) => name);
  const names = new Set(ranked.slice(0, SERIES_MAX));
  if (!PARTED.has(groupBy) || ranked.length === 0) return { names, keys: undefined, left: undefined };
  const isShort = ranked.length > SERIES_MAX || counts.length < named.length;
  const left = isShort ? undefined : ranked[0];
  const keys = counts.flatMap((row) => {
    const [name = ''] = namesOf(row.key);
    return row.key !== null && names.has(name) && name !== left ? [row.key] : [];
  });
  return { names, keys: keys.length > KEYS_MAX ? undefined : keys, left };
}
