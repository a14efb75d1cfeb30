// What else was refused: to the same process around a denial, and by one domain. By issue, of a bounded number of the
// nearest denials.
import type { Denial } from '../../landlock/document.ts';
import { WEIGHT } from '../columns/repeats.ts';
import { firstSlot } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { ISSUE_BY_ID_SQL, type IssueRow, toIssue } from '../issues/issues.ts';
import type { IssueCount } from './explanation-answers.ts';

/** Before and after a denial. */
export const AROUND_SECONDS = 60;
/** Denials of the host that are looked at on each side of one. */
const sideMax = 20_000;
/** Denials of a domain that are looked at, the latest. */
const ofDomainMax = 20_000;
/** Issues of an answer. */
const issuesMax = 20;

export const BOOT_OF_DENIAL_SQL = `
  SELECT b.id, b.host
  FROM boots b
  JOIN hosts h ON h.id = b.host
  WHERE h.host_id = ? AND b.boot_id = ?`;

/** The nearest denials of a host before and after a slot, and of these the process's. */
export const AROUND_SQL = `
  SELECT near.issue, sum(near.denials) AS denials, max(near.id) AS latest
  FROM (
    SELECT * FROM (SELECT d.id, d.issue, d.pid, d.domain, ${WEIGHT} AS denials FROM denials d
      WHERE d.id >= ? AND d.id < ? AND +d.host = ? ORDER BY d.id DESC LIMIT ${sideMax})
    UNION ALL
    SELECT * FROM (SELECT d.id, d.issue, d.pid, d.domain, ${WEIGHT} AS denials FROM denials d
      WHERE d.id >= ? AND d.id < ? AND +d.host = ? ORDER BY d.id LIMIT ${sideMax})
  ) near
  CROSS JOIN domains m ON m.id = near.domain
  WHERE near.pid = ? AND m.boot = ?
  GROUP BY near.issue
  ORDER BY denials DESC, near.issue`;

export const COUNT_AROUND_SQL = `
  SELECT
    (SELECT count(*) FROM (SELECT 1 FROM denials
      WHERE id >= ? AND id < ? AND +host = ? LIMIT ${sideMax})) AS before,
    (SELECT count(*) FROM (SELECT 1 FROM denials
      WHERE id >= ? AND id < ? AND +host = ? LIMIT ${sideMax})) AS after`;

export const REFUSED_BY_DOMAIN_SQL = `
  SELECT latest.issue, sum(latest.denials) AS denials, max(latest.id) AS latest
  FROM (SELECT d.id, d.issue, ${WEIGHT} AS denials FROM denials d WHERE d.domain = ? ORDER BY d.id DESC LIMIT ${ofDomainMax}) latest
  GROUP BY latest.issue
  ORDER BY denials DESC, latest.issue`;

interface CountRow {
  readonly issue: number;
  readonly denials: number;
  readonly latest: number;
}

export interface Around {
  /** The most frequent first; the denial's own issue is not among them. */
  readonly data: readonly IssueCount[];
  /** Issues that there are, also beyond `data`. */
  readonly issues: number;
  readonly isSampled: boolean;
}

/** What else the process of `denial` was refused within a minute; undefined where nothing says which process it was. */
export function refusedAround(db: Database, denial: Denial, ownIssue: string | undefined): Around | undefined {
  const pid = denial.process?.pid;
  if (pid === undefined) return undefined;
  const boot = statement<{ id: number; host: number }>(db, BOOT_OF_DENIAL_SQL).get(denial.host.id, denial.host.boot.id);
  if (boot === undefined) return undefined;
  const atMs = Date.parse(denial['@timestamp']);
  const spanMs = AROUND_SECONDS * 1_000;
  const middle = firstSlot(atMs + 1);
  const sides = [firstSlot(atMs - spanMs), middle, boot.host, middle, firstSlot(atMs + spanMs), boot.host];
  const rows = statement<CountRow>(db, AROUND_SQL).all(...sides, pid, boot.id);
  const looked = statement<{ before: number; after: number }>(db, COUNT_AROUND_SQL).get(...sides);
  const others = rows.map((row) => toIssueCount(db, row)).filter(({ issue }) => issue !== ownIssue);
  return {
    data: others.slice(0, issuesMax),
    issues: others.length,
    isSampled: looked !== undefined && Math.max(looked.before, looked.after) >= sideMax,
  };
}

/** One kind of thing that a domain refused. */
export interface DomainRefusal extends IssueCount {
  /** The row of its latest denial. */
  readonly latest: number;
}

/** What a domain (its row) refused, the most frequent first, and of how many denials that was counted. */
export function refusedByDomain(
  db: Database,
  domain: number,
): { readonly data: readonly DomainRefusal[]; readonly sampled: number } {
  const rows = statement<CountRow>(db, REFUSED_BY_DOMAIN_SQL).all(domain);
  return {
    data: rows.slice(0, issuesMax).map((row) => ({ ...toIssueCount(db, row), latest: row.latest })),
    sampled: rows.reduce((sum, { denials }) => sum + denials, 0),
  };
}

function toIssueCount(db: Database, { issue, denials }: CountRow): IssueCount {
  const row = statement<IssueRow>(db, ISSUE_BY_ID_SQL).get(issue);
  if (row === undefined) throw new Error(`the issue ${issue} is not there`);
  const { id, title } = toIssue(row);
  return { issue: id, title, denials };
}
