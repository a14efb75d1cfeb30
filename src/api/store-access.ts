// Sessions, tokens and sign-in codes as the door asks for them, over the store's tables and their times.

import type { Database } from '../store/open.ts';
import { createSession, deleteSession, verifySession } from '../store/sessions.ts';
import { createSignInCode, useSignInCode } from '../store/sign-in-codes.ts';
import { toStoreError } from '../store/store-error.ts';
import type { TokenUses } from '../store/token-uses.ts';
import { verifyToken } from '../store/tokens.ts';
import type { Access } from './deps.ts';

const SIGN_IN_CODE_MS = 15 * 60_000;
const SESSION_MS = 7 * 24 * 3_600_000;

/** Over a connection that can write. All of it throws StoreError where the database cannot be used. */
export function toAccess(db: Database, uses: Pick<TokenUses, 'note'>): Access {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, db.name);
    }
  };
  return {
    findSession: (secret, nowMs) =>
      guard(() => {
        const session = verifySession(db, secret, nowMs);
        return session && { expiresAtMs: session.expiresMs };
      }),
    findToken: (token, nowMs) =>
      guard(() => {
        const found = verifyToken(db, token, nowMs);
        if (found !== undefined) {
          uses.note(found.id, nowMs);
        }
        return (
          found && {
            name: found.name,
            scopes: new Set(found.scopes),
            ...(found.expiresMs !== null && { expiresAtMs: found.expiresMs }),
          }
        );
      }),
    createSignInCode: (nowMs) =>
      guard(() => {
        const expiresAtMs = nowMs + SIGN_IN_CODE_MS;
        return { code: createSignInCode(db, expiresAtMs, nowMs), expiresAtMs };
      }),
    signIn: (code, nowMs) =>
      guard(() => {
        if (!useSignInCode(db, code, nowMs)) {
          return undefined;
        }
        const expiresAtMs = nowMs + SESSION_MS;
        return { secret: createSession(db, expiresAtMs, nowMs), expiresAtMs };
      }),
    signOut: (secret) => {
      guard(() => deleteSession(db, secret));
    },
  };
}
