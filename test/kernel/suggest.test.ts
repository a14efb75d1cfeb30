// The rules that are suggested for the demo's denials, on the kernel: written out as the C program, compiled, and the same
// attempts made again inside of it. The refusal is gone; that of a neighbour is still there, and is logged.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Provoked, parseDemoLine } from '../../src/cli/demo/provoked.ts';
import type { Denial, Document } from '../../src/landlock/document.ts';
import { render } from '../../src/landlock/suggest/formats/formats.ts';
import { type Suggestion, suggest } from '../../src/landlock/suggest/suggest.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { listenDuring } from './audit-listener.ts';

const { EACCES, EXDEV } = constants.errno;

/** What is tried: a letter of attempts.c and its arguments, whose bytes need be no UTF-8. */
type Attempt = readonly [what: string, ...parts: (Buffer | string)[]];

interface Again {
  /** What was refused in the demo. */
  readonly same: Attempt;
  /** What nobody asked for. */
  readonly neighbour: Attempt;
}

function bytesOf(denial: Denial): Buffer {
  const { path = '', path_raw: raw } = denial.file ?? {};
  return raw === undefined ? Buffer.from(path) : Buffer.from(raw, 'base64');
}

const beside = (path: Buffer, name: string) => Buffer.concat([path, Buffer.from(name)]);

/** Makes again what the demo has taken away, and says what to try. */
function restage(denials: readonly Denial[]): readonly Again[] {
  const paths = denials.map(bytesOf);
  const [from, to] = paths;
  if (denials[0]?.landlock.blockers.includes('fs.refer') && from !== undefined && to !== undefined) {
    const away = beside(to, '-elsewhere');
    for (const directory of [from, to, away]) mkdirSync(directory, { recursive: true });
    for (const name of ['/mail', '/other']) writeFileSync(beside(from, name), '');
    return [
      {
        same: ['m', beside(from, '/mail'), beside(to, '/mail')],
        neighbour: ['m', beside(from, '/other'), beside(away, '/other')],
      },
    ];
  }
  return denials.flatMap((denial, at) => againFor(denial, paths[at] ?? Buffer.alloc(0)));
}

const IN_DIRECTORY: ReadonlyMap<string, string> = new Map([
  ['fs.make_dir', 'd'],
  ['fs.make_reg', 'f'],
  ['fs.make_sym', 'l'],
]);
const ON_FILE: ReadonlyMap<string, string> = new Map([
  ['fs.write_file', 'w'],
  ['fs.read_file', 'r'],
]);

function againFor({ landlock, source, destination }: Denial, path: Buffer): readonly Again[] {
  const [blocker = ''] = landlock.blockers;
  const made = IN_DIRECTORY.get(blocker);
  const opened = ON_FILE.get(blocker);
  if (made !== undefined) {
    mkdirSync(path, { recursive: true });
    return [{ same: [made, beside(path, `/again-${made}`)], neighbour: [made, beside(path, `-${made}`)] }];
  }
  if (opened !== undefined) {
    mkdirSync(dirname(path.toString('latin1')), { recursive: true });
    writeFileSync(path, '');
    writeFileSync(beside(path, '-'), '');
    return [{ same: [opened, path], neighbour: [opened, beside(path, '-')] }];
  }
  const port = destination?.port ?? source?.port ?? 0;
  const what = blocker === 'net.bind_tcp' ? 'b' : 'c';
  return [{ same: [what, String(port)], neighbour: [what, String(port + 1)] }];
}

/** What it takes to run `program` besides, where reading is refused: the kernel reads what it executes. */
function toRun(denials: readonly Denial[], program: string): readonly Denial[] {
  const isRead = (denial: Denial) => denial.landlock.blockers.includes('fs.read_file');
  return denials.filter(isRead).map((denial) => ({ ...denial, file: { path: program } }));
}

function inputOf(attempts: readonly Attempt[]): Buffer {
  return Buffer.concat(attempts.flatMap((parts) => parts.flatMap((part) => [Buffer.from(part), Buffer.from([0])])));
}

function compile(source: string, program: string, ...flags: string[]): void {
  execFileSync('gcc', ['-Wall', '-Wextra', '-Werror', ...flags, '-o', program, source], { stdio: 'pipe' });
}

