// What a monitoring system asks of the store: few numbers, each cheap however much is stored. Without the canary's.

import { domainsLiveSql } from '../counts/summary.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { IssueStatus } from '../issues/issue-answers.ts';

export interface MetricFacts {
  /** Of deallocated domains, of all time. */
  readonly unlogged: number;
  readonly malformed: number;
  /** Of which something is stored. */
  readonly domains: { readonly allocated: number; readonly live: number; readonly deallocated: number };
  readonly issues: Readonly<Record<IssueStatus, number>>;
  readonly hosts: number;
}

export const HOST_TOTALS_SQL = `
  SELECT count(*) AS hosts, total(unlogged) AS unlogged, total(malformed) AS malformed
  FROM hosts`;

export const DOMAINS_ALLOCATED_SQL = `
  SELECT count(*) AS n
  FROM domains INDEXED BY domains_by_allocated_ms
  WHERE allocated_ms IS NOT NULL`;

export const DOMAINS_DEALLOCATED_SQL = `
  SELECT count(*) AS n
  FROM domains INDEXED BY domains_by_deallocated_ms
  WHERE deallocated_ms IS NOT NULL`;

/** By an index that is much smaller than the issues. */
export const ISSUES_COUNT_SQL = `
  SELECT count(*) AS n
  FROM issues INDEXED BY issues_by_fingerprint
  WHERE is_canary = 0`;

/** But for the open ones, which are all others. */
export const ISSUES_BY_STATUS_SQL = `
  SELECT status, count(*) AS n
  FROM issues INDEXED BY issues_by_status
  WHERE status <> 'open' AND is_canary = 0
  GROUP BY status`;

export function metricFacts(db: Database): MetricFacts {
  const count = (sql: string, ...params: readonly number[]) => statement<{ n: number }>(db, sql).get(...params)?.n ?? 0;
  const totals = statement<{ hosts: number; unlogged: number; malformed: number }>(db, HOST_TOTALS_SQL).get();
  const rows = statement<{ status: string; n: number }>(db, ISSUES_BY_STATUS_SQL).all();
  const inStatus = (status: IssueStatus) => rows.find((row) => row.status === status)?.n ?? 0;
  const closed = rows.reduce((sum, { n }) => sum + n, 0);
  return {
    unlogged: totals?.unlogged ?? 0,
    malformed: totals?.malformed ?? 0,
    domains: {
      allocated: count(DOMAINS_ALLOCATED_SQL),
      live: count(domainsLiveSql('1'), Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      deallocated: count(DOMAINS_DEALLOCATED_SQL),
    },
    issues: {
      open: count(ISSUES_COUNT_SQL) - closed,
      archived: inStatus('archived'),
      resolved: inStatus('resolved'),
      regressed: inStatus('regressed'),
    },
    hosts: totals?.hosts ?? 0,
  };
}
