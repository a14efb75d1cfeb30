import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCommand } from '../../src/cli/decode.ts';
import { runCommand } from './captured-io.ts';

const CORPUS = new URL('../fixtures/conformance/', import.meta.url).pathname;
const RAW = join(CORPUS, 'kernel-7.3.4/all.log');

/** What a long file's progress looks like. */
const BAR =
  /\rdecoding \[#*-*\] +\d+ % {2}[\d.]+ [kM]?B of [\d.]+ MB, [\d.]+ [kM]?B\/s, [\d.]+k? events\/s, \d+ s left/;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-decode-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

interface Decoded {
  readonly kind: string;
  readonly event: { readonly id: string; readonly sequence?: number };
  readonly host: { readonly id: string; readonly name: string; readonly boot: { readonly id: string } };
  readonly reason?: string;
  readonly place?: { readonly file?: string; readonly line?: number };
}

function documentsOf(stdout: string): Decoded[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line): Decoded => JSON.parse(line));
}

function kinds(stdout: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of documentsOf(stdout)) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function decode(argv: readonly string[], stdin: string | Buffer | Readable = ''): ReturnType<typeof runCommand> {
  return runCommand(decodeCommand, argv, stdin);
}

const ACCESS =
  'type=UNKNOWN[1423] msg=audit(1795393903.057:7): domain=1c9c9bffe blockers=scope.signal opid=1 ocomm="init"';
const SYSCALL =
  'type=SYSCALL msg=audit(1795393903.057:7): arch=c000003e syscall=62 success=no exit=-1 a0=1 a1=0 a2=0 a3=0 items=0 ' +
  'ppid=1 pid=135 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 ' +
  'comm="lab" exe="/bin/lab" key=(null)';
const PROCTITLE = 'type=PROCTITLE msg=audit(1795393903.057:7): proctitle=6C6162';

