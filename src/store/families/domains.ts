// Lists domains and gets one. What a domain descends from is domain-family.ts's part.
import type { DomainAnswer, DomainStatus, Page, Scope } from '../answers.ts';
import { toRuleset } from '../columns/domain-creation-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from '../query/condition.ts';
import { fromCursor, fromKeysCursor, type PageRequest, pageLimit, toKeysPage, toPage } from '../query/cursor.ts';
import { BOOT_SUPERSEDED_SQL, domainStatus } from '../query/domain-status.ts';
import { oneOf } from '../query/filter-sql.ts';
import { toGlob } from '../query/pattern.ts';
import { allOf, type Compiled, compileScope } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { unlogged } from '../rollups/domain-sums.ts';
import { type DomainRef, type FamilyQuestion, familiesIn } from './domain-family.ts';
import { type DomainSort, sortedDomainIdsSql } from './domain-sorts.ts';
import { type UnloggedDomain, unloggedReasons } from './unlogged-reasons.ts';

export interface DomainsRequest extends PageRequest {
  readonly scope: Scope;
  readonly filter?: DomainFilter | undefined;
  /** The greatest first; absent: the last to become known. */
  readonly sort?: DomainSort | undefined;
}

/** What of a domain itself can be asked for. */
export interface DomainFilter {
  /** Hexadecimal. */
  readonly id?: string | undefined;
  /** Boot id. */
  readonly boot?: string | undefined;
  /** Its creator's executable, or its name where that is not known; `*` stands for any text. */
  readonly program?: string | undefined;
  readonly status?: DomainStatus | undefined;
  /** Some of its denials were not logged. */
  readonly isUnlogged?: boolean | undefined;
}

interface DomainRow {
  readonly id: number;
  readonly boot: number;
  readonly host: number;
  readonly first_ms: number;
  readonly number: string;
  readonly host_id: string;
  readonly host_name: string | null;
  readonly boot_id: string;
  readonly is_superseded: number;
  readonly logged: number;
  readonly total: number | null;
  readonly first_denial_ms: number | null;
  readonly last_denial_ms: number | null;
  readonly allocated_ms: number | null;
  readonly deallocated_ms: number | null;
  readonly mode: string | null;
  readonly creator_pid: number | null;
  readonly creator_uid: number | null;
  readonly creator_executable: string | null;
  readonly creator_name: string | null;
  readonly allocation: number | null;
  readonly last_ms: number;
  readonly traced: number;
  readonly creation: number | null;
  readonly created_ms: number | null;
  readonly ruleset: string | null;
  readonly traced_pid: number | null;
  readonly traced_thread: number | null;
  readonly traced_name: string | null;
}

const SELECT_DOMAIN = `
  SELECT m.id, m.boot, m.host, m.first_ms, m.number, h.host_id, h.name AS host_name, b.boot_id, ${BOOT_SUPERSEDED_SQL} AS is_superseded,
    m.logged, m.total, m.first_denial_ms, m.last_denial_ms, m.allocated_ms, m.deallocated_ms, m.allocation,
    m.last_ms, m.traced, m.creation, m.created_ms, c.ruleset, c.creator_pid AS traced_pid,
    c.creator_thread AS traced_thread, task.value AS traced_name,
    e.mode, e.creator_pid, e.creator_uid, executable.value AS creator_executable, name.value AS creator_name
  FROM domains m
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = m.host
  LEFT JOIN domain_events e ON e.id = m.allocation
  LEFT JOIN strings executable ON executable.id = e.creator_executable
  LEFT JOIN strings name ON name.id = e.creator_name
  LEFT JOIN domain_creations c ON c.id = m.creation
  LEFT JOIN strings task ON task.id = c.creator_name`;

export const DOMAIN_BY_ID_SQL = `${SELECT_DOMAIN}
  WHERE m.id = ?`;

export const DOMAIN_BY_NUMBER_SQL = `${SELECT_DOMAIN}
  WHERE m.number = ? AND b.boot_id = ? AND (h.host_id = ? OR h.name = ?)
  ORDER BY m.id
  LIMIT 1`;

export function domainIdsSql(condition: string): string {
  return `
  SELECT m.id
  FROM domains m
  WHERE m.id < ? AND m.first_ms < ? AND m.last_ms >= ?
    AND ${condition}
  ORDER BY m.id DESC
  LIMIT ?`;
}

