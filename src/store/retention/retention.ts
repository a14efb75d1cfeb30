// How long what is kept. By age, each kind for itself; and by the room that the database takes, the oldest of the least
// valuable kind first (text of records, system calls, denials and their domains, then what was malformed or lost). In small transactions:
// whoever goes through the steps lets others write between them.
//
// What counts denials does not shrink with them. Rollups (counts by the hour and day) tell every denial that was ever
// stored in the days that they reach back to; totals of issues, domains and hosts, since there are those. So a document
// that is as old as what was taken is refused, or it would be counted twice.
//
// Pages that become free are used again by what comes next; the file keeps its size. Giving them back to the file system
// (incremental vacuum) would move pages about and cost pointer maps with every write, for room that is needed again the
// next day.
import { statSync } from 'node:fs';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { takeAdminActsBefore } from './retention-acts.ts';
import { takeDenialsBefore } from './retention-denials.ts';
import { type TimedKind, takeRawBefore, takeTimedBefore } from './retention-documents.ts';
import { takeDomainsBefore } from './retention-domains.ts';
import { forgetTakenIds } from './retention-ids.ts';
import { takeIssuesBefore, takeRollupsBefore } from './retention-rollups.ts';
import type { Taken } from './retention-step.ts';

/** Ages in milliseconds; undefined: for ever. */
export interface RetentionPolicy {
  readonly rawMs: number | undefined;
  readonly denialsMs: number | undefined;
  readonly sandboxCallsMs: number | undefined;
  /** Malformed records and gaps. */
  readonly lossesMs: number | undefined;
  readonly rollupsMs: number | undefined;
  readonly issuesMs: number | undefined;
  /** Domains that are over. */
  readonly domainsMs: number | undefined;
  /** The log of administration. */
  readonly adminActsMs: number | undefined;
  /** Bytes in use, with the write-ahead log. */
  readonly bytesMax: number | undefined;
}

/**
 * Takes what is older than the policy lets it be, then what there is no room for. Yields after each transaction (none
 * is open then), so that whoever goes through it can let others write. Replayed documents have the time of what they
 * repeat: only the want of room takes them.
 */
export function* retain(db: Database, policy: RetentionPolicy, nowMs: number): Generator<Taken> {
  const { rawMs, denialsMs, sandboxCallsMs, lossesMs, rollupsMs, issuesMs, domainsMs, adminActsMs, bytesMax } = policy;
  if (rawMs !== undefined) yield* takeRawBefore(db, nowMs - rawMs, nowMs);
  if (denialsMs !== undefined) yield* takeDenialsBefore(db, nowMs - denialsMs, 'live', nowMs);
  if (sandboxCallsMs !== undefined) yield* takeTimedBefore(db, 'sandbox_calls', nowMs - sandboxCallsMs, 'live', nowMs);
  if (lossesMs !== undefined) {
    yield* takeTimedBefore(db, 'malformed', nowMs - lossesMs, 'live', nowMs);
    yield* takeTimedBefore(db, 'gaps', nowMs - lossesMs, 'live', nowMs);
  }
  yield* takeForRoom(db, bytesMax, nowMs);
  if (domainsMs !== undefined) yield* takeDomainsBefore(db, nowMs - domainsMs, 'live', nowMs);
  yield* forgetTakenIds(db, 'live', nowMs);
  if (rollupsMs !== undefined) yield* takeRollupsBefore(db, nowMs - rollupsMs, nowMs);
  if (issuesMs !== undefined) yield* takeIssuesBefore(db, nowMs - issuesMs, nowMs);
  if (adminActsMs !== undefined) yield* takeAdminActsBefore(db, nowMs - adminActsMs, nowMs);
}

/** Takes text, denials, domains that are over and system calls of before `untilMs`, whatever the policy; what counts them stays. */
export function* takeOlderThan(db: Database, untilMs: number, nowMs: number): Generator<Taken> {
  yield* takeRawBefore(db, untilMs, nowMs);
  yield* takeDenialsBefore(db, untilMs, 'all', nowMs);
  yield* takeDomainsBefore(db, untilMs, 'all', nowMs);
  yield* takeTimedBefore(db, 'sandbox_calls', untilMs, 'all', nowMs);
  yield* forgetTakenIds(db, 'all', nowMs);
}

/** Bytes of pages that hold something, and of the log beside the file where it can be seen. */
export function bytesInUse(db: Database): number {
  return pageBytesInUse(db) + logBytes(db);
}

function pageBytesInUse(db: Database): number {
  const pragma = (name: string) => Number(db.pragma(name, { simple: true }));
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

function logBytes(db: Database): number {
  try {
    return statSync(`${db.name}-wal`).size;
  } catch {
    return 0;
  }
}

/** Takes what there is no room for, the least valuable first; as `retain`. */
export function* takeForRoom(db: Database, bytesMax: number | undefined, nowMs: number): Generator<Taken> {
  if (bytesMax === undefined) return;
  // The log grows with what is taken, and shrinks again: as it was before. It alone is no reason to take everything.
  const room = bytesMax - Math.min(logBytes(db), bytesMax / 2);
  const isTight = () => pageBytesInUse(db) > room;
  if (!isTight()) return;
  yield* whileTight(isTight, takeRawBefore(db, Number.POSITIVE_INFINITY, nowMs));
  yield* takeDaysOf(db, 'sandbox_calls', isTight, nowMs);
  yield* whileTight(isTight, takeDenialsBefore(db, nowMs - YOUNGEST_MS, 'all', nowMs));
  yield* takeDomainsBefore(db, nowMs - YOUNGEST_MS, 'all', nowMs);
  yield* takeDaysOf(db, 'malformed', isTight, nowMs);
  yield* takeDaysOf(db, 'gaps', isTight, nowMs);
  yield* forgetTakenIds(db, 'all', nowMs);
}

function* whileTight(isTight: () => boolean, steps: Generator<Taken>): Generator<Taken> {
  while (isTight()) {
    const step = steps.next();
    if (step.done === true) return;
    yield step.value;
  }
}

/** What is younger is on its way to us just now: the mark must not come so near that it is refused. */
const YOUNGEST_MS = 60_000;
const DAY_MS = 86_400_000;
const TIMES: Readonly<Record<TimedKind, string>> = { sandbox_calls: 'at_ms', malformed: 'seen_ms', gaps: 'seen_ms' };

/** A day of a kind after the other, since its mark is raised first. */
function* takeDaysOf(db: Database, kind: TimedKind, isTight: () => boolean, nowMs: number): Generator<Taken> {
  const oldest = statement<{ ms: number | null }>(db, `SELECT min(${TIMES[kind]}) AS ms FROM ${kind}`);
  while (isTight()) {
    const ms = oldest.get()?.ms;
    const untilMs = ms == null ? nowMs : Math.min(ms + DAY_MS, nowMs - YOUNGEST_MS);
    if (ms == null || ms >= untilMs) return;
    yield* takeTimedBefore(db, kind, untilMs, 'all', nowMs);
  }
}
