import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  abiVersion,
  allowPort,
  createRuleset,
  handledMasks,
  isSupported,
  requiredAbi,
  unavailableErrno,
} from '../../../src/collector/kernel/landlock-syscalls.ts';

const directory = mkdtempSync(join(tmpdir(), 'landlock-syscalls-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs `script` in a process of its own, since a domain is for ever; answers what it printed. */
function inChild(script: string): unknown {
  const module = new URL('../../../src/collector/kernel/landlock-syscalls.ts', import.meta.url).href;
  const text = `
    import * as landlock from ${JSON.stringify(module)};
    import * as fs from 'node:fs';
    const errno = (call) => { try { call(); return 'OK'; } catch (error) { return error.code; } };
    const answer = (value) => process.stdout.write(JSON.stringify(value));
    ${script}`;
  const file = join(directory, `child-${Math.random().toString(36).slice(2)}.mts`);
  writeFileSync(file, text);
  const child = spawnSync(process.execPath, ['--import', 'tsx', file], { encoding: 'utf8' });
  return child.stdout === '' ? child.stderr : JSON.parse(child.stdout);
}

describe('the names of rights', () => {
  it('become the bits of the kernel headers', () => {
    expect(
      handledMasks(
        { fs: ['execute', 'write_file', 'refer', 'resolve_unix'], net: ['connect_tcp'], scopes: ['signal'] },
        12,
      ),
    ).toEqual({ fs: 0b1_0010_0000_0000_0011n, net: 2n, scoped: 2n });
  });

  it('are left out where the ABI does not know them, since the kernel would refuse the whole ruleset', () => {
    const handled = { fs: ['read_file', 'truncate'], net: ['bind_tcp'], scopes: ['signal'] } as const;
    expect(handledMasks(handled, 3)).toEqual({ fs: 0b100_0000_0000_0100n, net: 0n, scoped: 0n });
    expect(handledMasks(handled, 1)).toEqual({ fs: 4n, net: 0n, scoped: 0n });
  });

  it('tell which ABI they need', () => {
    expect(requiredAbi({ fs: ['write_file'] })).toBe(1);
    expect(requiredAbi({ fs: ['write_file', 'ioctl_dev'], scopes: ['signal'] })).toBe(6);
    expect(isSupported({ net: ['bind_udp'] }, 9)).toBe(false);
    expect(isSupported({ net: ['bind_udp'] }, 10)).toBe(true);
    expect(isSupported({ fs: ['execute'] }, undefined)).toBe(false);
  });
});

describe.runIf(abiVersion() !== undefined)('on a kernel with Landlock', () => {
  it('knows the ABI, and asks again without harm', () => {
    expect(abiVersion()).toBeGreaterThanOrEqual(1);
    expect(abiVersion()).toBe(abiVersion());
    expect(unavailableErrno()).toBe('OK');
  });

  it('gives the errno of a refused call as a value', () => {
    expect(createRuleset({})).toEqual({ ok: false, call: 'landlock_create_ruleset', errno: 'ENOMSG' });
    expect(allowPort(1_000_000, 1, ['bind_tcp'])).toEqual({ ok: false, call: 'landlock_add_rule', errno: 'EBADF' });
  });

  it('denies what is handled, allows what a rule allows, and leaves the rest alone', () => {
    for (const name of ['closed', 'open']) {
      writeFileSync(join(directory, name), '');
    }
    expect(
      inChild(`
        const entered = landlock.enterDomain({ fs: ['write_file'] },
          { allow: [{ path: ${JSON.stringify(join(directory, 'open'))}, rights: ['write_file'] }] });
        const at = (name, flags) => errno(() => fs.openSync(${JSON.stringify(directory)} + '/' + name, flags));
        answer([entered, at('closed', 'r+'), at('open', 'r+'), at('closed', 'r')]);`),
    ).toEqual([{ ok: true }, 'EACCES', 'OK', 'OK']);
  });

  it('refuses a rule for a path that does not exist, and stays out of the domain', () => {
    expect(
      inChild(`
        const entered = landlock.enterDomain({ fs: ['write_file'] },
          { allow: [{ path: '/no/such/path', rights: ['write_file'] }] });
        answer([entered, errno(() => fs.openSync('/dev/null', 'r+'))]);`),
    ).toEqual([{ ok: false, call: 'open', errno: 'ENOENT' }, 'OK']);
  });

  it('says E2BIG at the seventeenth layer', () => {
    expect(
      inChild(`
        const results = Array.from({ length: 17 }, () => landlock.enterDomain({ fs: ['make_char'] }));
        answer([results.filter(({ ok }) => ok).length, results.at(-1)]);`),
    ).toEqual([16, { ok: false, call: 'landlock_restrict_self', errno: 'E2BIG' }]);
  });
});

it('names the reason where the kernel has no Landlock, and only there', () => {
  const reasons = abiVersion() === undefined ? ['ENOSYS', 'EOPNOTSUPP', 'EPERM'] : ['OK'];
  expect(reasons).toContain(unavailableErrno());
});