/**
 * One page of the domains that something was stored of within the span. A query finds
 * the domains with at least one denial that matches it.
 */
export function listDomains(db: Database, request: DomainsRequest): Answer<Page<DomainAnswer>> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const limit = pageLimit(request.limit);
  const condition = domainCondition(db, scope, request.filter ?? {});
  const rest = [scope.span.toMs, scope.span.fromMs, ...condition.params, limit + 1];
  const families = familiesIn(db).ask();
  const toAnswer = ({ id }: { readonly id: number }) => getDomainById(db, id, families);
  if (request.sort === undefined) {
    const before = fromCursor('domains', request.cursor);
    if (isRefused(before)) return before;
    const ids = statement<{ id: number }>(db, domainIdsSql(condition.sql));
    const rows = ids.all(before ?? Number.MAX_SAFE_INTEGER, ...rest);
    return toPage('domains', rows, limit, (row) => row.id, toAnswer);
  }
  const kind = `domains-${request.sort}`;
  const after = fromKeysCursor(kind, request.cursor, 2);
  if (isRefused(after)) return after;
  const [value = Number.MAX_SAFE_INTEGER, id = Number.MAX_SAFE_INTEGER] = after ?? [];
  const ids = statement<{ id: number; place: number }>(db, sortedDomainIdsSql(request.sort, condition.sql));
  const rows = ids.all(value, value, id, ...rest);
  return toKeysPage(kind, rows, limit, (row) => [row.place, row.id], toAnswer);
}

/** The domain `number` (hexadecimal) of one boot of `host` (id or name); undefined where nothing is known of it. */
export function getDomain(db: Database, host: string, boot: string, number: string): DomainAnswer | undefined {
  return findDomain(db, host, boot, number, familiesIn(db).ask())?.answer;
}

/** The same with what names it among the families, as a part of a greater question. */
export function findDomain(
  db: Database,
  host: string,
  boot: string,
  number: string,
  families: FamilyQuestion,
): { readonly answer: DomainAnswer; readonly ref: DomainRef } | undefined {
  const row = statement<DomainRow>(db, DOMAIN_BY_NUMBER_SQL).get(number, boot, host, host);
  if (row === undefined) return undefined;
  const answer = toDomainAnswer(row, families);
  const isUnlogged = (answer.denials.unlogged ?? 0) > 0 || row.traced > 0;
  const reasons = isUnlogged ? { unlogged_because: unloggedReasons(db, toUnlogged(row)) } : {};
  return { answer: { ...answer, ...reasons }, ref: toRef(row) };
}

/** Who made a domain, as far as known; without asking what it descends from. */
export function creatorOfDomain(
  db: Database,
  host: string,
  boot: string,
  number: string,
): DomainAnswer['creator'] | undefined {
  const row = statement<DomainRow>(db, DOMAIN_BY_NUMBER_SQL).get(number, boot, host, host);
  return row === undefined || !hasCreator(row) ? undefined : toCreator(row);
}

function hasCreator(row: DomainRow): boolean {
  return row.allocation !== null || row.creation !== null;
}

function getDomainById(db: Database, id: number, families: FamilyQuestion): DomainAnswer {
  const row = statement<DomainRow>(db, DOMAIN_BY_ID_SQL).get(id);
  if (row === undefined) throw new Error(`the domain ${id} refers to a row that is not there`);
  return toDomainAnswer(row, families);
}

function toRef(row: DomainRow): DomainRef {
  return { id: row.id, boot: row.boot, host: row.host, number: row.number, firstMs: row.first_ms };
}

function toUnlogged(row: DomainRow): UnloggedDomain {
  return {
    ...toRef(row),
    lastMs: row.deallocated_ms ?? row.last_ms,
    creatorPid: row.creator_pid ?? row.traced_pid,
    traced: row.traced,
  };
}

/** As the index has it. */
export const UNLOGGED_SQL = 'm.total > m.logged OR m.traced > 0';

const SUPERSEDED_SQL = `+m.boot IN (SELECT b.id FROM boots b WHERE ${BOOT_SUPERSEDED_SQL})`;

const STATUS_SQL: Readonly<Record<DomainStatus, string>> = {
  live: `m.deallocated_ms IS NULL AND NOT ${SUPERSEDED_SQL}`,
  gone: 'm.deallocated_ms IS NOT NULL',
  'presumed-gone': `m.deallocated_ms IS NULL AND ${SUPERSEDED_SQL}`,
};

