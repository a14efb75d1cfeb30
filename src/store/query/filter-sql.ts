// A filter as a condition on a row `d` of denials. Every value is a parameter. Texts are looked up in their
// dictionaries first; an exact text then uses the index of the denials, a text with wildcards is tested while the
// denials are read newest first, so that a page is soon full.

import { pathTemplate } from '../../landlock/templates/path-template.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from './condition.ts';
import type { Filter, NumberField, TextField } from './filter-parse.ts';
import { domainIds, hostIds, issueIds } from './host-ids.ts';
import { hasOtherIssues, IS_FILE, narrowMax, pathsCondition, pathsMax } from './path-rows.ts';
import { afterPrefix, matchesPattern, type Pattern, toGlob, toLikeAnywhere } from './pattern.ts';

/** The condition of `filter`. Three-valued only where NULL means no match; `not` makes it two-valued. */
export function filterToSql(db: Database, filter: Filter): Condition {
  switch (filter.kind) {
    case 'all':
      return join(db, filter.items, ' AND ', '1');
    case 'any':
      return join(db, filter.items, ' OR ', '0');
    case 'not': {
      const item = filterToSql(db, filter.item);
      return { sql: `NOT ifnull(${item.sql}, 0)`, params: item.params };
    }
    case 'anywhere':
      return anywhere(db, filter.pattern);
    case 'text':
      return textCondition(db, filter.field, filter.pattern);
    case 'number':
      return numberCondition(filter.field, filter.comparison, filter.value);
  }
}

function join(db: Database, items: readonly Filter[], operator: string, empty: string): Condition {
  if (items.length === 0) return { sql: empty, params: [] };
  // What finds nothing adds nothing, and would keep the others from their indexes.
  const conditions = items.map((item) => filterToSql(db, item)).filter(({ sql }) => operator !== ' OR ' || sql !== '0');
  if (conditions.length === 0) return { sql: empty, params: [] };
  return {
    sql: `(${conditions.map((condition) => condition.sql).join(operator)})`,
    params: conditions.flatMap((condition) => condition.params),
  };
}

/** Texts that are looked up once, and not again for each stretch of the denials. */
const textsMax = 20_000;

export const ACTORS_OF_TEXTS_SQL = `
  SELECT id
  FROM actors
  WHERE program IN (SELECT value FROM json_each(?)) OR comm IN (SELECT value FROM json_each(?))
  LIMIT ?`;

/** Reads all texts once. What is found nowhere needs no denial; few and rare paths have an index. */
function anywhere(db: Database, pattern: Pattern): Condition {
  const like = toLikeAnywhere(pattern);
  const idsOf = (sql: string, ...params: readonly unknown[]) =>
    statement<{ id: number }>(db, sql)
      .all(...params, textsMax + 1)
      .map(({ id }) => id);
  const texts = idsOf(textIdsSql(`value LIKE ? ESCAPE '\\'`), like);
  const ids = JSON.stringify(texts);
  const actors = texts.length > textsMax ? [] : idsOf(ACTORS_OF_TEXTS_SQL, ids, ids);
  if (texts.length > textsMax || actors.length > textsMax) return anyOfMany(like);
  if (texts.length === 0) return { sql: '0', params: [] };
  const isOne = 'IN (SELECT value FROM json_each(?))';
  if (actors.length > 0) {
    const sql = `((+d.object ${isOne} AND ${IS_FILE}) OR +d.actor ${isOne})`;
    return { sql, params: [ids, JSON.stringify(actors)] };
  }
  return pathsCondition(db, texts) ?? { sql: `(+d.object ${isOne} AND ${IS_FILE})`, params: [ids] };
}

function anyOfMany(like: string): Condition {
  const found = `IN (SELECT id FROM strings WHERE value LIKE ? ESCAPE '\\')`;
  return {
    sql: `((+d.object ${found} AND ${IS_FILE}) OR +d.actor IN (SELECT id FROM actors WHERE program ${found} OR comm ${found}))`,
    params: [like, like, like],
  };
}

function textCondition(db: Database, field: TextField, pattern: Pattern): Condition {
  switch (field) {
    case 'path':
      return pathCondition(db, pattern);
    case 'program':
      return programCondition(db, pattern);
    case 'comm':
      return among('+d.actor', `SELECT id FROM actors WHERE ${field} IN`, strings(pattern));
    case 'blocker':
      return among(
        '+d.shape',
        'SELECT s.id FROM blocker_members b JOIN shapes s ON s.blockers = b.blockers WHERE',
        matching('b.blocker', pattern),
      );
    case 'user': {
      const sql = `(${matching('CAST(uid AS TEXT)', pattern).sql} OR ${matching('CAST(audit_uid AS TEXT)', pattern).sql})`;
      const { params } = matching('uid', pattern);
      return among('+d.actor', 'SELECT id FROM actors WHERE', { sql, params: [...params, ...params] });
    }
    case 'host':
      return hostCondition(db, 'd.host', pattern);
    case 'fleet':
      return fleetCondition('d.host', pattern);
    case 'domain':
      if (pattern.length === 1) return oneOf('d.domain', domainIds(db, pattern[0] ?? ''));
      return among('+d.domain', 'SELECT id FROM domains WHERE', matching('number', pattern));
    case 'kind':
      if (matchesPattern(pattern, 'denial')) return { sql: '1', params: [] };
      return among('+d.shape', 'SELECT id FROM shapes WHERE', matching('kind', pattern));
    case 'issue':
      if (pattern.length === 1) return oneOf('d.issue', issueIds(db, pattern[0] ?? ''));
      return among('+d.issue', 'SELECT id FROM issues WHERE', matching('fingerprint', pattern));
    case 'unit': {
      const { sql, params } = strings(pattern);
      const where = { sql: `(unit IN ${sql} OR user_unit IN ${sql})`, params: [...params, ...params] };
      return among('+d.actor', 'SELECT id FROM actors WHERE', where);
    }
    case 'package':
      return among('+d.actor', 'SELECT id FROM actors WHERE package IN', packages(pattern));
  }
}

