// People who sign in with a password. Whoever's password or role changes, or who is disabled, is signed out everywhere.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { isRole, type Role } from './roles.ts';
import { deleteSessionsOf } from './sessions.ts';
import { accountOwner, releaseViewsOf } from './views.ts';

/** Accounts that there may be. */
export const ACCOUNTS_MAX = 1_000;
const NAME = /^[a-z0-9][a-z0-9._@+-]{0,63}$/;

export interface AccountFacts {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly createdMs: number;
  readonly passwordMs: number;
  readonly signedInMs: number | null;
  /** Since when nobody may sign in with it; null: one may. */
  readonly disabledMs: number | null;
}

interface AccountRow extends Omit<AccountFacts, 'role'> {
  readonly role: string;
  readonly password: string;
}

const SELECT = `
  SELECT id, name, role, password, created_ms AS createdMs, password_ms AS passwordMs, signed_in_ms AS signedInMs,
    disabled_ms AS disabledMs
  FROM accounts`;

/** `text` as the name of an account: lower case; undefined where it can be none. */
export function toAccountName(text: string): string | undefined {
  const name = text.toLowerCase();
  return NAME.test(name) ? name : undefined;
}

/** What `createAccount` says: its id, or why there is none. */
export type AccountCreation = number | 'exists' | 'too-many';

/** `password` as passwords.ts keeps it. */
export function createAccount(
  db: Database,
  account: { readonly name: string; readonly role: Role; readonly password: string },
  nowMs: number,
): AccountCreation {
  if (findAccount(db, account.name) !== undefined) return 'exists';
  const count = statement<{ n: number }>(db, 'SELECT count(*) AS n FROM accounts').get()?.n ?? 0;
  if (count >= ACCOUNTS_MAX) return 'too-many';
  const insert = statement(
    db,
    'INSERT INTO accounts (name, role, password, created_ms, password_ms) VALUES (?, ?, ?, ?, ?)',
  );
  return Number(insert.run(account.name, account.role, account.password, nowMs, nowMs).lastInsertRowid);
}

/** With the password as it is kept. */
export function findAccount(db: Database, name: string): (AccountFacts & { readonly password: string }) | undefined {
  const row = statement<AccountRow>(db, `${SELECT} WHERE name = ?`).get(name);
  return row && { ...toFacts(row), password: row.password };
}

/** By name. */
export function listAccounts(db: Database): readonly AccountFacts[] {
  return statement<AccountRow>(db, `${SELECT} ORDER BY name LIMIT ?`).all(ACCOUNTS_MAX).map(toFacts);
}

/** Whether there is such an account; ends its sessions. */
export function setPassword(db: Database, name: string, password: string, nowMs: number): boolean {
  return change(db, name, (id) => {
    statement(db, 'UPDATE accounts SET password = ?, password_ms = ? WHERE id = ?').run(password, nowMs, id);
  });
}

/** The same password, kept in another way: no session ends. */
export function renewPasswordHash(db: Database, id: number, password: string): void {
  statement(db, 'UPDATE accounts SET password = ? WHERE id = ?').run(password, id);
}

/** Whether there is such an account; ends its sessions. */
export function setRole(db: Database, name: string, role: Role): boolean {
  return change(db, name, (id) => statement(db, 'UPDATE accounts SET role = ? WHERE id = ?').run(role, id));
}

/** Whether there was such an account; ends its sessions, and takes the views that it kept for itself. */
export function deleteAccount(db: Database, name: string): boolean {
  return change(db, name, (id) => {
    releaseViewsOf(db, accountOwner(id));
    statement(db, 'DELETE FROM accounts WHERE id = ?').run(id);
  });
}

/** Whether there is such an account; ends its sessions. What is disabled keeps the time since when it is. */
export function setDisabled(db: Database, name: string, isDisabled: boolean, nowMs: number): boolean {
  return change(db, name, (id) => {
    const since = isDisabled ? nowMs : null;
    statement(
      db,
      'UPDATE accounts SET disabled_ms = CASE WHEN ? IS NULL THEN NULL ELSE ifnull(disabled_ms, ?) END WHERE id = ?',
    ).run(since, since, id);
  });
}

export function noteSignIn(db: Database, id: number, nowMs: number): void {
  statement(db, 'UPDATE accounts SET signed_in_ms = ? WHERE id = ?').run(nowMs, id);
}

function change(db: Database, name: string, work: (id: number) => void): boolean {
  const all = db.transaction(() => {
    const account = findAccount(db, name);
    if (account === undefined) return false;
    deleteSessionsOf(db, account.id);
    work(account.id);
    return true;
  });
  return all.immediate();
}

function toFacts({ password: _, ...row }: AccountRow): AccountFacts {
  // A role of a newer version means nothing here: the least.
  return { ...row, role: isRole(row.role) ? row.role : 'viewer' };
}
