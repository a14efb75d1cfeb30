// Dates, UUIDs and bus addresses inside a name: forms that run over more than one token. Each looks ahead
// over a bounded number of characters.
import { ALNUM, areAll, DIGIT, HEX, kindAt, type Token } from './characters.ts';

function isBoundary(text: string, at: number): boolean {
  return (kindAt(text, at) & ALNUM) === 0;
}

function pair(text: string, at: number): number {
  return areAll(text, at, 2, DIGIT) ? Number(text.slice(at, at + 2)) : -1;
}

function isDay(text: string, year: number, month: number, day: number): boolean {
  const century = pair(text, year);
  const [ofMonth, ofDay] = [pair(text, month), pair(text, day)];
  return (century === 19 || century === 20) && ofMonth >= 1 && ofMonth <= 12 && ofDay >= 1 && ofDay <= 31;
}

const TIME_JOINTS = 'T_-. ';
const TIME_SEPARATORS = ':-_.';

/** Where a time of day after a date ends, or `at` if there is none. */
function endOfTime(text: string, at: number): number {
  let end = at;
  if (TIME_JOINTS.includes(text.charAt(end)) && end < text.length) end++;
  let parts = 0;
  while (parts < 3) {
    const from = parts > 0 && end < text.length && TIME_SEPARATORS.includes(text.charAt(end)) ? end + 1 : end;
    const value = pair(text, from);
    if (value < 0 || value > (parts === 0 ? 23 : 60)) break;
    end = from + 2;
    parts++;
  }
  if (parts < 2) return at;
  if (text.charAt(end) === 'Z') end++;
  return isBoundary(text, end) ? end : at;
}

/** Where the date that starts with the token ends; -1 if none does. `2024-01-31`, `20240131`, each also with a time. */
export function endOfDate(text: string, { start }: Token): number {
  let end = -1;
  if (areAll(text, start, 8, DIGIT)) {
    if (isDay(text, start, start + 4, start + 6)) end = start + 8;
  } else if (areAll(text, start, 4, DIGIT)) {
    const separator = text.charAt(start + 4);
    const isSeparated = separator !== '' && '-_.'.includes(separator) && text.charAt(start + 7) === separator;
    if (isSeparated && isDay(text, start, start + 5, start + 8)) end = start + 10;
  }
  if (end === -1) return -1;
  const withTime = endOfTime(text, end);
  return isBoundary(text, withTime) ? withTime : -1;
}

const UUID_REST = [4, 4, 4, 12];

/** Where the UUID that starts at `start` ends; -1 if none does. Joined by `-`, `_` or systemd's `\x2d`. */
export function endOfUuid(text: string, start: number): number {
  if (!areAll(text, start, 8, HEX)) return -1;
  let at = start + 8;
  const joint = text.charAt(at) === '\\' ? '\\x2d' : text.charAt(at);
  if (joint !== '-' && joint !== '_' && joint !== '\\x2d') return -1;
  for (const count of UUID_REST) {
    if (!text.startsWith(joint, at) || !areAll(text, at + joint.length, count, HEX)) return -1;
    at += joint.length + count;
  }
  return isBoundary(text, at) ? at : -1;
}

/** Where the PCI address (`0000:00:1f.3`) that starts at `start` ends; -1 if none does. */
export function endOfPci(text: string, start: number): number {
  const isAddress =
    areAll(text, start, 4, HEX) &&
    text.charAt(start + 4) === ':' &&
    areAll(text, start + 5, 2, HEX) &&
    text.charAt(start + 7) === ':' &&
    areAll(text, start + 8, 2, HEX) &&
    text.charAt(start + 10) === '.' &&
    areAll(text, start + 11, 1, HEX) &&
    isBoundary(text, start + 12);
  return isAddress ? start + 12 : -1;
}
