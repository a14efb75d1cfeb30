// What may stand in which hole: only values that every document shows as they are.
import { HEX_VALUES, HOLE, PLAIN } from './holes.ts';

const SPACE = 32;

/** Digits that a number may have, by hole. */
export const digitsMax: readonly number[] = [0, 0, 16, 9, 19, 5, 15];

/** A text that begins with a bracket may be a word of the kernel's: `<too_long>`, `(null)`. */
export function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] === 60 || bytes[start] === 40) return false;
  for (let at = start; at < end; at++) if (PLAIN[bytes[at] ?? 0] === 0 || bytes[at] === SPACE) return false;
  return true;
}

/** Whether these are hexadecimal digits of plain text; `nulls` is 0 where it may have NUL. */
export function isPlainHex(bytes: Uint8Array, start: number, end: number, nulls: number): boolean {
  if (end - start < 2 || ((end - start) & 1) !== 0) return false;
  for (let at = start; at < end; at += 2) {
    const high = HEX_VALUES[bytes[at] ?? 0] ?? 255;
    const low = HEX_VALUES[bytes[at + 1] ?? 0] ?? 255;
    if (high > 15 || low > 15) return false;
    const code = (high << 4) | low;
    if (PLAIN[code] === 0 && (code !== 0 || nulls !== 0)) return false;
  }
  // As above: `<` is 3C, `(` is 28.
  const isBracket = bytes[start] === 51 ? bytes[start + 1] === 67 : bytes[start] === 50 && bytes[start + 1] === 56;
  return nulls === 0 || !isBracket;
}

export function isWord(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0;
    const isDigit = code >= 48 && code <= 57;
    if (!isDigit && (code < 97 || code > 122)) return false;
  }
  return end > start;
}

export function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 7 || end - start > 15) return false;
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0;
    if (code !== 46 && (code < 48 || code > 57)) return false;
  }
  return true;
}

export function isNumber(bytes: Uint8Array, hole: number, start: number, end: number): boolean {
  if (end === start || end - start > (digitsMax[hole] ?? 0) || bytes[start] === 48) return false;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  return hole !== HOLE.port || value <= 65_535;
}
