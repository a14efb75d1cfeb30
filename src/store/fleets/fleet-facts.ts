// What a monitoring system asks of each fleet: the last 24 hours, the one that goes on as the last of them. Only what can
// be a label without anybody who reports choosing it: the fleets that an administrator made, known blockers, versions of
// Landlock and series of kernels.
import { findBlocker } from '../../landlock/blockers.ts';
import type { Accuracy } from '../answers.ts';
import { HOUR_MS } from '../columns/slot.ts';
import { getAccuracy } from '../counts/accuracy.ts';
import { HostSet } from '../counts/host-set.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { compileScope } from '../query/scope.ts';
import { isRefused } from '../refused.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';
import {
  blockersDenied,
  type Denied,
  FLEET_HOSTS_SQL,
  type FleetRate,
  fleetHostDays,
  type HostRow,
  toRate,
  unloggedShare,
} from './fleet-metrics.ts';
import { type FleetUsage, fleetUsage } from './fleet-usage.ts';
import { isRated } from './host-day-rate.ts';
import { packageMetrics } from './package-metrics.ts';
import type { IssueChange } from './package-updates.ts';

export interface FleetFacts extends Accuracy, FleetRate {
  readonly fleet: string;
  readonly hosts_total: number;
  readonly unlogged_share?: number;
  readonly usage: FleetUsage;
  /** `other`: blockers that this version does not know. */
  readonly by_blocker: readonly LabelledPart[];
  /** `other`: none that a kernel would say. */
  readonly by_abi: readonly LabelledPart[];
  /** Major and minor number. */
  readonly by_kernel: readonly LabelledPart[];
  /** Of versions of packages that something was denied to: issues that came, came back and ended with them. */
  readonly version_issues: Readonly<Record<IssueChange, number>>;
}

export interface LabelledPart {
  readonly label: string;
  readonly denials: number;
  readonly hosts: number;
}

export interface AllFleetFacts {
  readonly fleets: readonly FleetFacts[];
  /** Fleets of which nothing is told here. */
  readonly omitted: number;
}

/** The largest ones. */
const fleetsMax = 100;
const labelsMax = 20;
const OTHER_LABEL = 'other';
const UNKNOWN_LABEL = 'unknown';

export const FLEETS_BY_SIZE_SQL = `
  SELECT f.id, f.name, count(h.id) AS hosts
  FROM fleets f
  LEFT JOIN hosts h ON h.fleet = f.id
  GROUP BY f.id
  ORDER BY hosts DESC, f.id`;

export function fleetFacts(db: Database, { nowMs }: { readonly nowMs: number }): AllFleetFacts {
  const fleets = statement<{ id: number; name: string }>(db, FLEETS_BY_SIZE_SQL).all();
  const told = fleets.slice(0, fleetsMax);
  return { fleets: told.flatMap((fleet) => factsOf(db, fleet, nowMs) ?? []), omitted: fleets.length - told.length };
}

function factsOf(db: Database, fleet: { readonly id: number; readonly name: string }, nowMs: number) {
  const toMs = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  const span = { fromMs: toMs - HOURS_PER_DAY * HOUR_MS, toMs };
  const scope = compileScope(db, { ...span, fleet: fleet.name });
  if (isRefused(scope)) return undefined;
  const { byHost, byBlocker } = blockersDenied(db, scope, span, blockerLabel);
  const heard = fleetHostDays(db, fleet.id, span);
  const hosts = statement<HostRow>(db, FLEET_HOSTS_SQL).all(fleet.id);
  const ids = hosts.map(({ id }) => id);
  const hostDays = ids.reduce((sum, id) => sum + (heard.get(id) ?? 0), 0);
  const share = unloggedShare(db, scope, span);
  const grouped = (labelOf: (host: HostRow) => string): readonly LabelledPart[] => {
    const parts = new LabelledParts();
    for (const host of hosts) {
      const denials = byHost.get(host.id);
      if (denials !== undefined) parts.add(labelOf(host), denials, [host.id]);
    }
    return parts.answer();
  };
  const facts: FleetFacts = {
    fleet: fleet.name,
    hosts_total: hosts.length,
    ...toRate(ids, byHost, heard),
    ...(share !== undefined && { unlogged_share: share }),
    usage: fleetUsage(db, scope, span, { hostDays, isRated: isRated(hostDays) }),
    by_blocker: toLabelled(byBlocker),
    by_abi: grouped(abiLabel),
    by_kernel: grouped(kernelLabel),
    version_issues: versionIssues(db, fleet.name, span),
    ...getAccuracy(db, scope, span),
  };
  return facts;
}

function versionIssues(db: Database, fleet: string, scope: { readonly fromMs: number; readonly toMs: number }) {
  const sums = { new: 0, regressed: 0, fixed: 0 };
  for (const { issues } of packageMetrics(db, { fleet, scope })?.versions ?? []) {
    sums.new += issues.new;
    sums.regressed += issues.regressed;
    sums.fixed += issues.fixed;
  }
  return sums;
}

function blockerLabel(name: string): string {
  return findBlocker(name) === undefined ? OTHER_LABEL : name;
}

function abiLabel({ abi }: HostRow): string {
  if (abi === null) return UNKNOWN_LABEL;
  return abi > 0 && abi < 100 ? String(abi) : OTHER_LABEL;
}

function kernelLabel({ kernel }: HostRow): string {
  if (kernel === null) return UNKNOWN_LABEL;
  return /^(\d{1,2}\.\d{1,3})(?!\d)/.exec(kernel)?.[1] ?? OTHER_LABEL;
}

/** What goes beyond the greatest is told together. */
class LabelledParts {
  readonly #parts = new Map<string, Denied>();

  add(label: string, denials: number, hosts: Iterable<number>): void {
    const part = this.#parts.get(label) ?? { denials: 0, hosts: new HostSet() };
    this.#parts.set(label, part);
    part.denials += denials;
    for (const host of hosts) part.hosts.add(host);
  }

  answer(): readonly LabelledPart[] {
    const ranked = [...this.#parts].sort((a, b) => b[1].hosts.size - a[1].hosts.size || (a[0] < b[0] ? -1 : 1));
    for (const [label, { denials, hosts }] of ranked.slice(labelsMax)) {
      this.#parts.delete(label);
      this.add(OTHER_LABEL, denials, hosts);
    }
    return toLabelled(this.#parts);
  }
}

/** By label, so that the text is the same for the same numbers. */
function toLabelled(parts: ReadonlyMap<string, Denied>): readonly LabelledPart[] {
  return [...parts]
    .map(([label, { denials, hosts }]) => ({ label, denials, hosts: hosts.size }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}
