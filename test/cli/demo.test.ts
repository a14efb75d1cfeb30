import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseDemoLine } from '../../src/cli/demo/provoked.ts';
import { runSteps } from '../../src/cli/demo/run-steps.ts';
import { STEPS } from '../../src/cli/demo/steps.ts';
import { abiVersion, LOGGING_ABI } from '../../src/collector/kernel/landlock-syscalls.ts';

function trespass(argv: readonly string[], account: readonly string[] = []) {
  const [command = '', ...prefix] = [...account, process.execPath];
  const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
  return spawnSync(command, [...prefix, '--import', 'tsx', main, 'demo', ...argv], { encoding: 'utf8' });
}

/** Nobody else makes anything here. */
const temporary = mkdtempSync(join(tmpdir(), 'demo-test-'));
const leftOvers = () => readdirSync(temporary).filter((name) => name.startsWith('trespass-demo-'));
beforeAll(() => {
  chmodSync(temporary, 0o1777);
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

/** What the kernel has to say to each, whatever the path and the process ids are. */
const PROVOKED = [
  ['write', 'notes-editor', 'openat', 'EACCES', 'fs.write_file'],
  ...Array.from({ length: 5 }, () => ['odd-names', 'photo-viewer', 'openat', 'EACCES', 'fs.read_file']),
  ['execute', 'plugin-host', 'execve', 'EACCES', 'fs.execute'],
  ['make', 'unpacker', 'mkdir', 'EACCES', 'fs.make_dir'],
  ['make', 'unpacker', 'openat', 'EACCES', 'fs.make_reg'],
  ['rename', 'mail-sorter', 'rename', 'EACCES', 'fs.remove_file,fs.refer'],
  ['rename', 'mail-sorter', 'rename', 'EACCES', 'fs.make_reg,fs.refer'],
  ['confined', 'sh', 'openat', 'EACCES', 'fs.write_file'],
  ['bind', 'dev-server', 'bind', 'EACCES', 'net.bind_tcp'],
  ['connect', 'update-check', 'connect', 'EACCES', 'net.connect_tcp'],
  ['signal', 'job-watcher', 'kill', 'EPERM', 'scope.signal'],
  ['ptrace', 'debug-helper', 'ptrace', 'EPERM', 'ptrace'],
  ['abstract', 'chat-client', 'connect', 'EPERM', 'scope.abstract_unix_socket'],
  ['nested', 'build-runner', 'openat', 'EACCES', 'fs.write_file'],
  ['nested', 'build-step', 'openat', 'EACCES', 'fs.read_file'],
  ['nested', 'build-step', 'openat', 'EACCES', 'fs.write_file'],
  ['outlive', 'session-agent', 'symlink', 'EACCES', 'fs.make_sym'],
];

const isLogging = (abiVersion() ?? 0) >= LOGGING_ABI;

/** Each starts a dozen processes one after the other, on a machine that may be busy. */
const timeout = 120_000;

describe.runIf(isLogging)('the demo', { timeout }, () => {
  it('is refused everything that it tries, also without root, and leaves nothing behind', () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
    const { status, stdout, stderr } = trespass(['--json'], process.getuid?.() === 0 ? nobody : []);
    expect(stderr).toBe('');
    const lines = stdout.trim().split('\n').map(parseDemoLine);
    expect(
      lines.map((line) =>
        line?.kind === 'provoked'
          ? [line.step, line.program, line.call, line.errno, line.blockers.join(',')]
          : [JSON.stringify(line)],
      ),
    ).toEqual(PROVOKED);
    expect(status).toBe(0);
    expect(leftOvers()).toEqual([]);
  });

  it('tells people one line for each, escaped, and where to look', () => {
    const { status, stdout } = trespass(['--listen', '127.0.0.1:1']);
    expect(status).toBe(0);
    expect(stdout).toContain('photo-viewer   read two\\x0alines.jpg');
    expect(stdout).toMatch(/^ {2}job-watcher +signal a process outside +scope\.signal +EPERM$/m);
    expect(stdout).toMatch(/^21 accesses refused in 14 sandboxes, in \d+\.\d s\.$/m);
    expect(stdout).toMatch(/audit is off|No Trespass answers at http:\/\/127\.0\.0\.1:1\//);
    expect(stdout.split('\n').filter((line) => line.length > 110)).toEqual([]);
  });

  it('skips what an older kernel does not know, and says why', async () => {
    const skipped: string[] = [];
    await runSteps({
      abi: 5,
      signal: AbortSignal.timeout(timeout),
      onLine: (line) => line.kind === 'skipped' && skipped.push(`${line.step}: ${line.reason}`),
    });
    expect(skipped).toEqual([
      'signal: needs Landlock ABI 6, this kernel has 5',
      'abstract: needs Landlock ABI 6, this kernel has 5',
    ]);
  });

  it('cleans up when it is told to stop', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    await runSteps({
      abi: LOGGING_ABI,
      signal: controller.signal,
      onLine: (line) => {
        seen.push(line.step);
        controller.abort();
      },
    });
    expect(seen).toEqual(['write']);
    expect(leftOvers()).toEqual([]);
  });
});

it.each(STEPS.map(({ name }) => name))('calls a step by one name: %s', (name) => {
  expect(STEPS.filter((step) => step.name === name)).toHaveLength(1);
});

it('refuses --db without --replay as wrong usage', () => {
  const { status, stderr } = trespass(['--db', 'x.db']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^trespass: .*--replay.*\n$/);
});
