// Which hosts something was counted on, for millions of counts: a Set of as many numbers is looked up in many times as long.

import type { Numbers } from './kept-counts.ts';

/** Hosts of a block, a bit each. */
const BLOCK_BITS = 10;
const WORD_BITS = 5;
const WORDS = 1 << (BLOCK_BITS - WORD_BITS);

/** Hosts, each with its number, in a part of a list. */
export interface HostRun {
  readonly ofHosts: Numbers;
  readonly from: number;
  readonly to: number;
}

/** Rows of hosts, of 32 bits. Of many it has a bit for each; one alone does not take many. */
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
    const number = host >>> BLOCK_BITS;
    if (number !== this.#number) this.#open(number);
    const block = this.#block;
    const word = (host >>> WORD_BITS) & (WORDS - 1);
    const bit = 1 << host;
    const bits = block[word] ?? 0;
    if ((bits & bit) !== 0) return;
    block[word] = bits | bit;
    this.#size += 1;
  }

  /** Every second number from `from` before `to`: what stands between them is not a host. */
  addEach({ ofHosts, from, to }: HostRun): void {
    for (let i = from; i < to; i += 2) this.add(ofHosts[i] ?? 0);
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
