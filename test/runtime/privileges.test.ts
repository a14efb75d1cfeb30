import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { capabilityNames, findAccount, readPrivileges, requireAccount } from '../../src/runtime/privileges.ts';

const isRoot = process.getuid?.() === 0;

/** Runs statements with the module's exports in a process of its own; answers what they print. */
function inChild(statements: string) {
  const script = `
    import { dropPrivileges, readPrivileges, requireAccount } from './src/runtime/privileges.ts';
    import { readFileSync, readdirSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    ${statements}`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { encoding: 'utf8' });
}

describe('privileges', () => {
  it('names capabilities by their bits, also those that are newer than we are', () => {
    expect(capabilityNames('0000000000000000')).toEqual([]);
    expect(capabilityNames('2040000001')).toEqual(['chown', 'audit_control', 'audit_read']);
    expect(capabilityNames('8000000000000000')).toEqual(['capability_63']);
  });

  it('finds accounts by name and number', () => {
    expect(findAccount('root')).toEqual({ name: 'root', uid: 0, gid: 0 });
    expect(findAccount('0')?.name).toBe('root');
    expect(findAccount('no-such-user-here')).toBeUndefined();
    expect(() => requireAccount('no-such-user-here')).toThrow(/there is no user "no-such-user-here"/);
  });

  it('reads those of this process', () => {
    expect(readPrivileges().uid).toBe(process.geteuid?.());
  });

  it.runIf(isRoot)('are all gone after dropping, in every thread, and do not come back', () => {
    const child = inChild(`
      const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
      await new Promise((resolve) => worker.once('online', resolve));
      const account = requireAccount('nobody');
      dropPrivileges(account);
      let regained = true;
      try { process.setuid(0); } catch { regained = false; }
      const threads = readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/status', 'utf8'));
      const isClean = threads.every((status) => /CapEff:\\s0+$/m.test(status) && /CapPrm:\\s0+$/m.test(status));
      console.log(JSON.stringify({ ...readPrivileges(), regained, isClean, many: threads.length > 1, account }));
      process.exit(0);`);
    const answer = JSON.parse(child.stdout);
    expect(answer).toMatchObject({ groups: [], capabilities: [], regained: false, isClean: true, many: true });
    expect([answer.uid, answer.gid]).toEqual([answer.account.uid, answer.account.gid]);
  });
});
