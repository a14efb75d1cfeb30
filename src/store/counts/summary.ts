// The numbers of the overview: over any span, exact, from the rollups where these reach.

import type { BlockerClass, Scope, Summary } from '../answers.ts';
import { slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { denialIdsSql } from '../denials/denials.ts';
import { BOOT_SUPERSEDED_SQL } from '../query/domain-status.ts';
import { ALL_TIME, type Compiled, compileScope, type Span, slotsOf } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { getAccuracy } from './accuracy.ts';
import { blockersOf, classesOf } from './blocker-sets.ts';
import { countAll, countsBy, type KeyCount, NEWEST_DENIAL_SQL } from './counts.ts';
import { countDeniedHosts } from './denied-hosts.ts';
import { countDeniedPrograms } from './denied-programs.ts';

/** Blockers listed; the least frequent beyond it are left out (their classes are not). */
const blockersMax = 100;

/** `column` is allocated_ms or deallocated_ms. */
export function domainsTurnedSql(column: 'allocated_ms' | 'deallocated_ms', hosts: string): string {
  return `
  SELECT count(*) AS n
  FROM domains
  WHERE ${column} >= ? AND ${column} < ? AND is_canary = 0
    AND ${hosts}`;
}

/**
 * All that are open, without those that began only after the span: there are none where the boot was not heard of since.
 * `hosts`: a condition on b.host. The end of the span is its first parameter, and its second.
 */
export function domainsLiveSql(hosts: string): string {
  return `
  SELECT total(b.open_domains - CASE WHEN b.last_ms < ? THEN 0 ELSE (
    SELECT count(*)
    FROM domains m
    WHERE m.boot = b.id AND m.deallocated_ms IS NULL AND m.first_ms >= ? AND m.is_canary = 0
  ) END) AS n
  FROM boots b
  WHERE b.open_domains > 0
    AND ${hosts}
    AND NOT ${BOOT_SUPERSEDED_SQL}`;
}

/** `before` the slot that is the first parameter, newest first: for the ends of what is stored. */
export const OLDEST_DENIAL_SQL = `
  SELECT min(id) AS id
  FROM denials`;

/**
 * The summary of `scope`. Without `toMs` it ends now, without `fromMs` it begins with the first denial (and then
 * `denials_before` is 0). Domains, malformed, lost and unlogged are not narrowed by a query.
 */
export function summary(db: Database, asked: Scope): Answer<Summary> {
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const span = drawIn(db, scope);
  const sets = countsBy(db, scope, span, 'blockers');
  const { first, end } = slotsOf(span);
  const newest = statement<{ id: number }>(db, denialIdsSql(scope.denials.sql));
  const last = newest.get(first, end, ...scope.denials.params, 1);
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    denials: sum(sets),
    denials_before: scope.hasFrom ? countAll(db, scope, spanBefore(span)) : 0,
    domains: countDomains(db, scope, span),
    programs: countDeniedPrograms(db, scope, span),
    hosts: { total: countHosts(db, scope), denied: countDeniedHosts(db, scope, span) },
    ...countBlockers(db, sets),
    ...(last === undefined ? {} : { last_denial_at: new Date(slotMs(last.id)).toISOString() }),
    ...getAccuracy(db, scope, span),
  };
}

/** Open ends drawn in to what there is: from the first denial, to now (or the last denial, if a clock runs ahead). */
export function drawIn(db: Database, scope: Compiled): Span {
  if (scope.hasFrom && scope.hasTo) return scope.span;
  const toMs = scope.hasTo
    ? scope.span.toMs
    : Math.max(Date.now(), newestMs(db) + 1, scope.hasFrom ? scope.span.fromMs : 0);
  if (scope.hasFrom) return { fromMs: scope.span.fromMs, toMs };
  const oldest = statement<{ id: number | null }>(db, OLDEST_DENIAL_SQL).get();
  const fromMs = oldest?.id === null || oldest === undefined ? toMs : slotMs(oldest.id);
  return { fromMs: Math.min(fromMs, toMs), toMs };
}

function newestMs(db: Database): number {
  const newest = statement<{ id: number | null }>(db, NEWEST_DENIAL_SQL).get();
  return newest?.id === null || newest === undefined ? ALL_TIME.fromMs : slotMs(newest.id);
}

function spanBefore(span: Span): Span {
  return { fromMs: Math.max(span.fromMs - (span.toMs - span.fromMs), ALL_TIME.fromMs), toMs: span.fromMs };
}

function sum(rows: readonly KeyCount[]): number {
  return rows.reduce((total, row) => total + row.denials, 0);
}

function countDomains(db: Database, scope: Compiled, span: Span): Summary['domains'] {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const live = scope.hosts('b.host') ?? { sql: '1', params: [] };
  const count = (sql: string, ...params: readonly unknown[]) =>
    statement<{ n: number }>(db, sql).get(...params)?.n ?? 0;
  return {
    allocated: count(domainsTurnedSql('allocated_ms', hosts.sql), span.fromMs, span.toMs, ...hosts.params),
    deallocated: count(domainsTurnedSql('deallocated_ms', hosts.sql), span.fromMs, span.toMs, ...hosts.params),
    live: count(domainsLiveSql(live.sql), span.toMs, span.toMs, ...live.params),
  };
}

function countHosts(db: Database, scope: Compiled): number {
  const hosts = scope.hosts('id') ?? { sql: '1', params: [] };
  const sql = `SELECT count(*) AS n FROM hosts WHERE ${hosts.sql}`;
  return statement<{ n: number }>(db, sql).get(...hosts.params)?.n ?? 0;
}

function countBlockers(db: Database, sets: readonly KeyCount[]): Pick<Summary, 'by_class' | 'by_blocker'> {
  const classes = new Map<BlockerClass, number>();
  const blockers = new Map<string, number>();
  for (const { key, denials } of sets) {
    const members = blockersOf(db, key ?? 0);
    for (const name of classesOf(members)) classes.set(name, (classes.get(name) ?? 0) + denials);
    for (const blocker of members) blockers.set(blocker, (blockers.get(blocker) ?? 0) + denials);
  }
  return {
    by_class: ranked(classes).map(([name, denials]) => ({ class: name, denials })),
    by_blocker: ranked(blockers)
      .slice(0, blockersMax)
      .map(([blocker, denials]) => ({ blocker, denials })),
  };
}

/** Most first; equal ones by name, so that the answer is always the same. */
function ranked<K extends string>(counts: ReadonlyMap<K, number>): readonly (readonly [K, number])[] {
  return [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
}
