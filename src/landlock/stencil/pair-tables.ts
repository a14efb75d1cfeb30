// What two bytes are, by the number that they make with the first one low: texts are looked at by two, which takes half
// as long.
import { PLAIN } from './holes.ts';

const SPACE = 32;

/** 1 for two characters of a text that stands as it is: plain, and no blank. */
export const PLAIN_PAIRS = new Uint8Array(65_536);

/** What a pair of upper-case hexadecimal digits is; 0 for anything else. The low byte is its value. */
export const HEX_PAIRS = new Uint16Array(65_536);
/** Two digits of a plain character. */
export const HEX_PLAIN = 0x100;
/** Two digits of NUL. */
export const HEX_NUL = 0x200;

for (let high = SPACE + 1; high < 127; high++) {
  for (let low = SPACE + 1; low < 127; low++) PLAIN_PAIRS[(high << 8) | low] = (PLAIN[low] ?? 0) & (PLAIN[high] ?? 0);
}

for (let value = 0; value < 256; value++) {
  const digits = value.toString(16).toUpperCase().padStart(2, '0');
  const kind = value === 0 ? HEX_NUL : PLAIN[value] === 1 ? HEX_PLAIN : 0;
  if (kind !== 0) HEX_PAIRS[digits.charCodeAt(0) | (digits.charCodeAt(1) << 8)] = kind | value;
}
