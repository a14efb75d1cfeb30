#!/usr/bin/env node
// The process of `trespass`: streams, signals and the exit. What it does is in program.ts.
import { once } from 'node:events';
import { isatty } from 'node:tty';
import { EXIT } from '../runtime/operating-error.ts';
import type { Io } from './command.ts';
import { COMMANDS } from './command-table.ts';
import { runProgram } from './program.ts';

/** The real process. Signal handlers are set only once a command asks for `signal`. */
function processIo(): Io {
  let controller: AbortController | undefined;
  const { columns } = process.stdout;
  return {
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    isStdinTty: isatty(0),
    isStdoutTty: process.stdout.isTTY === true,
    isStderrTty: process.stderr.isTTY === true,
    ...(columns > 0 && { columns }),
    get signal() {
      controller ??= abortOnSignals();
      return controller.signal;
    },
  };
}

function abortOnSignals(): AbortController {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(name));
  }
  const isReloadable = COMMANDS.some(({ name, isReloadable }) => name === process.argv[2] && isReloadable);
  // A daemon without a terminal has none that could hang up: then the signal asks it to read its files anew.
  process.on('SIGHUP', () => (isReloadable && !isatty(2) ? undefined : controller.abort('SIGHUP')));
  return controller;
}

/** Nobody reads any more (`trespass denials | head`): a query ends quietly, a daemon goes on. */
function onStdoutError(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') {
    throw error;
  }
  if (!COMMANDS.some(({ name, isDaemon }) => name === process.argv[2] && isDaemon)) {
    process.exit(EXIT.done);
  }
}

async function runProcess(): Promise<void> {
  process.stdout.on('error', onStdoutError);
  process.stderr.on('error', () => {});
  const exitCode = await runProgram(process.argv.slice(2), processIo());
  if (process.stdout.writableLength > 0) {
    await once(process.stdout, 'drain');
  }
  process.exit(exitCode);
}

await runProcess();
