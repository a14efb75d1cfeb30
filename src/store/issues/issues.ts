// Lists issues and gets one with who it concerns, from the counters and rollups that the writer keeps.
import type { IssueParts } from '../../landlock/fingerprint.ts';
import { issueTitle, UNNAMED } from '../../landlock/issue-title.ts';
import type { Page, Scope } from '../answers.ts';
import { WEIGHT } from '../columns/repeats.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { listDenialsOfIssue } from '../denials/denials.ts';
import { GATHERED } from '../interning/issue-register.ts';
import { type PageRequest, pageLimit } from '../query/cursor.ts';
import { allOf, type Compiled, compileScope, slotsOf } from '../query/scope.ts';
import { type Answer, isRefused, type Refused, refused } from '../refused.ts';
import type { IssueAnswer, IssueDetailAnswer, IssueSort, IssueStatus, IssueTrend } from './issue-answers.ts';

export interface IssuesRequest extends PageRequest {
  /** Issues that were seen within its times, and have a denial that its query finds. */
  readonly scope: Scope;
  readonly status?: IssueStatus | undefined;
  /** Default: last_seen. The greatest first. */
  readonly sort?: IssueSort | undefined;
  /** Each with its trend: reads their hours of a month. */
  readonly withTrend?: boolean | undefined;
}

export interface IssueRow {
  readonly id: number;
  readonly fingerprint: string;
  readonly is_canary: number;
  readonly program: string;
  readonly program_class: IssueParts['programClass'];
  readonly blockers: string;
  readonly object_class: IssueParts['objectClass'];
  readonly object_key: string;
  readonly object_detail: string;
  readonly status: IssueStatus;
  readonly status_ms: number | null;
  readonly note: string | null;
  readonly assignee: string | null;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly denials: number;
  readonly hosts: number;
}

const SELECT_ISSUE = `
  SELECT i.id, i.fingerprint, i.is_canary, program.value AS program, i.program_class, blockers.value AS blockers,
    i.object_class, i.object_key, i.object_detail, i.status, i.status_ms, i.note, i.assignee, i.first_ms, i.last_ms,
    i.denials, i.hosts
  FROM issues i
  JOIN strings program ON program.id = i.program
  JOIN strings blockers ON blockers.id = i.blockers`;

const SORT_COLUMNS: Readonly<Record<IssueSort, string>> = {
  last_seen: 'i.last_ms',
  first_seen: 'i.first_ms',
  denials: 'i.denials',
  hosts: 'i.hosts',
};

/** The ids of a page; texts are looked up after. */
export function issueIdsSql(sort: IssueSort, condition: string): string {
  const column = SORT_COLUMNS[sort];
  return `
  SELECT i.id, ${column} AS value
  FROM issues i
  WHERE (${column} < ? OR (${column} = ? AND i.id < ?))
    AND ${condition}
  ORDER BY ${column} DESC, i.id DESC
  LIMIT ?`;
}

export const ISSUE_BY_ID_SQL = `${SELECT_ISSUE}
  WHERE i.id = ?`;

/** The canary's denials have issues of their own, with the same fingerprint where the programs are the same. */
export const ISSUE_BY_FINGERPRINT_SQL = `${SELECT_ISSUE}
  WHERE i.fingerprint = ?
  ORDER BY i.is_canary
  LIMIT 1`;

export const ISSUE_HOSTS_SQL = `
  SELECT h.host_id, h.name, sum(r.denials) AS denials, min(r.hour) AS first, max(r.hour) AS last
  FROM hour_issues r
  JOIN hosts h ON h.id = r.host
  WHERE r.issue = ?
  GROUP BY r.host
  ORDER BY denials DESC, r.host
  LIMIT ?`;

export const ISSUE_DAYS_SQL = `
  SELECT day, sum(denials) AS denials
  FROM issue_days
  WHERE issue = ? AND day >= ?
  GROUP BY day`;

/** Who was refused, among the latest. */
export const ISSUE_ACTORS_SQL = `
  SELECT program.value AS program, a.uid, sum(latest.denials) AS denials
  FROM (SELECT d.actor, ${WEIGHT} AS denials FROM denials d WHERE d.issue = ? ORDER BY d.id DESC LIMIT ?) latest
  JOIN actors a ON a.id = latest.actor
  LEFT JOIN strings program ON program.id = a.program
  GROUP BY a.program, a.uid`;

const hostsMax = 100;
const sampledMax = 1_000;
const samplesMax = 10;
const trendDays = 30;
const HOURS_PER_DAY = 24;

/** One page of the issues in the order asked for. */
export function listIssues(db: Database, request: IssuesRequest): Answer<Page<IssueAnswer>> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const sort = request.sort ?? 'last_seen';
  const after = fromPlace(sort, request.cursor);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const condition = issueCondition(scope, request.status);
  const find = statement<{ id: number; value: number }>(db, issueIdsSql(sort, condition.sql));
  const rows = find.all(after.value, after.value, after.id, ...condition.params, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const get = statement<IssueRow>(db, ISSUE_BY_ID_SQL);
  return {
    data: shown.flatMap(({ id }) => {
      const row = get.get(id);
      if (row === undefined) return [];
      return [request.withTrend === true ? { ...toIssue(row), trend: trendOf(db, row) } : toIssue(row)];
    }),
    next_cursor: rows.length > limit && last !== undefined ? toPlace(sort, last) : null,
  };
}

