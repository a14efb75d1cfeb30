import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareCanary, startCanary } from '../../../src/collector/canary/canary.ts';
import { abiVersion } from '../../../src/collector/kernel/landlock-syscalls.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'canary-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const runner = new URL('./canary-runner.ts', import.meta.url).pathname;

describe.runIf(abiVersion() !== undefined)('the canary', () => {
  it('is refused by Landlock, under a path of its own without symbolic links, and leaves nothing behind', async () => {
    const link = join(directory, 'link');
    const real = join(directory, 'real');
    mkdirSync(real);
    symlinkSync(real, link);
    const [one, other] = await Promise.all([startCanary({ directory: link }), startCanary({ directory: link })]);
    expect(dirname(one.path)).toBe(realpathSync(real));
    expect(one.path).not.toBe(other.path);
    expect(one.pid).toBeGreaterThan(0);
    expect(await Promise.all([one.done, other.done])).toEqual([{ ok: true }, { ok: true }]);
    expect(performance.now()).toBeGreaterThan(one.firedAt);
    expect(readdirSync(real)).toEqual([]);
  });

  it('waits for the word', async () => {
    const ready = await prepareCanary({ directory });
    const file = readdirSync(directory);
    expect(file).toHaveLength(1);
    const canary = ready.fire();
    expect(file.map((name) => join(realpathSync(directory), name))).toEqual([canary.path]);
    expect(await canary.done).toEqual({ ok: true });
  });

  it('goes away when it is not wanted', async () => {
    const ready = await prepareCanary({ directory });
    ready.cancel();
    while (readdirSync(directory).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

it('says why there is none where its file cannot be made', async () => {
  const canary = await startCanary({ directory: join(directory, 'missing') });
  expect(await canary.done).toEqual({
    ok: false,
    reason: `the canary's file cannot be made in ${join(directory, 'missing')} (ENOENT)`,
    mend: 'make the directory writable for the collector',
  });
});

describe.runIf(abiVersion() !== undefined && process.getuid?.() === 0)(
  'under root without capabilities',
  { timeout: 120_000 },
  () => {
    const bare = ['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'];

    it('works for a collector that has given up every capability', () => {
      const answer = execFileSync('setpriv', [...bare, process.execPath, '--import', 'tsx', runner, directory], {
        encoding: 'utf8',
      });
      expect(JSON.parse(answer)).toEqual({ ok: true });
    });

    it('works from a directory that is closed to everybody else', () => {
      const checkout = new URL('../../..', import.meta.url).pathname;
      const closed = join(directory, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      for (const name of ['src', 'test', 'package.json', 'node_modules']) {
        const isLinked = name === 'node_modules';
        spawnSync('cp', [isLinked ? '-as' : '-a', join(checkout, name), closed]);
      }
      chmodSync(closed, 0o700);
      const copied = join(closed, 'test/collector/canary/canary-runner.ts');
      const answer = execFileSync('setpriv', [...bare, process.execPath, '--import', 'tsx', copied, directory], {
        encoding: 'utf8',
        cwd: closed,
      });
      expect(JSON.parse(answer)).toEqual({ ok: true });
    });

    it('explains itself where the account may not write', () => {
      chmodSync(directory, 0o700);
      writeFileSync(join(directory, 'x'), '');
      const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', ...bare];
      const child = spawnSync('setpriv', [...nobody, process.execPath, '--import', 'tsx', runner, directory], {
        encoding: 'utf8',
      });
      expect(JSON.parse(child.stdout)).toMatchObject({
        ok: false,
        mend: 'make the directory writable for the collector',
      });
    });
  },
);
