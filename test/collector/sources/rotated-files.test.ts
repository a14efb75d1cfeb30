import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveInputs, rotatedSet } from '../../../src/collector/sources/rotated-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-rotated-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function make(...names: string[]): void {
  for (const name of names) writeFileSync(join(directory, name), '');
}

function named(paths: readonly string[]): string[] {
  return paths.map((path) => path.slice(directory.length + 1));
}

describe('rotated files', () => {
  it('come oldest first from a directory, by number, with what is no log left out', async () => {
    make('audit.log', 'audit.log.1', 'audit.log.10', 'audit.log.2', 'audit.log.3.gz', 'audit.log.bak', 'other.log');
    expect(named(await resolveInputs([directory]))).toEqual([
      'audit.log.10',
      'audit.log.3.gz',
      'audit.log.2',
      'audit.log.1',
      'audit.log',
    ]);
  });

  it('are put in their order when they are named in the shell’s', async () => {
    make('audit.log', 'audit.log.1', 'audit.log.2');
    const paths = ['audit.log', 'audit.log.1', 'audit.log.2', 'audit.log.1'].map((name) => join(directory, name));
    expect(named(await resolveInputs(paths))).toEqual(['audit.log.2', 'audit.log.1', 'audit.log']);
  });

  it('stay in the order given where they are different logs', async () => {
    expect(await resolveInputs(['b.log', 'a.log', '-', 'b.log.1'])).toEqual(['b.log.1', 'b.log', 'a.log', '-']);
  });

  it('with a date in their name come before the current file', async () => {
    make('audit.log', 'audit.log-20260301.gz', 'audit.log-20260228');
    const expected = ['audit.log-20260228', 'audit.log-20260301.gz', 'audit.log'];
    expect(named(await rotatedSet(join(directory, 'audit.log')))).toEqual(expected);
  });

  it('are only read beside a named file when that is asked for', async () => {
    make('app.log', 'app.log.1');
    const path = join(directory, 'app.log');
    expect(named(await resolveInputs([path]))).toEqual(['app.log']);
    expect(named(await resolveInputs([path], true))).toEqual(['app.log.1', 'app.log']);
  });

  it('are missed with a clear error in a directory without a log', async () => {
    mkdirSync(join(directory, 'empty'));
    await expect(resolveInputs([join(directory, 'empty')])).rejects.toMatchObject({ code: 'no-log' });
  });
});
