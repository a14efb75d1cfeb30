// Which hosts a scope asks for, as rows: for what is counted here and not by SQL.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled } from '../query/scope.ts';

/** undefined: all. */
export function hostsOf(db: Database, scope: Pick<Compiled, 'hosts'>): ReadonlySet<number> | undefined {
  const hosts = scope.hosts('id');
  if (hosts === undefined) return undefined;
  const select = statement<{ id: number }>(db, scopeHostsSql(hosts.sql));
  return new Set(select.all(...hosts.params).map(({ id }) => id));
}

export function scopeHostsSql(hosts: string): string {
  return `
  SELECT id
  FROM hosts
  WHERE ${hosts}`;
}

export const HOSTS_SQL = 'SELECT count(*) AS n FROM hosts';

/** By row 1 where the host is among them, which is far quicker to look up than a Set; undefined where all are. */
export function marksOf(db: Database, hosts: ReadonlySet<number>): Uint8Array | undefined {
  if (hosts.size === statement<{ n: number }>(db, HOSTS_SQL).get()?.n) return undefined;
  let last = 0;
  for (const host of hosts) last = Math.max(last, host);
  const marks = new Uint8Array(last + 1);
  for (const host of hosts) marks[host] = 1;
  return marks;
}
