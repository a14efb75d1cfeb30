// Remembers what a piece of text meant. Records repeat themselves: the same program, the same user, the same
// arguments thousands of times a second. Two slots for each hash, so that it is bounded and never needs cleaning;
// the whole text is compared, so that a hit is always right.
import { ownString } from './own-string.ts';

/** Texts longer than this are not remembered, in characters. */
export const memoTextMax = 1024;

/** One in so many new texts is remembered, unless said otherwise. A power of two. */
const keptEveryDefault = 4;

interface Slot<T> {
  readonly text: string;
  readonly value: T;
}

/**
 * A hash over the characters from `start` up to `end`. Looking at a character costs V8 more than comparing ten
 * at once, so give it the few in which texts of one kind differ.
 */
export function sampleHash(source: string, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + source.charCodeAt(at)) | 0;
  return hash;
}

export class TextMemo<T> {
  readonly #slots: (Slot<T> | undefined)[];
  readonly #make: (text: string) => T;
  readonly #keptEvery: number;
  #misses = 0;

  /** `slotCount` and `keptEvery` are powers of two. `make` must give the same for the same text, and copy what it keeps of it. */
  constructor(slotCount: number, make: (text: string) => T, keptEvery = keptEveryDefault) {
    this.#slots = new Array<Slot<T> | undefined>(slotCount).fill(undefined);
    this.#make = make;
    this.#keptEvery = keptEvery;
  }

  /**
   * What the characters from `start` up to `end` mean. `hash` is the same for the same text and should differ for
   * most others. The value is shared: nobody may change it.
   */
  get(source: string, start: number, end: number, hash: number): T {
    const text = source.substring(start, end);
    const slots = this.#slots;
    const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    const first = (mixed ^ (mixed >>> 13)) & (slots.length - 1);
    const slot = slots[first];
    if (slot !== undefined && slot.text === text) return slot.value;
    const second = first ^ 1;
    const other = slots[second];
    if (other !== undefined && other.text === text) return other.value;
    const value = this.#make(text);
    // Keeping is dearer than making (what is kept grows old before it is thrown away), so that texts which do not
    // repeat are mostly not kept, and those which do soon are.
    if ((this.#misses++ & (this.#keptEvery - 1)) !== 0 || text.length > memoTextMax) return value;
    const made = { text: ownString(text), value };
    if (slot !== undefined && other === undefined) slots[second] = made;
    else {
      // The newcomer takes the first place; who was there moves to the second.
      if (slot !== undefined) slots[second] = slot;
      slots[first] = made;
    }
    return value;
  }
}
