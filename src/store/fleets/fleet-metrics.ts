// What a fleet is like over a span of whole hours: how much is denied for how much running time, on how many of its
// hosts, by what, and on which kernels. From the rollups alone, read by the day so that a question that was given up ends.

import type { Accuracy, Scope } from '../answers.ts';
import { HOUR_MS } from '../columns/slot.ts';
import { getAccuracy } from '../counts/accuracy.ts';
import { eachHost, forEachHostCount, type HostCounts } from '../counts/host-counts.ts';
import { HostSet } from '../counts/host-set.ts';
import { namesFor } from '../counts/series-names.ts';
import { drawIn } from '../counts/summary.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { type Compiled, compileScope, type Span } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import { type AggregateMetrics, aggregateMetrics } from './aggregate-metrics.ts';
import { type FleetUsage, fleetUsage } from './fleet-usage.ts';
import { isRated, rateOf, rounded } from './host-day-rate.ts';

/** How much is denied, for how much running time. */
export interface FleetRate {
  readonly denials: number;
  /** Days that hosts were up and heard of, added up; a part of a day counts as such. */
  readonly host_days: number;
  /** Absent where hosts were heard of for less than a day together. */
  readonly per_100_host_days?: number;
  /** Hosts that something was heard of. */
  readonly hosts_reporting: number;
  /** Hosts that something was denied on. */
  readonly hosts_affected: number;
}

export interface FleetPart {
  readonly value: string;
  readonly denials: number;
  /** Hosts that it was denied on. */
  readonly hosts: number;
}

/** Hosts that are alike by what they were last known to be. */
export interface FleetGroup extends FleetRate {
  readonly value: string;
}

export interface FleetMetrics extends Accuracy, FleetRate {
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  readonly hosts_total: number;
  /** Of the denials of domains that were deallocated, the part that the kernel did not log; absent without such. */
  readonly unlogged_share?: number;
  /** Who uses Landlock, whether or not anything is denied. */
  readonly usage: FleetUsage;
  /** The span of the same length just before. */
  readonly before: FleetRate;
  /** Most hosts first, here and below. */
  readonly by_program: readonly FleetPart[];
  readonly by_blocker: readonly FleetPart[];
  readonly by_kernel: readonly FleetGroup[];
  readonly by_abi: readonly FleetGroup[];
  readonly by_distribution: readonly FleetGroup[];
  /** Beside all others: of hosts that tell nothing but counts. Absent without such. */
  readonly aggregated?: AggregateMetrics;
}

export interface FleetMetricsRequest {
  readonly fleet: string;
  /** Its times count, drawn out to whole hours. */
  readonly scope: Pick<Scope, 'fromMs' | 'toMs' | 'includeCanary'>;
}

/** Rows of each list. */
const partsMax = 20;
const UNKNOWN = '(unknown)';
const DAY_MS = HOURS_PER_DAY * HOUR_MS;

const FLEET_SQL = 'SELECT id FROM fleets WHERE name = ?';

export const FLEET_HOSTS_SQL = `
  SELECT id, kernel, landlock_abi AS abi, distribution
  FROM hosts
  WHERE fleet = ?
  ORDER BY id`;

export const FLEET_BOOTS_SQL = `
  SELECT b.host, b.first_ms, b.last_ms
  FROM hosts h
  JOIN boots b ON b.host = h.id
  WHERE h.fleet = ? AND b.first_ms < ? AND b.last_ms >= ?
  ORDER BY b.host, b.first_ms`;

export function unloggedShareSql(hosts: string): string {
  return `
  SELECT total(total) AS total, total(max(0, total - logged)) AS unlogged
  FROM domains
  WHERE deallocated_ms >= ? AND deallocated_ms < ? AND is_canary = 0
    AND ${hosts}`;
}

export interface HostRow {
  readonly id: number;
  readonly kernel: string | null;
  readonly abi: number | null;
  readonly distribution: string | null;
}

