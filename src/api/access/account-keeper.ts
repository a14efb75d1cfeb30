// Accounts over the connection that writes.
import {
  createAccount,
  deleteAccount,
  findAccount,
  setDisabled,
  setPassword,
  setRole,
} from '../../store/access/accounts.ts';
import type { Database } from '../../store/database/open.ts';
import type { AccountKeeper } from '../deps.ts';

/** Throws as the database does: acts are performed with it, which say why. */
export function toAccountKeeper(db: Database): AccountKeeper {
  return {
    get: (name) => {
      const { password: _, ...facts } = findAccount(db, name) ?? { password: '', id: 0 };
      return 'name' in facts ? facts : undefined;
    },
    create: (account, nowMs) => createAccount(db, account, nowMs),
    setRole: (name, role) => setRole(db, name, role),
    setPassword: (name, password, nowMs) => setPassword(db, name, password, nowMs),
    setDisabled: (name, isDisabled, nowMs) => setDisabled(db, name, isDisabled, nowMs),
    delete: (name) => deleteAccount(db, name),
  };
}
