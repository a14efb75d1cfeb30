// How far back each kind of document is gone, and how much was taken. The writer refuses what is older than a mark: the
// same document may have been stored and counted once, and nothing is left to know it by.
import type { AnyDocument } from '../landlock/document.ts';
import type { Removal } from './answers.ts';
import type { Database } from './database/open.ts';
import { statement } from './database/statement.ts';

/** What has a mark; `id_runs`: denials of before are not in the look-up by id any more either. */
export type MarkedKind = 'denials' | 'domains' | 'sandbox_calls' | 'malformed' | 'gaps' | 'rollups' | 'id_runs';

/** Documents as they came from a host, or all, with those that carry the tag `replay`. */
export type Origins = 'live' | 'all';

/** Kinds whose rows the writer keeps at hand: when some are taken, it has to look all of them up again. */
const WRITER_KINDS = ['hosts', 'domains', 'issues', 'actors', 'shapes', 'strings'] as const;

/** What removals.kind may be. */
export type RemovedKind =
  | Exclude<MarkedKind, 'rollups' | 'id_runs'>
  | 'id_entries'
  | (typeof WRITER_KINDS)[number]
  | 'raw_blocks'
  | 'raw_events'
  | 'rollup_rows'
  | 'domain_events'
  | 'admin_acts'
  | 'too_old';

const READ_MARKS = 'SELECT kind, is_replay, since_ms FROM retention_marks';

const RAISE_MARK = `
  INSERT INTO retention_marks (kind, is_replay, since_ms)
  VALUES (?, ?, ?)
  ON CONFLICT (kind, is_replay) DO UPDATE SET since_ms = max(since_ms, excluded.since_ms)`;

const ADD_REMOVED = `
  INSERT INTO removals (kind, count, last_ms)
  VALUES (?, ?, ?)
  ON CONFLICT (kind) DO UPDATE SET count = count + excluded.count, last_ms = max(last_ms, excluded.last_ms)`;

const WRITER_ROWS_GONE = `
  SELECT total(count) AS n
  FROM removals
  WHERE kind IN (${WRITER_KINDS.map((kind) => `'${kind}'`).join(', ')})`;

export class RetentionMarks {
  readonly #sinceMs = new Map<string, number>();

  constructor(db: Database) {
    for (const row of statement<{ kind: string; is_replay: number; since_ms: number }>(db, READ_MARKS).all()) {
      this.#sinceMs.set(`${row.kind} ${row.is_replay}`, row.since_ms);
    }
  }

  /** Nothing of before that is left. 0: nothing was taken yet. */
  sinceMs(kind: MarkedKind, isReplay: boolean): number {
    return this.#sinceMs.get(`${kind} ${isReplay ? 1 : 0}`) ?? 0;
  }

  /** Whether `doc`, of the time `ms`, is from before a mark. */
  isTooOld(doc: AnyDocument, ms: number): boolean {
    const kind = markedKindOf(doc);
    return kind !== undefined && ms < this.sinceMs(kind, doc.tags?.includes('replay') === true);
  }

  get isEmpty(): boolean {
    return this.#sinceMs.size === 0;
  }
}

function markedKindOf({ kind }: AnyDocument): MarkedKind | undefined {
  switch (kind) {
    case 'denial':
      return 'denials';
    case 'domain-allocated':
    case 'domain-deallocated':
    case 'domain-created':
      return 'domains';
    case 'sandbox-call':
      return 'sandbox_calls';
    case 'malformed':
      return 'malformed';
    case 'gap':
      return 'gaps';
  }
}

/** In the transaction that takes what is older. */
export function raiseMark(db: Database, kind: MarkedKind, origins: Origins, sinceMs: number): void {
  statement(db, RAISE_MARK).run(kind, 0, sinceMs);
  if (origins === 'all') statement(db, RAISE_MARK).run(kind, 1, sinceMs);
}

/** In the transaction that takes them. */
export function countRemoved(db: Database, kind: RemovedKind, count: number, nowMs: number): void {
  if (count > 0) statement(db, ADD_REMOVED).run(kind, count, nowMs);
}

/** Grows whenever rows go that a writer may have at hand. */
export function writerRowsGone(db: Database): number {
  return statement<{ n: number }>(db, WRITER_ROWS_GONE).get()?.n ?? 0;
}

export function readRemovals(db: Database): readonly Removal[] {
  const rows = statement<{ kind: string; count: number; last_ms: number }>(
    db,
    'SELECT kind, count, last_ms FROM removals ORDER BY kind',
  );
  return rows.all().map(({ kind, count, last_ms }) => ({ kind, count, last_at: new Date(last_ms).toISOString() }));
}
