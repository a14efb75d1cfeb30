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
  let members = 0;
  for (const [key, member] of Object.entries(value)) {
    members += 1;
    if (known.has(key)) continue;
    others ??= {};
    others[key] = member;
  }
  if (others === undefined && members > 0) return;
  const already = extra[name];
  extra[name] = isRecord(already) ? overlay(already, others ?? {}) : (others ?? {});
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
