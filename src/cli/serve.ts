// `trespass serve`: the server alone.
import { isRoot } from '../runtime/privileges.ts';
import type { ChildMessage } from '../runtime/supervision.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { CONFIG_OPTIONS, CONFIG_USAGE, loadCommandConfig } from './config-options.ts';
import { runDaemon } from './daemon.ts';

/** Long enough for the collector, which ends at once, to deliver what it has. */
const GRACE_MS = 1_500;

export const serveCommand: Command = {
  name: 'serve',
  summary: 'the server alone: database, API, dashboard',
  usage: `usage: trespass serve [options]

Runs the server in the foreground until SIGTERM or SIGINT. It takes what collectors deliver, stores it, and serves the
API and the dashboard. Started as root it becomes the user of server.user once its files and sockets are open.

${CONFIG_USAGE}`,
  async run(argv, io) {
    const { values } = parseArguments('serve', argv, { ...CONFIG_OPTIONS, supervised: { type: 'boolean' } });
    const { config } = loadCommandConfig(values, io, values.supervised);
    const { startServer } = await import('../api/server.ts');
    return await runDaemon(
      {
        name: 'server',
        config,
        graceMs: GRACE_MS,
        start: (context) => startServer(config, { ...context, dropPrivileges: isRoot() }),
        describe: describeServer,
      },
      values.supervised === true,
      io,
    );
  },
};

function describeServer(message: ChildMessage): string | undefined {
  if (message.kind !== 'server-ready') {
    return undefined;
  }
  return [
    `database ${message.databasePath}`,
    `dashboard ${message.address}`,
    `sign in once, within 15 minutes: ${message.signInUrl}`,
  ].join('\n');
}