/** The rows of the packages whose name, or name and version, match. */
function packages(pattern: Pattern): Condition {
  const [byName, byBoth] = [matching('name', pattern), matching("name || '=' || version", pattern)];
  return {
    sql: `(SELECT id FROM packages WHERE (${byName.sql} OR ${byBoth.sql}))`,
    params: [...byName.params, ...byBoth.params],
  };
}

export const ISSUES_OF_PROGRAM_SQL = `
  SELECT id, denials
  FROM issues
  WHERE program = (SELECT id FROM strings WHERE value = ?)`;

/**
 * By actor, row by row; an exact program that is rare also by its issues, which have an index. Issues of another version
 * may be of another template, so then it cannot be said which are the program's.
 */
function programCondition(db: Database, pattern: Pattern): Condition {
  const byActor = among('+d.actor', 'SELECT id FROM actors WHERE program IN', strings(pattern));
  const [program] = pattern;
  if (pattern.length > 1 || program === undefined) return byActor;
  if (hasOtherIssues(db)) return byActor;
  const issues = statement<{ id: number; denials: number }>(db, ISSUES_OF_PROGRAM_SQL);
  const found = issues.all(pathTemplate(program).template);
  if (found.reduce((sum, { denials }) => sum + denials, 0) > narrowMax) return byActor;
  return {
    sql: `(d.issue IN (SELECT value FROM json_each(?)) AND ${byActor.sql})`,
    params: [JSON.stringify(found.map(({ id }) => id)), ...byActor.params],
  };
}

export function textIdsSql(condition: string): string {
  return `
  SELECT id
  FROM strings
  WHERE ${condition}
  LIMIT ?`;
}

/** By the indexes where the texts are few and rare; else the set of texts, tested row by row. */
function pathCondition(db: Database, pattern: Pattern): Condition {
  const { sql, params } = matching('value', pattern);
  const found = statement<{ id: number }>(db, textIdsSql(sql)).all(...params, pathsMax + 1);
  const byIndex = pathsCondition(
    db,
    found.map(({ id }) => id),
  );
  if (byIndex !== undefined) return byIndex;
  const texts = strings(pattern);
  return { sql: `(+d.object IN ${texts.sql} AND ${IS_FILE})`, params: texts.params };
}

/** The rows of the texts that match. */
export function strings(pattern: Pattern): Condition {
  const { sql, params } = matching('value', pattern);
  return { sql: `(SELECT id FROM strings WHERE ${sql})`, params };
}

/** On `column`, which holds a host's row. */
export function hostCondition(db: Database, column: string, pattern: Pattern): Condition {
  if (pattern.length === 1) return oneOf(column, hostIds(db, pattern[0] ?? ''));
  const { sql, params } = matching('host_id', pattern);
  const byName = matching('name', pattern);
  return among(`+${column}`, 'SELECT id FROM hosts WHERE', {
    sql: `(${sql} OR ${byName.sql})`,
    params: [...params, ...byName.params],
  });
}

/** On `column`, which holds a host's row. */
export function fleetCondition(column: string, pattern: Pattern): Condition {
  const select = 'SELECT h.id FROM hosts h JOIN fleets f ON f.id = h.fleet WHERE';
  return among(`+${column}`, select, matching('f.name', pattern));
}

function numberCondition(field: NumberField, comparison: string, value: number): Condition {
  switch (field) {
    case 'pid':
      return { sql: `d.pid ${comparison} ?`, params: [value] };
    case 'uid':
      return among('+d.actor', 'SELECT id FROM actors WHERE', { sql: `uid ${comparison} ?`, params: [value] });
    case 'port':
      return {
        sql: `(d.source_port ${comparison} ? OR d.destination_port ${comparison} ?)`,
        params: [value, value],
      };
  }
}

/** A column that has one of `ids`; by its index where that keeps the order, which is for one only. */
export function oneOf(column: string, ids: readonly number[]): Condition {
  if (ids.length === 0) return { sql: '0', params: [] };
  if (ids.length === 1) return { sql: `${column} = ?`, params: ids };
  // As one parameter: there is a limit to their number, and every length would be another statement.
  return { sql: `+${column} IN (SELECT value FROM json_each(?))`, params: [JSON.stringify(ids)] };
}

/** A column that is among what `select` finds `where` it holds. */
export function among(column: string, select: string, where: Condition): Condition {
  return { sql: `${column} IN (${select} ${where.sql})`, params: where.params };
}

/** A column with text against a pattern; a prefix becomes a range, which an index on the column can use. */
export function matching(column: string, pattern: Pattern): Condition {
  const prefix = pattern[0] ?? '';
  if (pattern.length === 1) return { sql: `${column} = ?`, params: [prefix] };
  const end = prefix === '' ? undefined : afterPrefix(prefix);
  if (end === undefined) return { sql: `${column} GLOB ?`, params: [toGlob(pattern)] };
  const range = `${column} >= ? AND ${column} < ?`;
  if (pattern.length === 2 && pattern[1] === '') return { sql: `(${range})`, params: [prefix, end] };
  return { sql: `(${range} AND ${column} GLOB ?)`, params: [prefix, end, toGlob(pattern)] };
}
