// The program `trespass`, apart from its process: finds the command, runs it, turns every error into one line and an
// exit code. Tests call it with streams of their own.
import { didYouMean } from '../runtime/closest-word.ts';
import { EXIT } from '../runtime/operating-error.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { errorLine, toFailure } from './error-line.ts';

/** `trespass --help`. */
export function helpText(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length)) + 2;
  const lines = COMMANDS.map((command) => `  ${command.name.padEnd(width)}${command.summary}`);
  return `Trespass shows what Linux Landlock denied, to whom, and why.

usage: trespass COMMAND [options]

${lines.join('\n')}

trespass COMMAND --help tells more, trespass help TOPIC of the concepts: domains, blockers, unlogged, evidence, losses,
issues, query. First steps, as root: trespass run, then trespass demo in another terminal.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing matched, 4 no permission.
`;
}

/** Runs one command line; never throws. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  try {
    const [name, ...rest] = argv;
    if (name === undefined) {
      io.stderr.write(helpText());
      return EXIT.usage;
    }
    if (name === '--help' || name === '-h' || (name === 'help' && rest[0] === undefined)) {
      io.stdout.write(helpText());
      return EXIT.done;
    }
    if (name === 'help') return await help(rest[0] ?? '', io);
    const wanted = name === '--version' || name === '-V' ? 'version' : name;
    const entry = COMMANDS.find((command) => command.name === wanted);
    if (entry === undefined) {
      const known = COMMANDS.map((command) => command.name);
      throw usageError(`unknown command "${wanted}"${didYouMean(wanted, known)}`, 'see trespass --help');
    }
    const command = await entry.load();
    if (isHelpWanted(rest)) {
      io.stdout.write(`${command.usage.trim()}\n`);
      return EXIT.done;
    }
    return await command.run(rest, io);
  } catch (error) {
    const failure = toFailure(error);
    io.stderr.write(errorLine(failure));
    if (io.env.TRESPASS_DEBUG && error instanceof Error) {
      io.stderr.write(`${error.stack}\n`);
    }
    return failure.exitCode;
  }
}

/** Of a command, of a concept, or of both where they have one name. */
async function help(name: string, io: Io): Promise<number> {
  const { TOPICS } = await import('./topics.ts');
  const entry = COMMANDS.find((command) => command.name === name);
  const topic = TOPICS.find((known) => known.name === name);
  if (entry === undefined && topic === undefined) {
    const known = [...COMMANDS, ...TOPICS].map((one) => one.name);
    const topics = TOPICS.map((one) => one.name).join(', ');
    throw usageError(
      `no help on "${name}"${didYouMean(name, known)}`,
      `see trespass --help; the concepts are ${topics}`,
    );
  }
  const usage = entry && (await entry.load()).usage.trim();
  io.stdout.write(`${[usage, topic?.text.trim()].filter((text) => text !== undefined).join('\n\n')}\n`);
  return EXIT.done;
}

function isHelpWanted(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}
