// Sessions of the dashboard: the cookie's value is a secret, the row says until when it counts.
import type { Database } from './open.ts';
import { newSecret, secretHash } from './secrets.ts';
import { statement } from './statement.ts';

/** Live sessions kept; beyond it the oldest end. */
export const SESSIONS_MAX = 1_000;

/** Makes a session and answers the cookie's value, given this once. Removes those that have expired. */
export function createSession(db: Database, expiresMs: number, nowMs: number): string {
  const secret = newSecret();
  const create = db.transaction(() => {
    statement(db, 'DELETE FROM sessions WHERE expires_ms <= ?').run(nowMs);
    statement(
      db,
      'DELETE FROM sessions WHERE hash IN (SELECT hash FROM sessions ORDER BY created_ms DESC LIMIT -1 OFFSET ?)',
    ).run(SESSIONS_MAX - 1);
    statement(db, 'INSERT INTO sessions (hash, created_ms, expires_ms) VALUES (?, ?, ?)').run(
      secretHash(secret),
      nowMs,
      expiresMs,
    );
  });
  create.immediate();
  return secret;
}

/** When the session ends; undefined where it is none or has ended. */
export function verifySession(db: Database, secret: string, nowMs: number): { readonly expiresMs: number } | undefined {
  const find = statement<{ expiresMs: number }>(
    db,
    'SELECT expires_ms AS expiresMs FROM sessions WHERE hash = ? AND expires_ms > ?',
  );
  return find.get(secretHash(secret), nowMs);
}

/** Ends a session; whether there was one. */
export function deleteSession(db: Database, secret: string): boolean {
  return statement(db, 'DELETE FROM sessions WHERE hash = ?').run(secretHash(secret)).changes > 0;
}
