// The identity of everything that is stored: the same record gives the same id whether it came live, from a file or
// twice. base32 (RFC 4648, lower case, without padding) of SHA-256 over host id, boot id, audit time stamp, serial
// and record index, joined by NUL; the first 26 characters, which are 130 bits.
import { hash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Every pair of base32 digits, so that ten bits are one look-up. */
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, bits) => {
  return ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31);
});

/** 26 characters of base32 over the first 130 bits of the SHA-256 of `text` (UTF-8). */
export function idOfText(text: string): string {
  const digest = hash('sha256', text, 'binary');
  let id = '';
  for (let at = 0; at < 15; at += 5) {
    const a = digest.charCodeAt(at);
    const b = digest.charCodeAt(at + 1);
    const c = digest.charCodeAt(at + 2);
    const d = digest.charCodeAt(at + 3);
    const e = digest.charCodeAt(at + 4);
    id +=
      (PAIRS[(a << 2) | (b >> 6)] ?? '') +
      (PAIRS[((b & 63) << 4) | (c >> 4)] ?? '') +
      (PAIRS[((c & 15) << 6) | (d >> 2)] ?? '') +
      (PAIRS[((d & 3) << 8) | e] ?? '');
  }
  return id + (PAIRS[(digest.charCodeAt(15) << 2) | (digest.charCodeAt(16) >> 6)] ?? '');
}

/**
 * The id of one record of an event. `timestamp` is `SECONDS.MMM` as in the record; `index` counts the event's
 * LANDLOCK_ACCESS and LANDLOCK_DOMAIN records from 0.
 */
export function eventId(hostId: string, bootId: string, timestamp: string, serial: number, index: number): string {
  return idOfText(`${hostId}\0${bootId}\0${timestamp}\0${serial}\0${index}`);
}