describeKernel('suggested rules on the live kernel', () => {
  let directory: string;
  let attempts: string;
  /** The demo's denials by domain. */
  const byDomain = new Map<string, Denial[]>();

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-suggest-'));
    attempts = join(directory, 'attempts');
    // Static, so that no loader is to be read or executed.
    compile(new URL('./attempts.c', import.meta.url).pathname, attempts, '-static');
    let provoked: readonly Provoked[] = [];
    const ofDemo = (seen: readonly Document[]) => {
      const pids = new Set(provoked.map(({ pid }) => pid));
      return seen
        .filter((document) => document.kind === 'denial')
        .filter(({ process: actor }) => pids.has(actor?.pid ?? -1));
    };
    const documents = await listenDuring(
      () => {
        const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
        const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', main, 'demo', '--json'], {
          encoding: 'utf8',
        });
        provoked = stdout
          .split('\n')
          .flatMap((line) => parseDemoLine(line) ?? [])
          .filter((line) => line.kind === 'provoked');
      },
      (seen) => ofDemo(seen).length >= provoked.length,
    );
    for (const denial of ofDemo(documents)) {
      const { id } = denial.landlock.domain;
      byDomain.set(id, [...(byDomain.get(id) ?? []), denial]);
    }
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
    for (const denials of byDomain.values()) {
      for (const { file } of denials) {
        const demo = /^.*\/trespass-demo-[^/]+/.exec(file?.path ?? '')?.[0];
        if (demo !== undefined) rmSync(demo, { recursive: true, force: true });
      }
    }
  });

  function allowing(suggestion: Suggestion, name: string): string {
    const source = join(directory, `${name}.c`);
    writeFileSync(source, render(suggestion, 'c').text);
    compile(source, join(directory, name));
    return join(directory, name);
  }

  it('lets pass what the demo was refused, and nothing beside it', async () => {
    const outcomes: [string, string[], number[], number[]][] = [];
    const refused: Buffer[] = [];
    const pids = new Set<number>();
    const documents = await listenDuring(
      () => {
        for (const [id, denials] of byDomain) {
          const suggestion = suggest([...denials, ...toRun(denials, attempts)], { includeGuarded: true });
          if (suggestion.rules.length === 0 || denials[0]?.landlock.blockers[0] === 'fs.execute') continue;
          const again = restage(denials);
          const input = inputOf([...again.map(({ same }) => same), ...again.map(({ neighbour }) => neighbour)]);
          const { stdout, stderr, pid } = spawnSync(allowing(suggestion, `allow-${id}`), [attempts], {
            input,
            encoding: 'utf8',
          });
          expect(stderr).toBe('');
          pids.add(pid);
          refused.push(...again.map(({ neighbour }) => Buffer.from(neighbour[1] ?? '')));
          const errors = stdout.split('\n').slice(0, -1).map(Number);
          const blockers = denials.map(({ landlock }) => landlock.blockers.join());
          outcomes.push([id, blockers, errors.slice(0, again.length), errors.slice(again.length)]);
        }
      },
      (seen) =>
        seen.filter((document) => document.kind === 'denial' && pids.has(document.process?.pid ?? -1)).length >=
        refused.length,
    );
    expect(new Set(outcomes.flatMap(([, blockers]) => blockers))).toEqual(
      new Set([
        ...[
          'fs.write_file',
          'fs.read_file',
          'fs.make_dir',
          'fs.make_reg',
          'fs.remove_file,fs.refer',
          'fs.make_reg,fs.refer',
        ],
        ...['fs.make_sym', 'net.bind_tcp', 'net.connect_tcp'],
      ]),
    );
    for (const [, blockers, same, neighbours] of outcomes) {
      expect([blockers, same.filter((errno) => errno === EACCES || errno === EXDEV)]).toEqual([blockers, []]);
      expect([blockers, neighbours.filter((errno) => errno !== EACCES && errno !== EXDEV)]).toEqual([blockers, []]);
    }
    // The log says the same: all that is refused now is what stands beside it. A move has two records, or one.
    const logged = documents
      .filter((document) => document.kind === 'denial')
      .filter(({ process: actor }) => pids.has(actor?.pid ?? -1));
    expect(logged.length).toBeGreaterThanOrEqual(refused.length);
    const demanded = new Set(
      [...byDomain.values()]
        .flat()
        .map((denial) => `${denial.landlock.blockers} ${bytesOf(denial).toString('latin1')}`),
    );
    const stillRefused = logged.filter(
      (denial) =>
        denial.file !== undefined && demanded.has(`${denial.landlock.blockers} ${bytesOf(denial).toString('latin1')}`),
    );
    expect(stillRefused.map(({ event }) => event.reason)).toEqual([]);
  });

  it('lets a program run that was refused, and no other one', () => {
    const denials = [...byDomain.values()].find(([denial]) => denial?.landlock.blockers[0] === 'fs.execute') ?? [];
    const [path = ''] = denials.map(({ file }) => file?.path);
    const suggestion = suggest(denials, { includeGuarded: true });
    expect(suggestion.rules).toMatchObject([{ tier: 'guarded' }]);
    mkdirSync(dirname(path), { recursive: true });
    for (const of of [path, `${path}-`]) copyFileSync(attempts, of);
    const allow = allowing(suggestion, 'allow-execute');
    expect(spawnSync(allow, [path], { input: '' }).status).toBe(0);
    expect(spawnSync(allow, [`${path}-`], { input: '', encoding: 'utf8' }).stderr).toContain('Permission denied');
  });

  it('has no rule for what rules cannot give, and says what would', () => {
    const without = [...byDomain.values()].filter(
      (denials) => suggest(denials, { includeGuarded: true }).rules.length === 0,
    );
    const blockers = without.flat().map(({ landlock }) => landlock.blockers.join());
    expect(new Set(blockers)).toEqual(new Set(['scope.signal', 'ptrace', 'scope.abstract_unix_socket']));
    for (const denials of without) {
      expect(suggest(denials).impossible).toMatchObject([{ instead: expect.stringMatching(/\w/) }]);
    }
  });
});
