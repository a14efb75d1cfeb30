// The counts by the hour that overviews are made of, gathered over a batch and written in its transaction. Coarse on
// purpose: a finer key has nearly as many rows as the denials themselves. A denial's hour is that of its slot.
import type { Database } from './open.ts';
import { slotHour } from './slot.ts';
import { statement } from './statement.ts';

const ADD_DENIALS = `
  INSERT INTO denial_hours (hour, host, blockers, is_canary, denials)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (hour, host, blockers, is_canary) DO UPDATE SET denials = denials + excluded.denials`;

const ADD_PROGRAMS = `
  INSERT INTO program_hours (hour, program, host, is_canary, denials)
  VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (hour, program, host, is_canary) DO UPDATE SET denials = denials + excluded.denials`;

interface HourSums {
  /** By blockers * 2 + canary. */
  readonly denials: Map<number, number>;
  /** By program * 2 + canary. */
  readonly programs: Map<number, number>;
}

export class RollupBatch {
  readonly #db: Database;
  /** By hour, then by host. */
  readonly #hours = new Map<number, Map<number, HourSums>>();

  constructor(db: Database) {
    this.#db = db;
  }

  add(slot: number, host: number, blockers: number, program: number | null, isCanary: boolean): void {
    const hour = slotHour(slot);
    const sums = this.#sumsOf(hour, host);
    const canary = isCanary ? 1 : 0;
    increment(sums.denials, blockers * 2 + canary);
    if (program !== null) increment(sums.programs, program * 2 + canary);
  }

  flush(): void {
    const addDenials = statement(this.#db, ADD_DENIALS);
    const addPrograms = statement(this.#db, ADD_PROGRAMS);
    for (const [hour, hosts] of this.#hours) {
      for (const [host, sums] of hosts) {
        for (const [key, n] of sums.denials) addDenials.run(hour, host, Math.floor(key / 2), key % 2, n);
        for (const [key, n] of sums.programs) addPrograms.run(hour, Math.floor(key / 2), host, key % 2, n);
      }
    }
    this.clear();
  }

  /** After a transaction that was rolled back. */
  clear(): void {
    this.#hours.clear();
  }

  #sumsOf(hour: number, host: number): HourSums {
    let hosts = this.#hours.get(hour);
    if (hosts === undefined) {
      hosts = new Map();
      this.#hours.set(hour, hosts);
    }
    let sums = hosts.get(host);
    if (sums === undefined) {
      sums = { denials: new Map(), programs: new Map() };
      hosts.set(host, sums);
    }
    return sums;
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
