// Denials by blocker since this server started, for Prometheus. Blockers are an open set and come from records, so what
// is not known by name is counted as `other`: no record can make a label.
import { BLOCKERS, findBlocker } from '../../landlock/blockers.ts';
import type { AnyDocument } from '../../landlock/document.ts';

export const OTHER_BLOCKER = 'other';

export class BlockerCounter {
  readonly #counts = new Map<string, number>([...BLOCKERS.map(({ name }) => name), OTHER_BLOCKER].map((n) => [n, 0]));

  /** Documents that were stored just now. A denial counts once for each of its blockers; the canary's do not. */
  add(docs: readonly AnyDocument[]): void {
    for (const doc of docs) {
      if (doc.kind !== 'denial' || doc.tags?.includes('canary') === true) continue;
      for (const label of labelsOf(doc.landlock.blockers)) this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
    }
  }

  all(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

function labelsOf(blockers: readonly string[]): ReadonlySet<string> {
  const labels = blockers.map((name) => (findBlocker(name) === undefined ? OTHER_BLOCKER : name));
  return new Set(labels.length === 0 ? [OTHER_BLOCKER] : labels);
}
