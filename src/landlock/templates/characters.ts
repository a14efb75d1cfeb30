// Kinds of characters and what a run of them looks like. Templates are made by looking at each character a bounded
// number of times, never by backtracking: whoever is denied chooses the text.

/** Kinds of character, as bits. Everything beyond ASCII counts as a lower-case letter that is no hexadecimal digit. */
export const DIGIT = 1;
export const HEX_LOWER = 2;
export const LOWER = 4;
export const HEX_UPPER = 8;
export const UPPER = 16;
export const UNDERSCORE = 32;

export const HEX = DIGIT | HEX_LOWER | HEX_UPPER;
export const ALNUM = HEX | LOWER | UPPER;

const KINDS = new Uint8Array(128);
for (let code = 48; code <= 57; code++) KINDS[code] = DIGIT;
for (let code = 97; code <= 122; code++) KINDS[code] = code <= 102 ? HEX_LOWER : LOWER;
for (let code = 65; code <= 90; code++) KINDS[code] = code <= 70 ? HEX_UPPER : UPPER;
KINDS[95] = UNDERSCORE;

/** The kind of the character at `at`; 0 for a separator and beyond the end. */
export function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code < 128) return KINDS[code] ?? 0;
  return code >= 128 ? LOWER : 0;
}

/** Whether `count` characters from `at` on are all of these kinds. */
export function areAll(text: string, at: number, count: number, kinds: number): boolean {
  for (let index = at; index < at + count; index++) if ((kindAt(text, index) & kinds) === 0) return false;
  return true;
}

/** Where the run of these kinds that starts at `at` ends, looking at no more than `countMax` characters. */
export function endOfRun(text: string, at: number, kinds: number, countMax: number): number {
  let end = at;
  while (end < at + countMax && (kindAt(text, end) & kinds) !== 0) end++;
  return end;
}

/** A run of letters and digits, and what it is made of. */
export interface Token {
  readonly start: number;
  readonly end: number;
  /** All kinds in it. */
  readonly kinds: number;
  readonly digits: number;
  /** Where a capital follows a small letter, or digits and letters meet: few in words, many in random text. */
  readonly turns: number;
}

const SMALL = HEX_LOWER | LOWER | UNDERSCORE;
const CAPITAL = HEX_UPPER | UPPER;

/** The token that starts at `start`. */
export function readToken(text: string, start: number, kinds: number): Token {
  let end = start;
  let all = 0;
  let digits = 0;
  let turns = 0;
  let before = 0;
  for (let kind = kindAt(text, end); (kind & kinds) !== 0; kind = kindAt(text, ++end)) {
    all |= kind;
    if (kind === DIGIT) {
      digits++;
      if ((before & ~DIGIT) !== 0) turns++;
    } else if (before === DIGIT || ((kind & CAPITAL) !== 0 && (before & SMALL) !== 0)) turns++;
    before = kind;
  }
  return { start, end, kinds: all, digits, turns };
}

export function hasSmall(token: Token): boolean {
  return (token.kinds & SMALL) !== 0;
}

export function hasCapital(token: Token): boolean {
  return (token.kinds & CAPITAL) !== 0;
}
