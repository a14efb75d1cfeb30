// Where a denial stands in time: denials.id is (milliseconds since 2025-01-01) * 256 + a running number, so that the
// primary key is also the index by time and stays within six bytes until 2042. A millisecond with more than 256
// denials spills into the next; the true time is kept beside (spill_ms) and every statistic goes by the slot.

/** 2025-01-01T00:00:00Z. Earlier times have negative slots. */
const EPOCH_MS = 1_735_689_600_000;
const SLOTS_PER_MS = 256;
export const HOUR_MS = 3_600_000;
export const SLOTS_PER_HOUR = HOUR_MS * SLOTS_PER_MS;

/** Times outside of these are refused: beyond them lies no clock, and the slots would no longer be exact numbers. */
export const TIME_MS_MIN = 0;
export const TIME_MS_MAX = 32_503_680_000_000;

/** The first slot of a millisecond. Bounds beyond the storable times are drawn in. */
export function firstSlot(ms: number): number {
  const within = Math.min(Math.max(ms, TIME_MS_MIN), TIME_MS_MAX + HOUR_MS);
  return (Math.ceil(within) - EPOCH_MS) * SLOTS_PER_MS;
}

/** The millisecond of a slot. */
export function slotMs(slot: number): number {
  return Math.floor(slot / SLOTS_PER_MS) + EPOCH_MS;
}

/** The millisecond of a slot since 2025-01-01: `slot >> 8` in SQL. */
export function millisecondOf(slot: number): number {
  return Math.floor(slot / SLOTS_PER_MS);
}

/** The running number of a slot's hour since the epoch of 1970. */
export function slotHour(slot: number): number {
  return Math.floor(slotMs(slot) / HOUR_MS);
}

/** The first slot of an hour. */
export function hourSlot(hour: number): number {
  return firstSlot(hour * HOUR_MS);
}

/** Milliseconds whose next free slot is remembered; beyond it the oldest is looked up again. */
const millisecondsMax = 4_096;

/** Gives out free slots. Each one must be taken up (or `clear` called) before the next is asked for. */
export class SlotAllocator {
  readonly #lastIn: (from: number, to: number) => number | undefined;
  /** By millisecond: the next running number; SLOTS_PER_MS means full. */
  readonly #next = new Map<number, number>();
  /** No slot beyond it is taken. */
  #greatest = Number.POSITIVE_INFINITY;
  /** By full millisecond: a later one to begin the search with. */
  readonly #spilledTo = new Map<number, number>();

  /** `lastIn` answers the greatest slot taken in [from, to). */
  constructor(lastIn: (from: number, to: number) => number | undefined) {
    this.#lastIn = lastIn;
  }

  /** A transaction begins, in which nobody else takes slots; `greatest` is the last one taken so far. */
  begin(greatest: number): void {
    this.#greatest = greatest;
  }

  /** Whether no slot at `ms` or after it is taken. */
  isAfterAll(ms: number): boolean {
    return firstSlot(ms) > this.#greatest;
  }

  /** A free slot at `ms`, or in the first later millisecond that has one. */
  take(ms: number): number {
    const first = firstSlot(ms);
    const next = Math.max(first, this.#greatest + 1);
    if (next < first + SLOTS_PER_MS) {
      // At the end of all that is taken, where nearly every denial comes, there is nothing to look up or to remember.
      if (this.#next.size > 0) this.#next.delete(ms);
      this.#greatest = next;
      return next;
    }
    for (let at = this.#spilledTo.get(ms) ?? ms; ; at++) {
      const running = this.#next.get(at) ?? this.#lookUp(at);
      remember(this.#next, at, Math.min(running + 1, SLOTS_PER_MS));
      if (running < SLOTS_PER_MS) {
        if (at !== ms) remember(this.#spilledTo, ms, at);
        const slot = firstSlot(at) + running;
        if (slot > this.#greatest) this.#greatest = slot;
        return slot;
      }
    }
  }

  /** Forgets what it gave out: after a transaction that was rolled back. */
  clear(): void {
    this.#next.clear();
    this.#spilledTo.clear();
    this.#greatest = Number.POSITIVE_INFINITY;
  }

  #lookUp(ms: number): number {
    const from = firstSlot(ms);
    if (from > this.#greatest) return 0;
    const last = this.#lastIn(from, from + SLOTS_PER_MS);
    return last === undefined ? 0 : last + 1 - from;
  }
}

function remember(map: Map<number, number>, key: number, value: number): void {
  if (map.size >= millisecondsMax && !map.has(key)) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
