// From the counter of lost records that the kernel prints now and then to how many were lost meanwhile, node by node.
// Never more than were lost: what was counted before the log begins is not in the log's interval.

/** Nodes that are followed; the one that was heard of first is forgotten beyond it. */
export const countersMax = 1024;

/** Two processors may print out of turn; a counter that fell by more than this began anew. */
const REORDER = 64;
const COUNTER_SIZE = 2 ** 32;

interface Counter {
  /** Undefined: the counter has not been seen. */
  total: number | undefined;
  /** Losses that were told without the counter, and are in its growth. */
  ahead: number;
  /** The counter's line was the last; its reason belongs to it. */
  awaitsReason: boolean;
}

export class LostCounters {
  readonly #counters = new Map<string, Counter>();

  /** A boot of the node begins, with it the counter at 0. */
  restart(node: string): void {
    this.#counters.delete(node);
    this.#counterOf(node).total = 0;
  }

  /**
   * The counter was printed: how many losses were not told before. The kernel prints it when it has just added one, so
   * that one is known where the beginning was not seen.
   */
  lost(node: string, total: number): number {
    const counter = this.#counterOf(node);
    const { total: before, ahead } = counter;
    counter.awaitsReason = true;
    counter.total = total;
    counter.ahead = 0;
    if (before === undefined) return 1;
    const growth = (total - before + COUNTER_SIZE) % COUNTER_SIZE;
    if (growth <= COUNTER_SIZE / 2) return Math.max(0, growth - ahead);
    if (COUNTER_SIZE - growth > REORDER) return total;
    counter.total = before;
    counter.ahead = ahead;
    return 0;
  }

  /** A reason was printed: 1 where its counter was not. */
  reason(node: string): number {
    const counter = this.#counterOf(node);
    const isTold = counter.awaitsReason;
    counter.awaitsReason = false;
    if (isTold) return 0;
    counter.ahead++;
    return 1;
  }

  #counterOf(node: string): Counter {
    const known = this.#counters.get(node);
    if (known !== undefined) return known;
    if (this.#counters.size >= countersMax) {
      const first = this.#counters.keys().next();
      if (first.done !== true) this.#counters.delete(first.value);
    }
    const counter = { total: undefined, ahead: 0, awaitsReason: false };
    this.#counters.set(node, counter);
    return counter;
  }
}
