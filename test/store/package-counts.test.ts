// What versions and updates of packages changed, against a count over the very heartbeats and denials, whatever they are:
// hosts that go back to a version, that skip one, and that are denied nothing.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { saveHeartbeat } from '../../src/store/fleets/agents.ts';
import { fleetFacts } from '../../src/store/fleets/fleet-facts.ts';
import { packageMetrics } from '../../src/store/fleets/package-metrics.ts';
import { listIssues } from '../../src/store/issues/issues.ts';
import { isRefused } from '../../src/store/refused.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../api/support/documents.ts';
import { denial } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const DAY = 24 * 3_600_000;
const T = Date.UTC(2026, 2, 10);
const DAYS = 8;
const HOSTS = ['a', 'b', 'c'];
const VERSIONS = ['1.9', '1.10', '2'];
const PATHS = ['/etc/alpha', '/etc/beta', '/etc/gamma'];
/** Parts of a day at which a host is heard of. */
const HEARD = [0, 0.25, 0.5, 0.75];

interface Story {
  /** Of each host, the version of each day. */
  readonly plans: readonly (readonly string[])[];
  readonly denials: readonly { readonly host: number; readonly day: number; readonly path: string }[];
  /** From which day on is asked. */
  readonly from: number;
}

const story: fc.Arbitrary<Story> = fc.record({
  plans: fc.array(fc.array(fc.constantFrom(...VERSIONS), { minLength: DAYS, maxLength: DAYS }), {
    minLength: HOSTS.length,
    maxLength: HOSTS.length,
  }),
  denials: fc.array(
    fc.record({
      host: fc.nat(HOSTS.length - 1),
      day: fc.nat(DAYS - 1),
      path: fc.constantFrom(...PATHS),
    }),
    { maxLength: 40 },
  ),
  from: fc.nat(DAYS - 1),
});

function stored({ plans, denials }: Story) {
  const db = temporaryDatabase();
  const nginx = (version: string) => ({ name: 'nginx', version, type: 'dpkg' });
  for (let day = 0; day < DAYS; day++) {
    for (const part of HEARD) {
      for (const [at, host] of HOSTS.entries()) {
        const about = { ...testHeartbeat().host, id: host, name: host, boot_id: `boot of ${host}` };
        const packages = [nginx(plans[at]?.[day] ?? '')];
        saveHeartbeat(db, { ...testHeartbeat(), host: about, packages }, T + (day + part) * DAY);
      }
    }
  }
  const docs = denials.map(({ host, day, path }, n) => ({
    doc: {
      ...denial({ n: n + 1, ms: T + (day + 0.5) * DAY + n, host: HOSTS[host] ?? '', path, program: '/usr/sbin/nginx' }),
      package: nginx(plans[host]?.[day] ?? ''),
    },
  }));
  expect(new EventWriter(db).write(docs, T).rejected).toEqual([]);
  return db;
}

interface Held {
  readonly host: number;
  readonly version: string;
  /** In days. */
  readonly first: number;
  readonly last: number;
}

/** Each host's versions in the order in which they came. */
function heldBy({ plans }: Story): readonly Held[][] {
  return plans.map((plan, host) =>
    [...new Set(plan)].map((version) => ({
      host,
      version,
      first: plan.indexOf(version),
      last: plan.lastIndexOf(version) + (HEARD.at(-1) ?? 0),
    })),
  );
}

const stepsOf = (held: readonly Held[][]) =>
  held.flatMap((own) => own.slice(1).map((to, at) => ({ from: own[at] as Held, to })));

/** Versions in the order in which the server heard of them. */
function heardOrder({ plans }: Story): readonly string[] {
  return [...new Set(plans[0]?.flatMap((_, day) => plans.map((plan) => plan[day] ?? '')))];
}

function pathsOf({ plans, denials }: Story, version: string, hosts = HOSTS.map((_, at) => at)) {
  return denials.filter(({ host, day }) => plans[host]?.[day] === version && hosts.includes(host));
}

/** The version that most hosts had before; of equals the one that was heard of first. */
function previousOf(one: Story, version: string): string | undefined {
  const befores = stepsOf(heldBy(one)).flatMap(({ from, to }) => (to.version === version ? [from.version] : []));
  const times = (name: string) => befores.filter((before) => before === name).length;
  return heardOrder(one)
    .filter((name) => befores.includes(name))
    .sort((a, b) => times(b) - times(a))[0];
}

