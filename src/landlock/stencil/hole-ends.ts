// Where a value ends that may stand in a hole: what hole-values.ts decides of a value whose end is known already, in one
// pass. All answer -1 for a value that must not. Bytes that are no text (NUL) stand behind the last, and end everything.
import { digitsMax } from './hole-values.ts';
import { FORM, HOLE } from './holes.ts';
import { HEX_NUL, HEX_PAIRS, HEX_PLAIN, PLAIN_PAIRS } from './pair-tables.ts';

const LF = 10;
const ENRICHMENT = 0x1d;
const QUOTE = 34;
const ZERO = 48;

const LOWER_HEX_MAX = 16;

/** 1 for the digits of kernel's `%llx`; 2 for other lower-case letters. */
const WORD_KINDS = new Uint8Array(256);
for (const digit of '0123456789abcdef') WORD_KINDS[digit.charCodeAt(0)] = 1;
for (const letter of 'ghijklmnopqrstuvwxyz') WORD_KINDS[letter.charCodeAt(0)] = 2;

function endOfLowerHex(bytes: Uint8Array, start: number): number {
  let at = start;
  while (WORD_KINDS[bytes[at] ?? 0] === 1) at++;
  return at === start || at - start > LOWER_HEX_MAX ? -1 : at;
}

function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start;
  while (WORD_KINDS[bytes[at] ?? 0] !== 0) at++;
  return at === start ? -1 : at;
}

function endOfNumber(bytes: Uint8Array, hole: number, start: number): number {
  let at = start;
  let value = 0;
  let digit = (bytes[at] ?? 0) - ZERO;
  if (digit === 0) return -1;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = (bytes[++at] ?? 0) - ZERO;
  }
  if (at === start || at - start > (digitsMax[hole] ?? 0)) return -1;
  return hole === HOLE.port && value > 65_535 ? -1 : at;
}

function endOfAddress(bytes: Uint8Array, start: number): number {
  let at = start;
  let code = bytes[at] ?? 0;
  while (code === 46 || (code >= ZERO && code < ZERO + 10)) code = bytes[++at] ?? 0;
  return at - start < 7 || at - start > 15 ? -1 : at;
}

/** A text that begins with a bracket may be a word of the kernel's. */
function isBracket(code: number): boolean {
  return code === 60 || code === 40;
}

/** Up to the quote. */
function endOfText(bytes: Uint8Array, view: DataView, start: number): number {
  if (isBracket(bytes[start] ?? 0)) return -1;
  let at = start;
  while (PLAIN_PAIRS[view.getUint16(at, true)] === 1) at += 2;
  // The first of a pair may be the last of the text: `!` is plain, and so is a pair of it and the character.
  if (PLAIN_PAIRS[((bytes[at] ?? 0) << 8) | 33] === 1) at++;
  return at > start && bytes[at] === QUOTE ? at : -1;
}

function endOfHex(view: DataView, start: number, kinds: number): number {
  let at = start;
  while (((HEX_PAIRS[view.getUint16(at, true)] ?? 0) & kinds) !== 0) at += 2;
  return at === start ? -1 : at;
}

function endOfHexText(view: DataView, start: number): number {
  const first = HEX_PAIRS[view.getUint16(start, true)] ?? 0;
  return isBracket(first & 0xff) ? -1 : endOfHex(view, start, HEX_PLAIN);
}

function endOfArgs(bytes: Uint8Array, view: DataView, start: number, form: number): number {
  if (form === FORM.hexArgs) return endOfHex(view, start, HEX_PLAIN | HEX_NUL);
  if (bytes[start] !== QUOTE) return -1;
  const end = endOfText(bytes, view, start + 1);
  return end === -1 ? -1 : end + 1;
}

function endOfEnrichment(bytes: Uint8Array, start: number, bytesEnd: number): number {
  if (bytes[start] !== ENRICHMENT) return -1;
  let at = start;
  while (at < bytesEnd && bytes[at] !== LF) at++;
  return at < bytesEnd ? at : -1;
}

/** Where the hole's value ends that begins at `start`. For all holes but stamps. */
export function endOfHole(
  { bytes, view, bytesEnd }: { readonly bytes: Uint8Array; readonly view: DataView; readonly bytesEnd: number },
  hole: number,
  form: number,
  start: number,
): number {
  switch (hole) {
    case HOLE.ignored:
    case HOLE.domain:
      return endOfLowerHex(bytes, start);
    case HOLE.text:
      return form === FORM.hex ? endOfHexText(view, start) : endOfText(bytes, view, start);
    case HOLE.args:
      return endOfArgs(bytes, view, start, form);
    case HOLE.address:
      return endOfAddress(bytes, start);
    case HOLE.word:
      return endOfWord(bytes, start);
    case HOLE.enrichment:
      return endOfEnrichment(bytes, start, bytesEnd);
    default:
      return endOfNumber(bytes, hole, start);
  }
}
