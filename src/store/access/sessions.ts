// Sessions of the dashboard: the cookie's value is a secret, the row says whose it is and until when it counts.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { isRole, type Role } from './roles.ts';
import { newSecret, secretHash } from './secrets.ts';

/** Live sessions kept; beyond it the oldest end. */
export const SESSIONS_MAX = 1_000;

export interface NewSession {
  /** null: a one-time link let it in. */
  readonly account: number | null;
  /** Where from, and what the browser says of itself. */
  readonly address: string;
  readonly agent: string;
  /** It ends then in any case. */
  readonly expiresMs: number;
}

export interface SessionFacts extends NewSession {
  readonly id: number;
  readonly createdMs: number;
  /** Up to a minute old: see LastUses. */
  readonly usedMs: number;
  /** Absent with the account. */
  readonly name?: string;
  readonly role?: Role;
}

interface SessionRow extends Omit<SessionFacts, 'name' | 'role'> {
  readonly name: string | null;
  readonly role: string | null;
}

const SELECT = `
  SELECT s.id, s.account, s.address, s.agent, s.created_ms AS createdMs, s.used_ms AS usedMs,
    s.expires_ms AS expiresMs, a.name, a.role
  FROM sessions s
  LEFT JOIN accounts a ON a.id = s.account`;

const AGENT_LENGTH_MAX = 200;

/** Makes a session and answers its id and the cookie's value, given this once. Removes those that have expired. */
export function createSession(
  db: Database,
  { account, address, agent, expiresMs }: NewSession,
  nowMs: number,
): { readonly id: number; readonly secret: string } {
  const secret = newSecret();
  const create = db.transaction(() => {
    statement(db, 'DELETE FROM sessions WHERE expires_ms <= ?').run(nowMs);
    statement(
      db,
      'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions ORDER BY created_ms DESC, id DESC LIMIT -1 OFFSET ?)',
    ).run(SESSIONS_MAX - 1);
    return statement(
      db,
      `INSERT INTO sessions (hash, account, address, agent, created_ms, used_ms, expires_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(secretHash(secret), account, address, agent.slice(0, AGENT_LENGTH_MAX), nowMs, nowMs, expiresMs);
  });
  return { id: Number(create.immediate().lastInsertRowid), secret };
}

/** Whose session it is; undefined where it is none or has expired. Whether it was idle for too long is not asked here. */
export function verifySession(db: Database, secret: string, nowMs: number): SessionFacts | undefined {
  const row = statement<SessionRow>(db, `${SELECT} WHERE s.hash = ?`).get(secretHash(secret));
  return row === undefined || row.expiresMs <= nowMs ? undefined : toFacts(row);
}

/** Newest first. `account`: of whom (null: of those by link); absent: all. */
export function listSessions(db: Database, account?: number | null): readonly SessionFacts[] {
  const order = 'ORDER BY s.id DESC LIMIT ?';
  const rows =
    account === undefined
      ? statement<SessionRow>(db, `${SELECT} ${order}`).all(SESSIONS_MAX)
      : statement<SessionRow>(db, `${SELECT} WHERE s.account IS ? ${order}`).all(account, SESSIONS_MAX);
  return rows.map(toFacts);
}

/** Ends a session; whether there was one. `account` as for listSessions: no other's. */
export function deleteSession(db: Database, id: number, account?: number | null): boolean {
  const run =
    account === undefined
      ? statement(db, 'DELETE FROM sessions WHERE id = ?').run(id)
      : statement(db, 'DELETE FROM sessions WHERE id = ? AND account IS ?').run(id, account);
  return run.changes > 0;
}

/** Ends all of an account (null: of those by link); how many. */
export function deleteSessionsOf(db: Database, account: number | null): number {
  return statement(db, 'DELETE FROM sessions WHERE account IS ?').run(account).changes;
}

function toFacts({ name, role, ...row }: SessionRow): SessionFacts {
  if (name === null || role === null) return row;
  return { ...row, name, role: isRole(role) ? role : 'viewer' };
}
