// event.id as it is stored where it is stored whole: 26 characters of base32 are 130 bits; the first 32 make a small
// integer, the other 98 stand beside it.

/** RFC 4648's alphabet in lower case. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_LENGTH = 26;
const REST_BYTES = 13;

const VALUE_OF = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUE_OF[ALPHABET.charCodeAt(i)] = i;

export interface EventKey {
  /** The first 32 bits, signed. */
  readonly key: number;
  /** The other 98 bits and six zeros, 13 bytes. */
  readonly rest: Buffer;
}

/** Whether `text` is an event.id: 26 characters of lower-case base32. */
export function isEventId(text: string): boolean {
  if (text.length !== ID_LENGTH) return false;
  for (let i = 0; i < ID_LENGTH; i++) {
    const code = text.charCodeAt(i);
    if (code > 127 || (VALUE_OF[code] ?? -1) < 0) return false;
  }
  return true;
}

/** The stored form of an event.id for which `isEventId` holds. */
export function toEventKey(id: string): EventKey {
  const rest = Buffer.allocUnsafe(REST_BYTES);
  let key = 0;
  let bits = 0;
  let held = 0;
  let at = -4;
  for (let i = 0; i < ID_LENGTH; i++) {
    held = ((held << 5) | (VALUE_OF[id.charCodeAt(i)] ?? 0)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      const byte = (held >> bits) & 0xff;
      if (at < 0) key = (key << 8) | byte;
      else rest[at] = byte;
      at += 1;
    }
  }
  rest[at] = (held << (8 - bits)) & 0xff;
  return { key, rest };
}

/** The first 32 bits of an event.id, signed: `toEventKey(id).key`. */
export function toKey(id: string): number {
  let key = 0;
  for (let i = 0; i < 6; i++) key = (key << 5) | (VALUE_OF[id.charCodeAt(i)] ?? 0);
  return (key << 2) | ((VALUE_OF[id.charCodeAt(6)] ?? 0) >> 3);
}

/** The event.id of a stored key. */
export function fromEventKey(key: number, rest: Uint8Array): string {
  let id = '';
  let bits = 0;
  let held = 0;
  for (let at = -4; at < REST_BYTES; at++) {
    const byte = at < 0 ? (key >>> (8 * (-1 - at))) & 0xff : (rest[at] ?? 0);
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && id.length < ID_LENGTH) {
      bits -= 5;
      id += ALPHABET[(held >> bits) & 31];
    }
  }
  return id;
}
