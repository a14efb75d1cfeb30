// Which values of a field a counted key stands for. A denial may have several (blockers, two ports, two users, two
// units), and several keys may have the same.
import { issueTitle } from '../../landlock/issue-title.ts';
import type { ValueCount, ValueField } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { GATHERED } from '../interning/issue-register.ts';
import { ISSUE_BY_ID_SQL } from '../issues/issues.ts';
import { blockersOf } from './blocker-sets.ts';

/** A key as it was counted: a row id or, of ports and process ids, the numbers themselves. */
export interface CountedKey {
  readonly key: number | null;
  readonly other: number | null;
}

export type ValuesOf = (key: CountedKey) => readonly string[];

export const ACTOR_VALUES_SQL = `
  SELECT a.uid, a.audit_uid, program.value AS program, comm.value AS comm, owner.name AS package, unit.value AS unit,
    user_unit.value AS user_unit
  FROM actors a
  LEFT JOIN strings program ON program.id = a.program
  LEFT JOIN strings comm ON comm.id = a.comm
  LEFT JOIN packages owner ON owner.id = a.package
  LEFT JOIN strings unit ON unit.id = a.unit
  LEFT JOIN strings user_unit ON user_unit.id = a.user_unit
  WHERE a.id = ?`;

export const DOMAIN_PLACE_SQL = `
  SELECT ifnull(h.name, h.host_id) AS host, b.boot_id AS boot
  FROM domains m
  JOIN hosts h ON h.id = m.host
  JOIN boots b ON b.id = m.boot
  WHERE m.id = ?`;

/** One look-up of a text by its row. */
const TEXT_SQL = {
  path: 'SELECT value AS text FROM strings WHERE id = ?',
  program: 'SELECT value AS text FROM strings WHERE id = ?',
  host: 'SELECT host_id AS text FROM hosts WHERE id = ?',
  fleet: 'SELECT f.name AS text FROM hosts h JOIN fleets f ON f.id = h.fleet WHERE h.id = ?',
  domain: 'SELECT number AS text FROM domains WHERE id = ?',
  kind: 'SELECT kind AS text FROM shapes WHERE id = ?',
  issue: 'SELECT fingerprint AS text FROM issues WHERE id = ?',
} as const;

interface Actor {
  readonly uid: number | null;
  readonly audit_uid: number | null;
  readonly program: string | null;
  readonly comm: string | null;
  /** Its name, whatever the version. */
  readonly package: string | null;
  readonly unit: string | null;
  readonly user_unit: string | null;
}

/** Each value once. */
export function valuesFor(db: Database, field: ValueField): ValuesOf {
  switch (field) {
    case 'blocker':
      return ({ key }) => (key === null ? [] : blockersOf(db, key));
    case 'port':
    case 'pid':
      return ({ key, other }) => distinct([key, other]);
    case 'uid':
      return ofActor(db, ({ uid }) => distinct([uid]));
    case 'user':
      return ofActor(db, (actor) => distinct([actor.uid, actor.audit_uid]));
    case 'comm':
      return ofActor(db, ({ comm }) => distinct([comm]));
    case 'package':
      return ofActor(db, (actor) => distinct([actor.package]));
    case 'unit':
      return ofActor(db, (actor) => distinct([actor.unit, actor.user_unit]));
    default: {
      const select = statement<{ text: string }>(db, TEXT_SQL[field]);
      return ({ key }) => {
        const row = key === null ? undefined : select.get(key);
        return row === undefined ? [] : [row.text];
      };
    }
  }
}

function ofActor(db: Database, valuesOf: (actor: Actor) => readonly string[]): ValuesOf {
  const select = statement<Actor>(db, ACTOR_VALUES_SQL);
  return ({ key }) => {
    const actor = key === null ? undefined : select.get(key);
    return actor === undefined ? [] : valuesOf(actor);
  };
}

function distinct(values: readonly (number | string | null)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== null).map(String))];
}

/** What else is said of a value of `field` that the row `key` has. */
export function describeValue(db: Database, field: ValueField, key: number | null): Partial<ValueCount> {
  if (key === null) return {};
  switch (field) {
    case 'host': {
      const sql = 'SELECT ifnull(name, host_id) AS label FROM hosts WHERE id = ?';
      return statement<{ label: string }>(db, sql).get(key) ?? {};
    }
    case 'domain':
      return statement<{ host: string; boot: string }>(db, DOMAIN_PLACE_SQL).get(key) ?? {};
    case 'issue':
      return describeIssue(db, key);
    default:
      return {};
  }
}

interface IssueRow {
  readonly program: string;
  readonly program_class: Parameters<typeof issueTitle>[0]['programClass'];
  readonly blockers: string;
  readonly object_class: Parameters<typeof issueTitle>[0]['objectClass'];
  readonly object_key: string;
  readonly object_detail: string;
}

function describeIssue(db: Database, key: number): Partial<ValueCount> {
  const row = statement<IssueRow>(db, ISSUE_BY_ID_SQL).get(key);
  if (row === undefined) return {};
  if (row.object_class === 'none' && row.object_detail === GATHERED) return { label: `${row.program}: many things` };
  return {
    label: issueTitle({
      program: row.program,
      programClass: row.program_class,
      blockers: JSON.parse(row.blockers),
      objectClass: row.object_class,
      objectKey: row.object_key,
      objectDetail: row.object_detail,
    }),
  };
}
