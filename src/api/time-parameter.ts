// Times and spans as people write them in an address: `2026-03-01T10:00:00Z`, `now`, `now-24h`, `5m`.
import { ApiError } from './errors.ts';

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const RELATIVE = /^now(?:([+-])(\d{1,6})([smhdw]))?$/;
const SPAN = /^(\d{1,6})([smhdw])$/;

const TIME_HINT = 'RFC 3339, or relative like now-24h (units s m h d w)';

/** Milliseconds since the epoch. Throws ApiError `invalid-parameter`. */
export function parseTime(text: string, name: string, nowMs: number): number {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const [, sign, number, unit] = relative;
    const offsetMs = number === undefined ? 0 : Number(number) * (UNITS_MS.get(unit ?? '') ?? 0);
    return sign === '-' ? nowMs - offsetMs : nowMs + offsetMs;
  }
  const ms = RFC_3339.test(text) && isDay(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new ApiError('invalid-parameter', `${name} is no time: ${JSON.stringify(text)}`, {
      hint: `Write ${TIME_HINT}`,
    });
  }
  return ms;
}

/** Date would take the 30th of February for the 2nd of March. */
function isDay(text: string): boolean {
  const day = text.slice(0, 'YYYY-MM-DD'.length);
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/** `5m` in milliseconds. Throws ApiError `invalid-parameter`. */
export function parseSpan(text: string, name: string): number {
  const [, number, unit] = SPAN.exec(text) ?? [];
  const ms = Number(number) * (UNITS_MS.get(unit ?? '') ?? Number.NaN);
  if (!(ms > 0)) {
    throw new ApiError('invalid-parameter', `${name} is no span of time: ${JSON.stringify(text)}`, {
      hint: 'Write a number and a unit: 30s, 5m, 1h, 1d, 1w',
    });
  }
  return ms;
}
