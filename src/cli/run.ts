// `trespass run`: from the kernel to the dashboard in one command.
import { parseArguments } from './arguments.ts';
import { requireAuditRights } from './audit-rights.ts';
import type { Command } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig, toSetArguments } from './config-options.ts';
import { Supervisor } from './supervisor.ts';

export const runCommand: Command = {
  name: 'run',
  summary: 'collector and server here: from the kernel to the dashboard',
  usage: `usage: trespass run [options]

Starts server and collector as two processes, keeps them alive, and prints the dashboard's address and a one-time sign-in
link. Needs root for the kernel's audit: the collector turns audit on where it was off; the server becomes an ordinary
user. SIGTERM or Ctrl-C ends both within 5 seconds and puts audit back as it was.

${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values } = parseArguments('run', argv, CONFIG_OPTIONS);
    const loaded = loadCommandConfig(values, io);
    requireAuditRights(loaded.config, 'run');
    const isCalm = io.isStderrTty && loaded.values.get('log.level')?.origin === 'default';
    const supervisor = new Supervisor(
      {
        childArguments: [...toSetArguments(loaded), ...(isCalm ? ['--log-level', 'warn'] : [])],
        isCanaryExpected: loaded.config.collector.canary,
        async restoreAudit() {
          const { removeLeftovers } = await import('../collector/kernel/leftovers.ts');
          await removeLeftovers(loaded.config.runtime.directory);
        },
      },
      io,
    );
    return await supervisor.run();
  },
};
