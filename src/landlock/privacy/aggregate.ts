// What leaves a host that only counts: how often a kind of thing happened in an hour. A kind is made of what a reduced
// document may say, and of less: no process, no domain, no user, no host, no time but the hour. Pure.
import type { AnyDocument, GapCause } from '../document.ts';
import { reduceDocument } from './reduce-document.ts';
import type { IsPackaged } from './reduce-path.ts';

export const HOUR_MS = 3_600_000;

/** What is counted. `lost`: in the unit of its cause. */
export const AGGREGATE_SUBJECTS = ['denials', 'domains', 'malformed', 'lost'] as const;
export type AggregateSubject = (typeof AGGREGATE_SUBJECTS)[number];

/** One kind of thing. Without anything else: what was too various to be told apart. */
export interface AggregateClass {
  readonly of: AggregateSubject;
  readonly cause?: GapCause;
  readonly landlock?: { readonly blockers: readonly string[]; readonly object: { readonly kind: string } };
  /** A template of what a package owns, or the kind of place. */
  readonly file?: { readonly path: string };
  readonly process?: { readonly executable: string };
  readonly package?: { readonly name: string; readonly version: string; readonly type?: string };
}

/** How often it happened in the hour that begins with `@timestamp`. */
export interface Aggregate extends AggregateClass {
  readonly kind: 'aggregate';
  readonly '@timestamp': string;
  readonly event: { readonly id: string };
  /** Whose count it is: random, another one each day of UTC. */
  readonly reporter: { readonly id: string };
  readonly count: number;
}

/** The kind of what a document tells, and how often; undefined where it is nothing that is counted. */
export function toAggregateClass(doc: AnyDocument, isPackaged: IsPackaged): Omit<Counted, 'hour'> | undefined {
  return classOfReduced(reduceDocument(doc, isPackaged));
}

/** The same of a document that is reduced already: once more would say less of it. */
export function classOfReduced(reduced: AnyDocument): Omit<Counted, 'hour'> | undefined {
  if (reduced.tags?.some((tag) => tag === 'canary' || tag === 'replay') === true) return undefined;
  switch (reduced.kind) {
    case 'denial': {
      const { landlock, file, process, package: owner } = reduced;
      const { blockers, object } = landlock;
      const what: AggregateClass = {
        of: 'denials',
        landlock: { blockers, object: { kind: object.kind } },
        ...(file?.path !== undefined && { file: { path: file.path } }),
        ...(process?.executable !== undefined && { process: { executable: process.executable } }),
        ...(owner && { package: owner }),
      };
      return { what, count: 1 };
    }
    case 'domain-allocated': {
      const { executable } = reduced.landlock.domain.creator;
      return { what: { of: 'domains', ...(executable !== undefined && { process: { executable } }) }, count: 1 };
    }
    case 'malformed':
      return { what: { of: 'malformed' }, count: 1 };
    case 'gap':
      return { what: { of: 'lost', cause: reduced.cause }, count: reduced.count };
    default:
      return undefined;
  }
}

/** Kinds of an hour; what is beyond is counted together, by what it is. */
const CLASSES_MAX = 2_000;

export interface AggregateCount {
  readonly what: AggregateClass;
  count: number;
}

export interface Counted extends AggregateCount {
  /** Since the epoch. */
  readonly hour: number;
}

/** Counts by the hour (since the epoch) and kind. */
export class AggregateTally {
  readonly #isPackaged: IsPackaged;
  readonly #hours: Map<number, Map<string, AggregateCount>>;

  constructor(
    isPackaged: IsPackaged,
    known: readonly (readonly [hour: number, counts: readonly AggregateCount[]])[] = [],
  ) {
    this.#isPackaged = isPackaged;
    this.#hours = new Map(
      known.map(([hour, counts]) => [hour, new Map(counts.map((count) => [JSON.stringify(count.what), { ...count }]))]),
    );
  }

  get hours(): readonly number[] {
    return [...this.#hours.keys()];
  }

  /**
   * As what it was counted; undefined: as nothing. `nowMs`: of what has no time of its own. `isReduced`: the document is
   * a reduced one.
   */
  add(doc: AnyDocument, nowMs: number, isReduced = false): Counted | undefined {
    const found = isReduced ? classOfReduced(doc) : toAggregateClass(doc, this.#isPackaged);
    if (found === undefined) return undefined;
    const ms = Date.parse(doc['@timestamp'] ?? '');
    const hour = Math.floor((Number.isNaN(ms) ? nowMs : ms) / HOUR_MS);
    const counts = this.#hours.get(hour);
    const isOver = (counts?.size ?? 0) >= CLASSES_MAX && counts?.has(JSON.stringify(found.what)) !== true;
    const what: AggregateClass = isOver ? { of: found.what.of } : found.what;
    this.count(hour, what, found.count);
    return { hour, what, count: found.count };
  }

  /** What is known by its kind already. */
  count(hour: number, what: AggregateClass, count: number): void {
    const counts = this.#hours.get(hour) ?? new Map<string, AggregateCount>();
    this.#hours.set(hour, counts);
    const key = JSON.stringify(what);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { what, count });
    else known.count += count;
  }

  of(hour: number): readonly AggregateCount[] {
    return [...(this.#hours.get(hour)?.values() ?? [])];
  }

  /** Takes the hour out. */
  close(hour: number): readonly AggregateCount[] {
    const counts = this.of(hour);
    this.#hours.delete(hour);
    return counts;
  }
}
