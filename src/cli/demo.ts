// `trespass demo`: a dozen harmless denials by the real kernel, so that there is something to look at. It plays the
// part of programs in sandboxes; reading what the kernel says about them is everybody else's. `--replay` (replay.ts)
// sends recorded denials instead, for machines whose kernel cannot log any.
import { release } from 'node:os';
import { resolve } from 'node:path';
import { abiVersion, LOGGING_ABI, unavailableErrno } from '../collector/kernel/landlock-syscalls.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { escapeTerminal, fitText, textWidth } from '../runtime/terminal-text.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { CONFIG_OPTIONS, loadCommandConfig } from './config-options.ts';
import { isAuditEnabled } from './demo/audit-enabled.ts';
import type { DemoLine } from './demo/provoked.ts';
import { type FailedStep, runSteps } from './demo/run-steps.ts';

/** How long to wait for the dashboard's answer before it counts as not running. */
const HEALTH_MAX_MS = 1_000;
const PROGRAM_COLUMNS = 15;
const ACTION_COLUMNS = 46;
const BLOCKERS_COLUMNS = 29;

const USAGE = `Usage: trespass demo [--json] [--replay [--db PATH]]

Makes about twenty harmless denials by the real kernel: small programs restrict themselves with Landlock in a
private directory, try what they may not, and are gone a few seconds later. Needs no root; whether the kernel logs
the denials is up to its audit, which \`trespass run\` turns on.

  --json         print what was provoked, one JSON object a line
  --replay       send recorded denials to the running server instead, marked as a replay and moved to now
  --db PATH      with --replay: write them into this database instead of sending them to a server
  --config FILE, --set KEY=VALUE, --listen HOST:PORT, --runtime-dir DIR
                 the configuration of the Trespass that should show them

Exit codes: 0 done, 1 the kernel cannot or a step failed, 2 wrong usage, 4 no permission.
`;

export const demoCommand: Command = {
  name: 'demo',
  summary: 'make harmless real denials, to have something to look at',
  usage: USAGE,
  run: runDemo,
};

async function runDemo(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { values } = parseArguments('demo', argv, {
    json: { type: 'boolean' },
    replay: { type: 'boolean' },
    db: { type: 'string' },
    config: CONFIG_OPTIONS.config,
    set: CONFIG_OPTIONS.set,
    listen: CONFIG_OPTIONS.listen,
    'runtime-dir': CONFIG_OPTIONS['runtime-dir'],
  });
  const { json = false, db, replay: isReplay = false, ...forConfig } = values;
  if (db !== undefined && !isReplay) {
    throw usageError('--db goes with --replay', 'add --replay, or leave --db away');
  }
  const { config } = loadCommandConfig(forConfig, io);
  if (isReplay) {
    // Only now: the demo itself needs no database.
    const { replay } = await import('./replay.ts');
    return replay({ config, json, ...(db !== undefined && { db: resolve(io.cwd, db) }) }, io);
  }
  const abi = requireLogging();
  return json ? printJson(abi, io) : printStory(abi, config.server.listen, io);
}

/** The Landlock ABI of a kernel that can log denials. */
function requireLogging(): number {
  const abi = abiVersion();
  const mend = '`trespass demo --replay` shows recorded denials instead';
  if (abi === undefined) {
    const errno = unavailableErrno();
    if (errno === 'ENOSYS' || errno === 'EOPNOTSUPP') {
      const why = errno === 'ENOSYS' ? 'is built without Landlock' : 'did not enable Landlock at boot (see lsm=)';
      throw new OperatingError('landlock-missing', `this kernel (Linux ${release()}) ${why}`, mend);
    }
    throw new OperatingError('landlock-forbidden', `this process may not use Landlock (${errno})`, mend, {
      exitCode: errno === 'EPERM' || errno === 'EACCES' ? EXIT.permission : EXIT.failed,
    });
  }
  if (abi < LOGGING_ABI) {
    throw new OperatingError(
      'landlock-unlogged',
      `this kernel (Linux ${release()}, Landlock ABI ${abi}) logs no denials: that began with Linux 6.15`,
      mend,
    );
  }
  return abi;
}

