// Remembers what a piece of text meant. Records repeat themselves: the same program, the same user, the same
// arguments thousands of times a second. Two slots for each hash, so that it is bounded and never needs cleaning;
// the whole text is compared, so that a hit is always right.
import { ownString } from './own-string.ts';

/** Texts longer than this are not remembered, in characters. */
export const memoTextMax = 1024;

/** Where the texts of one kind differ: so many characters at their start and at their end make the hash… */
export interface MemoShape {
  readonly head: number;
  readonly tail: number;
}

/** …and so many of those between, evenly spread. */
const spreadSamples = 12;

/** One in so many new texts is remembered. A power of two. */
const keptEvery = 4;

interface Slot<T> {
  readonly text: string;
  readonly value: T;
}

export class TextMemo<T> {
  readonly #slots: (Slot<T> | undefined)[];
  readonly #make: (text: string) => T;
  readonly #head: number;
  readonly #tail: number;
  #misses = 0;

  /** `slotCount` is a power of two. `make` must give the same for the same text, and copy what it keeps of it. */
  constructor(slotCount: number, shape: MemoShape, make: (text: string) => T) {
    this.#head = shape.head;
    this.#tail = shape.tail;
    this.#slots = new Array<Slot<T> | undefined>(slotCount).fill(undefined);
    this.#make = make;
  }

  /** What the characters from `start` up to `end` mean. The value is shared: nobody may change it. */
  get(source: string, start: number, end: number): T {
    const length = end - start;
    if (length > memoTextMax) return this.#make(source.substring(start, end));
    let hash = length;
    let at = start;
    const headEnd = Math.min(end, start + this.#head);
    while (at < headEnd) hash = (Math.imul(hash, 31) + source.charCodeAt(at++)) | 0;
    const tailStart = Math.max(at, end - this.#tail);
    const step = Math.max(1, ((tailStart - at) / spreadSamples) | 0);
    for (; at < tailStart; at += step) hash = (Math.imul(hash, 31) + source.charCodeAt(at)) | 0;
    for (at = tailStart; at < end; at++) hash = (Math.imul(hash, 31) + source.charCodeAt(at)) | 0;
    const slots = this.#slots;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    const first = (hash ^ (hash >>> 13)) & (slots.length - 1);
    const text = source.substring(start, end);
    const slot = slots[first];
    if (slot !== undefined && slot.text === text) return slot.value;
    const second = first ^ 1;
    const other = slots[second];
    if (other !== undefined && other.text === text) return other.value;
    const value = this.#make(text);
    // Keeping is dearer than making (what is kept grows old before it is thrown away), so that texts which do not
    // repeat are mostly not kept, and those which do soon are.
    if ((this.#misses++ & (keptEvery - 1)) !== 0) return value;
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
