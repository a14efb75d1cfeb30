// What needs the scope read-sensitive, in one place: arguments of processes (they hold passwords), raw records (which
// hold the arguments) and so also fields that were not understood: they are the text of records as it came.
import type { Denial } from '../landlock/document.ts';

/** `denial` for readers without read-sensitive. */
export function withoutSensitive(denial: Denial): Denial {
  if (denial.process?.args === undefined && denial.landlock.unknown_fields === undefined) {
    return denial;
  }
  const { process, ...others } = denial;
  const known = { ...others, landlock: withoutUnknownFields(denial.landlock) };
  if (process === undefined) {
    return known;
  }
  const { args: _, ...rest } = process;
  return { ...known, process: rest };
}

/** Of any document: its `landlock` for readers without read-sensitive. */
export function withoutUnknownFields<L extends { readonly unknown_fields?: unknown }>(
  landlock: L,
): Omit<L, 'unknown_fields'> {
  const { unknown_fields: _, ...known } = landlock;
  return known;
}