async function printJson(abi: number, io: Io): Promise<ExitCode> {
  const tally = new Tally();
  const onLine = (line: DemoLine | FailedStep) => {
    tally.add(line);
    io.stdout.write(`${JSON.stringify(line)}\n`);
  };
  await runSteps({ abi, signal: io.signal, onLine });
  return tally.isFailed ? EXIT.failed : EXIT.done;
}

async function printStory(abi: number, listen: string, io: Io): Promise<ExitCode> {
  const startedAt = performance.now();
  const tally = new Tally();
  await runSteps({
    abi,
    signal: io.signal,
    onStart: (directory) => {
      io.stdout.write(`Landlock ABI ${abi}, in ${directory} (removed afterwards)\n\n`);
      io.stdout.write(`  ${row('PROGRAM', 'TRIED TO', 'REFUSED AS', 'ERROR')}\n`);
    },
    onLine: (line) => {
      tally.add(line);
      io.stdout.write(`  ${describe(line)}\n`);
    },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  io.stdout.write(`\n${tally.refused} accesses refused in ${tally.sandboxes} sandboxes, in ${seconds} s.\n`);
  io.stdout.write(await whereToLook(listen));
  return tally.isFailed ? EXIT.failed : EXIT.done;
}

/** Counts what came of the steps. */
class Tally {
  refused = 0;
  isFailed = false;
  readonly #creators = new Set<string>();

  add(line: DemoLine | FailedStep): void {
    if (line.kind === 'provoked' && line.errno !== 'OK') {
      this.refused += 1;
      this.#creators.add(`${line.creator.pid} ${line.creator.name}`);
    } else if (line.kind !== 'skipped') {
      this.isFailed = true;
    }
  }

  get sandboxes(): number {
    return this.#creators.size;
  }
}

function describe(line: DemoLine | FailedStep): string {
  switch (line.kind) {
    case 'provoked':
      return row(line.program, line.action, line.blockers.join(','), line.errno === 'OK' ? 'not refused!' : line.errno);
    case 'skipped':
      return `${line.step}: skipped, ${line.reason}`;
    case 'failed':
      return `${line.step}: failed: ${escapeTerminal(line.message)}`;
  }
}

function row(program: string, action: string, blockers: string, errno: string): string {
  return `${pad(program, PROGRAM_COLUMNS)}${pad(action, ACTION_COLUMNS)}${pad(blockers, BLOCKERS_COLUMNS)}${errno}`;
}

/** Cut or filled to `columns`, with a blank at the end. */
function pad(text: string, columns: number): string {
  const fitted = fitText(escapeTerminal(text), columns - 1);
  return fitted + ' '.repeat(columns - textWidth(fitted));
}

async function whereToLook(listen: string): Promise<string> {
  const isRunning = await isServerRunning(listen);
  const isLogged = await isAuditEnabled();
  const lines: string[] = [];
  if (isRunning) {
    lines.push(`See them at http://${listen}/, or by: trespass denials --since now-5m`);
  }
  if (isLogged === false) {
    lines.push("The kernel's audit is off, so these denials are real, but nobody logs them.");
    lines.push('`trespass run`, as root, turns it on. Start it in another terminal, then run the demo again.');
  } else if (!isRunning) {
    lines.push(`No Trespass answers at http://${listen}/, so nobody shows these denials.`);
    lines.push('Start `trespass run` as root in another terminal, then run the demo again.');
  }
  return `${lines.join('\n')}\n`;
}

async function isServerRunning(listen: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${listen}/-/healthy`, { signal: AbortSignal.timeout(HEALTH_MAX_MS) });
    return answer.ok;
  } catch {
    return false;
  }
}
