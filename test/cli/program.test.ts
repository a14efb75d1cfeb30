import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { errorLine, toFailure } from '../../src/cli/error-line.ts';
import { runProgram } from '../../src/cli/program.ts';
import { OperatingError } from '../../src/runtime/operating-error.ts';
import { packageVersion } from '../../src/runtime/package-version.ts';
import { testIo } from '../support/test-io.ts';

const directory = mkdtempSync(join(tmpdir(), 'trespass-cli-'));
afterAll(() => rmSync(directory, { recursive: true }));

async function trespass(...argv: string[]) {
  const io = testIo({ cwd: directory });
  const exitCode = await runProgram(argv, io);
  return { exitCode, out: io.out(), err: io.err() };
}

describe('trespass', () => {
  it('tells its commands, on stdout when asked and on stderr when called without one', async () => {
    const asked = await trespass('--help');
    expect([asked.exitCode, asked.err]).toEqual([0, '']);
    expect(asked.out).toContain('trespass COMMAND --help');
    expect(await trespass()).toEqual({ exitCode: 2, out: '', err: asked.out });
  });

  it.each(COMMANDS.map(({ name }) => name))('tells how to use %s', async (name) => {
    const { exitCode, out, err } = await trespass(name, '--help');
    expect([exitCode, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^usage: trespass ${name}`, 'i'));
    // Where a concept has the same name, it follows.
    const told = await trespass('help', name);
    expect(told).toEqual({ exitCode, out: expect.stringContaining(out.trimEnd()), err });
  });

  it('has the same summary of a command in its table and in the command', async () => {
    for (const entry of COMMANDS) {
      const command = await entry.load();
      expect([command.name, command.summary]).toEqual([entry.name, entry.summary]);
    }
  });

  it('asks whether another command was meant', async () => {
    expect(await trespass('denails')).toEqual({
      exitCode: 2,
      out: '',
      err: 'trespass: unknown command "denails" (did you mean "denials"?): see trespass --help\n',
    });
  });

  it('says how a value is written that looks like an option', async () => {
    const { exitCode, err } = await trespass('denials', '--limit', '-3');
    expect([exitCode, err]).toEqual([
      2,
      'trespass: denials: --limit wants a value; one that begins with a dash is written --limit=-…: see trespass denials --help\n',
    ]);
  });

  it('asks whether another option was meant', async () => {
    const { exitCode, err } = await trespass('denials', '--lmit', '5');
    expect([exitCode, err]).toEqual([
      2,
      'trespass: denials: unknown option --lmit (did you mean "limit"?): see trespass denials --help\n',
    ]);
  });

  it.each([
    [['denials', 'surplus'], 'unexpected argument "surplus"'],
    [['denials', '--limit'], "denials: Option '--limit <value>' argument missing"],
    [['denials', '--limit', 'many'], '--limit "many" is no number of at least 1'],
    [['denials', '--since', 'yesterday'], '--since "yesterday" is no time'],
    [['denials', '--db', 'a', '--url', 'b'], '--db and --url exclude each other'],
    [['denials', '--url', 'ftp://a'], '--url "ftp://a" is no http or https address'],
    [['config'], 'config: say what to do'],
    [['run', '--set', 'store.pth=x'], 'unknown configuration key store.pth (did you mean "store.path"?)'],
    [['run', '--set', 'store.path'], '--set "store.path" has no value'],
  ])('refuses %j with exit code 2', async (argv, message) => {
    const { exitCode, err } = await trespass(...argv);
    expect(exitCode).toBe(2);
    expect(err).toContain(message);
    expect(err.split('\n')).toHaveLength(2);
  });

  it('prints its version', async () => {
    expect(await trespass('version')).toEqual({ exitCode: 0, out: `${packageVersion}\n`, err: '' });
    expect((await trespass('--version')).out).toBe(`${packageVersion}\n`);
  });

  it('says one line for a database that is not there', async () => {
    expect(await trespass('denials', '--db', 'none.db')).toEqual({
      exitCode: 1,
      out: '',
      err: `trespass: there is no database at ${directory}/none.db: give the path of one, or import some\n`,
    });
  });
});

describe('trespass config', () => {
  it('shows every key with its value and origin', async () => {
    writeFileSync(join(directory, 'a.toml'), '[log]\nlevel = "warn"\n');
    const { exitCode, out } = await trespass('config', 'show', '--config', 'a.toml', '--db', 'x.db', '--json');
    const keys = new Map(
      out
        .trim()
        .split('\n')
        .map((line) => [JSON.parse(line).key, JSON.parse(line)]),
    );
    expect(exitCode).toBe(0);
    expect(keys.get('log.level')).toEqual({ key: 'log.level', value: 'warn', origin: 'file' });
    expect(keys.get('store.path')).toEqual({ key: 'store.path', value: join(directory, 'x.db'), origin: 'flag' });
    expect(keys.get('server.listen')).toEqual({ key: 'server.listen', value: '127.0.0.1:1423', origin: 'default' });
  });

  it('says where a file is wrong', async () => {
    writeFileSync(join(directory, 'b.toml'), '[log]\nlevle = "warn"\n');
    expect(await trespass('config', 'check', '--config', 'b.toml')).toEqual({
      exitCode: 2,
      out: '',
      err: `trespass: ${directory}/b.toml:2: unknown key log.levle (did you mean "level"?): [log] knows level\n`,
    });
  });
});

describe('an error', () => {
  it('is one line without control characters whatever it holds', () => {
    const failure = toFailure(new OperatingError('x', 'no file "a\nb\u001b[2J"', 'name\nanother'));
    expect(errorLine(failure)).toBe('trespass: no file "a b\\x1b[2J": name\\x0aanother\n');
  });

  it('of the store keeps its code and mend', () => {
    const error = Object.assign(new Error('no permission to use x.db'), { code: 'database-permission', mend: 'chmod' });
    expect(toFailure(error)).toEqual({
      code: 'database-permission',
      message: 'no permission to use x.db',
      mend: 'chmod',
      exitCode: 4,
    });
  });

  it('that nobody expected says how to report it', () => {
    expect(toFailure(new TypeError('oops'))).toMatchObject({ code: 'unexpected', exitCode: 1 });
  });
});

describe('the process', () => {
  const main = ['--import', 'tsx', 'src/cli/main.ts'];

  it('ends with the exit code of its command', () => {
    expect(spawnSync(process.execPath, [...main, 'nonsense']).status).toBe(2);
    expect(spawnSync(process.execPath, [...main, 'version'], { encoding: 'utf8' }).stdout).toBe(`${packageVersion}\n`);
  });

  it('ends quietly when nobody reads its output', async () => {
    const child = spawn('sh', ['-c', `sleep 1; exec ${process.execPath} ${main.join(' ')} --help`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.destroy();
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect([exitCode, err]).toEqual([0, '']);
  });
});
