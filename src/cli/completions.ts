// `trespass completions SHELL`: completion scripts and manual pages, from the commands' own help.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXIT } from '../runtime/operating-error.ts';
import { packageVersion } from '../runtime/package-version.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, CommandEntry } from './command.ts';
import { shapeOf } from './command-shape.ts';
import { commandPage, conceptsPage, mainPage } from './man-page.ts';
import { type CompletedCommand, completionScript, SHELLS } from './shell-completions.ts';
import { TOPICS } from './topics.ts';

/** `entries`: the table that this command is in itself. */
export function completionsCommand(entries: () => readonly CommandEntry[]): Command {
  return {
    name: 'completions',
    summary: 'completions for bash, zsh and fish, and manual pages',
    usage: `usage: trespass completions bash|zsh|fish
       trespass completions man DIR

Prints the completion script of a shell: eval "$(trespass completions bash)" in ~/.bashrc; trespass completions zsh into
a file _trespass in a directory of $fpath; trespass completions fish into ~/.config/fish/completions/trespass.fish.
With man, writes the manual pages into DIR.`,
    async run(argv, io) {
      const { positionals } = parseArguments('completions', argv, {}, 2);
      const [what, directory] = positionals;
      const shell = SHELLS.find((known) => known === what);
      if (shell === undefined && what !== 'man') {
        throw usageError('completions: for which shell?', `write trespass completions ${SHELLS.join(', ')} or man`);
      }
      const commands = await loadCommands(entries());
      if (shell !== undefined) {
        io.stdout.write(
          completionScript(
            shell,
            commands,
            TOPICS.map(({ name }) => name),
          ),
        );
        return EXIT.done;
      }
      if (directory === undefined) throw usageError('completions: man needs a directory', 'name one');
      writePages(resolve(io.cwd, directory), commands);
      return EXIT.done;
    },
  };
}

/** Each with what its help says that it takes. */
export async function loadCommands(entries: readonly CommandEntry[]): Promise<readonly CompletedCommand[]> {
  return await Promise.all(
    entries.map(async ({ name, summary, load }) => ({ name, summary, shape: shapeOf(name, (await load()).usage) })),
  );
}

function writePages(directory: string, commands: readonly CompletedCommand[]): void {
  mkdirSync(directory, { recursive: true });
  for (const { name, summary, shape } of commands) {
    const page = commandPage({ version: packageVersion, name, summary }, shape);
    writeFileSync(join(directory, `trespass-${name}.1`), page);
  }
  writeFileSync(join(directory, 'trespass.1'), mainPage(packageVersion, commands));
  writeFileSync(join(directory, 'trespass-concepts.7'), conceptsPage(packageVersion, TOPICS));
}
