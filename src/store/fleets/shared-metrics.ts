// What may be told of a fleet to whom its hosts are nobody's business: by whole weeks that are over, each of whose numbers
// is about so many hosts at least (k-anonymity.ts). Sums over several weeks are sums of what each may tell, so that
// asking for different spans and taking the answers from each other tells no more.

import { HostSet } from '../counts/host-set.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { compileScope, type Span } from '../query/scope.ts';
import { isRefused } from '../refused.ts';
import { DAY_MS } from '../rollups/package-sums.ts';
import { blockersDenied, type Denied, FLEET_HOSTS_SQL, fleetHostDays, programsDenied } from './fleet-metrics.ts';
import { rateOf } from './host-day-rate.ts';
import { type Cell, OTHER, type SafeTable, suppress, suppressDivisions } from './k-anonymity.ts';
import { sharedPackages } from './shared-packages.ts';

export interface SharedPart {
  /** `(other)`: what is told together, as it is about too few hosts. */
  readonly value: string;
  readonly denials: number;
  /** In the week that had the most. */
  readonly hosts: number;
}

export interface SharedMetrics {
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  /** Each number of each week is about so many hosts at least. */
  readonly hosts_min: number;
  readonly weeks: number;
  /** Of these: weeks in which so few hosts reported that nothing is told. */
  readonly weeks_withheld: number;
  readonly hosts_reporting: number;
  readonly hosts_affected: number;
  readonly denials: number;
  readonly host_days: number;
  readonly per_100_host_days?: number;
  readonly by_program: readonly SharedPart[];
  readonly by_blocker: readonly SharedPart[];
  readonly by_kernel: readonly SharedPart[];
  readonly by_abi: readonly SharedPart[];
  readonly by_distribution: readonly SharedPart[];
  /** `name version`. */
  readonly by_package: readonly SharedPart[];
}

export interface SharedMetricsRequest {
  readonly fleet: string;
  /** Whole weeks before the one of `nowMs`. */
  readonly weeks: number;
  readonly nowMs: number;
  readonly hostsMin: number;
}

const WEEK_MS = 7 * DAY_MS;
/** The first Monday of the epoch. */
const MONDAY_MS = 4 * DAY_MS;
const partsMax = 20;
const UNKNOWN = '(unknown)';
const NO_FLEET = { id: -1 };
const TABLES = ['by_program', 'by_blocker', 'by_kernel', 'by_abi', 'by_distribution', 'by_package'] as const;
type TableName = (typeof TABLES)[number];

interface HostRow {
  readonly id: number;
  readonly kernel: string | null;
  readonly abi: number | null;
  readonly distribution: string | null;
}

