// What people say of an issue: its status, a note, who looks after it.
import { createHash } from 'node:crypto';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { toStoreError } from '../database/store-error.ts';
import type { SETTABLE_STATUSES } from './issue-answers.ts';

export const NOTE_LENGTH_MAX = 4_000;
export const ASSIGNEE_LENGTH_MAX = 200;
const VERSION_LENGTH = 22;

/** Members that are absent stay; an empty text takes what is there away. */
export interface IssueChange {
  readonly status?: (typeof SETTABLE_STATUSES)[number] | undefined;
  readonly note?: string | undefined;
  readonly assignee?: string | undefined;
}

const CHANGE = `
  UPDATE issues
  SET status_ms = CASE WHEN @status IS NULL OR @status = status THEN status_ms ELSE @nowMs END,
      status = ifnull(@status, status),
      note = nullif(ifnull(@note, note), ''),
      assignee = nullif(ifnull(@assignee, assignee), '')
  WHERE fingerprint = @fingerprint`;

const STATE = `
  SELECT status, status_ms, note, assignee
  FROM issues
  WHERE fingerprint = ?
  ORDER BY is_canary
  LIMIT 1`;

interface StateRow {
  readonly status: string;
  readonly status_ms: number | null;
  readonly note: string | null;
  readonly assignee: string | null;
}

/** What becomes of an issue, as it is answered. */
export interface IssueState {
  readonly status: string;
  readonly status_changed_at?: string;
  readonly note?: string;
  readonly assignee?: string;
}

/** The same for as long as nobody changes the issue, and it does not come back: its counts do not matter. */
export function issueVersion({ status, status_changed_at: at, note, assignee }: IssueState): string {
  const text = JSON.stringify([status, at ?? null, note ?? null, assignee ?? null]);
  return createHash('sha256').update(text).digest('base64url').slice(0, VERSION_LENGTH);
}

/** `stale`: the issue has another version than all of those expected. */
export type ChangeResult = 'changed' | 'unknown' | 'stale';

/**
 * Changes the issue if there is one and it has one of the versions `expected` (absent: any). Throws StoreError. What is
 * resolved has regressed with the next denial after `nowMs`.
 */
export function changeIssue(
  db: Database,
  fingerprint: string,
  change: IssueChange,
  nowMs: number,
  expected?: readonly string[],
): ChangeResult {
  const { status = null, note = null, assignee = null } = change;
  const run = db.transaction((): ChangeResult => {
    const state = statement<StateRow>(db, STATE).get(fingerprint);
    if (state === undefined) return 'unknown';
    if (expected !== undefined && !expected.includes(issueVersion(toState(state)))) return 'stale';
    statement(db, CHANGE).run({ fingerprint, status, note, assignee, nowMs });
    return 'changed';
  });
  try {
    return run.immediate();
  } catch (error) {
    throw toStoreError(error, db.name);
  }
}

function toState(row: StateRow): IssueState {
  return {
    status: row.status,
    ...(row.status_ms !== null && { status_changed_at: new Date(row.status_ms).toISOString() }),
    ...(row.note !== null && { note: row.note }),
    ...(row.assignee !== null && { assignee: row.assignee }),
  };
}
