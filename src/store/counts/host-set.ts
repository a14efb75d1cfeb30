// Which hosts something was counted on, for millions of counts: a Set of as many numbers is looked up in many times as long.

/** Hosts of a block, a bit each. */
const BLOCK_BITS = 10;
const WORD_BITS = 5;
const WORDS = 1 << (BLOCK_BITS - WORD_BITS);

/** Rows of hosts. Of many it has a bit for each; one alone does not take many. */
export class HostSet implements Iterable<number> {
  readonly #blocks = new Map<number, Uint32Array>();
  #size = 0;
  /** That was looked up last: hosts mostly come in their order. */
  #number = -1;
  #block: Uint32Array = NONE;

  get size(): number {
    return this.#size;
  }

  add(host: number): void {
    const number = Math.floor(host / (1 << BLOCK_BITS));
    if (number !== this.#number) this.#open(number);
    const block = this.#block;
    const word = (host >>> WORD_BITS) & (WORDS - 1);
    const bit = 1 << host;
    const bits = block[word] ?? 0;
    if ((bits & bit) !== 0) return;
    block[word] = bits | bit;
    this.#size += 1;
  }

  *[Symbol.iterator](): Generator<number> {
    for (const [number, block] of this.#blocks) {
      for (let i = 0; i < 1 << BLOCK_BITS; i++) {
        if (((block[i >>> WORD_BITS] ?? 0) & (1 << i)) !== 0) yield number * (1 << BLOCK_BITS) + i;
      }
    }
  }

  #open(number: number): void {
    let block = this.#blocks.get(number);
    if (block === undefined) {
      block = new Uint32Array(WORDS);
      this.#blocks.set(number, block);
    }
    this.#number = number;
    this.#block = block;
  }
}

const NONE = new Uint32Array(0);
