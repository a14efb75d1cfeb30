// The values of a field with their counts: top lists, which are exact over their span or refused, and suggestions, which
// are of the newest part of it where all would take too long.

import type { CountSource, Scope, TopAnswer, TopKey, ValueCount, ValueField, ValuesAnswer } from '../answers.ts';
import { WEIGHTS } from '../columns/repeats.ts';
import type { Database } from '../database/open.ts';
import type { Filter, TextField } from '../query/filter-parse.ts';
import { NUMBER_FIELDS } from '../query/filter-parse.ts';
import { IS_FILE } from '../query/path-rows.ts';
import { type Compiled, compileScope, type Span } from '../query/scope.ts';
import { type Answer, isRefused, type Refused, refused } from '../refused.ts';
import type { CountKey } from '../rollups/rollup-choice.ts';
import { getAccuracy } from './accuracy.ts';
import { countKeys, type ScanLimits, scanDenials } from './counts.ts';
import { largestOf } from './largest.ts';
import { drawIn } from './summary.ts';
import { type CountedKey, describeValue, type ValuesOf, valuesFor } from './value-names.ts';

/** Rows of one answer. */
export const VALUES_LIMIT_MAX = 500;
export const TOP_LIMIT_DEFAULT = 10;
export const VALUES_LIMIT_DEFAULT = 20;
/** Different keys that are counted at once; a top list of more is refused. */
const keysMax = 500_000;
/** Suggestions are made of so many of the newest denials at least, and in this time at most. */
const SAMPLE: ScanLimits = { denialsMax: 200_000, timeMaxMs: 1_500 };

export interface TopRequest {
  readonly scope: Scope;
  readonly by: TopKey;
  /** 1 to VALUES_LIMIT_MAX. */
  readonly limit?: number | undefined;
}

export interface ValuesRequest {
  readonly scope: Scope;
  readonly field: ValueField;
  /** Only values that begin with it; of hosts also the name. Minds the case. */
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
}

/** What the rollups may know. */
const COUNT_KEYS: Readonly<Partial<Record<ValueField, CountKey>>> = {
  blocker: 'blockers',
  program: 'program',
  host: 'host',
  fleet: 'host',
  issue: 'issue',
};

interface KeyColumns {
  readonly key: string;
  readonly other?: string;
  readonly condition?: string;
}

/** Where a row of denials has what only it knows. */
const COLUMNS: Readonly<Record<Exclude<ValueField, 'blocker' | 'program' | 'host' | 'fleet' | 'issue'>, KeyColumns>> = {
  path: { key: 'd.object', condition: `d.object IS NOT NULL AND ${IS_FILE}` },
  comm: { key: 'd.actor' },
  uid: { key: 'd.actor' },
  user: { key: 'd.actor' },
  package: { key: 'd.actor' },
  unit: { key: 'd.actor' },
  domain: { key: 'd.domain' },
  port: {
    key: 'd.source_port',
    other: 'd.destination_port',
    condition: '(d.source_port IS NOT NULL OR d.destination_port IS NOT NULL)',
  },
  kind: { key: 'd.shape' },
  pid: { key: 'd.pid', condition: 'd.pid IS NOT NULL' },
};
export type ScannedField = keyof typeof COLUMNS;

export function scannedCountsSql(field: ScannedField, scope: string): string {
  const { key, other = 'NULL', condition = '1' } = COLUMNS[field];
  return `
  SELECT ${key} AS key, ${other} AS other, ${WEIGHTS} AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${scope}
    AND ${condition}
  GROUP BY ${key}${other === 'NULL' ? '' : `, ${other}`}`;
}

/** The greatest counts by `by`. Domains are told apart by host and boot, everything else by its value. */
export function topValues(db: Database, { scope: asked, by, limit }: TopRequest): Answer<TopAnswer> {
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const span = drawIn(db, scope);
  const keys = countField(db, scope, span, by);
  if (isRefused(keys)) return keys;
  const rows = valuesLimit(limit, TOP_LIMIT_DEFAULT);
  const named = isNamedByKey(by, scope) ? keys.counts.filter(({ key }) => key !== null) : keys.counts;
  const largest = isNamedByKey(by, scope) ? largestOf(named, rows) : named;
  const table = new ValueTable(valuesFor(db, by), by === 'domain');
  for (const key of largest) table.add(key);
  const ranked = table.ranked();
  const shown = ranked.slice(0, rows);
  const isShort = largest.length < named.length;
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    by,
    data: shown.map((row) => ({ ...toValueCount(row), ...describeValue(db, by, row.key) })),
    values: isShort ? named.length : ranked.length,
    others: isShort ? sumOf(named) - sumOf(shown) : sumOf(ranked.slice(shown.length)),
    counted_from: keys.source,
    ...getAccuracy(db, scope, span),
  };
}

