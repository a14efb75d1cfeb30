// The denials of the newest millisecond: those of one that no denial had before the transaction. Whether another of that
// millisecond is among them needs no look at the table.

/** Looked through one by one; beyond it they are looked up. */
const listedMax = 16;
/** Indexes of records within an event. */
const INDEXES = 16;

export class NewestDenials {
  #ms: number | undefined;
  #count = 0;
  readonly #boots = new Float64Array(listedMax);
  readonly #records = new Float64Array(listedMax);
  readonly #others = new Set<string>();

  /** A transaction begins. */
  begin(): void {
    this.#ms = undefined;
  }

  /** No denial has `ms` yet. */
  open(ms: number): void {
    this.#ms = ms;
    this.#count = 0;
    this.#others.clear();
  }

  isOf(ms: number): boolean {
    return ms === this.#ms;
  }

  has(boot: number, serial: number, index: number): boolean {
    const record = serial * INDEXES + index;
    for (let i = 0; i < this.#count; i++) {
      if (this.#records[i] === record && this.#boots[i] === boot) return true;
    }
    return this.#others.size > 0 && this.#others.has(`${boot} ${record}`);
  }

  /** One of `ms`, if that is the newest millisecond. */
  add(ms: number, boot: number, serial: number, index: number): void {
    if (ms !== this.#ms) return;
    const record = serial * INDEXES + index;
    if (this.#count === listedMax) {
      this.#others.add(`${boot} ${record}`);
      return;
    }
    this.#boots[this.#count] = boot;
    this.#records[this.#count] = record;
    this.#count += 1;
  }
}
