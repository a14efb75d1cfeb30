// Lists domains and gets one. What a domain descends from is domain-family.ts's part.
import type { DomainAnswer, Page, Scope } from './answers.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from './cursor.ts';
import { type DomainRef, type FamilyQuestion, familiesIn } from './domain-family.ts';
import { BOOT_SUPERSEDED_SQL, domainStatus } from './domain-status.ts';
import { unlogged } from './domain-sums.ts';
import type { Condition } from './filter-sql.ts';
import type { Database } from './open.ts';
import { type Answer, isRefused } from './refused.ts';
import { allOf, type Compiled, compileScope } from './scope.ts';
import { statement } from './statement.ts';

export interface DomainsRequest extends PageRequest {
  readonly scope: Scope;
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
}

const SELECT_DOMAIN = `
  SELECT m.id, m.boot, m.host, m.first_ms, m.number, h.host_id, h.name AS host_name, b.boot_id, ${BOOT_SUPERSEDED_SQL} AS is_superseded,
    m.logged, m.total, m.first_denial_ms, m.last_denial_ms, m.allocated_ms, m.deallocated_ms, m.allocation,
    e.mode, e.creator_pid, e.creator_uid, executable.value AS creator_executable, name.value AS creator_name
  FROM domains m
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = m.host
  LEFT JOIN domain_events e ON e.id = m.allocation
  LEFT JOIN strings executable ON executable.id = e.creator_executable
  LEFT JOIN strings name ON name.id = e.creator_name`;

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
 * One page of the domains that something was stored of within the span, the last to become known first. A query finds
 * the domains with at least one denial that matches it.
 */
export function listDomains(db: Database, request: DomainsRequest): Answer<Page<DomainAnswer>> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const before = fromCursor('domains', request.cursor);
  if (isRefused(before)) return before;
  const limit = pageLimit(request.limit);
  const condition = domainCondition(scope);
  const ids = statement<{ id: number }>(db, domainIdsSql(condition.sql)).all(
    before ?? Number.MAX_SAFE_INTEGER,
    scope.span.toMs,
    scope.span.fromMs,
    ...condition.params,
    limit + 1,
  );
  const families = familiesIn(db).ask();
  return toPage(
    'domains',
    ids,
    limit,
    (row) => row.id,
    ({ id }) => getDomainById(db, id, families),
  );
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
  return row === undefined ? undefined : { answer: toDomainAnswer(row, families), ref: toRef(row) };
}

function getDomainById(db: Database, id: number, families: FamilyQuestion): DomainAnswer {
  const row = statement<DomainRow>(db, DOMAIN_BY_ID_SQL).get(id);
  if (row === undefined) throw new Error(`the domain ${id} refers to a row that is not there`);
  return toDomainAnswer(row, families);
}

function toRef(row: DomainRow): DomainRef {
  return { boot: row.boot, host: row.host, number: row.number, firstMs: row.first_ms };
}

function domainCondition(scope: Compiled) {
  const conditions: Condition[] = scope.includeCanary ? [] : [{ sql: 'm.is_canary = 0', params: [] }];
  const hosts = scope.hosts('m.host');
  if (hosts !== undefined) conditions.push(hosts);
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
    ...(row.allocation === null ? {} : { creator: toCreator(row) }),
    denials: {
      logged: row.logged,
      ...(row.total === null ? {} : { total: row.total, unlogged: unlogged(row) }),
    },
    ...toTime('allocated_at', row.allocated_ms),
    ...toTime('deallocated_at', row.deallocated_ms),
    ...toTime('first_denial_at', row.first_denial_ms),
    ...toTime('last_denial_at', row.last_denial_ms),
    ...families.kinshipOf(toRef(row)),
  };
}

function toCreator(row: DomainRow): NonNullable<DomainAnswer['creator']> {
  return {
    ...(row.creator_pid === null ? {} : { pid: row.creator_pid }),
    ...(row.creator_uid === null ? {} : { uid: row.creator_uid }),
    ...(row.creator_executable === null ? {} : { executable: row.creator_executable }),
    ...(row.creator_name === null ? {} : { name: row.creator_name }),
  };
}

type TimeMember = 'allocated_at' | 'deallocated_at' | 'first_denial_at' | 'last_denial_at';

function toTime(member: TimeMember, ms: number | null): Partial<Record<TimeMember, string>> {
  return ms === null ? {} : { [member]: new Date(ms).toISOString() };
}
