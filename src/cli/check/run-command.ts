// Runs the command of `trespass check`: its input, output and terminal are the caller's, and so are the signals that are
// meant for it. Below the tracer of --force-log, which reports the command's own end over a pipe.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { OperatingError } from '../../runtime/operating-error.ts';
import type { Account } from '../../runtime/privileges.ts';

export type CommandEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** `code`: as a shell would answer, 127 or 126. */
  | { readonly kind: 'not-started'; readonly reason: string; readonly code: number };

export interface RunningCommand {
  /** 0: it could not be started. Below the tracer, the tracer's. */
  readonly pid: number;
  /** Never rejects but for an OperatingError of the tracer. Processes that the command leaves behind go on. */
  readonly ended: Promise<CommandEnd>;
}

/** Meant for the command, whoever gets them. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
/** A terminal sends these to the command as well. */
const OF_TERMINALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
const REPORT_FD = 3;

export interface CommandOptions {
  /** Path of the tracer. */
  readonly tracer: string | undefined;
  readonly account: Account | undefined;
}

/** Starts it at once: it inherits what this thread is at this moment. */
export function startCommand(argv: readonly string[], { tracer, account }: CommandOptions): RunningCommand {
  // The command may be running, and somebody know it, before its start returns: who ends us then means the command.
  let running: Started | undefined;
  const stopPassing = passSignals((signal) => running?.child.kill(signal));
  try {
    running = tracer === undefined ? startPlain(argv, account) : startTraced(tracer, argv, account);
  } catch (error) {
    stopPassing();
    throw error;
  }
  const ended = running.ended.finally(stopPassing);
  return { pid: running.child.pid ?? 0, ended };
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandEnd>;
}

function startPlain([file = '', ...rest]: readonly string[], account: Account | undefined): Started {
  const child = spawn(file, rest, { stdio: 'inherit', ...(account && { uid: account.uid, gid: account.gid }) });
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('error', (error) => resolve(notStarted('code' in error ? String(error.code) : error.message)));
    child.once('exit', (code, signal) => {
      resolve(signal === null ? { kind: 'exit', code: code ?? 1 } : { kind: 'signal', signal });
    });
  });
  return { child, ended };
}

function startTraced(tracer: string, argv: readonly string[], account: Account | undefined): Started {
  const who = account === undefined ? ['-', '-'] : [String(account.uid), String(account.gid)];
  const child = spawn(tracer, [String(REPORT_FD), ...who, ...argv], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  const pipe = child.stdio[REPORT_FD];
  const lines = pipe instanceof Readable ? createInterface({ input: pipe }) : undefined;
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    let refused: string | undefined;
    lines?.on('line', (line) => {
      const [word, value = ''] = line.split(' ');
      if (word === 'exec') refused = errnoName(Number(value));
      else if (refused !== undefined) resolve(notStarted(refused));
      else if (word === 'exit') resolve({ kind: 'exit', code: Number(value) });
      else if (word === 'signal') resolve({ kind: 'signal', signal: signalName(Number(value)) });
    });
    const fail = (why: string) =>
      reject(
        new OperatingError(
          'tracer-failed',
          `the tracer ended (${why})`,
          'see what it said; ptrace may be forbidden here',
        ),
      );
    child.once('error', (error) => fail(error.message));
    // After its last line, if there was one.
    child.once('close', (code, signal) => fail(String(signal ?? code)));
  }).finally(() => {
    // It goes on with what the command left behind, and nobody waits for that.
    lines?.close();
    if (pipe instanceof Readable) pipe.destroy();
    child.unref();
  });
  return { child, ended };
}

function notStarted(reason: string): CommandEnd {
  return { kind: 'not-started', reason, code: reason === 'ENOENT' ? 127 : 126 };
}

/** Answers how to end it. */
function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  const isOwnTerminal = isatty(0) || isatty(2);
  const ignore = () => {};
  const handlers = [
    ...PASSED_ON.map((signal) => [signal, () => pass(signal)] as const),
    ...OF_TERMINALS.map((signal) => [signal, isOwnTerminal ? ignore : () => pass(signal)] as const),
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? String(errno);
}

/** As a shell has it: 128 and the number for a signal. */
export function exitCodeOf(end: CommandEnd): number {
  if (end.kind !== 'signal') return end.code;
  const number = Object.entries(constants.signals).find(([name]) => name === end.signal)?.[1];
  return 128 + (number ?? 0);
}
