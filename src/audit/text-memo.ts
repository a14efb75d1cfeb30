// Remembers what a piece of text meant. Records repeat themselves: the same program, the same user, the same
// arguments thousands of times a second. Two slots for each hash, so that it is bounded and never needs cleaning;
// the whole text is compared, so that a hit is always right.
import { ownString } from './own-string.ts';

/** Texts longer than this are not remembered, in characters. */
export const memoTextMax = 1024;

/** How many characters make a text's hash: the last ones, and some spread over the rest. */
const tailSamples = 16;
const spreadSamples = 24;

/** One in so many new texts is remembered. A power of two. */
const keptEvery = 4;

interface Slot<T> {
  readonly text: string;
  readonly value: T;
}

export class TextMemo<T> {
  readonly #slots: (Slot<T> | undefined)[];
  readonly #make: (text: string) => T;
  #misses = 0;

  /** `slotCount` is a power of two. `make` gets a text of its own and must give the same for the same text. */
  constructor(slotCount: number, make: (text: string) => T) {
    this.#slots = new Array<Slot<T> | undefined>(slotCount).fill(undefined);
    this.#make = make;
  }

  /** What the characters from `start` up to `end` mean. The value is shared: nobody may change it. */
  get(source: string, start: number, end: number): T {
    const length = end - start;
    if (length > memoTextMax) return this.#make(ownString(source.substring(start, end)));
    let hash = length;
    const tail = length > tailSamples ? end - tailSamples : start;
    for (let at = tail; at < end; at++) hash = (Math.imul(hash, 31) + source.charCodeAt(at)) | 0;
    const step = tail - start > spreadSamples ? ((tail - start) / spreadSamples) | 0 : 1;
    for (let at = start; at < tail; at += step) hash = (Math.imul(hash, 31) + source.charCodeAt(at)) | 0;
    const slots = this.#slots;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    const first = (hash ^ (hash >>> 13)) & (slots.length - 1);
    const text = source.substring(start, end);
    const slot = slots[first];
    if (slot !== undefined && slot.text === text) return slot.value;
    const second = first ^ 1;
    const other = slots[second];
    if (other !== undefined && other.text === text) return other.value;
    const own = ownString(text);
    const value = this.#make(own);
    // Keeping is dearer than making (what is kept grows old before it is thrown away), so that texts which do not
    // repeat are mostly not kept, and those which do soon are.
    if ((this.#misses++ & (keptEvery - 1)) !== 0) return value;
    const made = { text: own, value };
    if (slot !== undefined && other === undefined) slots[second] = made;
    else {
      // The newcomer takes the first place; who was there moves to the second.
      if (slot !== undefined) slots[second] = slot;
      slots[first] = made;
    }
    return value;
  }
}
