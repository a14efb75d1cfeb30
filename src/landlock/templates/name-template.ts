// The template of one name: a component of a path, the name of an abstract socket or of a process. Looks at tokens (runs
// of letters and digits) from left to right. A token next to a mark is taken as part of what was replaced and left
// alone, but for its digits: so the template of a template is itself.
import {
  ALNUM,
  areAll,
  DIGIT,
  endOfRun,
  HEX,
  HEX_LOWER,
  kindAt,
  LOWER,
  readToken,
  type Token,
  UNDERSCORE,
} from './characters.ts';
import { endOfDate, endOfPci, endOfUuid } from './dates.ts';
import { findMark, markOf, type TemplateRule } from './marks.ts';
import { findAfterPrefix, isRandomSuffix, isRandomTemporary, type Match } from './temporary-names.ts';
import { findVersion } from './versions.ts';

/**
 * Where the name stands. `temporary`: a directory where programs make up names. `numbered`: a place where any number is
 * one that the system gave out. `store`: names begin with a hash, as in Nix. `profile`: they begin with random letters.
 * `versions`: a number behind a hyphen is a version.
 */
export type NamePlace = 'plain' | 'temporary' | 'numbered' | 'store' | 'profile' | 'versions';

const hexLengthMin = 8;
const digitsMin = 6;
/** Decimal digits that stand alone are volatile from here on: process ids. */
const loneDigitsMin = 5;
/** The same in a directory for temporary files. */
const temporaryDigitsMin = 4;
const hashLengthMin = 20;
const storeHashLength = 32;
const profileLength = 8;

function isMixedHex(token: Token): boolean {
  return token.digits > 0 && token.digits < token.end - token.start && (token.kinds & ~HEX) === 0;
}

function found(start: number, end: number, rule: TemplateRule): Match | undefined {
  return end === -1 ? undefined : { start, end, rule };
}

function matchFirst(name: string, token: Token, place: NamePlace): Match | undefined {
  const { end } = token;
  if (token.start !== 0) return undefined;
  const isLow = (token.kinds & ~(DIGIT | HEX_LOWER | LOWER)) === 0;
  if (place === 'store' && end === storeHashLength && isLow && name.charAt(end) === '-') return found(0, end, 'hash');
  const isProfile = end === profileLength && isLow && (token.digits > 0 || name.startsWith('.default', end));
  if (place === 'profile' && isProfile && name.charAt(end) === '.') return found(0, end, 'random');
  return undefined;
}

/** The first run of at least `min` digits in the token. */
function findDigits(name: string, { start, end }: Token, min: number, rule: TemplateRule): Match | undefined {
  let at = start;
  while (at < end) {
    const after = endOfRun(name, at, DIGIT, end - at);
    if (after - at >= min) return { start: at, end: after, rule };
    at = Math.max(after, at + 1);
  }
  return undefined;
}

/** At the token's start, or behind letters: `pod1b2c3d4e_5f60_…`. */
function matchUuid(name: string, { start, end }: Token): Match | undefined {
  const from = end - hexLengthMin;
  const first = found(start, endOfUuid(name, start), 'uuid');
  if (first !== undefined || from === start || !areAll(name, start, from - start, ALNUM & ~DIGIT)) return first;
  return found(from, endOfUuid(name, from), 'uuid');
}

/** Forms with a shape of their own, which may run on beyond the token. */
function matchShape(name: string, token: Token, place: NamePlace): Match | undefined {
  const { start, end, digits } = token;
  const length = end - start;
  if (length >= hexLengthMin) {
    const match = matchUuid(name, token);
    if (match !== undefined) return match;
  }
  if (digits === 0) return undefined;
  if (length === 4) {
    const match = found(start, endOfPci(name, start), 'pci');
    if (match !== undefined) return match;
  }
  const date = found(start, endOfDate(name, token), 'date');
  if (date !== undefined) return date;
  if (length >= hexLengthMin && isMixedHex(token)) return { start, end, rule: 'hex' };
  if (length > 5 && name.startsWith('0x', start) && areAll(name, start + 2, length - 2, HEX)) {
    return { start, end, rule: 'hex' };
  }
  if (place === 'numbered') return undefined;
  const version = findVersion(name, token);
  return version === undefined ? undefined : { ...version, rule: 'version' };
}

