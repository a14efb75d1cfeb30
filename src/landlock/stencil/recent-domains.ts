// The domains that came last, so that most need no text and no look at the set of all.

/** A power of two. */
const recentMax = 4096;

export class RecentDomains {
  readonly #high = new Int32Array(recentMax);
  readonly #low = new Int32Array(recentMax);

  /** Remembers the id (hexadecimal) at this place; false if it was remembered already. */
  isNew(bytes: Uint8Array, from: number, to: number): boolean {
    let high = 0;
    let low = 0;
    for (let at = from; at < to; at++) {
      const code = bytes[at] ?? 0;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | (code < 58 ? code - 48 : code - 87);
    }
    // 0 is not remembered: it is what an unused place says, and no domain of the kernel's.
    const place = (Math.imul(low ^ high, 0x9e3779b1) >>> 20) & (recentMax - 1);
    if (this.#low[place] === low && this.#high[place] === high && (low | high) !== 0) return false;
    this.#low[place] = low;
    this.#high[place] = high;
    return true;
  }

  clear(): void {
    this.#high.fill(0);
    this.#low.fill(0);
  }
}
