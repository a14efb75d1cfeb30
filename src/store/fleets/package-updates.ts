// What updates of packages changed: from which version to which hosts went, what was denied before and after, and which
// issues came, came back and ended with a version. In which order versions came is what hosts were seen to do, never the
// spelling of the versions. Pure.

import type { Span } from '../query/scope.ts';
import { DAY_MS } from '../rollups/package-sums.ts';
import { rateOf, rounded } from './host-day-rate.ts';

/** One host's version of a package. */
export interface HostVersion {
  readonly package: number;
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly host: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly kernel: string | null;
  readonly abi: number | null;
  readonly distribution: string | null;
}

/** What is denied to the programs of one version. */
export type VersionDenials = readonly {
  readonly day: number;
  readonly host: number;
  readonly issue: number;
  readonly denials: number;
}[];

/** What is the matter with an issue in a version, as compared with the versions before. */
export type IssueChange = 'new' | 'regressed' | 'fixed';

interface IssueCount {
  readonly issue: number;
  readonly hosts: number;
  readonly denials: number;
}

export type VersionIssues = Readonly<Record<IssueChange, readonly IssueCount[]>>;

interface UpdateRate {
  readonly denials: number;
  readonly host_days: number;
  readonly per_100_host_days?: number;
}

export interface PackageUpdate {
  readonly from: string;
  readonly to: string;
  /** That were seen to make it in the span. */
  readonly hosts: number;
  /** On these hosts, up to 14 days before and after: days that they are known to have had the version. */
  readonly before: UpdateRate;
  readonly after: UpdateRate;
  /** Issues that these hosts had only after, and only before. */
  readonly issues_began: number;
  readonly issues_ended: number;
}

/** One host that went from one version to another. */
interface Step {
  readonly from: HostVersion;
  readonly to: HostVersion;
}

export interface Updates {
  readonly steps: readonly Step[];
  /** By version: the one that most of its hosts had before. */
  readonly previous: ReadonlyMap<number, HostVersion>;
}

/** How far before and after an update is looked. */
const WINDOW_DAYS = 14;
/** So long must a version have been on a host that had the issue, for it to count as fixed. */
const FIXED_AFTER_MS = DAY_MS;

/** `rows`: by host, and then by the time when the version came. */
export function updatesOf(rows: readonly HostVersion[]): Updates {
  const steps: Step[] = [];
  const last = new Map<string, HostVersion>();
  for (const row of rows) {
    const key = `${row.host} ${row.type} ${row.name}`;
    const from = last.get(key);
    if (from !== undefined) steps.push({ from, to: row });
    last.set(key, row);
  }
  return { steps, previous: mostCommon(steps) };
}

function mostCommon(steps: readonly Step[]): ReadonlyMap<number, HostVersion> {
  const counts = new Map<number, Map<number, { readonly from: HostVersion; n: number }>>();
  for (const { from, to } of steps) {
    const ofVersion = counts.get(to.package) ?? new Map<number, { readonly from: HostVersion; n: number }>();
    counts.set(to.package, ofVersion);
    const count = ofVersion.get(from.package);
    if (count === undefined) ofVersion.set(from.package, { from, n: 1 });
    else count.n += 1;
  }
  const previous = new Map<number, HostVersion>();
  for (const [to, ofVersion] of counts) {
    const [most] = [...ofVersion.values()].sort((a, b) => b.n - a.n || a.from.package - b.from.package);
    if (most !== undefined) previous.set(to, most.from);
  }
  return previous;
}

/** Issues that came, came back and ended, by version; of those that a host was seen to be updated to. */
export function compareVersions(
  rows: readonly HostVersion[],
  { previous }: Updates,
  denialsOf: (owner: number) => VersionDenials,
): ReadonlyMap<number, VersionIssues> {
  const families = new Map<string, Map<number, HostVersion[]>>();
  for (const row of rows) {
    const key = `${row.type} ${row.name}`;
    const versions = families.get(key) ?? new Map<number, HostVersion[]>();
    families.set(key, versions);
    versions.set(row.package, [...(versions.get(row.package) ?? []), row]);
  }
  const changes = new Map<number, VersionIssues>();
  for (const versions of families.values()) {
    const issues = new Map([...versions.keys()].map((id) => [id, countIssues(denialsOf(id))]));
    const firstMs = new Map([...versions].map(([id, members]) => [id, firstOf(members)]));
    for (const [id, members] of versions) {
      const before = previous.get(id)?.package;
      if (before === undefined) continue;
      const earlier = [...versions.keys()].filter(
        (other) => other !== id && (firstMs.get(other) ?? 0) < (firstMs.get(id) ?? 0),
      );
      changes.set(id, changesOf({ id, before, earlier }, issues, members));
    }
  }
  return changes;
}

