// What a connection keeps in memory of counts that it has read: of most hours nothing changes between two questions.
// Whatever was kept is only used while the changes of its hours are the ones that it was kept at (count-changes.ts).
import type { Database } from '../database/open.ts';
import { type CountChanges, countChanges } from '../rollups/count-changes.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';

/** Of each connection. Beyond it what was not used for longest goes, but nothing that the same question uses. */
const bytesMax = 32 * 1_024 * 1_024;
/** What an entry takes beside its value. */
const ENTRY_BYTES = 200;

/** Whole hours since 1970, from `from` before `to`. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

interface Entry {
  readonly value: unknown;
  readonly bytes: number;
  readonly changes: number;
  question: number;
}

interface Store {
  /** In the order in which they were used. */
  readonly entries: Map<string, Entry>;
  bytes: number;
  takings: number;
  questions: number;
}

const stores = new WeakMap<Database, Store>();

/** What is kept, for one question about counts of some hours. To be made before the counts are read. */
export class KeptCounts {
  readonly #store: Store;
  readonly #question: number;
  readonly #changes: CountChanges;
  /** What a transaction that is not over has written may never become true. */
  readonly #canKeep: boolean;

  constructor(db: Database, hours: Hours) {
    this.#store = storeOf(db);
    this.#changes = countChanges(db, hours.from, hours.to);
    this.#canKeep = db.readonly || !db.inTransaction;
    if (this.#canKeep && this.#changes.takings !== this.#store.takings) {
      this.#store.entries.clear();
      this.#store.bytes = 0;
      this.#store.takings = this.#changes.takings;
    }
    this.#question = ++this.#store.questions;
  }

  /** The hours that something was counted in, each with its number of changes. In their order, as the days. */
  get hours(): ReadonlyMap<number, number> {
    return this.#changes.additions;
  }

  /** The same of days. */
  get days(): ReadonlyMap<number, number> {
    this.#days ??= daysOf(this.hours);
    return this.#days;
  }

  #days: ReadonlyMap<number, number> | undefined;

  /** What was kept under the name, if nothing has changed since; `changes`: of the hours that it is of. */
  get<T>(name: string, changes: number): T | undefined {
    const { entries, takings } = this.#store;
    const entry = entries.get(name);
    if (entry === undefined || entry.changes !== changes || takings !== this.#changes.takings) return undefined;
    entry.question = this.#question;
    entries.delete(name);
    entries.set(name, entry);
    return entry.value as T;
  }

  /** `bytes`: of the value, which nobody may change from now on. It is not kept where there is no room. */
  keep(name: string, changes: number, value: unknown, bytes: number): void {
    if (!this.#canKeep) return;
    const store = this.#store;
    const entry = { value, bytes: bytes + ENTRY_BYTES, changes, question: this.#question };
    this.#remove(name);
    for (const [oldest, { question }] of store.entries) {
      if (store.bytes + entry.bytes <= bytesMax || question === this.#question) break;
      this.#remove(oldest);
    }
    if (store.bytes + entry.bytes > bytesMax) return;
    store.entries.set(name, entry);
    store.bytes += entry.bytes;
  }

  #remove(name: string): void {
    this.#store.bytes -= this.#store.entries.get(name)?.bytes ?? 0;
    this.#store.entries.delete(name);
  }
}

function daysOf(hours: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const days = new Map<number, number>();
  for (const [hour, changes] of hours) {
    const day = Math.floor(hour / HOURS_PER_DAY);
    days.set(day, (days.get(day) ?? 0) + changes);
  }
  return days;
}

function storeOf(db: Database): Store {
  let store = stores.get(db);
  if (store === undefined) {
    store = { entries: new Map(), bytes: 0, takings: 0, questions: 0 };
    stores.set(db, store);
  }
  return store;
}

/** All days that these hours are of, as hours. */
export function daysAround({ from, to }: Hours): Hours {
  return {
    from: Math.floor(from / HOURS_PER_DAY) * HOURS_PER_DAY,
    to: Math.ceil(to / HOURS_PER_DAY) * HOURS_PER_DAY,
  };
}

/**
 * Counts of each of the hours, the first of them at index 0, by days that are kept under `name`; `kept`: of all days
 * around. `read` answers the same of some whole days, and is only asked for those that are not kept.
 */
export function keptHours(kept: KeptCounts, name: string, hours: Hours, read: (days: Hours) => Float64Array) {
  const { from: first, to: end } = daysAround(hours);
  const sums = new Float64Array(end - first);
  let known = first;
  const readUntil = (hour: number) => {
    if (known >= hour) return;
    sums.set(read({ from: known, to: hour }), known - first);
    for (let at = known; at < hour; at += HOURS_PER_DAY) {
      const day = at / HOURS_PER_DAY;
      const changes = kept.days.get(day);
      const ofDay = sums.slice(at - first, at - first + HOURS_PER_DAY);
      if (changes !== undefined) kept.keep(`${name} ${day}`, changes, ofDay, ofDay.byteLength);
    }
  };
  for (const [day, changes] of kept.days) {
    const ofDay = kept.get<Float64Array>(`${name} ${day}`, changes);
    if (ofDay === undefined) continue;
    readUntil(day * HOURS_PER_DAY);
    sums.set(ofDay, day * HOURS_PER_DAY - first);
    known = (day + 1) * HOURS_PER_DAY;
  }
  readUntil(end);
  return sums.subarray(hours.from - first, hours.to - first);
}

/** Whole numbers that take as little room as they allow. */
export type Numbers = Uint16Array | Int32Array | Float64Array;

export function numbersOf(numbers: readonly number[]): Numbers {
  let [least, greatest] = [0, 0];
  for (const number of numbers) {
    if (number < least) least = number;
    if (number > greatest) greatest = number;
  }
  if (least === 0 && greatest < 2 ** 16) return new Uint16Array(numbers);
  return least >= -(2 ** 31) && greatest < 2 ** 31 ? new Int32Array(numbers) : new Float64Array(numbers);
}