/** undefined where there is no such fleet. */
export function fleetMetrics(db: Database, request: FleetMetricsRequest): Answer<FleetMetrics> | undefined {
  const fleet = statement<{ id: number }>(db, FLEET_SQL).get(request.fleet);
  if (fleet === undefined) return undefined;
  const scope = compileScope(db, { ...request.scope, fleet: request.fleet });
  if (isRefused(scope)) return scope;
  const span = wholeHours(drawIn(db, scope));
  const before = { fromMs: Math.max(0, 2 * span.fromMs - span.toMs), toMs: span.fromMs };
  const hosts = statement<HostRow>(db, FLEET_HOSTS_SQL).all(fleet.id);
  const now = blockersDenied(db, scope, span);
  const heard = fleetHostDays(db, fleet.id, span);
  const ratesOf = (ids: readonly number[]) => toRate(ids, now.byHost, heard);
  const ids = hosts.map(({ id }) => id);
  const grouped = (groupOf: (host: HostRow) => string | number | null) =>
    groupHosts(hosts, groupOf).map(([value, members]) => ({ value, ...ratesOf(members) }));
  const share = unloggedShare(db, scope, span);
  const hostDays = sumOf(ids, heard);
  const aggregated = aggregateMetrics(db, fleet.id, span);
  return {
    fleet: request.fleet,
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    hosts_total: hosts.length,
    ...ratesOf(ids),
    ...(share !== undefined && { unlogged_share: share }),
    usage: fleetUsage(db, scope, span, { hostDays, isRated: isRated(hostDays) }),
    before: toRate(ids, blockersDenied(db, scope, before).byHost, fleetHostDays(db, fleet.id, before)),
    by_program: ranked(programsDenied(db, scope, span)),
    by_blocker: ranked(now.byBlocker),
    by_kernel: firstParts(grouped(({ kernel }) => kernel)),
    by_abi: firstParts(grouped(({ abi }) => abi)),
    by_distribution: firstParts(grouped(({ distribution }) => distribution)),
    ...(aggregated && { aggregated }),
    ...getAccuracy(db, scope, span),
  };
}

function wholeHours({ fromMs, toMs }: Span): Span {
  return { fromMs: Math.floor(fromMs / HOUR_MS) * HOUR_MS, toMs: Math.ceil(toMs / HOUR_MS) * HOUR_MS };
}

/** How much, and on which hosts. */
export interface Denied {
  denials: number;
  readonly hosts: HostSet;
}

function addDenied(parts: Map<number, Denied>, counts: HostCounts): void {
  const part = parts.get(counts.key) ?? { denials: 0, hosts: new HostSet() };
  parts.set(counts.key, part);
  part.denials += counts.denials;
  part.hosts.addEach(counts);
}

/** By host and by blocker, as `labelOf` calls it; the span is of whole hours. */
export function blockersDenied(
  db: Database,
  scope: Compiled,
  span: Span,
  labelOf: (blocker: string) => string = (blocker) => blocker,
) {
  // By row: a Map would be looked up for each of millions.
  const ofHosts: number[] = [];
  const bySet = new Map<number, Denied>();
  forEachHostCount(db, scope, { list: 'blockers', ...hoursOf(span) }, (counts) => {
    eachHost(counts, (host, denials) => {
      ofHosts[host] = (ofHosts[host] ?? 0) + denials;
    });
    addDenied(bySet, counts);
  });
  const byHost = new Map<number, number>();
  ofHosts.forEach((denials, host) => {
    byHost.set(host, denials);
  });
  const byBlocker = new Map<string, Denied>();
  const namesOf = namesFor(db, 'blocker');
  for (const [set, { denials, hosts }] of bySet) {
    for (const name of new Set(namesOf(set).map(labelOf))) {
      const part = byBlocker.get(name) ?? { denials: 0, hosts: new HostSet() };
      byBlocker.set(name, part);
      part.denials += denials;
      for (const host of hosts) part.hosts.add(host);
    }
  }
  return { byHost, byBlocker };
}

