// The rows of the denials page: newest first, each once, as far as they were loaded, and those that arrived and wait
// to be shown. Pure.
import type { Denial } from '../../src/api/schemas/document.ts';
import { newestFirst } from './arrivals.ts';

/** Kept on the page; beyond it the oldest leave it. */
export const ROWS_MAX = 10_000;
/** Waiting ones beyond it are only counted, and asked for when they are shown. */
const WAITING_MAX = 500;

export class DenialRows {
  rows: readonly Denial[] = [];
  waitingCount = 0;
  /** Older ones left the page. */
  isCut = false;
  #waiting: Denial[] = [];
  readonly #known = new Set<string>();

  /** More wait than were kept: the list has to be asked for anew. */
  get hasHole(): boolean {
    return this.waitingCount > this.#waiting.length;
  }

  clear(): void {
    this.rows = [];
    this.isCut = false;
    this.#known.clear();
    this.#dropWaiting();
  }

  /** The newest page. True: it does not reach what was known, so the list begins anew with it. */
  takeNewest(denials: readonly Denial[]): boolean {
    const isAnew = this.rows.length === 0 || !denials.some((denial) => this.#known.has(denial.event.id));
    if (isAnew) {
      this.clear();
    }
    this.#dropWaiting();
    this.#put(denials);
    return isAnew;
  }

  /** The page after the last row. */
  takeOlder(denials: readonly Denial[]): void {
    this.#put(denials);
  }

  /** From the stream; false: seen before. */
  add(denial: Denial): boolean {
    const { id } = denial.event;
    if (this.#known.has(id)) {
      return false;
    }
    this.waitingCount += 1;
    if (this.#waiting.length < WAITING_MAX) {
      this.#known.add(id);
      this.#waiting.push(denial);
    }
    return true;
  }

  /** Shows what waits; the ids of it. */
  release(): ReadonlySet<string> {
    const fresh = this.#waiting;
    this.#waiting = [];
    this.waitingCount = 0;
    this.#join(fresh);
    return new Set(fresh.map((denial) => denial.event.id));
  }

  #dropWaiting(): void {
    for (const { event } of this.#waiting) {
      this.#known.delete(event.id);
    }
    this.#waiting = [];
    this.waitingCount = 0;
  }

  #put(denials: readonly Denial[]): void {
    this.#join(denials.filter((denial) => !this.#known.has(denial.event.id)));
  }

  #join(fresh: readonly Denial[]): void {
    if (fresh.length === 0) {
      return;
    }
    const joined = newestFirst([...fresh, ...this.rows]);
    this.rows = joined.slice(0, ROWS_MAX);
    for (const { event } of fresh) {
      this.#known.add(event.id);
    }
    for (const { event } of joined.slice(ROWS_MAX)) {
      this.isCut = true;
      this.#known.delete(event.id);
    }
  }
}
