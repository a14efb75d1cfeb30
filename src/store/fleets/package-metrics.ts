// What versions of packages are like in a fleet: who has them, how much is denied to their programs, and what came and
// went with them. From sums by the day (package-sums.ts), so over whole days.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { ISSUE_BY_ID_SQL, type IssueRow, toIssue } from '../issues/issues.ts';
import { checkCancelled } from '../query/scan.ts';
import type { Span } from '../query/scope.ts';
import { DAY_MS } from '../rollups/package-sums.ts';
import { rateOf, rounded } from './host-day-rate.ts';
import {
  compareVersions,
  type HostVersion,
  type IssueChange,
  type PackageUpdate,
  type Updates,
  updatesOf,
  updatesWithin,
  type VersionDenials,
  type VersionIssues,
} from './package-updates.ts';

export interface VersionPart {
  readonly value: string;
  readonly hosts: number;
  readonly denials: number;
}

export interface PackageVersion {
  readonly package: string;
  readonly version: string;
  readonly type?: string;
  readonly first_at: string;
  readonly last_at: string;
  /** That had it at some time of the span. */
  readonly hosts: number;
  readonly hosts_affected: number;
  readonly denials: number;
  /** Days of the span in which hosts were known to have it, added up; a part of a day counts as such. */
  readonly host_days: number;
  readonly per_100_host_days?: number;
  /** What most of its hosts had before; absent where none was seen to be updated to it. */
  readonly previous?: string;
  readonly issues: Readonly<Record<IssueChange, number>>;
  readonly by_kernel: readonly VersionPart[];
  readonly by_abi: readonly VersionPart[];
  readonly by_distribution: readonly VersionPart[];
}

export interface VersionIssue {
  readonly version: string;
  /** Its fingerprint. */
  readonly issue: string;
  readonly title: string;
  readonly change: IssueChange;
  /** Of the version; where it is fixed, of the one before. */
  readonly hosts: number;
  readonly denials: number;
}

export interface PackageMetrics {
  readonly fleet: string;
  readonly from: string;
  readonly to: string;
  /** Most affected hosts first. */
  readonly versions: readonly PackageVersion[];
  /** Where one package is asked for: what changed with its versions, and what updates changed on their hosts. */
  readonly issues?: readonly VersionIssue[];
  readonly updates?: readonly PackageUpdate[];
}

export interface PackageMetricsRequest {
  readonly fleet: string;
  readonly package?: string | undefined;
  readonly scope: { readonly fromMs: number; readonly toMs: number };
}

/** How far before the span issues are known from. */
export const HISTORY_DAYS = 90;
const versionsMax = 200;
const issuesMax = 500;
const partsMax = 20;
const UNKNOWN = '(unknown)';

export const HOST_VERSIONS_SQL = `
  SELECT p.id AS package, p.name, p.version, p.type, hp.host, hp.first_ms AS firstMs, hp.last_ms AS lastMs,
    h.kernel, h.landlock_abi AS abi, h.distribution
  FROM hosts h
  CROSS JOIN host_packages hp ON hp.host = h.id
  CROSS JOIN packages p ON p.id = hp.package
  WHERE h.fleet = (SELECT id FROM fleets WHERE name = ?)
    AND (? IS NULL OR p.name = ?)
  ORDER BY hp.host, hp.first_ms, p.id`;

export const PACKAGE_DAYS_SQL = `
  SELECT day, host, issue, denials
  FROM package_days
  WHERE package = ? AND day >= ? AND day < ?`;

