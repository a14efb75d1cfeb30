// Packages of a fleet, what may be told of it, and what its hosts that only count told.
import type { FleetMetrics } from '../../../src/api/schemas/fleet-metrics.ts';
import type { PackageMetrics } from '../../../src/api/schemas/package-metrics.ts';
import type { SharedMetrics } from '../../../src/api/schemas/shared-metrics.ts';

type At = (agoMs: number) => string;
const DAY_MS = 86_400_000;

/** `owner`: of one package alone. `text`: instead of names. */
export function packageMetrics(fleet: string, at: At, owner: string | null, text: string | undefined): PackageMetrics {
  const first = text ?? owner ?? 'firefox';
  const version = (name: string, number: string, previous: string | undefined, rate: number, fresh: number) => ({
    package: name,
    version: text ?? number,
    type: 'dpkg',
    first_at: at(20 * DAY_MS),
    last_at: at(0),
    hosts: 14,
    hosts_affected: 9,
    denials: 37 * rate,
    host_days: 37,
    per_100_host_days: 100 * rate,
    ...(previous === undefined ? {} : { previous: text ?? previous }),
    issues: { new: fresh, regressed: 0, fixed: fresh > 0 ? 0 : 1 },
    by_kernel: [],
    by_abi: [],
    by_distribution: [],
  });
  const versions = [
    version(first, '128.4.0esr-1~deb13u1', '128.3.1esr-1~deb13u1', 7, 2),
    version(first, '128.3.1esr-1~deb13u1', undefined, 2, 0),
    ...(owner === null ? [version(text ?? 'nginx', '1.26.3-3', '1.26.3-2', 1, 0)] : []),
  ];
  if (owner === null) {
    return { fleet, from: at(7 * DAY_MS), to: at(0), versions };
  }
  const rate = (per100: number) => ({ denials: per100, host_days: 100, per_100_host_days: per100 });
  const [now, before] = versions.map((one) => one.version);
  return {
    fleet,
    from: at(7 * DAY_MS),
    to: at(0),
    versions,
    updates: [
      {
        from: before ?? '',
        to: now ?? '',
        hosts: 8,
        before: rate(210),
        after: rate(690),
        issues_began: 2,
        issues_ended: 0,
      },
    ],
    issues: [
      {
        version: now ?? '',
        issue: 'mzxw6ytboi'.repeat(3).slice(0, 26),
        title: `firefox-esr is refused to list ${text ?? '/sys/devices/virtual/dmi/id'}`,
        change: 'new',
        hosts: 7,
        denials: 148,
      },
    ],
  };
}

/** Of four weeks, one of which is withheld. */
export function sharedMetrics(fleet: string, at: At, text: string | undefined): SharedMetrics {
  return {
    fleet,
    from: at(30 * DAY_MS),
    to: at(2 * DAY_MS),
    hosts_min: 5,
    weeks: 4,
    weeks_withheld: 1,
    hosts_reporting: 14,
    hosts_affected: 9,
    denials: 9_210,
    host_days: 280,
    per_100_host_days: 3_289,
    by_program: [
      { value: text ?? '/usr/lib/firefox-esr/firefox-esr', denials: 6_100, hosts: 9 },
      { value: '(other)', denials: 3_110, hosts: 7 },
    ],
    by_blocker: [{ value: 'fs.read_file', denials: 9_210, hosts: 9 }],
    by_package: [{ value: text ?? 'firefox 128.4.0esr-1~deb13u1', denials: 6_100, hosts: 9 }],
    by_kernel: [],
    by_abi: [],
    by_distribution: [],
  };
}

export function aggregatedMetrics(text: string | undefined): NonNullable<FleetMetrics['aggregated']> {
  return {
    denials: 1_204,
    domains: 77,
    malformed: 0,
    lost: [],
    reporters: 3,
    by_program: [{ value: text ?? '/usr/bin/ssh', denials: 900, reporters: 3 }],
    by_blocker: [{ value: 'fs.write_file', denials: 1_204, reporters: 3 }],
    by_object: [{ value: text ?? '/etc/passwd', denials: 300, reporters: 2 }],
    by_package: [],
  };
}
