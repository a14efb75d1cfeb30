// Sums by row of hundreds of thousands of counts, which are kept in memory by the day.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { type Hours, KeptCounts, type Numbers, numbersOf } from './kept-counts.ts';

/** Of all hosts, on a day. */
export function dayCountsSql(canary: string): string {
  return `
  SELECT key, denials
  FROM day_counts
  WHERE kind = ? AND day = ?
    AND ${canary}`;
}

interface Days {
  /** One of DAY_KINDS. */
  readonly kind: number;
  readonly first: number;
  readonly end: number;
}

/** The sums of day_counts by key over days from `first` before `end`. */
export function daySums(db: Database, { kind, first, end }: Days, includeCanary: boolean): KeySums {
  const sums = new KeySums();
  if (first >= end) return sums;
  const select = statement<{ key: number; denials: number }>(db, dayCountsSql(includeCanary ? '1' : 'is_canary = 0'));
  const kept = new KeptCounts(db, { from: first * HOURS_PER_DAY, to: end * HOURS_PER_DAY });
  const kindName = `kind ${kind}${includeCanary ? ' with canary' : ''}`;
  for (const [day, changes] of kept.days) {
    const read = () => select.all(kind, day).flatMap(({ key, denials }) => [key, denials]);
    sums.add(keptSums(kept, `${kindName} of day ${day}`, changes, read));
  }
  return sums;
}

/**
 * The sums of some hours that are no whole day, as `read` answers them: keys and their numbers in turn. They are kept as
 * what they are, as the same part of a day is asked about until the next hour begins.
 */
export function partSums(db: Database, name: string, hours: Hours, read: () => readonly number[]): Numbers {
  const kept = new KeptCounts(db, hours);
  if (kept.hours.size === 0) return numbersOf([]);
  let changes = 0;
  for (const ofHour of kept.hours.values()) changes += ofHour;
  return keptSums(kept, `${name} of hours ${hours.from} to ${hours.to}`, changes, read);
}

/** What is kept under the name, or else read and kept: keys and their numbers in turn. */
export function keptSums(kept: KeptCounts, name: string, changes: number, read: () => readonly number[]): Numbers {
  const found = kept.get<Numbers>(name, changes);
  if (found !== undefined) return found;
  const counts = numbersOf(read());
  kept.keep(name, changes, counts, counts.byteLength);
  return counts;
}

/** Rows lie close together on both sides of 0, so that their sums have places: a Map of as many takes ten times as long. */
export class KeySums {
  readonly #positive = new Sums();
  readonly #negative = new Sums();

  /** Keys and their numbers in turn. */
  add(counts: Numbers): void {
    for (let i = 0; i < counts.length; i += 2) {
      const key = counts[i] ?? 0;
      if (key < 0) this.#negative.add(-key, counts[i + 1] ?? 0);
      else this.#positive.add(key, counts[i + 1] ?? 0);
    }
  }

  /** Without keys of which there is nothing. */
  all(): ReadonlyMap<number, number> {
    const all = new Map<number, number>();
    this.#positive.each((key, sum) => all.set(key, sum));
    this.#negative.each((key, sum) => all.set(-key, sum));
    return all;
  }
}

/** Keys above it have no place of their own. */
const PLACES_MAX = 4_000_000;

class Sums {
  #places = new Float64Array(1_024);
  readonly #others = new Map<number, number>();

  add(key: number, more: number): void {
    if (key >= PLACES_MAX) {
      this.#others.set(key, (this.#others.get(key) ?? 0) + more);
      return;
    }
    if (key >= this.#places.length) this.#grow(key);
    this.#places[key] = (this.#places[key] ?? 0) + more;
  }

  each(call: (key: number, sum: number) => void): void {
    for (let key = 0; key < this.#places.length; key++) {
      const sum = this.#places[key] ?? 0;
      if (sum > 0) call(key, sum);
    }
    for (const [key, sum] of this.#others) call(key, sum);
  }

  #grow(key: number): void {
    const places = new Float64Array(Math.min(PLACES_MAX, 2 * key));
    places.set(this.#places);
    this.#places = places;
  }
}
