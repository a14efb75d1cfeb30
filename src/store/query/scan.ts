// Reading many denials one stretch of time after the other, the newest first. SQLite cannot be interrupted from outside
// of its thread, so a question that may take long asks between two stretches whether anybody still waits for the answer.

import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import type { Span } from './scope.ts';

/** Nobody waits for the answer any more. */
export class QueryCancelled extends Error {
  constructor() {
    super('nobody waits for the answer');
    this.name = 'QueryCancelled';
  }
}

const cancellations = new WeakMap<Database, () => boolean>();

/** Whoever asks questions of `db` tells here how a question learns that it was given up. */
export function setCancellation(db: Database, isCancelled: () => boolean): void {
  cancellations.set(db, isCancelled);
}

/** Throws QueryCancelled. */
export function checkCancelled(db: Database): void {
  if (cancellations.get(db)?.() === true) throw new QueryCancelled();
}

const firstStretchMs = 6 * HOUR_MS;
const leastStretchMs = 1_000;
/** A stretch that was read sooner is followed by one twice as long. */
const quickMs = 50;
/** One that took longer is followed by a shorter one. */
const slowMs = 500;

/** `span` in pieces, the newest first, that are read in about a tenth of a second each. Throws QueryCancelled. */
export function* stretchesOf(db: Database, span: Span): Generator<Span> {
  let lengthMs = firstStretchMs;
  for (let toMs = span.toMs; toMs > span.fromMs; ) {
    checkCancelled(db);
    const fromMs = Math.max(span.fromMs, toMs - lengthMs);
    const startedMs = performance.now();
    yield { fromMs, toMs };
    const tookMs = performance.now() - startedMs;
    if (tookMs < quickMs) lengthMs *= 2;
    else if (tookMs > slowMs) lengthMs = Math.max(leastStretchMs, Math.floor(lengthMs / 4));
    toMs = fromMs;
  }
  checkCancelled(db);
}
