// `trespass collect`: the collector alone.
import type { Enrolment } from '../collector/sending/enrolment.ts';
import type { Config } from '../runtime/config.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { isRoot } from '../runtime/privileges.ts';
import type { CanaryReport, ChildMessage, CollectorReady } from '../runtime/supervision.ts';
import { escapeTerminal } from '../runtime/terminal-text.ts';
import { parseArguments } from './arguments.ts';
import { requireAuditRights } from './audit-rights.ts';
import type { Command } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig } from './config-options.ts';
import { runDaemon } from './daemon.ts';

export const collectCommand: Command = {
  name: 'collect',
  summary: 'the collector alone: reads records and delivers them',
  usage: `usage: trespass collect [options]

Runs the collector in the foreground until SIGTERM or SIGINT. With the sources netlink and netlink-unicast it needs root
(CAP_AUDIT_CONTROL, CAP_AUDIT_READ), turns audit on where it was off, and puts it back at the end. What it reads waits
in the spool until a server has committed it: the one that this host was enrolled at (trespass enroll), otherwise
trespass serve on this machine, with the same runtime directory.

  --server URL          only where this host is enrolled at that server
${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values } = parseArguments('collect', argv, {
      ...CONFIG_OPTIONS,
      supervised: { type: 'boolean' },
      server: { type: 'string' },
    });
    const { config } = loadCommandConfig(values, io, values.supervised);
    requireAuditRights(config, 'collect');
    const enrolment = values.supervised ? undefined : await findEnrolment(config, values.server);
    const { startCollector } = await import('../collector/collector.ts');
    return await runDaemon(
      {
        name: 'collector',
        config,
        graceMs: 0,
        start: (context) => startCollector(config, { ...context, enrolment, dropPrivileges: isRoot() }),
        describe: describeCollector,
      },
      values.supervised === true,
      io,
    );
  },
};

/** The server of this host; undefined: the one on this machine. Throws where `wanted` is another one. */
async function findEnrolment(config: Config, wanted: string | undefined): Promise<Enrolment | undefined> {
  const { checkPlace, readEnrolment } = await import('../collector/sending/enrolment.ts');
  const enrolment = readEnrolment(config.collector.spoolDirectory);
  if (wanted === undefined) return enrolment;
  const { server } = checkPlace({ server: wanted });
  if (enrolment?.server === server) return enrolment;
  throw new OperatingError(
    'not-enrolled',
    enrolment === undefined ? 'this host is not enrolled' : `this host is enrolled at ${enrolment.server}`,
    `trespass enroll ${server} --token TOKEN`,
    { exitCode: EXIT.usage },
  );
}

function describeCollector(message: ChildMessage): string | undefined {
  switch (message.kind) {
    case 'collector-ready':
      return describeKernel(message).join('\n');
    case 'canary':
      return describeCanary(message);
    default:
      return undefined;
  }
}

const AUDIT_STATES = ['off', 'on', 'on and locked until reboot'];

/** The calm lines about the kernel; also the supervisor's. */
export function describeKernel(ready: CollectorReady): string[] {
  const state = (enabled: number) => AUDIT_STATES[enabled] ?? `in state ${enabled}`;
  const audit =
    ready.auditEnabledBefore === ready.auditEnabled
      ? `audit is ${state(ready.auditEnabled)}, as it was`
      : `audit was ${state(ready.auditEnabledBefore)}, is ${state(ready.auditEnabled)} now, and is put back at exit`;
  const backlog =
    ready.backlogLimitBefore === ready.backlogLimit
      ? `backlog limit ${ready.backlogLimit}, as it was`
      : `backlog limit raised from ${ready.backlogLimitBefore} to ${ready.backlogLimit}`;
  const buffer = `receive buffer ${Math.round(ready.receiveBufferBytes / 1024 / 1024)} MiB`;
  const landlock = ready.landlockAbi > 0 ? `Landlock ABI ${ready.landlockAbi}` : 'no Landlock in this kernel';
  // Without a socket the source is a log.
  return ready.receiveBufferBytes === 0
    ? [landlock, 'records come from a log; audit is left alone']
    : [landlock, audit, `${backlog}, ${buffer}`];
}

/** One line; reasons come from our own child, but its text may quote the system. */
export function describeCanary(canary: CanaryReport): string {
  const reason = canary.reason === undefined ? '' : `: ${escapeTerminal(canary.reason)}`;
  switch (canary.state) {
    case 'seen':
      return `canary seen after ${Math.round(canary.latencyMs ?? 0)} ms`;
    case 'missed':
      return `canary missed${reason}`;
    case 'unavailable':
      return `no canary${reason}`;
  }
}