export function programsDenied(db: Database, scope: Compiled, span: Span): ReadonlyMap<string, Denied> {
  const nameOf = statement<{ value: string }>(db, 'SELECT value FROM strings WHERE id = ?');
  const byRow = new Map<number, Denied>();
  forEachHostCount(db, scope, { list: 'programs', ...hoursOf(span) }, (counts) => addDenied(byRow, counts));
  return new Map([...byRow].map(([row, denied]) => [nameOf.get(row)?.value ?? '', denied]));
}

function hoursOf({ fromMs, toMs }: Span): { readonly from: number; readonly to: number } {
  return { from: fromMs / HOUR_MS, to: toMs / HOUR_MS };
}

/** Most hosts first: one that is refused something in a loop is no trend. Equal ones by name, so that the answer is always the same. */
function ranked(parts: ReadonlyMap<string, Denied>): readonly FleetPart[] {
  return [...parts]
    .map(([value, { denials, hosts }]) => ({ value, denials, hosts: hosts.size }))
    .sort((a, b) => b.hosts - a.hosts || b.denials - a.denials || (a.value < b.value ? -1 : 1))
    .slice(0, partsMax);
}

/** By host: the days within the span in which it was up and heard of. Boots may overlap where their ids are guesses. */
export function fleetHostDays(db: Database, fleet: number, span: Span): ReadonlyMap<number, number> {
  const boots = statement<{ host: number; first_ms: number; last_ms: number }>(db, FLEET_BOOTS_SQL);
  const heardMs = new Map<number, number>();
  let host = 0;
  let untilMs = 0;
  for (const boot of boots.iterate(fleet, span.toMs, span.fromMs)) {
    if (boot.host !== host) untilMs = span.fromMs;
    host = boot.host;
    const fromMs = Math.max(boot.first_ms, untilMs);
    const toMs = Math.min(boot.last_ms, span.toMs);
    heardMs.set(host, (heardMs.get(host) ?? 0) + Math.max(0, toMs - fromMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return new Map([...heardMs].map(([id, ms]) => [id, ms / DAY_MS]));
}

export function toRate(
  hosts: readonly number[],
  denied: ReadonlyMap<number, number>,
  heard: ReadonlyMap<number, number>,
): FleetRate {
  const denials = sumOf(hosts, denied);
  const days = sumOf(hosts, heard);
  return {
    denials,
    host_days: rounded(days),
    ...rateOf(denials, days),
    hosts_reporting: hosts.filter((host) => heard.has(host)).length,
    hosts_affected: hosts.filter((host) => denied.has(host)).length,
  };
}

function sumOf(hosts: readonly number[], values: ReadonlyMap<number, number>): number {
  return hosts.reduce((sum, host) => sum + (values.get(host) ?? 0), 0);
}

function groupHosts(hosts: readonly HostRow[], groupOf: (host: HostRow) => string | number | null) {
  const groups = new Map<string, number[]>();
  for (const host of hosts) {
    const value = String(groupOf(host) ?? UNKNOWN);
    const members = groups.get(value);
    if (members === undefined) groups.set(value, [host.id]);
    else members.push(host.id);
  }
  return [...groups];
}

function firstParts(groups: readonly FleetGroup[]): readonly FleetGroup[] {
  return [...groups]
    .sort((a, b) => b.hosts_affected - a.hosts_affected || b.denials - a.denials || (a.value < b.value ? -1 : 1))
    .slice(0, partsMax);
}

export function unloggedShare(db: Database, scope: Compiled, span: Span): number | undefined {
  const hosts = scope.hosts('host') ?? { sql: '1', params: [] };
  const select = statement<{ total: number; unlogged: number }>(db, unloggedShareSql(hosts.sql));
  const sums = select.get(span.fromMs, span.toMs, ...hosts.params);
  return sums === undefined || sums.total <= 0 ? undefined : rounded(sums.unlogged / sums.total);
}