/** What of a domain itself is asked for, on a row `m` of domains. */
export function filterConditions(
  db: Database,
  { id, boot, program, status, isUnlogged }: DomainFilter,
): readonly Condition[] {
  const conditions: Condition[] = [];
  if (id !== undefined) conditions.push({ sql: 'm.number = ?', params: [id] });
  if (boot !== undefined) conditions.push(oneOf('m.boot', bootIds(db, boot)));
  if (program !== undefined) conditions.push(programCondition(program));
  if (status !== undefined) conditions.push({ sql: STATUS_SQL[status], params: [] });
  if (isUnlogged === true) conditions.push({ sql: `(${UNLOGGED_SQL})`, params: [] });
  return conditions;
}

export const BOOT_IDS_SQL = 'SELECT id FROM boots WHERE boot_id = ?';

/** Copies of a machine may share the id of a boot. */
function bootIds(db: Database, boot: string): readonly number[] {
  return statement<{ id: number }>(db, BOOT_IDS_SQL)
    .all(boot)
    .map(({ id }) => id);
}

function programCondition(program: string): Condition {
  const pattern = program.split('*');
  const [test, text] = pattern.length === 1 ? ['=', program] : ['GLOB', toGlob(pattern)];
  return {
    sql: `(EXISTS (
        SELECT 1
        FROM domain_events e JOIN strings s ON s.id = e.creator_executable
        WHERE e.id = m.allocation AND s.value ${test} ?
      ) OR m.allocation IS NULL AND EXISTS (
        SELECT 1
        FROM domain_creations c JOIN strings s ON s.id = c.creator_name
        WHERE c.id = m.creation AND s.value ${test} ?
      ))`,
    params: [text, text],
  };
}

function domainCondition(db: Database, scope: Compiled, filter: DomainFilter) {
  const conditions: Condition[] = scope.includeCanary ? [] : [{ sql: 'm.is_canary = 0', params: [] }];
  const hosts = scope.hosts('m.host');
  if (hosts !== undefined) conditions.push(hosts);
  conditions.push(...filterConditions(db, filter));
  if (scope.hasQuery) {
    conditions.push({
      sql: `EXISTS (SELECT 1 FROM denials d WHERE d.domain = m.id AND ${scope.denials.sql})`,
      params: scope.denials.params,
    });
  }
  return allOf(conditions);
}

function toDomainAnswer(row: DomainRow, families: FamilyQuestion): DomainAnswer {
  return {
    host: { id: row.host_id, name: row.host_name ?? row.host_id },
    boot: row.boot_id,
    id: row.number,
    status: domainStatus(row.deallocated_ms, row.is_superseded === 1),
    ...(row.mode === null ? {} : { mode: row.mode }),
    ...(hasCreator(row) ? { creator: toCreator(row) } : {}),
    denials: {
      logged: row.logged,
      ...(row.total === null ? {} : { total: row.total, unlogged: unlogged(row) }),
      ...(row.traced === 0 ? {} : { traced: row.traced }),
    },
    ...(row.creation === null ? {} : { traced: true }),
    ...(row.ruleset === null ? {} : { ruleset: toRuleset(row.ruleset) }),
    ...toTime('created_at', row.created_ms),
    ...toTime('allocated_at', row.allocated_ms),
    ...toTime('deallocated_at', row.deallocated_ms),
    ...toTime('first_denial_at', row.first_denial_ms),
    ...toTime('last_denial_at', row.last_denial_ms),
    ...families.kinshipOf(toRef(row)),
  };
}

/** What audit says goes before what the tracepoint does. */
function toCreator(row: DomainRow): NonNullable<DomainAnswer['creator']> {
  const pid = row.creator_pid ?? row.traced_pid;
  const name = row.creator_name ?? row.traced_name;
  return {
    ...(pid === null ? {} : { pid }),
    ...(row.creator_uid === null ? {} : { uid: row.creator_uid }),
    ...(row.creator_executable === null ? {} : { executable: row.creator_executable }),
    ...(name === null ? {} : { name }),
    ...(row.traced_thread === null ? {} : { thread: { id: row.traced_thread } }),
  };
}

type TimeMember = 'created_at' | 'allocated_at' | 'deallocated_at' | 'first_denial_at' | 'last_denial_at';

function toTime(member: TimeMember, ms: number | null): Partial<Record<TimeMember, string>> {
  return ms === null ? {} : { [member]: new Date(ms).toISOString() };
}