/** The issue with this fingerprint; undefined where there is none. */
export function getIssue(db: Database, fingerprint: string): IssueDetailAnswer | undefined {
  const row = statement<IssueRow>(db, ISSUE_BY_FINGERPRINT_SQL).get(fingerprint);
  if (row === undefined) return undefined;
  const actors = statement<ActorRow>(db, ISSUE_ACTORS_SQL).all(row.id, sampledMax);
  return {
    ...toIssue(row),
    host_list: statement<HostRow>(db, ISSUE_HOSTS_SQL).all(row.id, hostsMax).map(toIssueHost),
    programs: ranked(actors, (actor) => actor.program ?? undefined).map(([program, denials]) => ({ program, denials })),
    users: ranked(actors, ({ uid }) => uid?.toString()).map(([user, denials]) => ({ user, denials })),
    sampled: actors.reduce((sum, actor) => sum + actor.denials, 0),
    samples: listDenialsOfIssue(db, row.id, samplesMax),
    trend: trendOf(db, row),
  };
}

function issueCondition(scope: Compiled, status: IssueStatus | undefined) {
  const conditions = [];
  if (!scope.includeCanary) conditions.push({ sql: 'i.is_canary = 0', params: [] });
  if (status !== undefined) conditions.push({ sql: 'i.status = ?', params: [status] });
  if (scope.hasFrom) conditions.push({ sql: 'i.last_ms >= ?', params: [scope.span.fromMs] });
  if (scope.hasTo) conditions.push({ sql: 'i.first_ms < ?', params: [scope.span.toMs] });
  const hosts = scope.hosts('r.host');
  if (hosts !== undefined && !scope.hasQuery) {
    const sql = `i.id IN (SELECT r.issue FROM host_issues r WHERE ${hosts.sql})`;
    conditions.push({ sql, params: hosts.params });
  }
  if (scope.hasQuery) {
    const { first, end } = slotsOf(scope.span);
    conditions.push({
      sql: `EXISTS (SELECT 1 FROM denials d WHERE d.issue = i.id AND d.id >= ? AND d.id < ? AND ${scope.denials.sql})`,
      params: [first, end, ...scope.denials.params],
    });
  }
  return allOf(conditions);
}

export function toIssue(row: IssueRow): IssueAnswer {
  const isGathered = row.object_class === 'none' && row.object_detail === GATHERED;
  const blockers: readonly string[] = JSON.parse(row.blockers);
  return {
    id: row.fingerprint,
    title: titleOf(row, blockers, isGathered),
    program: row.program,
    program_class: row.program_class,
    blockers,
    object: {
      class: row.object_class,
      key: row.object_key,
      ...(row.object_detail !== '' && !isGathered && { detail: row.object_detail }),
    },
    ...(isGathered && { gathered: true as const }),
    ...(row.is_canary === 1 && { canary: true as const }),
    status: row.status,
    ...(row.status_ms !== null && { status_changed_at: new Date(row.status_ms).toISOString() }),
    ...(row.note !== null && { note: row.note }),
    ...(row.assignee !== null && { assignee: row.assignee }),
    first_seen: new Date(row.first_ms).toISOString(),
    last_seen: new Date(row.last_ms).toISOString(),
    denials: row.denials,
    hosts: row.hosts,
  };
}

function titleOf(row: IssueRow, blockers: readonly string[], isGathered: boolean): string {
  const title = issueTitle({
    program: row.program,
    programClass: row.program_class,
    blockers,
    objectClass: row.object_class,
    objectKey: row.object_key,
    objectDetail: row.object_detail,
  });
  return isGathered ? title.replace(UNNAMED, 'many different things') : title;
}

interface HostRow {
  readonly host_id: string;
  readonly name: string | null;
  readonly denials: number;
  readonly first: number;
  readonly last: number;
}

/** Times are those of the hours. */
function toIssueHost(row: HostRow): IssueDetailAnswer['host_list'][number] {
  return {
    id: row.host_id,
    name: row.name ?? row.host_id,
    denials: row.denials,
    first_seen: new Date(row.first * HOUR_MS).toISOString(),
    last_seen: new Date(row.last * HOUR_MS).toISOString(),
  };
}

interface ActorRow {
  readonly program: string | null;
  readonly uid: number | null;
  readonly denials: number;
}

/** Sums by name, the greatest first; without those that have none. */
function ranked(rows: readonly ActorRow[], nameOf: (row: ActorRow) => string | undefined): [string, number][] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + row.denials);
  }
  return [...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}

function trendOf(db: Database, { id, last_ms: lastMs }: IssueRow): IssueTrend {
  const dayMs = HOURS_PER_DAY * HOUR_MS;
  const first = Math.floor(lastMs / dayMs) - trendDays + 1;
  const points = new Array<number>(trendDays).fill(0);
  const days = statement<{ day: number; denials: number }>(db, ISSUE_DAYS_SQL);
  for (const { day, denials } of days.all(id, first)) {
    if (day - first < trendDays) points[day - first] = denials;
  }
  return { start: new Date(Math.max(0, first * dayMs)).toISOString(), interval_ms: dayMs, points };
}

/** The last row of the page before. */
interface Place {
  readonly value: number;
  readonly id: number;
}

const BEGINNING: Place = { value: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER };

function toPlace(sort: IssueSort, { value, id }: Place): string {
  return Buffer.from(`issues:${sort}:${value}:${id}`).toString('base64url');
}

function fromPlace(sort: IssueSort, cursor: string | undefined): Place | Refused {
  if (cursor === undefined) return BEGINNING;
  const text = /^[A-Za-z0-9_-]{1,100}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const [, by, value, id] = /^issues:([a-z_]{1,16}):(-?\d{1,15}):(-?\d{1,15})$/.exec(text) ?? [];
  if (by !== sort) return refused('invalid-cursor', 'the cursor is none of this list', 'begin again without a cursor');
  return { value: Number(value), id: Number(id) };
}
