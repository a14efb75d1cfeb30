// `trespass version`.
import { EXIT } from '../runtime/operating-error.ts';
import { packageVersion } from '../runtime/package-version.ts';
import { parseArguments } from './arguments.ts';
import type { Command } from './command.ts';

export const versionCommand: Command = {
  name: 'version',
  summary: 'print the version',
  usage: `usage: trespass version

Prints the version of Trespass alone on standard output.`,
  async run(argv, io) {
    parseArguments('version', argv, {});
    io.stdout.write(`${packageVersion}\n`);
    return EXIT.done;
  },
};
