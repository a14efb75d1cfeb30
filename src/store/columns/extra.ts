// What of a document has no column: a sparse object, kept as JSON beside the row and laid over what the columns give
// back. So every document comes back exactly, also one with members that this version does not know.
import { isRecord } from './check-shape.ts';

export type Extra = Record<string, unknown>;

/** Characters of the JSON; a document with more is refused. */
export const EXTRA_LENGTH_MAX = 65_536;

/**
 * Puts into `extra[name]` the members of `value` that are not `known`. An object without any member is put too,
 * as no column says that it was there.
 */
export function keepOthers(extra: Extra, name: string, value: object | undefined, known: ReadonlySet<string>): void {
  if (value === undefined) return;
  let others: Extra | undefined;
  let isEmpty = true;
  for (const key in value) {
    isEmpty = false;
    if (known.has(key)) continue;
    others ??= {};
    others[key] = value[key as keyof typeof value];
  }
  if (others === undefined && !isEmpty) return;
  const already = extra[name];
  extra[name] = isRecord(already) ? overlay(already, others ?? {}) : (others ?? {});
}

/** Keeps the members of `doc` itself that have no place. */
export function keepTop(extra: Extra, doc: object, known: ReadonlySet<string>): void {
  for (const key in doc) {
    if (!known.has(key)) extra[key] = doc[key as keyof typeof doc];
  }
}

/** keepOthers one level further down. */
export function keepInner(extra: Extra, outer: string, name: string, value: object, known: ReadonlySet<string>): void {
  for (const key in value) {
    if (!known.has(key)) keep(extra, [outer, name, key], value[key as keyof typeof value]);
  }
}

/** Puts one member at `path`. */
export function keep(extra: Extra, path: readonly [string, ...string[]], value: unknown): void {
  let at = extra;
  for (const name of path.slice(0, -1)) {
    const inner = at[name];
    const next: Extra = isRecord(inner) ? inner : {};
    at[name] = next;
    at = next;
  }
  const last = path.at(-1);
  if (last !== undefined) at[last] = value;
}

/** The JSON to store: null where everything found a column. */
export function toExtraText(extra: Extra): string | null {
  for (const _ in extra) return JSON.stringify(extra);
  return null;
}

/** `base` with the stored extra laid over it. */
export function withExtra<T extends object>(base: T, text: string | null): T {
  if (text === null) return base;
  const extra: unknown = JSON.parse(text);
  if (isRecord(extra)) overlay(base, extra);
  return base;
}

function overlay(base: object, extra: Extra): Extra {
  const target = base as Extra;
  for (const [key, value] of Object.entries(extra)) {
    const old = target[key];
    target[key] = isRecord(value) && isRecord(old) ? overlay(old, value) : value;
  }
  return target;
}
