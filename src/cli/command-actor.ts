// Who works on the database itself from the command line, for the log of administration: the user of the process.
import { userInfo } from 'node:os';
import type { Actor } from '../store/access/admin-acts.ts';

/** `0 (root)`; the number alone where the user has no name. */
export function commandActor(): Actor {
  const uid = process.getuid?.() ?? -1;
  let name = '';
  try {
    name = ` (${userInfo().username})`;
  } catch {
    // A user id that no user database knows.
  }
  return { kind: 'command', name: `${uid}${name}` };
}
