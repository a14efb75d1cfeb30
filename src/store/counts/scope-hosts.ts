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

/** By row 1 where the host is among them: for millions a Set would be looked up in ten times as long. */
export function marksOf(hosts: ReadonlySet<number>): Uint8Array {
  let last = 0;
  for (const host of hosts) last = Math.max(last, host);
  const marks = new Uint8Array(last + 1);
  for (const host of hosts) marks[host] = 1;
  return marks;
}
