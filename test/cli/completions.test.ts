// Completions and manual pages say what the commands' help says, and the help says what the commands take.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choicesOf, shapeOf } from '../../src/cli/command-shape.ts';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { completionsCommand, loadCommands } from '../../src/cli/completions.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { CompletedCommand } from '../../src/cli/shell-completions.ts';
import { TOPICS } from '../../src/cli/topics.ts';
import { runCommand } from './captured-io.ts';

/** Between the supervisor and its children; nobody's to type. */
const HIDDEN = ['supervised'];

let commands: readonly CompletedCommand[];
let directory: string;
beforeAll(async () => {
  commands = await loadCommands(COMMANDS);
  directory = mkdtempSync(join(tmpdir(), 'trespass-completions-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const completions = (...argv: string[]) =>
  runCommand(
    completionsCommand(() => COMMANDS),
    argv,
  );

describe('the help of a command', () => {
  it('names options that the command takes, with a value where it wants one', async () => {
    const wrong: string[] = [];
    for (const { name, shape } of commands) {
      const entry = COMMANDS.find((one) => one.name === name);
      const command = await entry?.load();
      if (command === undefined) throw new Error(`no command ${name}`);
      for (const option of shape.options) {
        const argv = [`--${option.name}`, ...(option.value === undefined ? [] : ['x']), '--no-such-option'];
        const { stderr } = await runCommand(command, [...argv, '--', 'x']);
        if (!stderr.includes('unknown option --no-such-option'))
          wrong.push(`${name} --${option.name}: ${stderr.trim()}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('names every option that the command takes', () => {
    const missing = commands.flatMap(({ name, shape }) => {
      const path = new URL(`../../src/cli/${name}.ts`, import.meta.url);
      const source = existsSync(path) ? readFileSync(path, 'utf8') : '';
      const taken = [...source.matchAll(/^\s*'?([a-z][a-z-]*)'?: \{ type: '(?:string|boolean)'/gm)].map(
        ([, key]) => key,
      );
      const known = [...shape.options.map((option) => option.name), ...HIDDEN];
      return taken.filter((key) => !known.includes(key ?? '')).map((key) => `${name} --${key}`);
    });
    expect(missing).toEqual([]);
  });

  it('is read to options, words and paragraphs', () => {
    const usage = `usage: trespass x make|break [--a A]
       trespass x list

What it does.

  --a A, --b-c FILE  both of them
                     and more; --key K is for it
  --long-one DIR the directory
  -f, --flag

Exit code 3: nothing.`;
    expect(shapeOf('x', usage)).toEqual({
      synopsis: ['trespass x make|break [--a A]', 'trespass x list'],
      words: ['make', 'break', 'list'],
      options: [
        { name: 'a', value: 'A', description: 'both of them and more; --key K is for it' },
        { name: 'b-c', value: 'FILE', description: 'both of them and more; --key K is for it' },
        { name: 'key', value: 'K', description: 'both of them and more; --key K is for it' },
        { name: 'long-one', value: 'DIR', description: 'the directory' },
        { name: 'flag', description: '' },
      ],
      paragraphs: [['What it does.'], ['Exit code 3: nothing.']],
    });
  });
});

it.each<readonly [string, readonly string[]]>([
  ['text (default), json, junit', ['text', 'json', 'junit']],
  ['of FILE: auto, audit, plugin-binary', ['auto', 'audit', 'plugin-binary']],
  ['live, gone, or presumed-gone (never seen to end)', ['live', 'gone', 'presumed-gone']],
  ['full or reduced (default: collector.privacy)', ['full', 'reduced']],
  ['last_seen, denials (the greatest first)', ['last_seen', 'denials']],
  ["by whom: a user's name, a token's id and name", []],
  ['not before: 15m, 24h, 7d, or 2026-03-01T10:00:00Z', []],
  ['any configuration key, for example --set x=y', []],
  ['server.user', []],
])('the words that an option takes are read from "%s"', (description, words) => {
  expect(choicesOf({ name: 'x', value: 'NAME', description })).toEqual(words);
});

describe('trespass completions', () => {
  it.each(['bash', 'zsh', 'fish'])('has every command and option for %s', async (shell) => {
    const { exitCode, stdout } = await completions(shell);
    expect(exitCode).toBe(0);
    const marks = (option: string) => (shell === 'fish' ? `-l ${option}` : `--${option}`);
    for (const { name, shape } of commands) {
      expect(stdout).toContain(name);
      const missing = shape.options.filter((option) => !stdout.includes(marks(option.name)));
      expect([name, missing]).toEqual([name, []]);
    }
  });

  it('completes in bash', async () => {
    const script = join(directory, 'bash');
    writeFileSync(script, (await completions('bash')).stdout);
    const complete = (...words: string[]) => {
      const program =
        'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trespass; IFS=" "; echo "\x24{COMPREPLY[*]}"';
      const { stdout, stderr } = spawnSync('bash', ['-c', program, script, 'trespass', ...words], { encoding: 'utf8' });
      expect(stderr).toBe('');
      return stdout.trim();
    };
    expect(complete('doc')).toBe('doctor');
    expect(complete('token', '')).toMatch(/^create list revoke --/);
    expect(complete('check', '--base')).toBe('--baseline');
    expect(complete('help', 'unl')).toBe('unlogged');
    expect(complete('suggest', '--format', 'land')).toBe('landlockconfig-toml landlockconfig-json landrun');
    expect(complete('suggest', '--format', '=', 'ru')).toBe('rust');
    expect(complete('denials', '--format', '=')).toMatch(/^ndjson csv ecs /);
    expect(complete('why', '--kind', '')).toBe('program pid path user');
    expect(complete('denials', '--since', '')).toBe('');
    expect(complete('denials', '--db', script.slice(0, -1))).toBe(script);
    expect(complete('check', '--', 'bas')).toMatch(/\bbash\b/);
  });

  it.each(['zsh', 'fish'])('is a script that %s takes, where there is one', async (shell) => {
    const script = join(directory, shell);
    writeFileSync(script, (await completions(shell)).stdout);
    const { error, status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
    if (error === undefined) expect([status, stderr]).toEqual([0, '']);
  });

  it('writes a manual page for each command, and none for what does not exist', async () => {
    expect((await completions('man', join(directory, 'man'))).exitCode).toBe(0);
    const pages = readdirSync(join(directory, 'man')).sort();
    expect(pages).toEqual(
      [...COMMANDS.map(({ name }) => `trespass-${name}.1`), 'trespass.1', 'trespass-concepts.7'].sort(),
    );
    for (const { name, summary, shape } of commands) {
      const page = readFileSync(join(directory, 'man', `trespass-${name}.1`), 'utf8');
      expect(page).toContain(summary.replaceAll('-', '\\-'));
      const missing = shape.options.filter((option) => !page.includes(`\\-\\-${option.name.replaceAll('-', '\\-')}`));
      expect([name, missing]).toEqual([name, []]);
    }
    // A line that begins like a request is one.
    const requests = pages.flatMap(
      (page) => readFileSync(join(directory, 'man', page), 'utf8').match(/^[.'].*/gm) ?? [],
    );
    expect(requests.filter((line) => !/^\.(TH|SH|PP|TP|BR|B|I|nf|fi)\b/.test(line))).toEqual([]);
  });

  it('asks which shell', async () => {
    expect(await completions()).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/for which shell/) });
    expect((await completions('man')).exitCode).toBe(2);
  });
});

describe('trespass help', () => {
  const help = (...argv: string[]) => {
    const command = { name: 'help', summary: '', usage: '', run: runProgram } as const;
    return runCommand(command, ['help', ...argv]);
  };

  it.each(TOPICS.map(({ name }) => name))('explains %s in lines that fit a terminal', async (name) => {
    const { exitCode, stdout } = await help(name);
    expect([exitCode, stdout.length > 300]).toEqual([0, true]);
    expect(stdout.split('\n').filter((line) => line.length > 160)).toEqual([]);
  });

  it('tells of the command first where a concept has its name', async () => {
    expect((await help('domains')).stdout).toMatch(
      /^usage: trespass domains[\s\S]*\n\nA domain is one layer of a sandbox/,
    );
  });

  it('names the concepts where there is none of that name', async () => {
    expect(await help('evidense')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(
        /no help on "evidense".*evidence.*: see trespass --help; the concepts are domains, /,
      ),
    });
  });
});
