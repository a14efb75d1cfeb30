// What retention would take by age, without taking it. What the want of room would take is not known beforehand.
import { FLAG_REPLAY } from '../columns/common-columns.ts';
import { firstSlot } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Origins } from '../retention-marks.ts';
import type { RetentionPolicy } from './retention.ts';
import { countDenials } from './retention-denials.ts';
import { olderSql, type TimedKind } from './retention-documents.ts';
import type { Taken } from './retention-step.ts';

/** Of `retain`: single rows; which domains, counts and issues would follow is not looked at. */
export function countForRetain(db: Database, policy: RetentionPolicy, nowMs: number): readonly Taken[] {
  const { rawMs, denialsMs, sandboxCallsMs, lossesMs } = policy;
  return [
    ...(rawMs === undefined ? [] : [countRaw(db, nowMs - rawMs)]),
    ...(denialsMs === undefined ? [] : [countOldDenials(db, nowMs - denialsMs, 'live')]),
    ...(sandboxCallsMs === undefined ? [] : [countTimed(db, 'sandbox_calls', nowMs - sandboxCallsMs, 'live')]),
    ...(lossesMs === undefined ? [] : [countTimed(db, 'malformed', nowMs - lossesMs, 'live')]),
    ...(lossesMs === undefined ? [] : [countTimed(db, 'gaps', nowMs - lossesMs, 'live')]),
  ];
}

/** Of `takeOlderThan`. */
export function countOlderThan(db: Database, untilMs: number): readonly Taken[] {
  return [countRaw(db, untilMs), countOldDenials(db, untilMs, 'all'), countTimed(db, 'sandbox_calls', untilMs, 'all')];
}

function countRaw(db: Database, untilMs: number): Taken {
  // As far as none is younger, as takeRawBefore goes.
  const sql = `
    SELECT count(*) AS n
    FROM raw_blocks
    WHERE id < min((SELECT max(id) FROM raw_blocks),
      ifnull((SELECT id FROM raw_blocks WHERE stored_ms >= ? ORDER BY id LIMIT 1), 9e15))`;
  return { kind: 'raw_blocks', count: countOf(db, sql, untilMs) };
}

function countOldDenials(db: Database, untilMs: number, origins: Origins): Taken {
  const condition = origins === 'all' ? '1' : `d.flags & ${FLAG_REPLAY} = 0`;
  return { kind: 'denials', count: countDenials(db, `d.id < ? AND ${condition}`, firstSlot(untilMs)) };
}

function countTimed(db: Database, kind: TimedKind, untilMs: number, origins: Origins): Taken {
  return { kind, count: countOf(db, `SELECT count(*) AS n ${olderSql(kind, origins)}`, untilMs) };
}

function countOf(db: Database, sql: string, param: number): number {
  return statement<{ n: number }>(db, sql).get(param)?.n ?? 0;
}
