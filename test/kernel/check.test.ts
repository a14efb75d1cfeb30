// `trespass check` on this kernel: the denials of the command's own processes, whatever they do, and of no other's; and
// the silent launchers that --force-log makes speak.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/cli/check/report.ts';
import { type AuditStatus, readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { ensureBuilt, mainPath } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { eventually, makePlace, startRun } from '../support/local-run.ts';
import { describeKernelWith } from '../support/needed-program.ts';
import { xmlFault } from '../support/xml-check.ts';
import { startAuditd } from './auditd-process.ts';

const SOURCE = fileURLToPath(new URL('./launcher.c', import.meta.url));

interface Checked {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
  /** Of --format json. */
  readonly report: CheckReport;
}

describeKernelWith('auditctl', 'trespass check', (auditctl) => {
  let folder: string;
  let before: AuditStatus;
  let launcher: string;
  let staticLauncher: string;

  beforeAll(() => {
    ensureBuilt();
    folder = mkdtempSync(join(tmpdir(), 'trespass-check-'));
    chmodSync(folder, 0o755);
    launcher = join(folder, 'launcher');
    staticLauncher = join(folder, 'launcher-static');
    const argv = ['-O2', '-Wall', '-Wextra', '-Werror', '-pthread', SOURCE, '-o'];
    execFileSync('cc', [...argv, launcher]);
    execFileSync('cc', ['-static', ...argv, staticLauncher]);
    writeFileSync(join(folder, 'kept'), '');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    before = readAuditStatus();
  });
  afterEach(() => {
    expect(readAuditStatus()).toEqual(before);
    expect(execFileSync(auditctl, ['-l'], { encoding: 'utf8' })).not.toContain('trespass-check');
  });

  const argvOf = (options: readonly string[], command: readonly string[]) => [
    ...[mainPath, 'check', '--runtime-dir', join(folder, 'run'), ...options, '--', ...command],
  ];

  function check(options: readonly string[], ...command: readonly string[]): Checked {
    const output = join(folder, 'report.json');
    rmSync(output, { force: true });
    const argv = argvOf(['--format', 'json', '--output', output, ...options], command);
    const { status, stdout, stderr, signal } = spawnSync(process.execPath, argv, {
      encoding: 'utf8',
      input: 'from the caller\n',
      timeout: 60_000,
    });
    if (!existsSync(output)) throw new Error(`no report (${status ?? signal}): ${stdout}${stderr}`);
    return { exitCode: status, out: stdout, err: stderr, report: JSON.parse(readFileSync(output, 'utf8')) };
  }

  const write = (name = 'kept') => ['sh', '-c', `: > ${join(folder, name)}`];
  const blockersOf = ({ report }: Checked) => report.issues.map(({ blockers }) => blockers.join(','));
  const silence = /made 6 sandboxes without LOG_NEW_EXEC_ON/;

  describe('of a command that is refused something', () => {
    it('explains it and exits with 1; where nothing is refused, with the command’s own code', () => {
      const refused = check([], launcher, '2', ...write());
      expect(refused.exitCode).toBe(1);
      expect(blockersOf(refused)).toEqual(['fs.write_file']);
      expect(refused.report).toMatchObject({
        denials: 1,
        new_issues: 1,
        end: { kind: 'exit', code: 2 },
        issues: [{ path: join(folder, 'kept'), known: false }],
        domains: [{ logged: 1, total: 1, creator: { executable: launcher } }],
        sandboxes: [{ program: launcher, flags: 2, is_silent_after_exec: false }],
        warnings: [],
      });
      expect(refused.report.issues[0]?.sentence).toMatch(
        /^(sh|dash).* was refused to write to .*kept by the sandbox that /,
      );
      for (const code of [0, 3]) {
        const calm = check([], 'sh', '-c', `exit ${code}`);
        expect(calm).toMatchObject({ exitCode: code, report: { denials: 0, issues: [], warnings: [] } });
      }
    });

    it('passes input, output, signals and ends through', () => {
      const talk = check([], 'sh', '-c', 'cat; echo to stderr >&2; kill -TERM $$');
      expect(talk).toMatchObject({ exitCode: 143, out: 'from the caller\n', err: 'to stderr\n' });
      expect(talk.report.end).toEqual({ kind: 'signal', signal: 'SIGTERM' });
      expect(check([], join(folder, 'nothing')).exitCode).toBe(127);
      expect(check([], join(folder, 'kept')).exitCode).toBe(126);
    });

    it.each(['plain', 'traced'])('passes a signal on to the command: %s', async (how) => {
      const options = how === 'traced' ? ['--force-log'] : [];
      const script = 'trap "echo caught; exit 7" TERM; echo ready; while :; do sleep 0.05; done';
      const child = spawn(process.execPath, argvOf(options, ['sh', '-c', script]), {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let out = '';
      child.stdout.on('data', (text) => {
        out += text;
      });
      await eventually('ready', () => (out.includes('ready') ? true : undefined));
      child.kill('SIGTERM');
      const [code] = await once(child, 'close');
      expect([code, out]).toEqual([7, 'ready\ncaught\n']);
    });

    it('takes what a baseline has for known, and what it has not for new', () => {
      const baseline = join(folder, 'baseline.json');
      const first = check(['--baseline', baseline, '--save-baseline'], launcher, '2', ...write());
      expect(first.exitCode).toBe(2);
      const again = check(['--baseline', baseline], launcher, '2', ...write());
      expect(again).toMatchObject({ exitCode: 2, report: { new_issues: 0, issues: [{ known: true }] } });
      const other = check(['--baseline', baseline], launcher, '2', ...write('new'));
      expect(other).toMatchObject({ exitCode: 1, report: { new_issues: 1 } });
      expect(blockersOf(other)).toEqual(['fs.make_reg']);
    });

    it('writes its report in every format', () => {
      const run = (format: string) => {
        const argv = argvOf(['--format', format], [launcher, '2', ...write()]);
        return spawnSync(process.execPath, argv, { encoding: 'utf8' });
      };
      const text = run('text');
      expect([text.status, text.stdout]).toEqual([1, '']);
      expect(text.stderr).toMatch(/1 denial of 1 issue, 1 new\n$/);
      const junit = run('junit').stdout;
      expect(xmlFault(junit)).toBeUndefined();
      expect(junit).toContain('<testsuites name="trespass check" tests="1" failures="1"');
      expect(JSON.parse(run('sarif').stdout)).toMatchObject({
        version: '2.1.0',
        runs: [{ results: [{ ruleId: 'fs.write_file', level: 'error' }] }],
      });
      expect(run('markdown').stdout).toMatch(/^### Landlock: 1 denial of 1 issue, 1 new\n/);
    });
  });

  describe('of a tree of processes', () => {
    it('leaves out what is refused to others meanwhile', async () => {
      const other = await startDenyingChild(join(folder, 'others'), 20, 20);
      const ended = other.begin();
      const { report } = check(
        [],
        'sh',
        '-c',
        `sleep 0.3; ${launcher} 2 ${write().slice(0, 2).join(' ')} ': > ${folder}/kept'`,
      );
      expect(await ended).toBe(20);
      expect(report.issues.map(({ path }) => path)).toEqual([join(folder, 'kept')]);
    });

    it('has threads, vfork, and daemons that leave their parents and their session', () => {
      const both = `${launcher} -t 2 sh -c ': > ${folder}/kept'; ${launcher} -v 2 sh -c ': > ${folder}/made'`;
      expect(blockersOf(check([], 'sh', '-c', both)).sort()).toEqual(['fs.make_reg', 'fs.write_file']);
      const daemon = check(['--linger', '10'], launcher, '-d', '2', ...write());
      expect(blockersOf(daemon)).toEqual(['fs.write_file']);
      expect(daemon).toMatchObject({ exitCode: 1, report: { end: { kind: 'exit', code: 0 }, warnings: [] } });
      // It lives until it is killed: how long the check itself takes is the machine's affair. It may open nothing for
      // writing, and whoever waits for the end of its output must not wait for it.
      const hasty = check([], launcher, '-d', '2', 'sh', '-c', 'echo $$; exec sleep 60 <&- >&- 2>&-');
      process.kill(Number(hasty.out));
      expect(hasty.report.warnings).toEqual([expect.stringMatching(/goes on: .*--linger/)]);
    });

    it('follows a command that ends and hands over to another process, again and again', () => {
      const hand = `hand() { if [ $1 -gt 0 ]; then hand $(($1 - 1)) & else : > ${folder}/kept; fi; }; hand 300`;
      expect(blockersOf(check(['--linger', '20'], launcher, '2', 'sh', '-c', hand))).toEqual(['fs.write_file']);
    });

    it('has what a rule keeps the process out of, and says that the rule is there', () => {
      execFileSync(auditctl, ['-a', 'never,task']);
      try {
        const { report } = check([], launcher, '2', 'sh', '-c', `(: > ${folder}/kept); sleep 1`);
        expect(report.issues.map(({ path }) => path)).toEqual([join(folder, 'kept')]);
        expect(report.warnings).toContainEqual(
          expect.stringMatching(/denials may be missing: the audit rule "-a never,task"/),
        );
      } finally {
        execFileSync(auditctl, ['-d', 'never,task']);
      }
    });

    it('runs it as another user where that is asked for', () => {
      const { report, exitCode } = check(['--as', 'nobody'], 'sh', '-c', 'exit $(( $(id -u) != 0 ))');
      expect([exitCode, report.denials]).toEqual([1, 0]);
    });
  });

  describe('with a silent launcher', () => {
    it('says that it is silent, and hears it with --force-log: static, threads, vfork, daemons', () => {
      const starts = [
        ['dynamic', launcher],
        ['static', staticLauncher],
        ['thread', `${launcher} -t`],
        ['static-thread', `${staticLauncher} -t`],
        ['vfork', `${launcher} -v`],
        ['daemon', `${launcher} -d`],
      ] as const;
      for (const [name] of starts) writeFileSync(join(folder, name), '');
      const script = starts.map(([name, start]) => `${start} 0 sh -c ': > ${join(folder, name)}'; echo $?`).join('\n');
      const silent = check(['--linger', '10'], 'sh', '-c', script);
      expect(silent.report).toMatchObject({ denials: 0, warnings: [expect.stringMatching(silence)] });
      expect(silent.report.sandboxes.map(({ flags }) => flags)).toEqual(starts.map(() => 0));
      const heard = check(['--force-log', '--linger', '10'], 'sh', '-c', script);
      expect(heard.report.issues.map(({ path }) => path).sort()).toEqual(
        starts.map(([name]) => join(folder, name)).sort(),
      );
      expect(heard.report.sandboxes.map(({ flags }) => flags)).toEqual(starts.map(() => 2));
      expect(heard).toMatchObject({ exitCode: 1, out: silent.out, report: { end: silent.report.end, warnings: [] } });
      expect(silent.out).toBe('2\n2\n2\n2\n2\n0\n');
    });

    it('changes nothing else: other flags stay, and so does the register of the argument', () => {
      expect(check(['--force-log'], launcher, '2', ...write()).report).toMatchObject({ sandboxes: [{ flags: 2 }] });
      expect(check(['--force-log'], launcher, '5', 'true').report).toMatchObject({ sandboxes: [{ flags: 7 }] });
      expect(check(['--force-log'], 'sh', '-c', `${launcher} -k 0; ${staticLauncher} -k 0`).out).toBe('kept\nkept\n');
    });

    it('keeps exit codes, signals and programs that cannot be started', () => {
      expect(check(['--force-log'], 'sh', '-c', 'exit 5').exitCode).toBe(5);
      expect(check(['--force-log'], 'sh', '-c', 'kill -SEGV $$').exitCode).toBe(139);
      expect(check(['--force-log'], join(folder, 'nothing')).exitCode).toBe(127);
      expect(check(['--force-log'], join(folder, 'kept')).exitCode).toBe(126);
      expect(check(['--force-log'], 'sh', '-c', 'cat; (exit 3) | :; sleep 0.1 & wait').out).toBe('from the caller\n');
    });

    it('stops and goes on as job control has it', () => {
      // bash's wait comes back when the job has stopped, with 128 and the signal.
      const script = 'set -m; sh -c "kill -STOP \\$\\$; echo on" & wait $!; echo $?; fg > /dev/null; echo $?';
      expect(check(['--force-log'], 'bash', '-c', script).out).toBe('147\non\n0\n');
    });

    it('lets setuid programs be what they are, for root', () => {
      const own = join(folder, 'setuid');
      execFileSync('cp', ['/usr/bin/id', own]);
      chmodSync(own, 0o4755);
      const { out, err } = check(['--force-log', '--as', 'nobody'], own, '-u');
      expect([out, err]).toEqual(['0\n', '']);
    });

    it('says what is missing where there is no compiler', () => {
      const argv = argvOf(['--force-log'], ['true']);
      const cache = '/var/cache/trespass';
      const script = `mkdir -p ${cache} && mount -t tmpfs -o mode=0755 none ${cache} && PATH=/nowhere && exec "$@"`;
      const { status, stderr } = spawnSync(
        'unshare',
        ['--mount', 'sh', '-c', script, 'sh', process.execPath, ...argv],
        {
          encoding: 'utf8',
        },
      );
      expect([status, stderr]).toEqual([
        1,
        expect.stringMatching(/no C compiler: install one \(Debian: apt-get install gcc/),
      ]);
    });
  });

  it('works beside a collector, and leaves audit to it', async () => {
    const place = makePlace();
    const run = await startRun(place);
    try {
      const during = readAuditStatus();
      const { report } = check(['--runtime-dir', place.runtimeDirectory], launcher, '2', ...write());
      expect(report).toMatchObject({ denials: 1, warnings: [] });
      expect(readAuditStatus()).toEqual(during);
      await eventually('the denial in the database', async () => {
        return (await run.denials(`path:"${folder}/kept"`)).length === 1 ? true : undefined;
      });
    } finally {
      run.process.kill('SIGTERM');
      await run.ended;
      place.remove();
    }
  });

  it('works beside auditd', async () => {
    const directory = join(folder, 'auditd');
    mkdirSync(directory, { mode: 0o750 });
    setAuditStatus({ enabled: 1, backlogLimit: 8192 });
    const options = {
      program: '/usr/sbin/auditd',
      directory,
      logFormat: 'RAW',
      nameFormat: 'NONE',
      plugins: {},
    } as const;
    const auditd = await startAuditd(options);
    try {
      expect(check([], launcher, '2', ...write()).report).toMatchObject({ denials: 1, warnings: [] });
      expect(readAuditStatus()).toMatchObject({ enabled: 1, daemonPid: auditd.pid });
    } finally {
      await auditd.stop();
      setAuditStatus(before);
    }
  });

  it('puts audit back after one that was killed, with the next one', () => {
    const argv = argvOf([], ['sh', '-c', 'kill -KILL $PPID; sleep 0.2']);
    expect(spawnSync(process.execPath, argv).signal).toBe('SIGKILL');
    check([], 'sleep', '0.5');
  });
});
