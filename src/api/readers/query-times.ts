// How long questions to the store took, as a histogram of Prometheus: by reader, of which there is a closed list.

/** Upper bounds, in seconds. */
export const QUERY_BUCKETS_SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface QueryHistogram {
  readonly reader: string;
  /** Answers within each bound, and within those before it. */
  readonly buckets: readonly number[];
  readonly count: number;
  readonly sumSeconds: number;
}

export class QueryTimes {
  readonly #readers = new Map<string, { buckets: number[]; count: number; sumSeconds: number }>();
  #failures = 0;

  /** Questions that were not answered: no time, no store, nobody waiting. */
  get failures(): number {
    return this.#failures;
  }

  add(reader: string, seconds: number): void {
    const histogram = this.#readers.get(reader) ?? {
      buckets: QUERY_BUCKETS_SECONDS.map(() => 0),
      count: 0,
      sumSeconds: 0,
    };
    this.#readers.set(reader, histogram);
    histogram.count++;
    histogram.sumSeconds += seconds;
    for (const [index, bound] of QUERY_BUCKETS_SECONDS.entries()) {
      if (seconds <= bound) histogram.buckets[index] = (histogram.buckets[index] ?? 0) + 1;
    }
  }

  fail(): void {
    this.#failures++;
  }

  all(): readonly QueryHistogram[] {
    return Array.from(this.#readers, ([reader, histogram]) => ({ reader, ...histogram }));
  }
}
