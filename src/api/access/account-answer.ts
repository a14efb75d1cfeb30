// An account as the API and the command line show it: everything but what is kept of its password.
import type { AccountFacts } from '../../store/access/accounts.ts';
import type { Account } from '../schemas/account.ts';

export function toAccountAnswer(account: AccountFacts): Account {
  const time = (ms: number) => new Date(ms).toISOString();
  const { name, role, createdMs, passwordMs, signedInMs, disabledMs } = account;
  return {
    name,
    role,
    created_at: time(createdMs),
    password_changed_at: time(passwordMs),
    ...(signedInMs !== null && { signed_in_at: time(signedInMs) }),
    ...(disabledMs !== null && { disabled_at: time(disabledMs) }),
  };
}
