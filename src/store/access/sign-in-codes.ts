// One-time codes of sign-in links: each may be turned into a session once, before it expires.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { newSecret, secretHash } from './secrets.ts';

/** Unused codes kept; beyond it the oldest no longer work. */
export const SIGN_IN_CODES_MAX = 100;

/** Makes a code, given this once. Removes those that have expired. */
export function createSignInCode(db: Database, expiresMs: number, nowMs: number): string {
  const code = newSecret();
  const create = db.transaction(() => {
    statement(db, 'DELETE FROM sign_in_codes WHERE expires_ms <= ?').run(nowMs);
    statement(
      db,
      'DELETE FROM sign_in_codes WHERE hash IN (SELECT hash FROM sign_in_codes ORDER BY created_ms DESC LIMIT -1 OFFSET ?)',
    ).run(SIGN_IN_CODES_MAX - 1);
    statement(db, 'INSERT INTO sign_in_codes (hash, created_ms, expires_ms) VALUES (?, ?, ?)').run(
      secretHash(code),
      nowMs,
      expiresMs,
    );
  });
  create.immediate();
  return code;
}

/** Whether the code counts; it never does again. */
export function useSignInCode(db: Database, code: string, nowMs: number): boolean {
  // One statement: two who come at once cannot both find it.
  const row = statement<{ expiresMs: number }>(
    db,
    'DELETE FROM sign_in_codes WHERE hash = ? RETURNING expires_ms AS expiresMs',
  ).get(secretHash(code));
  return row !== undefined && row.expiresMs > nowMs;
}
