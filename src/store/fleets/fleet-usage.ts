// Who uses Landlock in a fleet over a span of whole hours, whether or not anything is denied: programs and domains, from
// the sums by the hour (usage-hours.ts).

import { HOUR_MS } from '../columns/slot.ts';
import { usageHoursSql } from '../counts/programs.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled, Span } from '../query/scope.ts';
import { NO_PROGRAM, type UsageCounts } from '../rollups/usage-hours.ts';
import { rounded } from './host-day-rate.ts';

export interface FleetUsage {
  /** That made a sandbox or a domain. */
  readonly programs: number;
  /** Domains that were seen to be made: with their first denial, or by tracepoints. */
  readonly domains: number;
  /** Calls that made a sandbox, where audit rules tell of them. */
  readonly sandboxes: number;
  /** Each absent below one host-day. */
  readonly programs_per_host_day?: number;
  readonly domains_per_host_day?: number;
}

/** `isRated`: whether hosts were known for long enough for rates. */
export function fleetUsage(
  db: Database,
  scope: Compiled,
  span: Span,
  { hostDays, isRated }: { readonly hostDays: number; readonly isRated: boolean },
): FleetUsage {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const select = statement<UsageCounts & { program: number; host: number }>(db, usageHoursSql(hosts.sql));
  const programs = new Set<number>();
  let [domains, sandboxes] = [0, 0];
  for (const row of select.iterate(span.fromMs / HOUR_MS, span.toMs / HOUR_MS, ...hosts.params)) {
    if (row.domains + row.sandboxes > 0 && row.program !== NO_PROGRAM) programs.add(row.program);
    domains += row.domains;
    sandboxes += row.sandboxes;
  }
  return {
    programs: programs.size,
    domains,
    sandboxes,
    ...(isRated && {
      programs_per_host_day: rounded(programs.size / hostDays),
      domains_per_host_day: rounded(domains / hostDays),
    }),
  };
}
