// `trespass why`, against a recording of a kernel in a database.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importCommand } from '../../src/cli/import.ts';
import { fitToScreen } from '../../src/cli/why/say-answer.ts';
import { readSubject } from '../../src/cli/why/subject.ts';
import { whyCommand } from '../../src/cli/why.ts';
import { runCommand } from './captured-io.ts';

const LOG = fileURLToPath(new URL('../fixtures/conformance/kernel-7.3.4/main.log', import.meta.url));

describe('trespass why', () => {
  let directory: string;
  let database: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-why-'));
    database = join(directory, 'why.db');
    expect((await runCommand(importCommand, [LOG, '--db', database])).exitCode).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const why = (...argv: string[]) =>
    runCommand(whyCommand, [...argv, '--db', database, '--runtime-dir', join(directory, 'run')]);

  it.each<readonly [string, string, number]>([
    ['a program by its name', 'lab', 119],
    ['a program by its path', '/bin/lab', 119],
    ['a process', '115', 2],
    ['a user', 'root', 119],
  ])('tells of %s', async (_, subject, denials) => {
    const { exitCode, stdout } = await why(subject, '--json');
    const answer = JSON.parse(stdout);
    expect([exitCode, answer.stored.denials]).toEqual([0, denials]);
    expect(answer.stored.explanation.sentence).toMatch(/^lab \(\/bin\/lab, pid \d+, user root\) was refused to /);
    expect(answer.hidden_by).toBeUndefined();
  });

  it('finds on a path what is refused below it, and what was to be made in its directory', async () => {
    const below = JSON.parse((await why('/tmp/d', '--json')).stdout);
    const made = JSON.parse((await why('/tmp/d/new-one', '--json')).stdout);
    expect(below.stored.denials).toBeGreaterThan(made.stored.denials);
    expect(made.live).toEqual(['There is nothing of that name here now.']);
    expect(made.stored.issues[0].title).toMatch(/ in \/tmp\/d$/);
  });

  it('fits on a screen', async () => {
    for (const subject of ['lab', '115', '/tmp/d', 'no-such-program']) {
      const { stdout } = await why(subject);
      expect(stdout.split('\n').length).toBeLessThan(25);
    }
  });

  it('fits on the smallest terminal, and keeps what was refused and where to read on', async () => {
    for (const subject of ['lab', '115', '/tmp/d', 'root']) {
      const argv = [subject, '--db', database, '--runtime-dir', join(directory, 'run')];
      const { stdout } = await runCommand(whyCommand, argv, '', {
        isStdoutTty: true,
        columns: 80,
        env: { NO_COLOR: '1' },
      });
      const rows = stdout.trimEnd().split('\n');
      const taken = rows.reduce((sum, row) => sum + Math.max(1, Math.ceil(row.length / 80)), 0);
      expect([subject, taken <= 23]).toEqual([subject, true]);
      expect(stdout).toMatch(/ was refused to [\s\S]*\n {2}likely: [\s\S]*trespass explain [a-z2-7]{26}\n/);
    }
    const line = (text: string, spare?: number) => ({ text, ...(spare !== undefined && { spare }) });
    const lines = [line('kept'), line('x'.repeat(81), 1), line('first', 2), line('last', 2)];
    expect(fitToScreen(lines, 80, 5).map(({ text }) => text[0])).toEqual(['k', 'x', 'f', 'l']);
    expect(fitToScreen(lines, 80, 4).map(({ text }) => text)).toEqual(['kept', 'x'.repeat(81), 'first']);
    expect(fitToScreen(lines, 80, 0)).toEqual([line('kept')]);
  });

  it('is honest where nothing is stored, and names what could hide it', async () => {
    const { exitCode, stdout } = await why('no-such-program');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^What Landlock refused to the program no-such-program:\n {2}Nothing is stored of it\.\n/);
    expect(stdout).toMatch(/It may be hidden by this:\n(.*\n)*.*nothing collects: no server answers/);
    expect(stdout).toContain('trespass check --force-log');
  });

  it('says what there is to ask where there is no database', async () => {
    const config = join(directory, 'trespass.toml');
    const paths = [`[store]\npath = "${directory}/none.db"`, `[runtime]\ndirectory = "${directory}/run"`];
    writeFileSync(config, `${paths.join('\n')}\n`);
    const { exitCode, stdout } = await runCommand(whyCommand, ['lab', '--config', config]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`Nothing is stored: there is no server on ${directory}/run/api.sock and no database at`);
  });

  it('takes a subject for what it looks like, and for what it is told to be', () => {
    const kindOf = (text: string) => readSubject(text, undefined, '/home').kind;
    expect(['1234', './x', '/x', 'root', 'bash', '0'].map(kindOf)).toEqual([
      'pid',
      'path',
      'path',
      'user',
      'program',
      'user',
    ]);
    expect(readSubject('1234', 'program', '/').kind).toBe('program');
    expect(readSubject('x"\\*', 'program', '/').query).toBe(
      'program:"*/x\\"\\\\\\*" or program:"x\\"\\\\\\*" or comm:"x\\"\\\\\\*"',
    );
  });

  it('refuses questions that make no sense', async () => {
    expect(await why()).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/why: of what\?/) });
    expect(await why('x', '--kind', 'y')).toMatchObject({ exitCode: 2 });
  });
});
