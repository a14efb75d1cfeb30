// Retention while the server runs: a look now and then, and what it finds is taken step by step with rests between the
// steps, so that whoever waits to write or to ask comes first.
import type { FastifyBaseLogger } from 'fastify';
import { isLogBehind } from '../../store/database/log-mover.ts';
import type { Database } from '../../store/database/open.ts';
import { StoreError, toStoreError } from '../../store/database/store-error.ts';
import { type RetentionPolicy, retain, takeForRoom } from '../../store/retention/retention.ts';
import type { Taken } from '../../store/retention/retention-step.ts';

/** The first look comes when everything else has started; those after it find little. */
const FIRST_MS = 5 * 60_000;
const LOOK_MS = 60_000;
/** Every so many looks the ages too; room can become scarce within minutes. */
const LOOKS_PER_AGES = 60;
/** A rest is so many times as long as the step before it: retention takes a quarter of the thread at the most. */
const REST_FACTOR = 3;
const REST_MS_MIN = 5;
/** While what was taken before has yet to be moved from the log into the file, so that the log does not grow. */
const LOG_REST_MS = 50;

export interface RetentionTimes {
  readonly firstMs: number;
  readonly lookMs: number;
}

/** Runs until the answer is called. A database that cannot be written now is tried again at the next look. */
export function startRetention(
  db: Database,
  policy: RetentionPolicy,
  log: FastifyBaseLogger,
  times: RetentionTimes = { firstMs: FIRST_MS, lookMs: LOOK_MS },
): () => void {
  let steps: Generator<Taken> | undefined;
  let taken = new Map<string, number>();
  let looks = 0;
  let isStopped = false;
  let timer = setTimeout(next, times.firstMs).unref();

  function next(): void {
    const restMs = step();
    if (!isStopped) timer = setTimeout(next, restMs).unref();
  }

  function look(nowMs: number): Generator<Taken> {
    return looks++ % LOOKS_PER_AGES === 0 ? retain(db, policy, nowMs) : takeForRoom(db, policy.bytesMax, nowMs);
  }

  /** Answers how long to rest, in milliseconds. */
  function step(): number {
    if (!db.open) return times.lookMs;
    if (isLogBehind(db)) return LOG_REST_MS;
    steps ??= look(Date.now());
    const startMs = performance.now();
    const result = tryStep(steps);
    if (result === undefined || result.done === true) {
      steps = undefined;
      if (taken.size > 0) log.info({ removed: Object.fromEntries(taken) }, 'retention removed what is too old');
      taken = new Map();
      return times.lookMs;
    }
    const { kind, count } = result.value;
    if (count > 0) taken.set(kind, (taken.get(kind) ?? 0) + count);
    return Math.max(REST_MS_MIN, (performance.now() - startMs) * REST_FACTOR);
  }

  function tryStep(running: Generator<Taken>): IteratorResult<Taken> | undefined {
    const waitMs = Number(db.pragma('busy_timeout', { simple: true }));
    try {
      // Whoever holds the lock is not waited for: that would hold up the requests behind.
      db.pragma('busy_timeout = 0');
      return running.next();
    } catch (error) {
      const cause = toStoreError(error, db.name);
      if (!(cause instanceof StoreError)) throw cause;
      log.warn({ code: cause.code }, 'retention has to wait for the database');
      looks = 0;
      return undefined;
    } finally {
      db.pragma(`busy_timeout = ${waitMs}`);
    }
  }

  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
