// The dictionaries that the writer interns into, and what each row of them says besides its text.
import type { Denial } from '../../landlock/document.ts';
import { isColumnText } from '../columns/denial-columns.ts';
import { loginIds, loginPlace } from '../columns/login-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { Dictionary } from './intern.ts';

/** A row of shapes. */
export interface ShapeRow {
  readonly blockers: number;
  readonly kind: string;
  readonly form: string;
  readonly reason: number;
  /** JSON. */
  readonly value: string;
}

/** A row of actors; 0 stands for a program or name that is not known. */
export interface ActorRow {
  readonly program: number;
  readonly comm: number;
  /** JSON. */
  readonly login: string;
}

export interface Dictionaries {
  readonly strings: Dictionary;
  /** Sets of blockers: strings whose members can be searched. */
  readonly blockers: Dictionary;
  shape(row: ShapeRow): number;
  actor(row: ActorRow): number;
  /** The package's row; 0 where the document says none. */
  package(owner: Denial['package']): number;
  clear(): void;
}

const FIND_SHAPE = 'SELECT id FROM shapes WHERE value = ? AND blockers = ? AND reason = ? AND form = ?';
const INSERT_SHAPE = 'INSERT INTO shapes (value, blockers, reason, form, kind) VALUES (?, ?, ?, ?, ?)';
const FIND_ACTOR = 'SELECT id FROM actors WHERE login = ? AND program = ? AND comm = ?';
const INSERT_ACTOR = `
  INSERT INTO actors (login, program, comm, uid, audit_uid, package, unit, user_unit)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const FIND_PACKAGE = 'SELECT id FROM packages WHERE name = ? AND version = ? AND type = ?';
const INSERT_PACKAGE = 'INSERT INTO packages (name, version, type) VALUES (?, ?, ?)';

export function openDictionaries(db: Database): Dictionaries {
  const findString = statement<{ id: number }>(db, 'SELECT id FROM strings WHERE value = ?');
  const insertString = statement(db, 'INSERT INTO strings (value) VALUES (?)');
  const strings = new Dictionary((text) => findString.get(text)?.id ?? Number(insertString.run(text).lastInsertRowid));
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
  const shapes = new Dictionary();
  const actors = new Dictionary();
  const packages = new Dictionary();
  const packageRow = ({ name, version, type = '' }: NonNullable<Denial['package']>) =>
    packages.idOr(`${name}\0${version}\0${type}`, () => {
      const found = statement<{ id: number }>(db, FIND_PACKAGE).get(name, version, type);
      return found?.id ?? Number(statement(db, INSERT_PACKAGE).run(name, version, type).lastInsertRowid);
    });
  return {
    strings,
    blockers,
    shape(row) {
      const { value, reason, form, kind } = row;
      return shapes.idOr(`${row.blockers} ${reason} ${form} ${value}`, () => {
        const found = statement<{ id: number }>(db, FIND_SHAPE).get(value, row.blockers, reason, form);
        if (found !== undefined) return found.id;
        const insert = statement(db, INSERT_SHAPE);
        return Number(insert.run(value, row.blockers, reason, form, isColumnText(kind) ? kind : '').lastInsertRowid);
      });
    },
    actor({ login, program, comm }) {
      return actors.idOr(`${program} ${comm} ${login}`, () => {
        const found = statement<{ id: number }>(db, FIND_ACTOR).get(login, program, comm);
        if (found !== undefined) return found.id;
        const { uid, auditUid } = loginIds(login);
        const { package: owner, systemd } = loginPlace(login);
        const place = [
          owner === undefined ? 0 : packageRow(owner),
          strings.idOrNull(systemd?.unit ?? null) ?? 0,
          strings.idOrNull(systemd?.user_unit ?? null) ?? 0,
        ];
        const insert = statement(db, INSERT_ACTOR);
        return Number(insert.run(login, program, comm, uid, auditUid, ...place).lastInsertRowid);
      });
    },
    package: (owner) => (owner === undefined ? 0 : packageRow(owner)),
    clear() {
      for (const dictionary of [strings, blockers, shapes, actors, packages]) dictionary.clear();
    },
  };
}
