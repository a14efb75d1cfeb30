// Users by number and by name. The server tells names only to those who may see them; without any, numbers stay numbers.
// Names are strings of records. Pure.
import type { Top } from '../../src/api/schemas/stats.ts';

/** What is known of a user: an answer of /users, or less. */
export interface KnownUser {
  readonly uid: number;
  /** Those of most hosts first: hosts may call different people by one number. */
  readonly names?: readonly { readonly name: string }[];
}

/** Of one number; the page of people has them all. */
const NAMES_SHOWN = 3;

/** The id of a user: digits as they are, a name as the hosts know it. */
export function uidOf(text: string, users: readonly KnownUser[]): string | undefined {
  const typed = text.trim();
  if (/^\d{1,15}$/.test(typed)) {
    return typed;
  }
  const found = users.find(({ names }) => names?.some(({ name }) => name === typed));
  return found === undefined ? undefined : String(found.uid);
}

/** What a user is called, if that leads to no other user. */
export function nameOf(uid: string, users: readonly KnownUser[]): string | undefined {
  const name = knownUser(uid, users)?.names?.[0]?.name;
  return name !== undefined && uidOf(name, users) === uid ? name : undefined;
}

/** `alice (1000)`, `alice, bob (1000)`, `uid 1000`. */
export function userName(uid: string, users: readonly KnownUser[] = []): string {
  const names = knownUser(uid, users)?.names ?? [];
  if (names.length === 0) {
    return `uid ${uid}`;
  }
  const shown = names.slice(0, NAMES_SHOWN).map(({ name }) => name);
  return `${shown.join(', ')}${names.length > NAMES_SHOWN ? ', …' : ''} (${uid})`;
}

/** Users with most denials, under their names. */
export function withUserNames(top: Top, users: readonly KnownUser[] = []): Top {
  return { ...top, data: top.data.map((one) => ({ ...one, label: userName(one.value, users) })) };
}

/** Whether one of them is not among `users`. */
export function hasStranger(top: Top, users: readonly KnownUser[] = []): boolean {
  return top.data.some(({ value }) => knownUser(value, users) === undefined);
}

function knownUser(uid: string, users: readonly KnownUser[]): KnownUser | undefined {
  return users.find((user) => String(user.uid) === uid);
}
