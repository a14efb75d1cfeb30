// Texts that repeat, kept once: the text's row id, by way of a bounded cache in front of the table.

/** Texts in each half of one cache. The older half goes when the younger is full, so the cache holds up to twice it. */
const cacheHalfMax = 32_768;
/** A longer text is looked up each time, lest a few fill the memory. */
const cachedLengthMax = 512;

/** A bounded map that keeps what is used: two generations stand in for an exact order of use. */
export class InternCache {
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  readonly #halfMax: number;

  constructor(halfMax = cacheHalfMax) {
    this.#halfMax = halfMax;
  }

  get(key: string): number | undefined {
    const id = this.#young.get(key);
    if (id !== undefined) return id;
    const older = this.#old.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, id: number): void {
    if (key.length > cachedLengthMax) return;
    if (this.#young.size >= this.#halfMax) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    // A slice of a larger text would keep the whole of it alive: only a copy may stay.
    this.#young.set(Buffer.from(key, 'utf8').toString('utf8'), id);
  }

  /** After a transaction that was rolled back its ids are nobody's. */
  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
  }
}

/** Texts to row ids. `resolve` finds or inserts a text that the cache does not know. */
export class Dictionary {
  readonly #cache = new InternCache();
  readonly #resolve: (text: string) => number;

  constructor(resolve: (text: string) => number = unresolved) {
    this.#resolve = resolve;
  }

  id(text: string): number {
    const cached = this.#cache.get(text);
    if (cached !== undefined) return cached;
    const id = this.#resolve(text);
    this.#cache.set(text, id);
    return id;
  }

  idOrNull(text: string | null): number | null {
    return text === null ? null : this.id(text);
  }

  /** Where the row is more than the text that it is known by. */
  idOr(text: string, resolve: () => number): number {
    const cached = this.#cache.get(text);
    if (cached !== undefined) return cached;
    const id = resolve();
    this.#cache.set(text, id);
    return id;
  }

  clear(): void {
    this.#cache.clear();
  }
}

function unresolved(text: string): never {
  throw new Error(`nothing resolves ${JSON.stringify(text)}`);
}