/** undefined where there is no such fleet. */
export function packageMetrics(db: Database, request: PackageMetricsRequest): PackageMetrics | undefined {
  const { fleet, package: name = null, scope } = request;
  if (statement(db, 'SELECT 1 FROM fleets WHERE name = ?').get(fleet) === undefined) return undefined;
  const span = {
    fromMs: Math.floor(scope.fromMs / DAY_MS) * DAY_MS,
    toMs: Math.ceil(scope.toMs / DAY_MS) * DAY_MS,
  };
  const rows = statement<HostVersion>(db, HOST_VERSIONS_SQL).all(fleet, name, name);
  const denialsOf = denialsReader(db, new Set(rows.map(({ host }) => host)), span);
  const updates = updatesOf(rows);
  const changes = compareVersions(rows, updates, denialsOf);
  const versions = membersOf(rows).map((members) => toVersion(members, { span, denialsOf, updates, changes }));
  const shown = versions
    .filter(({ denials, hosts }) => denials > 0 || (name !== null && hosts > 0))
    .sort((a, b) => b.hosts_affected - a.hosts_affected || b.denials - a.denials || (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    fleet,
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    versions: shown.slice(0, versionsMax),
    ...(name !== null && {
      issues: toIssues(db, rows, changes),
      updates: updatesWithin(rows, updates, denialsOf, span),
    }),
  };
}

/** Reads what is denied to a version's programs on these hosts, once for each. */
function denialsReader(db: Database, hosts: ReadonlySet<number>, span: Span): (owner: number) => VersionDenials {
  const select = statement<{ day: number; host: number; issue: number; denials: number }>(db, PACKAGE_DAYS_SQL);
  const known = new Map<number, VersionDenials>();
  const firstDay = span.fromMs / DAY_MS - HISTORY_DAYS;
  return (owner) => {
    let found = known.get(owner);
    if (found !== undefined) return found;
    checkCancelled(db);
    found = select.all(owner, firstDay, span.toMs / DAY_MS).filter(({ host }) => hosts.has(host));
    known.set(owner, found);
    return found;
  };
}

function membersOf(rows: readonly HostVersion[]): readonly (readonly HostVersion[])[] {
  const members = new Map<number, HostVersion[]>();
  for (const row of rows) {
    const others = members.get(row.package);
    if (others === undefined) members.set(row.package, [row]);
    else others.push(row);
  }
  return [...members.values()];
}

interface Surroundings {
  readonly span: Span;
  readonly denialsOf: (owner: number) => VersionDenials;
  readonly updates: Updates;
  readonly changes: ReadonlyMap<number, VersionIssues>;
}

function toVersion(members: readonly HostVersion[], { span, denialsOf, updates, changes }: Surroundings) {
  const [first] = members;
  if (first === undefined) throw new Error('a version that nobody has');
  const byHost = new Map<number, number>();
  for (const { day, host, denials } of denialsOf(first.package)) {
    if (day >= span.fromMs / DAY_MS) byHost.set(host, (byHost.get(host) ?? 0) + denials);
  }
  const present = members.filter(({ firstMs, lastMs }) => firstMs < span.toMs && lastMs >= span.fromMs);
  const heldMs = present.reduce(
    (sum, { firstMs, lastMs }) => sum + Math.min(lastMs, span.toMs) - Math.max(firstMs, span.fromMs),
    0,
  );
  const denials = sumOf(byHost.values());
  const days = heldMs / DAY_MS;
  const change = changes.get(first.package);
  const previous = updates.previous.get(first.package);
  const partsBy = (textOf: (host: HostVersion) => string | number | null) => toParts(present, textOf, byHost);
  return {
    package: first.name,
    version: first.version,
    ...(first.type !== '' && { type: first.type }),
    first_at: new Date(Math.min(...extremes(members.map(({ firstMs }) => firstMs)))).toISOString(),
    last_at: new Date(Math.max(...extremes(members.map(({ lastMs }) => lastMs)))).toISOString(),
    hosts: present.length,
    hosts_affected: byHost.size,
    denials,
    host_days: rounded(days),
    ...rateOf(denials, days),
    ...(previous !== undefined && { previous: previous.version }),
    issues: {
      new: change?.new.length ?? 0,
      regressed: change?.regressed.length ?? 0,
      fixed: change?.fixed.length ?? 0,
    },
    by_kernel: partsBy(({ kernel }) => kernel),
    by_abi: partsBy(({ abi }) => abi),
    by_distribution: partsBy(({ distribution }) => distribution),
  };
}

function toParts(
  members: readonly HostVersion[],
  textOf: (host: HostVersion) => string | number | null,
  byHost: ReadonlyMap<number, number>,
): readonly VersionPart[] {
  const parts = new Map<string, { hosts: number; denials: number }>();
  for (const member of members) {
    const value = String(textOf(member) ?? UNKNOWN);
    const part = parts.get(value) ?? { hosts: 0, denials: 0 };
    part.hosts += 1;
    part.denials += byHost.get(member.host) ?? 0;
    parts.set(value, part);
  }
  return [...parts]
    .map(([value, part]) => ({ value, ...part }))
    .sort((a, b) => b.hosts - a.hosts || (a.value < b.value ? -1 : 1))
    .slice(0, partsMax);
}

function toIssues(
  db: Database,
  rows: readonly HostVersion[],
  changes: ReadonlyMap<number, VersionIssues>,
): readonly VersionIssue[] {
  const find = statement<IssueRow>(db, ISSUE_BY_ID_SQL);
  const versionOf = new Map(rows.map(({ package: id, version }) => [id, version]));
  const found: VersionIssue[] = [];
  for (const [id, change] of changes) {
    for (const kind of ['new', 'regressed', 'fixed'] as const) {
      for (const { issue, hosts, denials } of change[kind]) {
        const row = find.get(issue);
        if (row === undefined) continue;
        const { id: fingerprint, title } = toIssue(row);
        found.push({ version: versionOf.get(id) ?? '', issue: fingerprint, title, change: kind, hosts, denials });
      }
    }
  }
  return found.sort((a, b) => b.hosts - a.hosts || b.denials - a.denials).slice(0, issuesMax);
}

/** The least and the greatest: as arguments there may be too many. */
function extremes(values: readonly number[]): readonly [number, number] {
  return values.reduce(
    ([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function keyOf({ package: name, version }: PackageVersion): string {
  return `${name}=${version}`;
}
