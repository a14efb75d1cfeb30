// Whether a denial is one of a flood: beyond so many of one domain and issue in a minute. What is identical in a second of
// a flood goes into one row (repeats.ts). The minute and the second are those of the denial's own time, never the
// clock's, so that a log that is imported fares like what came live. What is counted here is not stored: a writer that
// starts anew begins to count anew, and stores some denials more one by one.

import { PairCounts } from './pair-counts.ts';

/** Domains with an issue that are counted, of all minutes; beyond it the minute that was asked about longest ago goes. */
const pairsMax = 262_144;
/** Minutes at a time: hosts whose clocks differ, or who deliver late. */
const minutesMax = 64;
/** Rows of floods that others can still go into; beyond it all begin new ones. */
const rowsMax = 65_536;

const MINUTE_MS = 60_000;
/** Rows of domains are below it. */
const DOMAINS = 2 ** 27;

/** What a minute's or a row's denials are: rows of the store. */
export interface FloodFacts {
  readonly domain: number;
  readonly issue: number;
  readonly ms: number;
}

/** A row that denials of a flood go into; the serial tells whether it is still the same one. */
export interface GuardedRow {
  readonly id: number;
  readonly serial: number;
}

export class FloodGuard {
  readonly #perMinute: number;
  /** By minute, the one that was asked about last at the end; then by domain and issue. */
  readonly #minutes = new Map<number, PairCounts>();
  #pairs = 0;
  /** The row that denials go into, by all that they have in common. */
  readonly #rows = new Map<string, GuardedRow>();

  /** `perMinute`: 0 is no bound. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Counts a denial that is to be stored; answers whether it is beyond the bound. */
  isFlood({ domain, issue, ms }: FloodFacts): boolean {
    if (this.#perMinute === 0) return false;
    const count = this.#countsOf(Math.floor(ms / MINUTE_MS)).add(issue, domain, DOMAINS);
    if (count === 1) this.#pairs += 1;
    return count > this.#perMinute;
  }

  rowOf(common: string): GuardedRow | undefined {
    return this.#rows.get(common);
  }

  setRow(common: string, row: GuardedRow): void {
    if (this.#rows.size >= rowsMax) this.#rows.clear();
    this.#rows.set(common, row);
  }

  /** After a transaction that was rolled back, and when rows are gone. */
  clear(): void {
    this.#minutes.clear();
    this.#pairs = 0;
    this.#rows.clear();
  }

  #countsOf(minute: number): PairCounts {
    let counts = this.#minutes.get(minute);
    if (counts !== undefined && this.#pairs < pairsMax) return counts;
    while (this.#minutes.size >= minutesMax || this.#pairs >= pairsMax) {
      const [oldest] = this.#minutes;
      if (oldest === undefined) break;
      this.#minutes.delete(oldest[0]);
      this.#pairs -= oldest[1].size;
    }
    counts = this.#minutes.get(minute) ?? new PairCounts();
    // To the end: the first of a map is the oldest.
    this.#minutes.delete(minute);
    this.#minutes.set(minute, counts);
    return counts;
  }
}
