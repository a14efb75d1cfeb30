// Runs the built program (dist/) as a user does. Builds it when the sources are newer.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const mainPath = join(root, 'dist/cli/main.js');

function newestMs(folder: string): number {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) {
      newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
    }
  }
  return newest;
}

/** Compiles src to dist when that is older. Does not build the page. */
export function ensureBuilt(): void {
  const built = statSync(mainPath, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > newestMs(join(root, 'src'))) {
    return;
  }
  const tsc = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  if (tsc.status !== 0) {
    throw new Error(`cannot build dist:\n${tsc.stdout}`);
  }
}

export interface RunningProgram {
  readonly process: ChildProcess;
  readonly pid: number;
  /** What it has written to stdout and stderr so far. */
  out(): string;
  err(): string;
  /** The match of the first line of stdout, or stderr, that matches. Rejects when the program ends before. */
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Exit code, or the name of the signal. */
  readonly ended: Promise<number | string>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly uid?: number;
  /** A command that becomes the program: `nsenter …`. */
  readonly wrapper?: readonly string[];
}

/** Starts `trespass ARGV…`; the caller ends it. */
export function startProgram(argv: readonly string[], options: ProgramOptions = {}): RunningProgram {
  const [command = process.execPath, ...rest] = [...(options.wrapper ?? []), process.execPath, mainPath, ...argv];
  const child = spawn(command, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  let out = '';
  let err = '';
  const watchers = new Set<() => void>();
  const checkAll = () => {
    for (const check of watchers) {
      check();
    }
  };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    checkAll();
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
    checkAll();
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      resolve(signal ?? code ?? 'unknown');
      checkAll();
    });
  });
  const running: RunningProgram = {
    process: child,
    pid: child.pid ?? 0,
    out: () => out,
    err: () => err,
    ended,
    waitForLine: async (pattern, timeoutMs = 30_000) =>
      await new Promise((resolve, reject) => {
        const settle = (action: () => void) => {
          watchers.delete(check);
          clearTimeout(timer);
          action();
        };
        const fail = (why: string) => reject(new Error(`${why} before ${pattern}:\n${out}${err}`));
        const check = () => {
          for (const line of [...out.split('\n'), ...err.split('\n')]) {
            const match = pattern.exec(line);
            if (match !== null) {
              settle(() => resolve(match));
              return;
            }
          }
          if (child.exitCode !== null || child.signalCode !== null) {
            settle(() => fail('the program ended'));
          }
        };
        const timer = setTimeout(() => settle(() => fail(`${timeoutMs} ms passed`)), timeoutMs);
        watchers.add(check);
        check();
      }),
  };
  return running;
}

const RUN_ONCE_MAX_MS = 25_000;

/** Runs `trespass ARGV…` to its end, which is forced when it does not come by itself. */
export async function runProgramOnce(argv: readonly string[], options: ProgramOptions = {}) {
  const program = startProgram(argv, options);
  const timer = setTimeout(() => program.process.kill('SIGTERM'), RUN_ONCE_MAX_MS);
  const exitCode = await program.ended;
  clearTimeout(timer);
  return { exitCode, out: program.out(), err: program.err() };
}
