// `trespass doctor` on this kernel: each fault alone, really made, is what its first line names, and audit is as before.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AuditStatus, readAuditStatus, readLost, setAuditStatus } from '../support/audit-status.ts';
import { ensureBuilt, type RunningProgram, runProgramOnce, startProgram } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { makePlace, type Run, type RunPlace, startRun } from '../support/local-run.ts';
import { describeKernelWith } from '../support/needed-program.ts';
import { makeSmallDisk } from '../support/small-disk.ts';
import { startAuditd } from './auditd-process.ts';

interface Diagnosis {
  readonly exitCode: number | string;
  readonly first: string;
  readonly lines: readonly string[];
  readonly err: string;
}

let place: RunPlace;

async function diagnose(wrapper: readonly string[] = [], more: readonly string[] = []): Promise<Diagnosis> {
  const { directory, databasePath, runtimeDirectory, spoolDirectory } = place;
  const argv = ['--db', databasePath, '--runtime-dir', runtimeDirectory, '--spool-dir', spoolDirectory];
  const { exitCode, out, err } = await runProgramOnce(['doctor', ...argv, ...more], { wrapper, cwd: directory });
  const lines = out.trimEnd().split('\n');
  return { exitCode, first: lines[0] ?? '', lines, err };
}

/** Rounds of floods, of which one overruns the kernel's queue. */
const FLOODS_MAX = 10;

/** In a mount namespace of its own, where `script` has put something over the kernel's files. */
const overlaid = (script: string) => ['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, 'sh'];

/** A certificate of its own, valid from one time to another. */
function makeCertificate(folder: string, from: string, to: string): { readonly key: Buffer; readonly cert: Buffer } {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('serial'), '01\n');
  const config = ['[ca]', 'default_ca = d', '[d]', `database = ${at('index.txt')}`, `serial = ${at('serial')}`];
  writeFileSync(
    at('ca.conf'),
    [...config, `new_certs_dir = ${folder}`, 'policy = p', '[p]', 'commonName = supplied', ''].join('\n'),
  );
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at('key.pem')];
  execFileSync('openssl', ['req', '-new', ...key, '-out', at('request.pem'), '-subj', '/CN=127.0.0.1'], {
    stdio: 'pipe',
  });
  const files = ['-keyfile', at('key.pem'), '-in', at('request.pem'), '-out', at('certificate.pem')];
  const times = ['-startdate', from, '-enddate', to, '-md', 'sha256', '-config', at('ca.conf')];
  execFileSync('openssl', ['ca', '-batch', '-notext', '-selfsign', ...files, ...times], { stdio: 'pipe' });
  return { key: readFileSync(at('key.pem')), cert: readFileSync(at('certificate.pem')) };
}

const stateOf = ({ lines }: Diagnosis, check: string) =>
  lines.flatMap((line) => {
    const [, state, name] = /^(\w+) +(\S+)/.exec(line) ?? [];
    return name === check ? [state] : [];
  });

