// Takes away the rows that stand for one document each and have a time: malformed records, gaps, system calls, and the
// text of records.
import { FLAG_REPLAY } from '../columns/common-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type MarkedKind, type Origins, RetentionMarks, raiseMark } from '../retention-marks.ts';
import { type Taken, take } from './retention-step.ts';

/** Rows of one statement. */
const CHUNK = 250;
/** Blocks of text of one statement: some ten kilobytes each. */
const BLOCKS = 16;

export type TimedKind = Exclude<MarkedKind, 'denials' | 'domains' | 'rollups' | 'id_runs'>;

const TIME_COLUMN: Readonly<Record<TimedKind, string>> = {
  sandbox_calls: 'at_ms',
  malformed: 'seen_ms',
  gaps: 'seen_ms',
};

/** What of a kind is older than the parameter. */
export function olderSql(kind: TimedKind, origins: Origins): string {
  const condition = origins === 'all' ? '1' : `flags & ${FLAG_REPLAY} = 0`;
  return `
  FROM ${kind}
  WHERE ${TIME_COLUMN[kind]} < ? AND ${condition}`;
}

/** Takes all rows of before `untilMs`, the oldest first; yields after each transaction. */
export function* takeTimedBefore(
  db: Database,
  kind: TimedKind,
  untilMs: number,
  origins: Origins,
  nowMs: number,
): Generator<Taken> {
  const marks = new RetentionMarks(db);
  const isKnown = marks.sinceMs(kind, false) >= untilMs && (origins === 'live' || marks.sinceMs(kind, true) >= untilMs);
  let isDone = isKnown;
  const remove = `DELETE ${olderSql(kind, origins)} ORDER BY ${TIME_COLUMN[kind]} LIMIT ${CHUNK}`;
  while (!isDone) {
    yield take(db, kind, nowMs, (budget) => {
      // Before the first is gone, so that none of them can come again in between.
      raiseMark(db, kind, origins, untilMs);
      let count = 0;
      while (!isDone) {
        const { changes } = statement(db, remove).run(untilMs);
        count += changes;
        isDone = changes < CHUNK;
        if (budget.isSpent(changes)) break;
      }
      return count;
    });
  }
}

/** The newest block stays: its number is the next one's measure, and numbers must not come again. */
export const OLD_BLOCKS_SQL = `
  SELECT id, stored_ms
  FROM raw_blocks
  WHERE id < (SELECT max(id) FROM raw_blocks)
  ORDER BY id
  LIMIT ${BLOCKS}`;

/** Takes the blocks that were stored before `untilMs`, until one is younger; yields after each transaction. */
export function* takeRawBefore(db: Database, untilMs: number, nowMs: number): Generator<Taken> {
  let isDone = false;
  while (!isDone) {
    yield take(db, 'raw_blocks', nowMs, (budget) => {
      let count = 0;
      while (!isDone) {
        const blocks = statement<{ id: number; stored_ms: number }>(db, OLD_BLOCKS_SQL).all();
        const younger = blocks.findIndex((block) => block.stored_ms >= untilMs);
        const old = younger < 0 ? blocks : blocks.slice(0, younger);
        for (const { id } of old) statement(db, 'DELETE FROM raw_blocks WHERE id = ?').run(id);
        count += old.length;
        isDone = old.length < BLOCKS;
        // A block has hundreds of events.
        if (budget.isSpent(old.length * 64)) break;
      }
      return count;
    });
  }
}
