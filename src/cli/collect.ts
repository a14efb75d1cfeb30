// `trespass collect`: the collector alone.
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
in the spool until a server (trespass serve, same runtime directory) has committed it.

${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values } = parseArguments('collect', argv, { ...CONFIG_OPTIONS, supervised: { type: 'boolean' } });
    const { config } = loadCommandConfig(values, io, values.supervised);
    requireAuditRights(config, 'collect');
    const { startCollector } = await import('../collector/collector.ts');
    return await runDaemon(
      {
        name: 'collector',
        config,
        graceMs: 0,
        start: (context) => startCollector(config, { ...context, dropPrivileges: isRoot() }),
        describe: describeCollector,
      },
      values.supervised === true,
      io,
    );
  },
};

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
