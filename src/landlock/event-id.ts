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
function idOfWords(a: number, b: number, c: number, d: number, e: number): string {
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

/** The same digits as bytes from `at` on; answers where they end. `digest` has one character a byte. */
export function writeIdOfDigest(block: Uint8Array, at: number, digest: string): number {
  let bits = 0;
  let held = 0;
  let next = 0;
  for (let i = 0; i < 26; i++) {
    if (held < 5) {
      bits = (bits << 8) | digest.charCodeAt(next++);
      held += 8;
    }
    held -= 5;
    block[at + i] = DIGITS[(bits >>> held) & 31] ?? 0;
  }
  return at + 26;
}

/** 26 characters of base32 over the first 130 bits of the SHA-256 of `text` (UTF-8). */
export function idOfText(text: string): string {
  return idOfDigest(hash('sha256', text, 'binary'));
}

/** The first 32 bits of the id with this digest, signed. */
export function keyOfDigest(digest: string): number {
  return word(digest, 0);
}

/** `digest` has one character a byte. */
export function idOfDigest(digest: string): string {
  return idOfWords(word(digest, 0), word(digest, 4), word(digest, 8), word(digest, 12), word(digest, 16));
}

/**
 * The id of one record of an event. `timestamp` is `SECONDS.MMM` as in the record; `index` counts the event's
 * LANDLOCK_ACCESS and LANDLOCK_DOMAIN records from 0.
 */
export function eventId(hostId: string, bootId: string, timestamp: string, serial: number, index: number): string {
  return idOfText(`${hostId}\0${bootId}\0${timestamp}\0${serial}\0${index}`);
}
