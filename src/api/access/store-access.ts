// Sessions, tokens and sign-in codes as the door asks for them, over the store's tables and their times.
import { findAccount, noteSignIn, renewPasswordHash, setPassword, toAccountName } from '../../store/access/accounts.ts';
import type { LastUses } from '../../store/access/last-uses.ts';
import { hashPassword, isOutdated, isPassword } from '../../store/access/passwords.ts';
import { createSession, deleteSession, deleteSessionsOf, verifySession } from '../../store/access/sessions.ts';
import { createSignInCode, useSignInCode } from '../../store/access/sign-in-codes.ts';
import { checkToken, createToken, revokeToken } from '../../store/access/tokens.ts';
import type { Database } from '../../store/database/open.ts';
import { toStoreError } from '../../store/database/store-error.ts';
import type { Access, BegunSession, Client, FoundSession } from '../deps.ts';

const SIGN_IN_CODE_MS = 15 * 60_000;
/** Whoever opens the link is at the server's own terminal. */
const LINK_ROLE = 'admin';

/** When sessions end. */
export interface SessionTimes {
  /** After so long without a request. */
  readonly idleMs: number;
  /** In any case. */
  readonly maxMs: number;
}

/** Over a connection that can write. All of it throws StoreError where the database cannot be used. */
export function toAccess(db: Database, uses: Pick<LastUses, 'note' | 'noted'>, times: SessionTimes): Access {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, db.name);
    }
  };
  const begin = (account: number | null, client: Client, nowMs: number): BegunSession => {
    const expiresAtMs = nowMs + times.maxMs;
    return { ...createSession(db, { account, ...client, expiresMs: expiresAtMs }, nowMs), expiresAtMs };
  };
  return {
    findSession: (secret, nowMs, use) =>
      guard(() => {
        const found = findSession(db, uses, times, secret, nowMs);
        if (found !== undefined && use !== 'unused') uses.note('sessions', found.id, nowMs);
        return found;
      }),
    findToken: (text, nowMs) =>
      guard(() => {
        const check = checkToken(db, text, nowMs);
        if (check.state === 'valid') uses.note('tokens', check.token.id, nowMs);
        return check;
      }),
    createSignInCode: (nowMs) =>
      guard(() => {
        const expiresAtMs = nowMs + SIGN_IN_CODE_MS;
        return { code: createSignInCode(db, expiresAtMs, nowMs), expiresAtMs };
      }),
    signIn: (code, client, nowMs) =>
      guard(() => (useSignInCode(db, code, nowMs) ? begin(null, client, nowMs) : undefined)),
    checkPassword: async (text, password) => {
      const name = toAccountName(text);
      const account = name === undefined ? undefined : guard(() => findAccount(db, name));
      const isRight = await isPassword(password, account?.password);
      if (account === undefined || account.disabledMs !== null || !isRight) return undefined;
      const { id, name: known, password: kept } = account;
      const renewed = isOutdated(kept) ? await hashPassword(password) : undefined;
      return { id, name: known, password: kept, ...(renewed !== undefined && { renewed }) };
    },
    signInAs: ({ id, name, password, renewed }, client, nowMs) =>
      guard(() => {
        if (!isUnchanged(db, name, password)) return undefined;
        if (renewed !== undefined) renewPasswordHash(db, id, renewed);
        noteSignIn(db, id, nowMs);
        return begin(id, client, nowMs);
      }),
    changePassword: ({ id, name, password }, next, client, nowMs) =>
      guard(() => {
        if (!isUnchanged(db, name, password)) return undefined;
        setPassword(db, name, next, nowMs);
        return begin(id, client, nowMs);
      }),
    endSession: (id, account) => guard(() => deleteSession(db, id, account)),
    endSessionsOf: (account) => guard(() => deleteSessionsOf(db, account)),
    createToken: (token, nowMs) => guard(() => createToken(db, token, nowMs)),
    revokeToken: (id, nowMs) => guard(() => revokeToken(db, id, nowMs)),
  };
}

/** Meanwhile the account may have got another password, be disabled, or be gone. */
function isUnchanged(db: Database, name: string, password: string): boolean {
  const account = findAccount(db, name);
  return account?.password === password && account.disabledMs === null;
}

function findSession(
  db: Database,
  uses: Pick<LastUses, 'noted'>,
  { idleMs }: SessionTimes,
  secret: string,
  nowMs: number,
): FoundSession | undefined {
  const session = verifySession(db, secret, nowMs);
  if (session === undefined) return undefined;
  const { id, account, name, role, usedMs, expiresMs } = session;
  const idleAtMs = Math.max(usedMs, uses.noted('sessions', id) ?? 0) + idleMs;
  if (idleAtMs <= nowMs) return undefined;
  return {
    id,
    account,
    ...(name !== undefined && { name }),
    role: role ?? LINK_ROLE,
    expiresAtMs: expiresMs,
    idleAtMs,
  };
}