type Counted = ReadonlyMap<number, { readonly hosts: ReadonlySet<number>; readonly denials: number }>;

function changesOf(
  { id, before, earlier }: { readonly id: number; readonly before: number; readonly earlier: readonly number[] },
  issues: ReadonlyMap<number, Counted>,
  members: readonly HostVersion[],
): VersionIssues {
  const own = issues.get(id) ?? new Map();
  const others = issues.get(before) ?? new Map();
  const wasEarlier = (issue: number) => others.has(issue) || earlier.some((one) => issues.get(one)?.has(issue));
  const tried = new Set(members.filter((row) => row.lastMs - row.firstMs >= FIXED_AFTER_MS).map(({ host }) => host));
  const isTried = (hosts: ReadonlySet<number>) => [...hosts].some((host) => tried.has(host));
  return {
    new: toCounts(own, (issue) => !wasEarlier(issue)),
    regressed: toCounts(own, (issue) => !others.has(issue) && wasEarlier(issue)),
    fixed: toCounts(others, (issue, hosts) => !own.has(issue) && isTried(hosts)),
  };
}

function toCounts(counted: Counted, isWanted: (issue: number, hosts: ReadonlySet<number>) => boolean) {
  return [...counted]
    .filter(([issue, { hosts }]) => isWanted(issue, hosts))
    .map(([issue, { hosts, denials }]) => ({ issue, hosts: hosts.size, denials }));
}

function countIssues(rows: VersionDenials): Counted {
  const counted = new Map<number, { readonly hosts: Set<number>; denials: number }>();
  for (const { host, issue, denials } of rows) {
    const known = counted.get(issue);
    if (known === undefined) counted.set(issue, { hosts: new Set([host]), denials });
    else {
      known.hosts.add(host);
      known.denials += denials;
    }
  }
  return counted;
}

function firstOf(members: readonly HostVersion[]): number {
  return members.reduce((least, { firstMs }) => Math.min(least, firstMs), Number.POSITIVE_INFINITY);
}

/** The updates that hosts were seen to make in the span, those of most hosts first. */
export function updatesWithin(
  rows: readonly HostVersion[],
  { steps }: Updates,
  denialsOf: (owner: number) => VersionDenials,
  span: Span,
): readonly PackageUpdate[] {
  const next = new Map(steps.map(({ from, to }) => [from, to.firstMs]));
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    if (step.to.firstMs < span.fromMs || step.to.firstMs >= span.toMs) continue;
    const key = `${step.from.package} ${step.to.package}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  const endOf = (row: HostVersion) => Math.min(next.get(row) ?? Number.POSITIVE_INFINITY, row.lastMs);
  return [...groups.values()]
    .flatMap((group) => toUpdate(group, denialsOf, endOf) ?? [])
    .sort((a, b) => b.hosts - a.hosts || (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1))
    .slice(0, rows.length);
}

function toUpdate(
  group: readonly Step[],
  denialsOf: (owner: number) => VersionDenials,
  endOf: (row: HostVersion) => number,
): PackageUpdate | undefined {
  const [first] = group;
  if (first === undefined) return undefined;
  const atDay = new Map(group.map(({ to }) => [to.host, Math.floor(to.firstMs / DAY_MS)]));
  const windowMs = WINDOW_DAYS * DAY_MS;
  const isNear = (host: number, day: number) => Math.abs(day - (atDay.get(host) ?? Number.NaN)) <= WINDOW_DAYS;
  const sideOf = (owner: number, heldMs: number) => {
    const near = denialsOf(owner).filter(({ host, day }) => isNear(host, day));
    const denials = near.reduce((sum, row) => sum + row.denials, 0);
    const days = heldMs / DAY_MS;
    const rate: UpdateRate = {
      denials,
      host_days: rounded(days),
      ...rateOf(denials, days),
    };
    return { rate, issues: new Set(near.map(({ issue }) => issue)) };
  };
  const heldBeforeMs = ({ from, to }: Step) => Math.min(windowMs, to.firstMs - from.firstMs);
  const heldAfterMs = ({ to }: Step) => Math.min(windowMs, endOf(to) - to.firstMs);
  const before = sideOf(first.from.package, sumOf(group.map(heldBeforeMs)));
  const after = sideOf(first.to.package, sumOf(group.map(heldAfterMs)));
  return {
    from: first.from.version,
    to: first.to.version,
    hosts: group.length,
    before: before.rate,
    after: after.rate,
    issues_began: [...after.issues].filter((issue) => !before.issues.has(issue)).length,
    issues_ended: [...before.issues].filter((issue) => !after.issues.has(issue)).length,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.max(0, value), 0);
}
