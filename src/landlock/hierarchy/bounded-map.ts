// A map that forgets what was touched longest ago. The hierarchy's memory is made of these.

/** Holds at most `max` entries; setting one more drops the least recently touched one. */
export class BoundedMap<K, V> {
  readonly #max: number;
  readonly #onDrop: ((value: V) => void) | undefined;
  readonly #entries = new Map<K, V>();
  /**
   * Stands before the oldest entry: what it passed is gone. A new iterator each time would walk over all that was
   * deleted before, which a Map keeps until it grows.
   */
  #fromOldest: IterableIterator<[K, V]> | undefined;

  constructor(max: number, onDrop?: (value: V) => void) {
    this.#max = max;
    this.#onDrop = onDrop;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Does not count as a touch. */
  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  /** Makes the entry the most recent one. */
  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) {
      this.dropOldest();
    }
  }

  /** Is not told as a drop. */
  delete(key: K): void {
    this.#entries.delete(key);
  }

  dropOldest(): void {
    this.#fromOldest ??= this.#entries.entries();
    const oldest = this.#fromOldest.next();
    if (oldest.done === true) {
      // It was at the end, and what was set since it does not see.
      this.#fromOldest = undefined;
      if (this.#entries.size > 0) this.dropOldest();
      return;
    }
    const [key, value] = oldest.value;
    this.#entries.delete(key);
    this.#onDrop?.(value);
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }
}
