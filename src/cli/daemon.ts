// What `serve` and `collect` share: start, say so, wait for the end, stop in order. Alone they are foreground daemons
// that print for people; below a supervisor they report over Node's IPC channel instead, and end with it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { pino } from 'pino';
import type { Config } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { packageVersion } from '../runtime/package-version.ts';
import type { ChildMessage, StopOrder } from '../runtime/supervision.ts';
import type { Io } from './command.ts';
import { toFailure } from './error-line.ts';

/** A supervisor gives an ended child no more time than this. */
export const STOP_MAX_MS = 4_000;

export interface DaemonContext {
  readonly version: string;
  readonly log: pino.Logger;
  report(message: ChildMessage): void;
}

export interface Daemon {
  readonly name: 'server' | 'collector';
  readonly config: Config;
  /** Below a supervisor: how long to go on when it is gone or did not order the end, so that the other ends first. */
  readonly graceMs: number;
  start(context: DaemonContext): Promise<{ stop(): Promise<void> }>;
  /** One line for people about a message, when there is no supervisor to print it. */
  describe(message: ChildMessage): string | undefined;
}

/** Runs until a signal, or until the supervisor is gone; 0 after an orderly stop. */
export async function runDaemon(daemon: Daemon, isSupervised: boolean, io: Io): Promise<ExitCode> {
  const log = createLogger({ name: daemon.name, level: daemon.config.log.level, isForPeople: io.isStderrTty });
  const report = isSupervised ? reportToSupervisor : (message: ChildMessage) => print(daemon, message, io);
  const ended = isSupervised ? endOfSupervision(daemon.graceMs) : onceAborted(io.signal);
  let running: { stop(): Promise<void> };
  try {
    running = await daemon.start({ version: packageVersion, log, report });
  } catch (error) {
    const failure = toFailure(error);
    if (!isSupervised || failure.code === 'unexpected') {
      throw error;
    }
    const { code, message, mend, exitCode } = failure;
    await reportLast({ kind: 'fatal', code, message, mend, exitCode });
    return failure.exitCode;
  }
  const why = await ended;
  log.info({ why }, 'stopping');
  const isInTime = await Promise.race([running.stop().then(() => true), sleep(STOP_MAX_MS, false)]);
  if (!isInTime) {
    log.error(`did not stop within ${STOP_MAX_MS} ms`);
    return EXIT.failed;
  }
  return EXIT.done;
}

function print(daemon: Daemon, message: ChildMessage, io: Io): void {
  const line = daemon.describe(message);
  if (line !== undefined) {
    io.stdout.write(`${line}\n`);
  }
}

function reportToSupervisor(message: ChildMessage): void {
  if (process.connected) {
    process.send?.(message, undefined, undefined, () => {
      // The supervisor may be gone; `disconnect` says so.
    });
  }
}

/** The last words: waits until they are on their way, because the process ends next. */
async function reportLast(message: ChildMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    if (!process.connected || process.send === undefined) {
      resolve();
      return;
    }
    process.send(message, undefined, undefined, () => resolve());
  });
}

/**
 * The supervisor's order, or its end. A SIGTERM without an order may have gone to all three at once (systemd does so);
 * then each goes on as long as without its supervisor. SIGINT and SIGHUP are not for us: a terminal sends them to the
 * whole group, and the supervisor decides who ends first.
 */
async function endOfSupervision(graceMs: number): Promise<string> {
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  return await new Promise<string>((resolve) => {
    const resolveLater = (why: string) => setTimeout(() => resolve(why), graceMs);
    process.on('SIGTERM', () => resolveLater('SIGTERM'));
    process.on('message', (message) => {
      if (isStopOrder(message)) {
        resolve('order of the supervisor');
      }
    });
    if (process.connected) {
      process.once('disconnect', () => resolveLater('the supervisor is gone'));
    } else {
      resolveLater('there is no supervisor');
    }
  });
}

function isStopOrder(message: unknown): message is StopOrder {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'stop';
}

async function onceAborted(signal: AbortSignal): Promise<string> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  return String(signal.reason);
}
