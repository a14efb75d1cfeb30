// Adds up what is known to be lost without counting one loss twice: some causes see the same records from two sides
// (see GAP_CAUSES), so of those only the largest counts. The sum is what is lost at least; the causes stand beside it.
import { GAP_CAUSES, type GapCause } from './document.ts';

/** Hosts and boots that are told apart; beyond it the oldest is forgotten, and would be counted anew. */
export const talliesMax = 1024;

type Counts = Partial<Record<GapCause, number>>;

/** By cause, only those that occurred, in the order of GAP_CAUSES. */
export type LostByCause = Readonly<Counts>;

export class LossTally {
  readonly #known = new Map<string, Counts>();
  readonly #byCause: Counts = {};
  #atLeast = 0;

  /** `where`: the host and boot that the loss is of; others' losses are different ones. */
  add(where: string, cause: GapCause, count: number): void {
    this.#byCause[cause] = (this.#byCause[cause] ?? 0) + count;
    const counts = this.#countsOf(where);
    const before = lostAtLeast(counts);
    counts[cause] = (counts[cause] ?? 0) + count;
    this.#atLeast += lostAtLeast(counts) - before;
  }

  /** Records (where a serial never came, one for it) that are missing at least. */
  get atLeast(): number {
    return this.#atLeast;
  }

  get byCause(): LostByCause {
    return Object.fromEntries(
      GAP_CAUSES.flatMap((cause) => (this.#byCause[cause] === undefined ? [] : [[cause, this.#byCause[cause]]])),
    );
  }

  #countsOf(where: string): Counts {
    const known = this.#known.get(where);
    if (known !== undefined) return known;
    if (this.#known.size >= talliesMax) {
      const oldest = this.#known.keys().next();
      if (oldest.done !== true) this.#known.delete(oldest.value);
    }
    const counts: Counts = {};
    this.#known.set(where, counts);
    return counts;
  }
}

/**
 * A missing serial, whether anybody listened or not, is at least one record, and a torn event lacks others than those. The kernel's counter, what it did
 * not print and what our queue left out may be the same records again, or each other's. Overruns are only the reason,
 * and trace events and documents are no records.
 */
function lostAtLeast(counts: Counts): number {
  const seen = (counts['serial-gap'] ?? 0) + (counts['not-watched'] ?? 0) + (counts['torn-event'] ?? 0);
  return Math.max(seen, counts['kernel-lost'] ?? 0, counts['rate-limit'] ?? 0, counts['queue-overflow'] ?? 0);
}
