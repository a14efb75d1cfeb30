// The identity of everything that is stored: the same record gives the same id whether it came live, from a file or
// twice. base32 (RFC 4648, lower case, without padding) of SHA-256 over host id, boot id, audit time stamp, serial
// and record index, joined by NUL; the first 26 characters, which are 130 bits.
import { hash } from 'node:crypto';

const DIGITS = Array.from('abcdefghijklmnopqrstuvwxyz234567', (digit) => digit.charCodeAt(0));

/** The digit for the five bits of `word` (32 bits) that lie `shift` bits from its low end. */
function digit(word: number, shift: number): number {
  return DIGITS[(word >>> shift) & 31] ?? 0;
}

/** Four bytes (one character each), the first the highest. */
function word(bytes: string, at: number): number {
  return (
    (bytes.charCodeAt(at) << 24) |
    (bytes.charCodeAt(at + 1) << 16) |
    (bytes.charCodeAt(at + 2) << 8) |
    bytes.charCodeAt(at + 3)
  );
}

/** 26 digits of base32 from the first five words of a digest. */
export function idOfWords(a: number, b: number, c: number, d: number, e: number): string {
  return String.fromCharCode(
    digit(a, 27),
    digit(a, 22),
    digit(a, 17),
    digit(a, 12),
    digit(a, 7),
    digit(a, 2),
    digit((a << 3) | (b >>> 29), 0),
    digit(b, 24),
    digit(b, 19),
    digit(b, 14),
    digit(b, 9),
    digit(b, 4),
    digit((b << 1) | (c >>> 31), 0),
    digit(c, 26),
    digit(c, 21),
    digit(c, 16),
    digit(c, 11),
    digit(c, 6),
    digit(c, 1),
    digit((c << 4) | (d >>> 28), 0),
    digit(d, 23),
    digit(d, 18),
    digit(d, 13),
    digit(d, 8),
    digit(d, 3),
    digit((d << 2) | (e >>> 30), 0),
  );
}

/** Two digits for each ten bits, the first in the low byte. */
const DIGIT_PAIRS = Uint16Array.from({ length: 1024 }, (_, bits) => digit(bits, 5) | (digit(bits, 0) << 8));

/** Writes the digits for the ten lowest bits. */
function writePair(block: DataView, at: number, bits: number): void {
  block.setUint16(at, DIGIT_PAIRS[bits & 1023] ?? 0, true);
}

/** The same digits from the words of a digest, as bytes from `at` on; answers where they end. */
export function writeIdOfWords(block: DataView, at: number, words: Int32Array): number {
  const a = words[0] ?? 0;
  const b = words[1] ?? 0;
  const c = words[2] ?? 0;
  const d = words[3] ?? 0;
  const e = words[4] ?? 0;
  writePair(block, at, a >>> 22);
  writePair(block, at + 2, a >>> 12);
  writePair(block, at + 4, a >>> 2);
  writePair(block, at + 6, (a << 8) | (b >>> 24));
  writePair(block, at + 8, b >>> 14);
  writePair(block, at + 10, b >>> 4);
  writePair(block, at + 12, (b << 6) | (c >>> 26));
  writePair(block, at + 14, c >>> 16);
  writePair(block, at + 16, c >>> 6);
  writePair(block, at + 18, (c << 4) | (d >>> 28));
  writePair(block, at + 20, d >>> 18);
  writePair(block, at + 22, d >>> 8);
  writePair(block, at + 24, (d << 2) | (e >>> 30));
  return at + 26;
}

/** 26 characters of base32 over the first 130 bits of the SHA-256 of `text` (UTF-8). */
export function idOfText(text: string): string {
  return idOfDigest(hash('sha256', text, 'binary'));
}

/** `digest` has one character a byte. */
function idOfDigest(digest: string): string {
  return idOfWords(word(digest, 0), word(digest, 4), word(digest, 8), word(digest, 12), word(digest, 16));
}

/**
 * The id of one record of an event. `timestamp` is `SECONDS.MMM` as in the record; `index` counts the event's
 * LANDLOCK_ACCESS and LANDLOCK_DOMAIN records from 0.
 */
export function eventId(hostId: string, bootId: string, timestamp: string, serial: number, index: number): string {
  return idOfText(`${hostId}\0${bootId}\0${timestamp}\0${serial}\0${index}`);
}