describe('trespass decode', () => {
  it('prints one document a line and the counts on standard error', async () => {
    const { exitCode, stdout, stderr } = await decode(['--summary', '--host', 'lab', RAW]);
    expect(exitCode).toBe(0);
    expect(kinds(stdout)).toEqual({ denial: 153, 'domain-allocated': 55, 'domain-deallocated': 55 });
    expect(JSON.parse(stderr)).toEqual({
      records: 710,
      events: 247,
      denials: 153,
      domains: 56,
      malformed: 0,
      lost: 0,
      lost_by_cause: {},
      seconds: expect.any(Number),
    });
  });

  it('gives the same documents from a file, standard input, a pipe of single bytes and gzip', async () => {
    const bytes = readFileSync(RAW);
    const { stdout } = await decode(['--host', 'lab', RAW]);
    const packed = file('raw.log.gz', gzipSync(bytes));
    const single = Readable.from(Array.from(bytes.subarray(0), (byte) => Buffer.from([byte])));
    expect((await decode(['--host', 'lab', '-'], bytes)).stdout).toBe(stdout);
    expect((await decode(['--host', 'lab'], single)).stdout).toBe(stdout);
    expect((await decode(['--host', 'lab', packed])).stdout).toBe(stdout);
  });

  it('reads what auditd 4.2.1 and 3.0.9 wrote, raw and enriched, without a malformed record or a loss', async () => {
    for (const name of [
      'auditd-4.2.1/raw.log',
      'auditd-4.2.1/enriched.log',
      'auditd-4.2.1/plugin-stream-enriched.log',
      'auditd-3.0.9/raw.log',
      'auditd-3.0.9/enriched-node.log',
    ]) {
      const { stdout, stderr } = await decode(['--summary', join(CORPUS, name)]);
      expect(JSON.parse(stderr), name).toMatchObject({ malformed: 0, lost: 0 });
      expect(kinds(stdout).denial, name).toBeGreaterThan(5);
    }
  });

  it('decodes every scenario to as many denials as it has records of them, and takes node= for the host', async () => {
    for (const name of readdirSync(join(CORPUS, 'kernel-6.18.44')).filter((entry) => entry.endsWith('.log'))) {
      const path = join(CORPUS, 'kernel-6.18.44', name);
      const { stdout } = await decode([path]);
      const expected = readFileSync(path, 'latin1').match(/type=(?:LANDLOCK_ACCESS|UNKNOWN\[1423\]|1423) /g)?.length;
      expect(kinds(stdout).denial, name).toBe(expected);
    }
    const { stdout } = await decode([join(CORPUS, 'auditd-3.0.9/enriched-node.log')]);
    expect(new Set(documentsOf(stdout).map(({ host }) => host.name))).toEqual(new Set(['lab']));
  });

  it('reads what ausearch prints, and refuses what ausearch -i prints', async () => {
    const block = `----\ntime->Mon Nov 23 00:31:43 2026\n${PROCTITLE}\n${SYSCALL}\n${ACCESS}\n`;
    const { exitCode, stdout } = await decode(['-'], block);
    expect([exitCode, stdout]).toEqual([0, (await decode(['-'], `${ACCESS}\n${SYSCALL}\n${PROCTITLE}\n`)).stdout]);
    const selected = await decode(['--summary', '-'], block + block.replaceAll(':7)', ':900)'));
    expect([kinds(selected.stdout), JSON.parse(selected.stderr)]).toMatchObject([{ denial: 2 }, { lost: 0 }]);
    expect(kinds(selected.stdout).gap).toBeUndefined();
    const refused = await decode([join(CORPUS, 'ausearch/interpreted.log')]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(/^trespass: .*interpreted\.log:1 is output of ausearch -i .*: .*ausearch --raw\n$/);
  });

  it('says of the kernel’s thinned log how much is missing', async () => {
    const { stdout } = await decode([join(CORPUS, 'dmesg/siblings.log')]);
    expect(kinds(stdout)).toMatchObject({ gap: expect.any(Number) });
  });

  it('puts rotated files in their order, so that an event may lie across two', async () => {
    file('audit.log.1', `${ACCESS}\n`);
    file('audit.log', `${SYSCALL}\n${PROCTITLE}\n`);
    const named = await decode([join(directory, 'audit.log'), join(directory, 'audit.log.1')]);
    expect(kinds(named.stdout)).toEqual({ denial: 1 });
    expect(named.stdout).toContain('"executable":"/bin/lab"');
    expect((await decode(['--rotated', join(directory, 'audit.log')])).stdout).toBe(named.stdout);
    expect((await decode([directory])).stdout).toBe(named.stdout);
  });

  it('gives an empty input no document and exit code 0', async () => {
    expect(await decode([file('empty', '')])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await decode(['-'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('stops with --strict at the first malformed record and prints what came before', async () => {
    const path = file('strict.log', `${ACCESS}\n${SYSCALL}\n${PROCTITLE}\nno record\n${ACCESS}\n`);
    const { exitCode, stdout, stderr } = await decode(['--strict', path]);
    expect(exitCode).toBe(1);
    expect(kinds(stdout)).toEqual({ denial: 1 });
    expect(stderr).toBe(`trespass: ${path}:4: not an audit record: leave out --strict to pass it over\n`);
    const late = file('late.log', `${ACCESS.replace('domain=1c9c9bffe', 'domain=xyz')}\n${PROCTITLE}\n`);
    expect((await decode(['--strict', late])).stderr).toContain(`${late}:2 or just before: `);
  });

  it('says in one line what is wrong with an input', async () => {
    const missing = await decode([RAW, join(directory, 'none')]);
    expect([missing.exitCode, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toMatch(/^trespass: there is no file .*none: .*\n$/);
    expect((await decode(['--format', 'nonsense', RAW])).exitCode).toBe(2);
    expect((await decode(['--nonsense'])).exitCode).toBe(2);
    expect((await decode(['-', '-'])).exitCode).toBe(2);
    expect((await runCommand(decodeCommand, [], '', { isStdinTty: true })).exitCode).toBe(2);
  });

  it('gives another host and boot their own identity, and the same ones each time', async () => {
    const first = documentsOf((await decode(['--host', 'a', RAW])).stdout);
    const again = documentsOf((await decode(['--host', 'a', RAW])).stdout);
    const other = documentsOf((await decode(['--host', 'b', RAW])).stdout);
    expect(again).toEqual(first);
    expect(other[0]?.event.id).not.toBe(first[0]?.event.id);
    expect(new Set(first.map(({ host }) => host.boot.id)).size).toBe(1);
  });
});

describe('trespass decode with bad input', () => {
  const event = `${ACCESS}\n${SYSCALL}\n${PROCTITLE}\n`;

  it.each<[string, Buffer, Record<string, number>]>([
    ['random bytes', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3) * 31) & 0xff)), {}],
    ['a long line', Buffer.from(`${event}${'x'.repeat(3_000_000)}\n${event}`), { denial: 1, malformed: 1 }],
    ['NULs', Buffer.from(`${event}\0\0\0\n\0${event}`), { denial: 1, malformed: 2 }],
    ['CRLF', Buffer.from(event.replaceAll('\n', '\r\n')), { denial: 1 }],
    ['a record inside a comm', Buffer.from(event.replace('"lab"', '"type=1423"')), { denial: 1 }],
    ['a truncated last line', Buffer.from(`${event}type=SYSCALL msg=aud`), { denial: 1, malformed: 1 }],
    ['truncated gzip', gzipSync(event.repeat(2000)).subarray(0, -12), { denial: 1 }],
  ])('ends %s in documents and counts', async (name, bytes, expected) => {
    const { exitCode, stdout, stderr } = await decode(['--summary', '--no-gaps', file('bad', bytes)]);
    expect(exitCode).toBe(0);
    const counts = kinds(stdout);
    expect(counts, name).toMatchObject(expected);
    expect(JSON.parse(stderr)).toMatchObject({ malformed: counts.malformed ?? 0, denials: counts.denial ?? 0 });
  });

  it('gives every event before the end of a truncated gzip file, and one malformed record for the rest', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => event.replaceAll(':7)', `:${i + 7})`)).join('');
    const whole = gzipSync(many);
    const { exitCode, stdout } = await decode(['--no-gaps', file('cut.gz', whole.subarray(0, whole.length - 900))]);
    expect(exitCode).toBe(0);
    const documents = documentsOf(stdout);
    const denials = documents.filter(({ kind }) => kind === 'denial');
    expect(denials.length).toBeGreaterThan(1000);
    expect(denials.map((doc) => doc.event.sequence)).toEqual(denials.map((_, i) => i + 7));
    const others = documents.filter(({ kind }) => kind !== 'denial');
    expect(others).toMatchObject([{ kind: 'malformed', reason: expect.stringContaining('damaged or ends early') }]);
    expect(others[0]?.place?.file).toBe(join(directory, 'cut.gz'));
  });

  it('refuses zstd in one line where Node.js cannot undo it', async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0]);
    const path = file('log.zst', frame);
    const result = await decode([path]);
    if ('createZstdDecompress' in zlib) expect(result).toMatchObject({ exitCode: 0, stdout: '' });
    else {
      expect([result.exitCode, result.stdout]).toEqual([1, '']);
      expect(result.stderr).toMatch(
        /^trespass: .*log\.zst is zstd-compressed, .*: zstd -dc .*log\.zst \| trespass .*\n$/,
      );
    }
  });

  it('refuses a directory without a log in one line', async () => {
    const empty = mkdtempSync(join(directory, 'empty-'));
    const { exitCode, stdout, stderr } = await decode([empty]);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^trespass: there is no audit\.log in the directory .*\n$/);
  });

  it('reads a FIFO up to where its writer closes it, in the middle of a line', async () => {
    const path = join(directory, 'fifo');
    execFileSync('mkfifo', [path]);
    const decoding = decode(['--summary', path]);
    createWriteStream(path).end(`${event}type=SYSCALL msg=aud`);
    const { exitCode, stdout, stderr } = await decoding;
    expect([exitCode, kinds(stdout)]).toEqual([0, { denial: 1, malformed: 1 }]);
    expect(JSON.parse(stderr)).toMatchObject({ records: 3, malformed: 1 });
  });

  it('reads lines of every source in one file, and junk between them', async () => {
    const body = 'domain=1c9c9bffe blockers=scope.signal opid=1 ocomm="init"';
    const journal = JSON.stringify({
      _TRANSPORT: 'audit',
      _AUDIT_TYPE: '1423',
      _AUDIT_ID: '10',
      _SOURCE_REALTIME_TIMESTAMP: '1795393903057000',
      MESSAGE: `UNKNOWN[1423] ${body}`,
    });
    const mixed = [
      ...event.trimEnd().split('\n'),
      `[    2.9] audit: type=1423 audit(1795393903.057:8): ${body}`,
      'junk',
      `node=far ${ACCESS}`,
      `Nov 23 00:31:43 host kernel: audit: type=1423 audit(1795393903.057:9): ${body}`,
      'Nov 23 00:31:43 host sshd[7]: Invalid user audit: type=1423 audit(1.002:3): domain=1 blockers=ptrace',
      journal,
    ];
    const { stdout } = await decode(['-'], mixed.join('\r\n'));
    expect(kinds(stdout)).toEqual({ denial: 5, malformed: 1 });
  });

  it('names auditd 4.2.1’s cut plugin stream and trusts none of it', async () => {
    const stream = readFileSync(join(CORPUS, 'auditd-4.2.1/plugin-stream-raw.log'));
    const { stdout } = await decode(['-'], stream);
    const cut = documentsOf(stdout).filter(({ reason }) => reason?.includes('auditd 4.2.1'));
    expect(cut.length).toBeGreaterThan(3);
  });
});

