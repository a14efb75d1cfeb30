// Proof that the whole path works: a child process that provokes one real denial under a path that nobody else uses.
// Whoever reads the records looks for that path. This file starts the child and explains what can go wrong with it;
// it knows nothing of records.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { siblingModule } from '../../runtime/sibling-module.ts';
import { LOGGING_ABI } from '../kernel/landlock-syscalls.ts';

export type CanaryOutcome =
  | { readonly ok: true }
  /** One sentence each: why there was no denial, and what to do about it. */
  | { readonly ok: false; readonly reason: string; readonly mend: string };

export interface Canary {
  /** The file that the denial names, without symbolic links. */
  readonly path: string;
  /** When the child was told to provoke the denial; milliseconds of performance.now(). */
  readonly firedAt: number;
  /** Of the child, in our own pid namespace; 0 where it could not be started. */
  readonly pid: number;
  /** Settles when the child has ended, and never rejects. `ok` says that the kernel refused, not that it logged. */
  readonly done: Promise<CanaryOutcome>;
}

/** A child that has loaded everything it needs and waits for the word. */
export interface ReadyCanary {
  fire(): Canary;
  /** Ends a canary that is not wanted any more. */
  cancel(): void;
}

/** How long the child may take to load, and then to answer. */
const STARTUP_MAX_MS = 20_000;
const ANSWER_MAX_MS = 5_000;
/** The child says three short lines; more than this is not ours. */
const OUTPUT_MAX_CHARS = 4_096;

/**
 * Starts a canary and fires it at once. The answer comes before any record of it can be read, since both wait for
 * the event loop. `directory` must be writable for this process, and the kernel's audit must be on for a record.
 */
export async function startCanary(options: { readonly directory: string }): Promise<Canary> {
  return (await prepareCanary(options)).fire();
}

/**
 * Starts a canary without firing it: for processes that are about to give up the right to read their own code.
 */
export async function prepareCanary(options: { readonly directory: string }): Promise<ReadyCanary> {
  let path: string;
  try {
    path = join(realpathSync(options.directory), `canary-${process.pid}-${randomBytes(8).toString('hex')}`);
    writeFileSync(path, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    return stillborn(options.directory, {
      ok: false,
      reason: `the canary's file cannot be made in ${options.directory} (${codeOf(error)})`,
      mend: 'make the directory writable for the collector',
    });
  }
  const conversation = converse(path);
  const started = await conversation.started;
  if (!started.ok) return stillborn(path, started);
  return {
    fire: () => {
      conversation.tell();
      return { path, firedAt: performance.now(), pid: conversation.pid, done: conversation.done };
    },
    cancel: conversation.cancel,
  };
}

function stillborn(path: string, outcome: CanaryOutcome): ReadyCanary {
  return {
    fire: () => ({ path, firedAt: performance.now(), pid: 0, done: Promise.resolve(outcome) }),
    cancel: () => {},
  };
}

interface Conversation {
  readonly pid: number;
  readonly started: Promise<CanaryOutcome>;
  readonly done: Promise<CanaryOutcome>;
  tell(): void;
  cancel(): void;
}

/** Runs the child, reads its two lines, and takes its file away when it has ended. */
function converse(path: string): Conversation {
  const { url, execArgv } = siblingModule('./canary-child', import.meta.url);
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(url), path], { stdio: ['pipe', 'pipe', 'pipe'] });
  const said = listen(child);
  const startup = setTimeout(() => child.kill('SIGKILL'), STARTUP_MAX_MS);
  let answer: NodeJS.Timeout | undefined;
  const ended = said.ended.finally(() => {
    clearTimeout(startup);
    clearTimeout(answer);
    rmSync(path, { force: true });
  });
  return {
    pid: child.pid ?? 0,
    started: Promise.race([said.ready.then(() => ({ ok: true }) as const), ended]).finally(() => clearTimeout(startup)),
    done: ended,
    tell: () => {
      answer = setTimeout(() => child.kill('SIGKILL'), ANSWER_MAX_MS);
      child.stdin.end('!');
    },
    cancel: () => child.stdin.end(),
  };
}

/** `ready` settles at the child's first line, `ended` when it is gone. */
function listen(child: ChildProcessByStdio<Writable, Readable, Readable>): {
  ready: Promise<void>;
  ended: Promise<CanaryOutcome>;
} {
  let output = '';
  let complaint = '';
  // The child may end before it reads: its exit says so.
  child.stdin.on('error', () => {});
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString('utf8')}`.slice(0, OUTPUT_MAX_CHARS);
  });
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString('utf8')}`.slice(0, OUTPUT_MAX_CHARS);
      if (output.includes('\n')) resolve();
    });
  });
  const ended = new Promise<CanaryOutcome>((resolve) => {
    child.on('error', (error) => resolve(notStarted(error.message)));
    child.on('close', (code, signal) => {
      const answer = output.split('\n')[1];
      resolve(
        answer === undefined || answer === ''
          ? notStarted(firstLine(complaint) ?? String(signal ?? code))
          : explain(answer),
      );
    });
  });
  return { ready, ended };
}

function notStarted(detail: string): CanaryOutcome {
  return {
    ok: false,
    reason: `the canary's process failed (${detail})`,
    mend: "let the account of the collector read the program's own files",
  };
}

/** The child's verdict as sentences. */
function explain(answer: string): CanaryOutcome {
  const { ok, call, errno } = parseAnswer(answer);
  if (ok) return { ok: true };
  if (errno === 'ENOSYS') {
    return {
      ok: false,
      reason: 'this kernel is built without Landlock',
      mend: 'use a kernel with CONFIG_SECURITY_LANDLOCK',
    };
  }
  if (errno === 'EOPNOTSUPP') {
    return {
      ok: false,
      reason: 'Landlock is not among the security modules enabled at boot',
      mend: 'add landlock to the lsm= list of the kernel command line',
    };
  }
  if (call === 'landlock_restrict_self' && errno === 'E2BIG') {
    return {
      ok: false,
      reason: 'the collector itself runs inside 16 Landlock layers',
      mend: 'start it outside of a sandbox',
    };
  }
  if (call === 'open' && errno === 'OK') {
    return {
      ok: false,
      reason: 'Landlock let the canary write what it must refuse',
      mend: `check that the kernel enforces Landlock (ABI ${LOGGING_ABI} or later logs it)`,
    };
  }
  return {
    ok: false,
    reason: `${call} failed with ${errno} in the canary`,
    mend: 'check seccomp filters and container limits',
  };
}

function parseAnswer(line: string): { ok: boolean; call: string; errno: string } {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) {
      const field = (name: string): unknown => (name in value ? Reflect.get(value, name) : undefined);
      return { ok: field('ok') === true, call: String(field('call')), errno: String(field('errno')) };
    }
  } catch {
    // Falls through: a torn line is a failed canary.
  }
  return { ok: false, call: 'the report', errno: 'a torn line' };
}

function firstLine(text: string): string | undefined {
  const found = text.split('\n').find((line) => /error/i.test(line)) ?? text.split('\n').find((line) => line !== '');
  return found?.slice(0, 200);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
