// What a monitoring system asks of the store: few numbers, each cheap however much is stored. Without the canary's.
import { ISSUE_STATUSES, type IssueStatus } from './issue-answers.ts';
import type { Database } from './open.ts';
import { statement } from './statement.ts';
import { domainsLiveSql } from './summary.ts';

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

export const ISSUES_BY_STATUS_SQL = `
  SELECT status, count(*) AS n
  FROM issues
  WHERE is_canary = 0
  GROUP BY status`;

export function metricFacts(db: Database): MetricFacts {
  const count = (sql: string, ...params: readonly number[]) => statement<{ n: number }>(db, sql).get(...params)?.n ?? 0;
  const totals = statement<{ hosts: number; unlogged: number; malformed: number }>(db, HOST_TOTALS_SQL).get();
  const rows = statement<{ status: string; n: number }>(db, ISSUES_BY_STATUS_SQL).all();
  const inStatus = (status: IssueStatus) => rows.find((row) => row.status === status)?.n ?? 0;
  const [open, archived, resolved, regressed] = ISSUE_STATUSES.map(inStatus);
  return {
    unlogged: totals?.unlogged ?? 0,
    malformed: totals?.malformed ?? 0,
    domains: {
      allocated: count(DOMAINS_ALLOCATED_SQL),
      live: count(domainsLiveSql('1'), Number.MAX_SAFE_INTEGER),
      deallocated: count(DOMAINS_DEALLOCATED_SQL),
    },
    issues: { open: open ?? 0, archived: archived ?? 0, resolved: resolved ?? 0, regressed: regressed ?? 0 },
    hosts: totals?.hosts ?? 0,
  };
}
