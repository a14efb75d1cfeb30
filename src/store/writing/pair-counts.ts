// How often each pair of two numbers was counted: what a Map by both as one number would be, without an object for each
// such number.

/** Places to begin with. A power of two. */
const placesMin = 1_024;

export class PairCounts {
  #pairs = new Float64Array(placesMin);
  /** 0 where no pair stands. */
  #counts = new Int32Array(placesMin);
  #size = 0;

  /** Pairs that were counted. */
  get size(): number {
    return this.#size;
  }

  /** Counts the pair once more, and answers how often it was counted now. `second` is at least 0 and below `seconds`. */
  add(first: number, second: number, seconds: number): number {
    const pair = first * seconds + second;
    const place = this.#placeOf(pair);
    const count = (this.#counts[place] ?? 0) + 1;
    this.#counts[place] = count;
    if (count > 1) return count;
    this.#pairs[place] = pair;
    this.#size += 1;
    // Half of the places stay free, so that a pair is found near where it belongs.
    if (this.#size * 2 > this.#pairs.length) this.#grow();
    return count;
  }

  /** Where the pair stands, or has to. */
  #placeOf(pair: number): number {
    const pairs = this.#pairs;
    const counts = this.#counts;
    const mask = pairs.length - 1;
    // Both halves of the number, as its low bits alone are those of the second one.
    const hash = Math.imul((pair / 0x1_0000_0000) | 0, 0x85ebca6b) ^ Math.imul(pair | 0, 0x9e3779b1);
    let place = (hash ^ (hash >>> 15)) & mask;
    while (counts[place] !== 0 && pairs[place] !== pair) place = (place + 1) & mask;
    return place;
  }

  #grow(): void {
    const pairs = this.#pairs;
    const counts = this.#counts;
    this.#pairs = new Float64Array(pairs.length * 2);
    this.#counts = new Int32Array(pairs.length * 2);
    for (let i = 0; i < pairs.length; i++) {
      const count = counts[i] ?? 0;
      if (count === 0) continue;
      const place = this.#placeOf(pairs[i] ?? 0);
      this.#pairs[place] = pairs[i] ?? 0;
      this.#counts[place] = count;
    }
  }
}
