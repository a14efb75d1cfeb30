// What people say of an issue: its status, a note, who looks after it.
import type { SETTABLE_STATUSES } from './issue-answers.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';
import { toStoreError } from './store-error.ts';

export const NOTE_LENGTH_MAX = 4_000;
export const ASSIGNEE_LENGTH_MAX = 200;

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

/** Answers whether there is such an issue; throws StoreError. What is resolved has regressed with the next denial after `nowMs`. */
export function changeIssue(db: Database, fingerprint: string, change: IssueChange, nowMs: number): boolean {
  const { status = null, note = null, assignee = null } = change;
  try {
    return statement(db, CHANGE).run({ fingerprint, status, note, assignee, nowMs }).changes > 0;
  } catch (error) {
    throw toStoreError(error, db.name);
  }
}
