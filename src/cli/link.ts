// `trespass link`: asks the running server for a new one-time sign-in link.
import { join } from 'node:path';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { ApiClient, answersOn } from './api-client.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';
import { CONFIG_OPTIONS, loadCommandConfig } from './config-options.ts';

export const linkCommand: Command = {
  name: 'link',
  summary: 'a new one-time sign-in link for the running dashboard',
  usage: `usage: trespass link [--config FILE] [--runtime-dir DIR]

Prints a link that signs one browser in; it works once, within 15 minutes. Only the user of the server and root may ask,
because the request goes over the server's Unix socket (api.sock in the runtime directory).`,
  async run(argv, io) {
    const { config, 'runtime-dir': runtimeDir } = CONFIG_OPTIONS;
    const { values } = parseArguments('link', argv, { config, 'runtime-dir': runtimeDir });
    const { directory } = loadCommandConfig(values, io).config.runtime;
    const socketPath = join(directory, 'api.sock');
    if (!(await answersOn(socketPath))) {
      throw new OperatingError(
        'server-unreachable',
        `no server that we may talk to answers on ${socketPath}`,
        'start trespass run, ask as root or as its user, or name its --runtime-dir',
      );
    }
    const answer = await new ApiClient({ kind: 'socket', path: socketPath }).getJson('/session/link', 'POST');
    const url =
      typeof answer === 'object' && answer !== null
        ? Object.values(answer).find((value) => typeof value === 'string' && value.includes('/sign-in?'))
        : undefined;
    if (typeof url !== 'string') {
      throw new OperatingError('no-trespass', 'the server answered no link', 'update both sides');
    }
    io.stdout.write(`${url}\n`);
    return EXIT.done;
  },
};