/** Of a fleet that there is not as of one without hosts, so that nobody learns names of fleets by asking for them. */
export function sharedMetrics(db: Database, request: SharedMetricsRequest): SharedMetrics {
  const { fleet: name, weeks, nowMs, hostsMin } = request;
  const fleet = statement<{ id: number }>(db, 'SELECT id FROM fleets WHERE name = ?').get(name) ?? NO_FLEET;
  const toMs = Math.floor((nowMs - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
  const fromMs = toMs - weeks * WEEK_MS;
  const sums = new SharedSums();
  for (let ms = fromMs; ms < toMs; ms += WEEK_MS) {
    sums.add(weekOf(db, { id: fleet.id, name }, { fromMs: ms, toMs: ms + WEEK_MS }, hostsMin));
  }
  return {
    fleet: name,
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    hosts_min: hostsMin,
    weeks,
    ...sums.answer(),
  };
}

interface Week {
  readonly reporting: number;
  readonly affected: number;
  readonly denials: number;
  readonly hostDays: number;
  readonly tables: Readonly<Record<TableName, SafeTable>>;
}

/** undefined: nothing of it may be told. */
function weekOf(
  db: Database,
  fleet: { readonly id: number; readonly name: string },
  span: Span,
  hostsMin: number,
): Week | undefined {
  const scope = compileScope(db, { ...span, fleet: fleet.name });
  if (isRefused(scope)) return undefined;
  const days = fleetHostDays(db, fleet.id, span);
  const { byHost, byBlocker } = blockersDenied(db, scope, span);
  const isEnough = (hosts: number) => hosts === 0 || hosts >= hostsMin;
  // Hosts with and without denials: both, or the one would tell of the other.
  if (days.size < hostsMin || !isEnough(byHost.size) || !isEnough(days.size - byHost.size)) return undefined;
  const rows = statement<HostRow>(db, FLEET_HOSTS_SQL).all(fleet.id);
  const members = rows.filter(({ id }) => days.has(id) || byHost.has(id));
  const divide = (groupOf: (host: HostRow) => string | number | null) => toDivision(members, groupOf, byHost);
  const divisions = [divide((row) => row.kernel), divide((row) => row.abi), divide((row) => row.distribution)];
  const [byKernel, byAbi, byDistribution] = suppressDivisions(divisions, hostsMin);
  const empty: SafeTable = { shown: [], other: undefined };
  const programs = suppress(toCells(programsDenied(db, scope, span)), hostsMin);
  return {
    reporting: days.size,
    affected: byHost.size,
    denials: sumOf(byHost.values()),
    hostDays: sumOf(days.values()),
    tables: {
      by_program: programs,
      by_blocker: suppress(toCells(byBlocker), hostsMin),
      by_kernel: byKernel ?? empty,
      by_abi: byAbi ?? empty,
      by_distribution: byDistribution ?? empty,
      by_package: sharedPackages(db, fleet.id, span, { programs, hostsMin }),
    },
  };
}

function toCells(parts: ReadonlyMap<string, Denied>): readonly Cell[] {
  return [...parts].map(([value, { denials, hosts }]) => ({ value, denials, hosts: new Set(hosts) }));
}

function toDivision(
  members: readonly HostRow[],
  groupOf: (host: HostRow) => string | number | null,
  byHost: ReadonlyMap<number, number>,
): readonly Cell[] {
  const groups = new Map<string, { denials: number; readonly hosts: HostSet }>();
  for (const member of members) {
    const value = String(groupOf(member) ?? UNKNOWN);
    const group = groups.get(value) ?? { denials: 0, hosts: new HostSet() };
    groups.set(value, group);
    group.denials += byHost.get(member.id) ?? 0;
    group.hosts.add(member.id);
  }
  return toCells(groups);
}

class SharedSums {
  #withheld = 0;
  #reporting = 0;
  #affected = 0;
  #denials = 0;
  #hostDays = 0;
  readonly #tables = new Map<TableName, Map<string, { denials: number; hosts: number }>>();

  add(week: Week | undefined): void {
    if (week === undefined) {
      this.#withheld += 1;
      return;
    }
    this.#reporting = Math.max(this.#reporting, week.reporting);
    this.#affected = Math.max(this.#affected, week.affected);
    this.#denials += week.denials;
    this.#hostDays += week.hostDays;
    for (const name of TABLES) {
      const { shown, other } = week.tables[name];
      const parts = this.#tables.get(name) ?? new Map<string, { denials: number; hosts: number }>();
      this.#tables.set(name, parts);
      for (const { value, denials, hosts } of other === undefined ? shown : [...shown, other]) {
        const part = parts.get(value) ?? { denials: 0, hosts: 0 };
        parts.set(value, { denials: part.denials + denials, hosts: Math.max(part.hosts, hosts.size) });
      }
    }
  }

  answer() {
    const days = Math.round(this.#hostDays * 10) / 10;
    return {
      weeks_withheld: this.#withheld,
      hosts_reporting: this.#reporting,
      hosts_affected: this.#affected,
      denials: this.#denials,
      host_days: days,
      ...rateOf(this.#denials, days),
      by_program: this.#ranked('by_program'),
      by_blocker: this.#ranked('by_blocker'),
      by_kernel: this.#ranked('by_kernel'),
      by_abi: this.#ranked('by_abi'),
      by_distribution: this.#ranked('by_distribution'),
      by_package: this.#ranked('by_package'),
    };
  }

  #ranked(name: TableName): readonly SharedPart[] {
    const parts = [...(this.#tables.get(name) ?? [])].map(([value, part]) => ({ value, ...part }));
    const rank = (part: SharedPart) => (part.value === OTHER ? -1 : part.denials);
    return parts.sort((a, b) => rank(b) - rank(a) || (a.value < b.value ? -1 : 1)).slice(0, partsMax);
  }
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
