// `trespass packages`: versions of packages in a fleet, and what updates changed.
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import type { PackageMetrics, PackageVersion } from '../store/fleets/package-metrics.ts';
import type { PackageUpdate } from '../store/fleets/package-updates.ts';
import { parseArguments, parseTime } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { openQuerySource, SOURCE_OPTIONS, SOURCE_USAGE } from './open-query-source.ts';
import { type Column, formatTable } from './table.ts';

const SPAN_MS_DEFAULT = 7 * 86_400_000;

export const packagesCommand: Command = {
  name: 'packages',
  summary: 'compare versions of packages in a fleet, before and after updates',
  usage: `usage: trespass packages [PACKAGE] [options]

Lists versions of packages to whose programs something was denied: hosts that had them, denials for 100 host-days, and
issues that are new in a version, that came back with it, or that ended with it, compared with what hosts had before.
With PACKAGE all of its versions, and what updates changed on the hosts that made them, up to 14 days before and after.

  --fleet NAME    of this fleet (default: default)
  --since TIME    not before: 24h, 30d, or 2026-03-01T10:00:00Z (default: 7d); whole days of UTC
  --until TIME    before
  --json          the whole answer as one JSON document, with the issues of PACKAGE one by one
${SOURCE_USAGE}

Exit code 3: nothing is known of packages there.`,
  async run(argv, io) {
    const options = {
      ...SOURCE_OPTIONS,
      fleet: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      json: { type: 'boolean' },
    } as const;
    const { values, positionals } = parseArguments('packages', argv, options, 1);
    const nowMs = Date.now();
    const toMs = values.until === undefined ? nowMs : parseTime('until', values.until, nowMs);
    const fromMs = values.since === undefined ? toMs - SPAN_MS_DEFAULT : parseTime('since', values.since, nowMs);
    const fleet = values.fleet ?? 'default';
    const source = await openQuerySource(values, io, () => loadCommandConfig(values, io));
    try {
      const found = await source.packages({ fleet, package: positionals[0], scope: { fromMs, toMs } });
      if (found !== undefined) return print(found, values.json === true, io);
    } finally {
      source.close();
    }
    throw new OperatingError('no-such-fleet', `there is no fleet ${JSON.stringify(fleet)}`, 'see trespass fleets', {
      exitCode: EXIT.nothing,
    });
  },
};

function print(found: PackageMetrics, isJson: boolean, io: Io): ExitCode {
  if (found.versions.length === 0) {
    io.stderr.write('nothing was denied to a program whose package is known\n');
    return EXIT.nothing;
  }
  if (isJson) {
    io.stdout.write(`${toJsonLine(found)}\n`);
    return EXIT.done;
  }
  io.stdout.write(formatTable(VERSION_COLUMNS, found.versions, io));
  const { updates = [] } = found;
  if (updates.length > 0) io.stdout.write(`\n${formatTable(UPDATE_COLUMNS, updates, io)}`);
  return EXIT.done;
}

const rateText = (rate: number | undefined) => (rate === undefined ? '' : rate.toFixed(1));

const VERSION_COLUMNS: readonly Column<PackageVersion>[] = [
  { title: 'PACKAGE', widthMax: 32, value: (row) => row.package },
  { title: 'VERSION', widthMax: 32, value: ({ version }) => version },
  { title: 'AFTER', widthMax: 32, value: ({ previous }) => previous ?? '' },
  { title: 'HOSTS', align: 'right', value: ({ hosts }) => String(hosts) },
  { title: 'AFFECTED', align: 'right', value: (row) => String(row.hosts_affected) },
  { title: 'DENIALS', align: 'right', value: ({ denials }) => String(denials) },
  { title: 'PER 100 HOST-DAYS', align: 'right', value: (row) => rateText(row.per_100_host_days) },
  { title: 'NEW', align: 'right', value: ({ issues }) => String(issues.new) },
  { title: 'REGRESSED', align: 'right', value: ({ issues }) => String(issues.regressed) },
  { title: 'FIXED', align: 'right', value: ({ issues }) => String(issues.fixed) },
];

const UPDATE_COLUMNS: readonly Column<PackageUpdate>[] = [
  { title: 'UPDATE FROM', widthMax: 32, value: ({ from }) => from },
  { title: 'TO', widthMax: 32, value: ({ to }) => to },
  { title: 'HOSTS', align: 'right', value: ({ hosts }) => String(hosts) },
  { title: 'BEFORE, PER 100 HOST-DAYS', align: 'right', value: ({ before }) => rateText(before.per_100_host_days) },
  { title: 'AFTER', align: 'right', value: ({ after }) => rateText(after.per_100_host_days) },
  { title: 'ISSUES BEGAN', align: 'right', value: (row) => String(row.issues_began) },
  { title: 'ENDED', align: 'right', value: (row) => String(row.issues_ended) },
];