describe('the process', () => {
  const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

  it('keeps its memory at a line of 100 MB', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'decode', '--summary', '--no-gaps', '-'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const peakKb = (): number =>
      Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    const output = Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    const write = async (chunk: Buffer | string): Promise<void> => {
      if (!child.stdin.write(chunk)) await once(child.stdin, 'drain');
    };
    const events = `${ACCESS}\n${SYSCALL}\n${PROCTITLE}\n`;
    const megabyte = Buffer.alloc(1_000_000, 'x');
    await write(events);
    for (let i = 0; i < 5; i++) await write(megabyte);
    const before = peakKb();
    for (let i = 0; i < 95; i++) await write(megabyte);
    const after = peakKb();
    child.stdin.end(`\n${events.replaceAll(':7)', ':9)')}`);
    const [stdout, stderr] = (await output).map((chunks) => Buffer.concat(chunks).toString());
    expect(kinds(stdout ?? '')).toEqual({ denial: 2, malformed: 1 });
    expect(JSON.parse(stderr ?? '')).toMatchObject({ records: 6, malformed: 1 });
    expect(after - before).toBeLessThan(50_000);
  });

  it('shows on a terminal how far it is, how fast and how long still, and takes the line away', async () => {
    const text = readFileSync(RAW, 'latin1');
    // Other events each time: far more than pipes and buffers hold.
    const later = (days: number) => text.replace(/audit\((\d+)\./g, (_, s) => `audit(${Number(s) + days * 86_400}.`);
    const long = file('bar.log', Array.from({ length: 40 }, (_, days) => later(days)).join(''));
    // The reader is slow once there is something to read, so that reading takes longer than the bar waits. script(1) makes
    // the terminal.
    const reader = '(head -c 1; sleep 2; cat) > /dev/null';
    const command = `${process.execPath} --import tsx ${MAIN} decode ${long} | ${reader}`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [out, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'exit')]);
    const screen = Buffer.concat(out).toString();
    expect(code).toBe(0);
    expect(screen).toMatch(BAR);
    expect(screen.endsWith('\r\x1b[K')).toBe(true);
  });

  it('leaves standard input alone where it reads a file', async () => {
    const { stdout } = await runCommand(
      {
        ...decodeCommand,
        run: (argv, io) =>
          decodeCommand.run(argv, {
            ...io,
            get stdin(): never {
              throw new Error('standard input was looked at');
            },
          }),
      },
      [file('one.log', `${[ACCESS, SYSCALL, PROCTITLE].join('\n')}\n`)],
    );
    expect(kinds(stdout)).toEqual({ denial: 1 });
  });

  it('prints an event that comes through a pipe before the next one comes', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'decode'], { stdio: ['pipe', 'pipe', 'inherit'] });
    for (const serial of [7, 8]) {
      child.stdin.write(`${[ACCESS, SYSCALL, PROCTITLE].join('\n').replaceAll(':7)', `:${serial})`)}\n`);
      const [data] = await once(child.stdout, 'data');
      expect(documentsOf(String(data)).map(({ kind, event }) => [kind, event.sequence])).toEqual([['denial', serial]]);
    }
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends quietly when its reader goes away', async () => {
    const long = file('long.log', readFileSync(RAW, 'latin1').repeat(30));
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'decode', long], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code, signal] = await once(child, 'exit');
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });
});