/** Whether each key has one value, which no other has: then only the largest are looked up. The canary's issues have twins. */
function isNamedByKey(by: TopKey, scope: Compiled): boolean {
  return by === 'host' || by === 'program' || (by === 'issue' && !scope.includeCanary);
}

function sumOf(rows: readonly { readonly denials: number }[]): number {
  return rows.reduce((sum, { denials }) => sum + denials, 0);
}

/** The most frequent values of a field that begin with `prefix`. */
export function listValues(db: Database, request: ValuesRequest): Answer<ValuesAnswer> {
  const { field, prefix = '' } = request;
  const scope = compileScope(db, request.scope, startsWith(field, prefix));
  if (isRefused(scope)) return scope;
  const span = drawIn(db, scope);
  const keys = countField(db, scope, span, field, SAMPLE);
  if (isRefused(keys)) return keys;
  const table = new ValueTable(valuesFor(db, field), false);
  for (const key of keys.counts) table.add(key);
  // A host is found by its id or its name: the query has seen to it. No query can ask for U+0000.
  const isSuggested = ({ value }: ValueRow) => field === 'host' || (value.startsWith(prefix) && !value.includes('\0'));
  const ranked = table.ranked().filter(isSuggested);
  const shown = ranked.slice(0, valuesLimit(request.limit, VALUES_LIMIT_DEFAULT));
  return {
    from: new Date(keys.span.fromMs).toISOString(),
    to: new Date(keys.span.toMs).toISOString(),
    field,
    data: shown.map((row) => ({
      ...toValueCount(row),
      ...(field === 'domain' ? {} : describeValue(db, field, row.key)),
    })),
    values: ranked.length,
    complete: keys.span.fromMs === span.fromMs,
    counted_from: keys.source,
  };
}

function valuesLimit(asked: number | undefined, otherwise: number): number {
  if (asked === undefined || !Number.isFinite(asked)) return otherwise;
  return Math.min(Math.max(Math.trunc(asked), 1), VALUES_LIMIT_MAX);
}

/** Narrows the denials to those with such a value, so that a prefix is looked up and not read for. */
function startsWith(field: ValueField, prefix: string): Filter | undefined {
  const isNumber = NUMBER_FIELDS.some((number) => number === field);
  if (prefix === '' || isNumber) return undefined;
  return { kind: 'text', field: field as TextField, pattern: [prefix, ''] };
}

interface FieldCounts {
  readonly counts: readonly (CountedKey & { readonly denials: number })[];
  readonly source: CountSource;
  readonly span: Span;
}

function countField(
  db: Database,
  scope: Compiled,
  span: Span,
  field: ValueField,
  limits?: ScanLimits,
): FieldCounts | Refused {
  const countKey = COUNT_KEYS[field];
  if (countKey !== undefined) {
    const { counts, ...rest } = countKeys(db, scope, span, countKey, limits);
    return { counts: counts.map(({ key, denials }) => ({ key, other: null, denials })), ...rest };
  }
  const sums = new Map<string, CountedKey & { denials: number }>();
  const sql = scannedCountsSql(field as ScannedField, scope.denials.sql);
  const counted = scanDenials<CountedKey & { denials: number }>(
    db,
    scope,
    span,
    sql,
    ({ key, other, denials }) => {
      const id = `${key} ${other}`;
      const sum = sums.get(id);
      if (sum !== undefined) sum.denials += denials;
      else if (sums.size <= keysMax) sums.set(id, { key, other, denials });
    },
    { limits },
  );
  if (sums.size > keysMax) {
    return refused('too-many-values', `more than ${keysMax} different values`, 'ask for a shorter span of time');
  }
  return { counts: [...sums.values()], source: 'denials', span: counted };
}

interface ValueRow {
  readonly value: string;
  readonly key: number | null;
  denials: number;
}

class ValueTable {
  readonly #rows = new Map<string, ValueRow>();
  readonly #valuesOf: ValuesOf;
  readonly #isByKey: boolean;

  /** `isByKey`: two keys with the same value are two rows. */
  constructor(valuesOf: ValuesOf, isByKey: boolean) {
    this.#valuesOf = valuesOf;
    this.#isByKey = isByKey;
  }

  add(counted: CountedKey & { readonly denials: number }): void {
    for (const value of this.#valuesOf(counted)) {
      const id = this.#isByKey ? `${counted.key} ${value}` : value;
      const row = this.#rows.get(id);
      if (row === undefined) this.#rows.set(id, { value, key: counted.key, denials: counted.denials });
      else row.denials += counted.denials;
    }
  }

  /** Most first; equal ones by value, so that the answer is always the same. */
  ranked(): readonly ValueRow[] {
    return [...this.#rows.values()].sort((a, b) => b.denials - a.denials || (a.value < b.value ? -1 : 1));
  }
}

function toValueCount({ value, denials }: ValueRow): ValueCount {
  return { value, denials };
}