describeKernelWith('auditctl', 'trespass doctor', (auditctl) => {
  let before: AuditStatus;
  const control = (...argv: string[]) => execFileSync(auditctl, argv, { stdio: 'pipe' });

  beforeAll(ensureBuilt);
  beforeEach(() => {
    before = readAuditStatus();
    place = makePlace();
  });
  afterEach(() => {
    expect(readAuditStatus()).toEqual(before);
    place.remove();
  });

  it('finds nothing that fails on a healthy host, and a real denial comes back', async () => {
    const diagnosis = await diagnose();
    expect(diagnosis).toMatchObject({ exitCode: 0, err: '' });
    expect(diagnosis.lines.filter((line) => line.startsWith('fail'))).toEqual([]);
    expect(diagnosis.lines.find((line) => / canary /.test(line))).toMatch(
      /^ok +canary +a real denial came back after \d+ ms, with its process and its domain$/,
    );
    // Other tests make the kernel drop records, which it counts until the next boot.
    const [worst] = diagnosis.lines.filter((line) => !/^warn +backlog-limit .* records? (was|were) dropped/.test(line));
    expect(worst).toMatch(/^warn +server +nothing collects: .*: start trespass run$/);
  });

  it.each<readonly [string, readonly string[], RegExp, number]>([
    ['a network namespace', ['unshare', '-n'], /^fail +network-namespace .*never delivered there/, 1],
    ['a user namespace', ['unshare', '-U'], /^fail +user-namespace .*the kernel refuses audit there/, 4],
    ['a user namespace as its root', ['unshare', '-Ur'], /^fail +user-namespace .*the kernel refuses audit there/, 4],
    ['a PID namespace', ['unshare', '-p', '--fork', '--mount-proc'], /^fail +pid-namespace .*refuses audit control/, 4],
    [
      'no right to control',
      ['setpriv', '--bounding-set=-audit_control'],
      /^fail +capabilities .*CAP_AUDIT_CONTROL:/,
      4,
    ],
    ['no right to read', ['setpriv', '--bounding-set=-audit_read'], /^fail +capabilities .*CAP_AUDIT_READ:/, 4],
    [
      'no right at all',
      ['setpriv', '--bounding-set=-all'],
      /^fail +capabilities .*CAP_AUDIT_CONTROL and CAP_AUDIT_READ/,
      4,
    ],
    ['no right to a large buffer', ['setpriv', '--bounding-set=-net_admin'], /^warn +capabilities .*CAP_NET_ADMIN/, 0],
  ])('names %s', async (_, wrapper, line, exitCode) => {
    const diagnosis = await diagnose(wrapper);
    expect(diagnosis.first).toMatch(line);
    expect(diagnosis).toMatchObject({ exitCode, err: '' });
  });

  it('says unknown, and not ok, of what it may not learn', async () => {
    const diagnosis = await diagnose(['setpriv', '--bounding-set=-all']);
    for (const check of ['audit-enabled', 'backlog-limit', 'rate-limit', 'audit-rules', 'multicast-join', 'canary']) {
      expect([check, ...stateOf(diagnosis, check)]).toEqual([check, 'unknown']);
    }
  });

  it.each<readonly [string, readonly string[], RegExp]>([
    ['task', ['-a', 'never,task'], /"-a never,task" hides who was denied \(1300\)/],
    ['exit', ['-a', 'never,exit'], /"-a never,exit" hides who was denied/],
    ['exclude 1423', ['-a', 'never,exclude', '-F', 'msgtype=1423'], /hides the denials themselves \(1423\)/],
    ['exclude 1424', ['-a', 'never,exclude', '-F', 'msgtype=1424'], /hides the records about domains \(1424\)/],
    ['exclude 1300', ['-a', 'never,exclude', '-F', 'msgtype=SYSCALL'], /msgtype=1300" hides who was denied/],
    [
      'exclude all but',
      ['-a', 'never,exclude', '-F', 'msgtype!=CWD'],
      /hides the denials.*, and the records.*, and who/,
    ],
  ])('names the rule that hides: %s', async (_, rule, text) => {
    control(...rule);
    try {
      const { exitCode, first } = await diagnose();
      expect(first).toMatch(/^fail +audit-rules /);
      expect(first).toMatch(text);
      expect(exitCode).toBe(1);
    } finally {
      control('-d', ...rule.slice(1));
    }
  });

  it('only warns of a rule that hides a part, and keeps quiet about one that hides nothing', async () => {
    control('-a', 'never,exclude', '-F', 'exe=/usr/bin/nobody', '-F', 'msgtype=1423');
    control('-a', 'always,exit', '-S', 'adjtimex', '-k', 'time');
    try {
      const { exitCode, lines } = await diagnose();
      expect(lines.filter((line) => / audit-rules /.test(line))).toEqual([
        expect.stringMatching(/^warn +audit-rules .*exe=\/usr\/bin\/nobody.* hides, for what it names, the denials/),
      ]);
      expect(exitCode).toBe(0);
    } finally {
      control('-d', 'never,exclude', '-F', 'exe=/usr/bin/nobody', '-F', 'msgtype=1423');
      control('-d', 'always,exit', '-S', 'adjtimex', '-k', 'time');
    }
  });

  it('names a rate limit', async () => {
    control('-r', '50');
    try {
      const { exitCode, first } = await diagnose();
      expect(first).toMatch(/^fail +rate-limit .*at most 50 audit records a second.*: auditctl -r 0$/);
      expect(exitCode).toBe(1);
    } finally {
      control('-r', '0');
    }
  });

  it('names the backlog limit once a flood has overrun it', async () => {
    setAuditStatus({ enabled: 1, backlogLimit: 1 });
    try {
      // The kernel's own thread may keep up with one process, where it has a processor of its own.
      for (let round = 0; round < FLOODS_MAX && readLost() === 0; round += 1) {
        const folder = join(place.directory, 'work', 'flood');
        const floods = await Promise.all([1, 2, 3].map((n) => startDenyingChild(join(folder, `${n}`), 3_000)));
        await Promise.all(floods.map((flood) => flood.begin()));
      }
      setAuditStatus({ enabled: 1, backlogLimit: 64 });
      const { first } = await diagnose();
      expect(first).toMatch(/^warn +backlog-limit .*queues only 64 .*; \d+ records were dropped since boot: /);
    } finally {
      control('--reset-lost');
      setAuditStatus(before);
    }
  });

  it.each<readonly [string, (folder: string) => string, RegExp]>([
    [
      'audit=0 at boot',
      (folder) => {
        writeFileSync(join(folder, 'cmdline'), 'quiet audit=1 audit=0\n');
        return `mount --bind ${folder}/cmdline /proc/cmdline`;
      },
      /^fail +boot-parameters .*booted with audit=0/,
    ],
    [
      'a small backlog at boot',
      (folder) => {
        writeFileSync(join(folder, 'cmdline'), 'audit=1 audit_backlog_limit=64\n');
        return `mount --bind ${folder}/cmdline /proc/cmdline`;
      },
      /^warn +boot-parameters .*audit_backlog_limit=64/,
    ],
    [
      'Landlock missing in the list',
      (folder) => {
        mkdirSync(join(folder, 'security'));
        writeFileSync(join(folder, 'security', 'lsm'), 'capability,yama,bpf');
        return `mount --bind ${folder}/security /sys/kernel/security`;
      },
      /^fail +lsm-list .*\(capability,yama,bpf\): add landlock to lsm=/,
    ],
    [
      'a kernel without audit of system calls',
      (folder) => {
        writeFileSync(join(folder, 'config.gz'), gzipSync('CONFIG_SECURITY_LANDLOCK=y\nCONFIG_AUDIT=y\n'));
        return `mount --bind ${folder}/config.gz /proc/config.gz`;
      },
      /^fail +kernel-config .*without CONFIG_AUDITSYSCALL/,
    ],
  ])('names %s', async (_, overlay, line) => {
    expect((await diagnose(overlaid(overlay(place.directory)))).first).toMatch(line);
  });

  it('names a full disk', async () => {
    const disk = join(place.directory, 'disk');
    mkdirSync(disk);
    const small = await makeSmallDisk(disk, 8 * 1024 * 1024);
    try {
      small.fill();
      const { exitCode, first } = await diagnose(small.wrapper, ['--spool-dir', join(disk, 'spool')]);
      expect(first).toMatch(/^fail +disk +the disk is full: 0 MiB left for the spool/);
      expect(exitCode).toBe(1);
    } finally {
      small.remove();
    }
  });

  it('names a damaged database', async () => {
    mkdirSync(join(place.directory, 'store'));
    await runProgramOnce(['db', 'migrate', '--db', place.databasePath]);
    execFileSync(
      'dd',
      ['if=/dev/urandom', `of=${place.databasePath}`, 'bs=4096', 'seek=3', 'count=4', 'conv=notrunc'],
      {
        stdio: 'ignore',
      },
    );
    const { exitCode, first } = await diagnose();
    expect(first).toMatch(/^fail +database .*is damaged: /);
    expect(exitCode).toBe(1);
  });

  it('names places that everybody may write to, and a configuration that is wrong', async () => {
    mkdirSync(place.runtimeDirectory);
    chmodSync(place.runtimeDirectory, 0o777);
    expect((await diagnose()).first).toMatch(
      /^fail +permissions +everybody may write to runtime.directory .*: chmod o-w /,
    );
    const file = join(place.directory, 'trespass.toml');
    writeFileSync(file, '[server]\nlistn = "127.0.0.1:1"\n');
    expect((await diagnose([], ['--config', file])).first).toMatch(/^fail +configuration .*listn/);
  });

  it('names a certificate that has expired, and a server that does not answer', async () => {
    const { key, cert } = makeCertificate(place.directory, '20200101000000Z', '20210101000000Z');
    const server = createServer({ key, cert }, (_, response) => response.end('{}')).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const { exitCode, first } = await diagnose([], ['--url', `https://127.0.0.1:${port}`, '--no-canary']);
      expect(first).toMatch(/^fail +certificate +it expired at 2021-01-01T00:00:00.000Z: renew it on the server$/);
      expect(exitCode).toBe(1);
      mkdirSync(place.spoolDirectory);
      const enrolment = { server: `https://127.0.0.1:${port}`, agent: 'a', key: 'k', fleet: 'f', baseSeq: 0 };
      const caFile = join(place.directory, 'certificate.pem');
      writeFileSync(join(place.spoolDirectory, 'agent.json'), JSON.stringify({ ...enrolment, caFile }), {
        mode: 0o600,
      });
      const enrolled = await diagnose();
      expect(enrolled.first).toMatch(/^fail +certificate +it expired at 2021/);
      expect(enrolled.lines[1]).toMatch(/^fail +server +https:\/\/127.0.0.1:\d+ does not answer \(.*expired/);
      rmSync(join(place.spoolDirectory, 'agent.json'));
    } finally {
      server.close();
    }
    const away = await diagnose([], ['--url', 'http://127.0.0.1:1', '--no-canary']);
    expect(away.first).toMatch(/^fail +server +the server at http:\/\/127.0.0.1:1 does not answer/);
  });

  describe('with another audit daemon', () => {
    let directory: string;
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'trespass-doctor-auditd-'));
      chmodSync(directory, 0o750);
    });
    afterAll(() => rmSync(directory, { recursive: true, force: true }));

    it('names it where its place is wanted, and reads beside it where not', async () => {
      setAuditStatus({ enabled: 1, backlogLimit: 8192 });
      const auditd = await startAuditd({
        program: '/usr/sbin/auditd',
        directory,
        logFormat: 'RAW',
        nameFormat: 'NONE',
        plugins: {},
      });
      try {
        const wanted = await diagnose([], ['--source', 'netlink-unicast']);
        expect(wanted.first).toMatch(
          new RegExp(`^fail +audit-daemon +another audit daemon is registered.*auditd \\(pid ${auditd.pid}\\)`),
        );
        const beside = await diagnose();
        expect(stateOf(beside, 'audit-daemon')).toEqual(['ok']);
        expect(stateOf(beside, 'canary')).toEqual(['ok']);
      } finally {
        await auditd.stop();
        setAuditStatus(before);
      }
    });
  });

  describe('beside a collector', () => {
    let run: Run | undefined;
    let collector: RunningProgram | undefined;
    afterEach(async () => {
      run?.process.kill('SIGTERM');
      collector?.process.kill('SIGTERM');
      await run?.ended;
      await collector?.ended;
      run = undefined;
      collector = undefined;
    });

    it('asks trespass run, and follows a real denial into its database', async () => {
      run = await startRun(place);
      const during = readAuditStatus();
      const diagnosis = await diagnose();
      expect(diagnosis.lines.filter((line) => line.startsWith('fail'))).toEqual([]);
      expect(diagnosis.exitCode).toBe(0);
      expect(diagnosis.lines.find((line) => / canary /.test(line))).toMatch(
        /^ok +canary +a real denial went from the kernel to the database: seen after \d+ ms, stored within \d+ ms$/,
      );
      expect(readAuditStatus()).toEqual(during);
      const page = (await run.get('/denials')) as { data: unknown[] };
      expect(page.data).toEqual([]);
      control('-e', '0');
      expect((await diagnose()).first).toMatch(/^fail +audit-enabled .*somebody turned it off: auditctl -e 1$/);
      control('-e', '1');
      control('-b', '64');
      const small = await diagnose();
      control('-b', String(during.backlogLimit));
      expect(small.first).toMatch(/^warn +backlog-limit .*queues only 64/);
      control('-a', 'never,exclude', '-F', 'msgtype=1423');
      const hidden = await diagnose();
      control('-d', 'never,exclude', '-F', 'msgtype=1423');
      expect(hidden.first).toMatch(/^fail +audit-rules /);
      expect(stateOf(hidden, 'canary')).toEqual(['fail']);
      const report = await diagnose([], ['--json']);
      expect(JSON.parse(report.first)).toMatchObject({
        state: expect.stringMatching(/ok|warn/),
        checks: expect.arrayContaining([{ check: 'rate-limit', state: 'ok', text: 'none' }]),
      });
    });

    it('names the server that is missing where only a collector runs', async () => {
      collector = startProgram(['collect', ...place.argv.filter((_, i, all) => !/listen|127/.test(`${all[i]}`))]);
      await collector.waitForLine(/^canary seen/);
      const { exitCode, first } = await diagnose();
      expect(first).toMatch(/^fail +server +a collector uses the spool .*: start trespass serve/);
      expect(exitCode).toBe(1);
    });
  });
});
