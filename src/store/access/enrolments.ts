// What an enrolment token is limited to: the fleet of those who come with it, how many may, and whether somebody has to
// approve each. The token itself is one like any other, with the scope enroll.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

export interface EnrolmentLimits {
  readonly fleet: string;
  readonly needsApproval: boolean;
  /** Absent: as many as come while the token is in force. */
  readonly usesMax?: number;
}

interface EnrolmentRow {
  readonly fleet: string;
  readonly needs_approval: number;
}

export function saveEnrolment(db: Database, token: number, limits: EnrolmentLimits): void {
  statement(db, 'INSERT INTO enrolments (token, fleet, needs_approval, uses_max) VALUES (?, ?, ?, ?)').run(
    token,
    limits.fleet,
    limits.needsApproval ? 1 : 0,
    limits.usesMax ?? null,
  );
}

/** Where the next host of this token comes to; undefined where it let in as many as it may. Call it in a transaction. */
export function useEnrolment(db: Database, token: number): Omit<EnrolmentLimits, 'usesMax'> | undefined {
  const row = statement<EnrolmentRow>(
    db,
    `UPDATE enrolments
     SET uses = uses + 1
     WHERE token = ? AND (uses_max IS NULL OR uses < uses_max)
     RETURNING fleet, needs_approval`,
  ).get(token);
  return row && { fleet: row.fleet, needsApproval: row.needs_approval === 1 };
}
