// Text from bytes, one character each. Events repeat their programs and paths: the same bytes mostly give the same
// string object, which whoever keeps it in a map has hashed already.

/** Texts that are remembered. A power of two. */
const textsMax = 16_384;
/** Longer ones are not remembered, in bytes. */
const rememberedMax = 512;

/** The characters from `from` up to `to`. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

export class TextTable {
  readonly #texts = new Array<string>(textsMax).fill('');
  readonly #bytes = new Uint8Array(rememberedMax);

  /** The text of the bytes from `from` up to `to`. */
  get(bytes: Uint8Array, from: number, to: number): string {
    const length = to - from;
    if (length > rememberedMax) return latin1Text(bytes, from, to);
    let hash = length;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (textsMax - 1);
    const known = this.#texts[place] ?? '';
    if (known.length === length && isText(known, bytes, from)) return known;
    const text = latin1Text(bytes, from, to);
    this.#texts[place] = text;
    return text;
  }

  /** Bytes that are worked out here and looked up at once: see {@link get}. */
  get scratch(): Uint8Array {
    return this.#bytes;
  }
}

function isText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== bytes[from + at]) return false;
  return true;
}
