// Which rows an exact name stands for. Known ids instead of a subquery let SQLite read the denials of the one host or
// domain newest first by the index, where it would else sort all of them.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

export const HOST_IDS_SQL = `
  SELECT id
  FROM hosts
  WHERE host_id = ? OR name = ?`;

export const DOMAIN_IDS_SQL = `
  SELECT id
  FROM domains
  WHERE number = ?`;

/** The hosts with this id or name. */
export function hostIds(db: Database, host: string): readonly number[] {
  return idsOf(statement<{ id: number }>(db, HOST_IDS_SQL).all(host, host));
}

/** The domains with this number, of any boot of any host. */
export function domainIds(db: Database, number: string): readonly number[] {
  return idsOf(statement<{ id: number }>(db, DOMAIN_IDS_SQL).all(number));
}

export const ISSUE_IDS_SQL = `
  SELECT id
  FROM issues
  WHERE fingerprint = ?`;

/** The issues with this fingerprint: the canary's denials have one of their own. */
export function issueIds(db: Database, fingerprint: string): readonly number[] {
  return idsOf(statement<{ id: number }>(db, ISSUE_IDS_SQL).all(fingerprint));
}

function idsOf(rows: readonly { readonly id: number }[]): readonly number[] {
  return rows.map((row) => row.id);
}
