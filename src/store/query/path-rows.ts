// Finds the denials of given paths without reading all: by their issues where these say which path they are of, otherwise
// by an index of their own, which only the denials of other issues are in.
import { FINGERPRINT_VERSION } from '../../landlock/fingerprint.ts';
import { pathTemplate } from '../../landlock/templates/path-template.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from './condition.ts';

/** Denials that are sooner found by an index and sorted than met while reading the latest of all. */
export const narrowMax = 20_000;
/** Paths that are looked for one by one. */
export const pathsMax = 5_000;

/** The object's text is a path. */
export const IS_FILE = `+d.shape IN (SELECT id FROM shapes WHERE form = 'file')`;

export const OTHER_ISSUES_SQL = `
  SELECT 1
  FROM issues
  WHERE version <> ?
  LIMIT 1`;

/** Somebody may claim that what was refused on the network has a path: then its issue does not tell. */
export const ODD_SHAPES_SQL = `
  SELECT 1
  FROM shapes s
  JOIN strings b ON b.id = s.blockers
  WHERE s.form = 'file' AND substr(b.value, 1, 6) = '["net.'
  LIMIT 1`;

export const TEXTS_SQL = 'SELECT value FROM strings WHERE id IN (SELECT value FROM json_each(?))';

export const ISSUES_OF_PATHS_SQL = `
  SELECT id, denials
  FROM issues
  WHERE id > 0 AND object_class = 'path' AND object_key IN (SELECT value FROM json_each(?))`;

export const DENIALS_OF_OBJECTS_SQL = `
  SELECT count(*) AS n
  FROM (SELECT 1 FROM denials WHERE issue < 0 AND object IN (SELECT value FROM json_each(?)) LIMIT ?)`;

/** Whether there are issues whose templates are of another version: nobody can say which paths are in them. */
export function hasOtherIssues(db: Database): boolean {
  return statement(db, OTHER_ISSUES_SQL).get(FINGERPRINT_VERSION) !== undefined;
}

/** On a row `d` of denials: that its path is one of `texts` (rows of strings). undefined: the indexes are of no use. */
export function pathsCondition(db: Database, texts: readonly number[]): Condition | undefined {
  if (texts.length === 0) return { sql: '0', params: [] };
  if (texts.length > pathsMax || hasOtherIssues(db) || statement(db, ODD_SHAPES_SQL).get() !== undefined)
    return undefined;
  const ids = JSON.stringify(texts);
  const issues = issuesOf(db, ids);
  const inIssues = issues.reduce((sum, { denials }) => sum + denials, 0);
  const others = statement<{ n: number }>(db, DENIALS_OF_OBJECTS_SQL).get(ids, narrowMax + 1)?.n ?? 0;
  // Of one issue alone the latest come first, however many there are.
  if (inIssues + others > narrowMax && (others > 0 || issues.length > 1)) return undefined;
  const isOne = 'IN (SELECT value FROM json_each(?))';
  const ofIssue = issues.length === 1 ? 'd.issue = ?' : `d.issue ${isOne}`;
  const issue = issues.length === 1 ? (issues[0]?.id ?? 0) : JSON.stringify(issues.map(({ id }) => id));
  const byIssue = { sql: `(${ofIssue} AND +d.object ${isOne})`, params: [issue, ids] };
  const byObject = { sql: `(d.issue < 0 AND d.object ${isOne})`, params: [ids] };
  const found = others === 0 ? byIssue : issues.length === 0 ? byObject : either(byIssue, byObject);
  return { sql: `(${found.sql} AND ${IS_FILE})`, params: found.params };
}

function either(one: Condition, other: Condition): Condition {
  return { sql: `(${one.sql} OR ${other.sql})`, params: [...one.params, ...other.params] };
}

/** Those that say that they are of one of the paths. */
function issuesOf(db: Database, ids: string): readonly { readonly id: number; readonly denials: number }[] {
  const texts = statement<{ value: string }>(db, TEXTS_SQL).all(ids);
  const keys = JSON.stringify([...new Set(texts.map(({ value }) => pathTemplate(value).template))]);
  return statement<{ id: number; denials: number }>(db, ISSUES_OF_PATHS_SQL).all(keys);
}
