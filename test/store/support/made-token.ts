import { createToken, type NewToken } from '../../../src/store/access/tokens.ts';
import type { Database } from '../../../src/store/database/open.ts';

/** A new token, where there is room for one. */
export function madeToken(
  db: Database,
  token: NewToken,
  nowMs: number,
): { readonly id: number; readonly text: string } {
  const created = createToken(db, token, nowMs);
  if (created === 'too-many') throw new Error('too many tokens');
  return created;
}
