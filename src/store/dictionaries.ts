// The dictionaries that the writer interns into, and what each row of them says besides its text.
import { isColumnText, loginIds, shapeKind } from './denial-columns.ts';
import { Dictionary } from './intern.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';

export interface Dictionaries {
  readonly strings: Dictionary;
  /** Sets of blockers: strings whose members can be searched. */
  readonly blockers: Dictionary;
  readonly shapes: Dictionary;
  readonly logins: Dictionary;
  clear(): void;
}

export function openDictionaries(db: Database): Dictionaries {
  const strings = new Dictionary(
    resolver(db, 'strings', (text) => {
      return statement(db, 'INSERT INTO strings (value) VALUES (?)').run(text).lastInsertRowid;
    }),
  );
  const insertMember = statement<unknown>(
    db,
    'INSERT INTO blocker_members (blocker, blockers) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );
  const blockers = new Dictionary((text) => {
    const id = strings.id(text);
    const members: readonly string[] = JSON.parse(text);
    for (const blocker of members) if (isColumnText(blocker)) insertMember.run(blocker, id);
    return id;
  });
  const shapes = new Dictionary(
    resolver(db, 'shapes', (text) => {
      const kind = shapeKind(text);
      const insert = statement(db, 'INSERT INTO shapes (kind, value) VALUES (?, ?)');
      return insert.run(isColumnText(kind) ? kind : '', text).lastInsertRowid;
    }),
  );
  const logins = new Dictionary(
    resolver(db, 'logins', (text) => {
      const { uid, auditUid } = loginIds(text);
      const insert = statement(db, 'INSERT INTO logins (uid, audit_uid, value) VALUES (?, ?, ?)');
      return insert.run(uid, auditUid, text).lastInsertRowid;
    }),
  );
  return {
    strings,
    blockers,
    shapes,
    logins,
    clear() {
      for (const dictionary of [strings, blockers, shapes, logins]) dictionary.clear();
    },
  };
}

function resolver(
  db: Database,
  table: 'strings' | 'shapes' | 'logins',
  insert: (text: string) => number | bigint,
): (text: string) => number {
  const find = statement<{ id: number }>(db, `SELECT id FROM ${table} WHERE value = ?`);
  return (text) => find.get(text)?.id ?? Number(insert(text));
}
