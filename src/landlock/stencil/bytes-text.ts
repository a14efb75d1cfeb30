// Text from bytes, one character each. Events repeat their programs and paths: the same bytes mostly give the same
// string object, which whoever keeps it in a map has hashed already.

/** Texts that are remembered. A power of two. */
const textsMax = 65_536;
/** Longer ones are not remembered, in bytes. A multiple of four. */
const rememberedMax = 64;

/** The characters from `from` up to `to`. */
export function latin1Text(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

/** Remembers texts by their bytes. */
export class TextTable {
  readonly #texts = new Array<string>(textsMax).fill('');
  /** The bytes of each text, in cells of `rememberedMax`; behind a text NULs up to the next word. */
  readonly #cells = new Int32Array((textsMax * rememberedMax) / 4);
  readonly #words = new Int32Array(rememberedMax / 4);

  /** The text of the bytes from `from` up to `to`. `view` is of all of `bytes`, which has three bytes more. */
  get(bytes: Uint8Array, view: DataView, from: number, to: number): string {
    const length = to - from;
    if (length > rememberedMax || length === 0) return length === 0 ? '' : latin1Text(bytes, from, to);
    const words = this.#words;
    const count = (length + 3) >> 2;
    let hash = length;
    for (let i = 0; i < count; i++) {
      let word = view.getInt32(from + i * 4, true);
      // What is behind the last byte belongs to something else.
      if (i === count - 1 && (length & 3) !== 0) word &= (1 << ((length & 3) * 8)) - 1;
      words[i] = word;
      hash = Math.imul(hash ^ word, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    const place = Math.imul(hash, 0x85ebca6b) >>> 16;
    const known = this.#texts[place] ?? '';
    const cell = (place * rememberedMax) / 4;
    const cells = this.#cells;
    if (known.length === length) {
      let i = 0;
      while (i < count && cells[cell + i] === words[i]) i++;
      if (i === count) return known;
    }
    for (let i = 0; i < count; i++) cells[cell + i] = words[i] ?? 0;
    const text = latin1Text(bytes, from, to);
    this.#texts[place] = text;
    return text;
  }
}

/** Room for bytes that are worked out, to be looked up at once. */
export class Scratch {
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);

  /** Room for so many bytes, and three more. */
  reserve(length: number): void {
    if (this.bytes.length >= length + 3) return;
    this.bytes = new Uint8Array(length + 256);
    this.view = new DataView(this.bytes.buffer);
  }
}
