// Denials that arrived and are not shown yet, and those that are: newest first, each once, within bounds. Under a
// flood, or while someone reads, rows wait here and only their number is shown. Pure.
import type { Denial } from '../../src/api/schemas/document.ts';

/** Rows in the table, a screen of them. Older ones leave it; the page of denials has them all. */
export const ROWS_MAX = 25;
/** Ids remembered to tell what was seen before; the oldest are forgotten first. */
const SEEN_MAX = 5_000;
/** More rows than this at once cannot be read: they wait. */
export const ROWS_AT_ONCE_MAX = 20;

export class Arrivals {
  #shown: readonly Denial[] = [];
  #waiting: Denial[] = [];
  #waitingCount = 0;
  readonly #seen = new Set<string>();

  /** Rows to show, newest first. */
  get shown(): readonly Denial[] {
    return this.#shown;
  }

  /** How many wait, also those beyond the bound, which are only counted. */
  get waitingCount(): number {
    return this.#waitingCount;
  }

  /** Starts over with what the server answered. */
  replace(denials: readonly Denial[]): void {
    this.#shown = newestFirst(denials).slice(0, ROWS_MAX);
    this.#waiting = [];
    this.#waitingCount = 0;
    for (const denial of denials) {
      this.#remember(denial.event.id);
    }
  }

  /** False for one that was seen before: the stream may repeat itself after an interruption. */
  add(denial: Denial): boolean {
    if (this.#seen.has(denial.event.id)) {
      return false;
    }
    this.#remember(denial.event.id);
    this.#waiting.push(denial);
    this.#waitingCount += 1;
    if (this.#waiting.length > 2 * ROWS_MAX) {
      this.#waiting = this.#waiting.slice(-ROWS_MAX);
    }
    return true;
  }

  /** Shows what waits and returns it, newest first. */
  release(): readonly Denial[] {
    const fresh = newestFirst(this.#waiting).slice(0, ROWS_MAX);
    this.#shown = newestFirst([...fresh, ...this.#shown]).slice(0, ROWS_MAX);
    this.#waiting = [];
    this.#waitingCount = 0;
    return fresh;
  }

  #remember(id: string): void {
    this.#seen.add(id);
    if (this.#seen.size > SEEN_MAX) {
      for (const oldest of this.#seen) {
        this.#seen.delete(oldest);
        break;
      }
    }
  }
}

/** By time, then by serial. */
export function newestFirst(denials: readonly Denial[]): readonly Denial[] {
  return [...denials].sort((a, b) => {
    if (a['@timestamp'] !== b['@timestamp']) {
      return a['@timestamp'] < b['@timestamp'] ? 1 : -1;
    }
    return b.event.sequence - a.event.sequence;
  });
}
