// The command line of a command: node:util parseArgs, with errors that name the command and the nearest option, and
// the option values that several commands share (times, counts).
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { didYouMean } from '../runtime/closest-word.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';

/** Wrong usage: exit code 2. */
export function usageError(message: string, mend: string): OperatingError {
  return new OperatingError('usage', message, mend, { exitCode: EXIT.usage });
}

type Options = NonNullable<ParseArgsConfig['options']>;

interface Arguments<T extends Options> {
  readonly values: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>['values'];
  readonly positionals: readonly string[];
}

/** Parses `argv`; throws `usage` errors only. Positionals are refused beyond `positionalsMax` (default none). */
export function parseArguments<const T extends Options>(
  command: string,
  argv: readonly string[],
  options: T,
  positionalsMax = 0,
): Arguments<T> {
  let parsed: ReturnType<typeof parseArgs<{ options: T; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '(-+)([^']+)'/.exec(message)?.[2];
    const ambiguous = /Option '(--[^' ]+)[^']*' argument is ambiguous/.exec(message)?.[1];
    const what =
      ambiguous !== undefined
        ? `${ambiguous} wants a value; one that begins with a dash is written ${ambiguous}=-…`
        : unknown === undefined
          ? (message.split(/\. |\n/)[0] ?? message)
          : `unknown option --${unknown}${didYouMean(unknown, Object.keys(options))}`;
    throw usageError(`${command}: ${what}`, `see trespass ${command} --help`);
  }
  const surplus = parsed.positionals[positionalsMax];
  if (surplus !== undefined) {
    throw usageError(`${command}: unexpected argument "${surplus}"`, `see trespass ${command} --help`);
  }
  return { values: parsed.values, positionals: parsed.positionals };
}

const UNITS_MS = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

/** Milliseconds since the epoch of `24h`, `now-24h`, `now`, or RFC 3339 (a bare date is midnight UTC). */
export function parseTime(option: string, text: string, nowMs: number): number {
  const relative = /^(?:now-)?(\d{1,9})([smhdw])$/.exec(text);
  if (relative !== null) {
    return nowMs - Number(relative[1]) * (UNITS_MS.get(relative[2] ?? '') ?? 0);
  }
  if (text === 'now') {
    return nowMs;
  }
  const absolute = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(absolute)) {
    throw usageError(`--${option} "${text}" is no time`, 'write 90s, 15m, 24h, 7d, or 2026-03-01T10:00:00Z');
  }
  return absolute;
}

/** A whole number of at least `min`. */
export function parseCount(option: string, text: string, min = 1): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count) || count < min) {
    throw usageError(`--${option} "${text}" is no number of at least ${min}`, `write for example --${option} 100`);
  }
  return count;
}