/** A number behind a hyphen, or the revision in the name of a snap. */
function isLoneVersion(name: string, { start, end }: Token): boolean {
  const joint = start === 0 ? '' : name.charAt(start - 1);
  return joint === '-' || (joint === '_' && name.startsWith('.snap', end));
}

function matchToken(name: string, token: Token, place: NamePlace): Match | undefined {
  const { start, end, digits } = token;
  const first = matchFirst(name, token, place) ?? matchShape(name, token, place);
  if (first !== undefined) return first;
  const length = end - start;
  if (digits === length) {
    const isVersion = place === 'versions' && isLoneVersion(name, token);
    if (isVersion) return { start, end, rule: 'version' };
    const min = place === 'temporary' ? temporaryDigitsMin : loneDigitsMin;
    if (length >= min && place !== 'numbered') return { start, end, rule: 'digits' };
  }
  if (length >= hashLengthMin && digits >= 3 && token.turns * 5 >= length) return { start, end, rule: 'hash' };
  const plain = token.turns < 2 ? matchDigits(name, token, place) : undefined;
  if (plain !== undefined) return plain;
  if (place === 'temporary' ? isRandomTemporary(name, token) : isRandomSuffix(name, token)) {
    return { start, end, rule: 'random' };
  }
  return matchDigits(name, token, place);
}

function matchDigits(name: string, token: Token, place: NamePlace): Match | undefined {
  if (token.digits === 0) return undefined;
  return place === 'numbered' ? findDigits(name, token, 1, 'n') : findDigits(name, token, digitsMin, 'digits');
}

interface Found {
  readonly match: Match;
  readonly token: Token;
}

const LESS = 60;
const NO_TOKEN: Token = { start: 0, end: 0, kinds: 0, digits: 0, turns: 0 };

/** Most tokens: letters in which nothing can be found. */
function isWord(token: Token, place: NamePlace): boolean {
  if (token.digits > 0 || token.turns > 1 || place === 'temporary') return false;
  return token.end - token.start < hexLengthMin || (token.kinds & ~HEX) !== 0;
}

function isBesideMark(name: string, token: Token, copied: number): boolean {
  const isReplaced = copied > 0 && token.start === copied;
  return isReplaced || name.charAt(token.start - 1) === '>' || name.charAt(token.end) === '<';
}

/** The next token from `at` on that something is found in, and what; passes marks over and adds their rules. */
function findNext(name: string, from: Token, at: number, place: NamePlace, rules: TemplateRule[]): Found | undefined {
  const tokenKinds = place === 'temporary' ? ALNUM | UNDERSCORE : ALNUM;
  const copied = at;
  let token = from;
  let next = at;
  while (next < name.length) {
    if ((kindAt(name, next) & tokenKinds) === 0) {
      const mark = name.charCodeAt(next) === LESS ? findMark(name, next) : undefined;
      if (mark !== undefined) rules.push(mark.rule);
      next = mark?.end ?? next + 1;
      continue;
    }
    // What is left of a token is not read again, so that the whole stays linear.
    token = next < token.end ? { ...token, start: next } : readToken(name, next, tokenKinds);
    next = token.end;
    if (isWord(token, place)) continue;
    const isBeside = isBesideMark(name, token, copied);
    const match = isBeside ? matchDigits(name, token, place) : matchToken(name, token, place);
    if (match !== undefined) return { match, token };
  }
  return undefined;
}

/** The template of one name. Adds to `rules` the rule of each mark in it. */
export function templateOfName(name: string, place: NamePlace, rules: TemplateRule[]): string {
  const prefixed = place === 'temporary' ? findAfterPrefix(name) : undefined;
  let next = prefixed === undefined ? findNext(name, NO_TOKEN, 0, place, rules) : { match: prefixed, token: NO_TOKEN };
  let out = '';
  let copied = 0;
  while (next !== undefined) {
    const { match, token }: Found = next;
    out += name.slice(copied, match.start) + markOf(match.rule);
    rules.push(match.rule);
    copied = match.end;
    next = findNext(name, token, copied, place, rules);
  }
  return copied === 0 ? name : out + name.slice(copied);
}
