// What needs the scope read-sensitive, in one place: arguments of processes (they hold passwords) and raw records
// (which hold the arguments).
import type { Denial } from '../landlock/document.ts';

/** `denial` for readers without read-sensitive. */
export function withoutSensitive(denial: Denial): Denial {
  if (denial.process?.args === undefined) {
    return denial;
  }
  const { args: _, ...process } = denial.process;
  return { ...denial, process };
}
