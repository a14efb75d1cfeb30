// What the stored sets of blockers say: their members and the classes of these.
import { type BlockerClass, blockerClass } from '../../landlock/blockers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

/** The members of a set, each once. */
export function blockersOf(db: Database, set: number): readonly string[] {
  const row = statement<{ value: string }>(db, 'SELECT value FROM strings WHERE id = ?').get(set);
  const members: readonly string[] = JSON.parse(row?.value ?? '[]');
  return [...new Set(members)];
}

/** The classes of a set, each once; `other` for an empty one. A denial with blockers of two classes counts in both. */
export function classesOf(blockers: readonly string[]): readonly BlockerClass[] {
  return blockers.length === 0 ? ['other'] : [...new Set(blockers.map(blockerClass))];
}
