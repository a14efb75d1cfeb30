// Opaque places in a list: the key of the last row seen, so that a page costs the same wherever it stands (keyset).
import { type Refused, refused } from '../refused.ts';

/** Rows of one page. */
export const PAGE_LIMIT_MAX = 500;
const pageLimitDefault = 100;

export interface PageRequest {
  /** 1 to 500. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** `kind` keeps a cursor of one list out of another. */
export function toCursor(kind: string, key: number): string {
  return Buffer.from(`${kind}:${key}`).toString('base64url');
}

/** The key; undefined for the first page. */
export function fromCursor(kind: string, cursor: string | undefined): number | undefined | Refused {
  if (cursor === undefined) return undefined;
  const text = /^[A-Za-z0-9_-]{1,64}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const key = text.startsWith(`${kind}:`) ? text.slice(kind.length + 1) : '';
  if (!/^-?\d{1,16}$/.test(key) || !Number.isSafeInteger(Number(key))) {
    return refused('invalid-cursor', 'the cursor is none of this list', 'begin again without a cursor');
  }
  return Number(key);
}

/** A place in a list that is sorted by several keys: those of the last row seen. */
export function toKeysCursor(kind: string, keys: readonly number[]): string {
  return Buffer.from([kind, ...keys].join(':')).toString('base64url');
}

/** The keys, `count` of them; undefined for the first page. */
export function fromKeysCursor(
  kind: string,
  cursor: string | undefined,
  count: number,
): readonly number[] | undefined | Refused {
  if (cursor === undefined) return undefined;
  const text = /^[A-Za-z0-9_-]{1,100}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const [name, ...keys] = text.split(':');
  if (name !== kind || keys.length !== count || !keys.every(isKey)) {
    return refused('invalid-cursor', 'the cursor is none of this list', 'begin again without a cursor');
  }
  return keys.map(Number);
}

function isKey(text: string): boolean {
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text));
}

export function pageLimit(asked: number | undefined): number {
  if (asked === undefined || !Number.isFinite(asked)) return pageLimitDefault;
  return Math.min(Math.max(Math.trunc(asked), 1), PAGE_LIMIT_MAX);
}

/** The same as `toPage` where the list is sorted by several keys. */
export function toKeysPage<Row, T>(
  kind: string,
  rows: readonly Row[],
  limit: number,
  keysOf: (row: Row) => readonly number[],
  answer: (row: Row) => T,
): { readonly data: readonly T[]; readonly next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { data: shown.map(answer), next_cursor: hasMore ? toKeysCursor(kind, keysOf(last)) : null };
}

/** A page of `rows`, of which one more than `limit` was asked for in order to know whether there is a next page. */
export function toPage<Row, T>(
  kind: string,
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => number,
  answer: (row: Row) => T,
): { readonly data: readonly T[]; readonly next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { data: shown.map(answer), next_cursor: hasMore ? toCursor(kind, keyOf(last)) : null };
}