function changesOf(one: Story, version: string) {
  const previous = previousOf(one, version);
  if (previous === undefined) return { new: [], regressed: [], fixed: [] };
  const held = heldBy(one).flat();
  const cameFirst = (name: string) => Math.min(...held.flatMap((row) => (row.version === name ? [row.first] : [])));
  const has = (name: string, path: string) => pathsOf(one, name).some((refused) => refused.path === path);
  const before = (path: string) =>
    VERSIONS.some((other) => cameFirst(other) < cameFirst(version) && has(other, path)) || has(previous, path);
  const isTried = (host: number) =>
    held.some((row) => row.host === host && row.version === version && row.last - row.first >= 1);
  const isFixed = (path: string) =>
    has(previous, path) &&
    !has(version, path) &&
    pathsOf(one, previous).some((refused) => refused.path === path && isTried(refused.host));
  return {
    new: PATHS.filter((path) => has(version, path) && !before(path)),
    regressed: PATHS.filter((path) => has(version, path) && !has(previous, path) && before(path)),
    fixed: PATHS.filter(isFixed),
  };
}

const rate = (denials: number, days: number) => ({ denials, host_days: Math.round(days * 1_000) / 1_000 });

function updatesOf(one: Story) {
  const held = heldBy(one);
  const steps = stepsOf(held).filter(({ to }) => to.first >= one.from);
  const kinds = [...new Set(steps.map(({ from, to }) => `${from.version} ${to.version}`))];
  return kinds.map((kind) => {
    const own = steps.filter(({ from, to }) => `${from.version} ${to.version}` === kind);
    const [from = '', to = ''] = kind.split(' ');
    const hosts = own.map(({ from: { host } }) => host);
    const [before, after] = [pathsOf(one, from, hosts), pathsOf(one, to, hosts)];
    const only = (these: typeof before, those: typeof before) =>
      PATHS.filter((path) => these.some((x) => x.path === path) && !those.some((x) => x.path === path)).length;
    const daysBefore = own.reduce((sum, step) => sum + step.to.first - step.from.first, 0);
    const daysAfter = own.reduce((sum, { to: row }) => {
      const next = held[row.host]?.find(({ first }) => first > row.first)?.first ?? Number.POSITIVE_INFINITY;
      return sum + Math.min(next, row.last) - row.first;
    }, 0);
    return {
      from,
      to,
      hosts: own.length,
      before: rate(before.length, daysBefore),
      after: rate(after.length, daysAfter),
      issues_began: only(after, before),
      issues_ended: only(before, after),
    };
  });
}

const sorted = <T>(values: readonly T[]) => values.map((value) => JSON.stringify(value)).sort();

it('is what counting heartbeats and denials by hand gives', () => {
  fc.assert(
    fc.property(story, (one) => {
      const db = stored(one);
      const listed = listIssues(db, { scope: {}, limit: 10 });
      if (isRefused(listed)) throw new Error('refused');
      const pathOf = new Map(
        listed.data.map(({ id, title }) => [id, PATHS.find((path) => title.includes(path))] as const),
      );
      const scope = { fromMs: T + one.from * DAY, toMs: T + DAYS * DAY };
      const answer = packageMetrics(db, { fleet: 'default', package: 'nginx', scope });

      const wanted = VERSIONS.flatMap((version) =>
        Object.entries(changesOf(one, version)).flatMap(([change, paths]) =>
          paths.map((path) => ({ version, change, path })),
        ),
      );
      const found = answer?.issues?.map(({ version, change, issue }) => ({ version, change, path: pathOf.get(issue) }));
      expect(sorted(found ?? [])).toEqual(sorted(wanted));

      const byKind = (updates: readonly { readonly from: string; readonly to: string }[]) =>
        updates.toSorted((x, y) => (`${x.from} ${x.to}` < `${y.from} ${y.to}` ? -1 : 1));
      expect(byKind(answer?.updates ?? [])).toMatchObject(byKind(updatesOf(one)));
      db.close();
    }),
    { numRuns: 60 },
  );
});

it('is added up for a monitoring system of the versions that something was denied to on the last day', () => {
  fc.assert(
    fc.property(story, (one) => {
      const db = stored(one);
      const last = DAYS - 1;
      const [facts] = fleetFacts(db, { nowMs: T + DAYS * DAY }).fleets;
      const shown = VERSIONS.filter((version) => pathsOf(one, version).some(({ day }) => day === last));
      const sum = (change: 'new' | 'regressed' | 'fixed') =>
        shown.reduce((total, version) => total + changesOf(one, version)[change].length, 0);
      expect(facts?.version_issues).toEqual({ new: sum('new'), regressed: sum('regressed'), fixed: sum('fixed') });
      db.close();
    }),
    { numRuns: 60 },
  );
});
