// `trespass check -- COMMAND…`: runs a command and tells what Landlock refused to it, for developers and for CI.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkKernel, readSurroundings } from '../collector/kernel/preflight.ts';
import type { Config } from '../runtime/config.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { requireAccount } from '../runtime/privileges.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments, parseCount, usageError } from './arguments.ts';
import { requireAuditRights } from './audit-rights.ts';
import { readBaseline, saveBaseline } from './check/baseline.ts';
import { toJunit } from './check/format-junit.ts';
import { toSarif } from './check/format-sarif.ts';
import { toMarkdown, toText } from './check/format-text.ts';
import { buildReport, type CheckReport } from './check/report.ts';
import { exitCodeOf } from './check/run-command.ts';
import type { Command, Io } from './command.ts';
import { CONFIG_OPTIONS, loadCommandConfig } from './config-options.ts';
import { hasStyle } from './table.ts';

const OPTIONS = {
  baseline: { type: 'string' },
  'save-baseline': { type: 'boolean' },
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
  'force-log': { type: 'boolean' },
  linger: { type: 'string' },
  as: { type: 'string' },
  config: CONFIG_OPTIONS.config,
  'runtime-dir': CONFIG_OPTIONS['runtime-dir'],
} as const;

const FORMATS: Readonly<Record<string, (report: CheckReport, isStyled: boolean) => string>> = {
  text: toText,
  json: (report) => `${toJsonLine(report)}\n`,
  junit: toJunit,
  sarif: (report) => `${JSON.stringify(toSarif(report), undefined, 2)}\n`,
  markdown: toMarkdown,
};

export const checkCommand: Command = {
  name: 'check',
  summary: 'run a command and tell what Landlock refused to it',
  usage: `usage: trespass check [options] -- COMMAND [ARGUMENT…]

Runs COMMAND with this terminal, input and output, and explains what was refused to it and to whatever it started, until
it ends. Needs root for the kernel's audit, which is turned on for as long as it takes, and put back; works beside a
collector and beside auditd. Its processes are known by an audit session of their own (/proc/PID/sessionid), which they
keep whatever they do: threads, double forks and daemons included. Not known: one that sets its login uid itself (a
login, cron), and what is refused to processes of others that the command merely asks to work for it.

  --baseline FILE  denials that are known and accepted
  --save-baseline  add what was refused this time to that file; exit code as if all were known
  --format NAME    text (default), json, junit, sarif, markdown
  --output FILE    where the report goes (default: text to standard error, other formats to standard output, after the
                   command's own)
  --force-log      also log what sandboxes of silent launchers refuse: sets LOG_NEW_EXEC_ON in every
                   landlock_restrict_self() by a small tracer (ptrace, x86_64 and aarch64; needs cc at its first use).
                   Programs that trace others do not work below it, nor sandboxes of processes that were started with
                   CLONE_UNTRACED, and setuid programs only where we are root.
  --linger SECONDS wait so long for processes that the command leaves behind (default 0)
  --as USER        run the command as this user, not as root
  --config FILE    configuration; --runtime-dir DIR the directory that notes how audit was

Exit codes: 1 something new was refused (also where the command itself succeeded); else the command's own, 128 and the
number of a signal, 126 or 127 where it could not be started. 2 wrong usage, 4 no permission.`,
  async run(argv, io) {
    const { values, command } = parse(argv);
    const format = FORMATS[values.format ?? 'text'];
    if (format === undefined || !Object.hasOwn(FORMATS, values.format ?? 'text')) {
      throw usageError(`check: --format "${values.format}" is none`, `write ${Object.keys(FORMATS).join(', ')}`);
    }
    const isSaving = values['save-baseline'] === true;
    const baseline = values.baseline === undefined ? undefined : resolve(io.cwd, values.baseline);
    if (isSaving && baseline === undefined) throw usageError('--save-baseline needs a file', 'give --baseline FILE');
    const known = baseline === undefined ? new Set<string>() : readBaseline(baseline, isSaving);
    const lingerMs = values.linger === undefined ? 0 : parseCount('linger', values.linger, 0) * 1_000;
    const account = values.as === undefined ? undefined : requireAccount(values.as);
    const config = kernelConfig(loadCommandConfig(values, io).config);
    requireAuditRights(config, 'check');
    checkKernel(readSurroundings());
    const tracer = values['force-log'] === true ? await tracerOf(io) : undefined;
    const { watchCommand } = await import('./check/watch-command.ts');
    const result = await watchCommand({ argv: command, config, tracer, account, lingerMs });
    const report = buildReport(command, result, known);
    write(format(report, hasStyle({ ...io, isStdoutTty: io.isStderrTty })), values, io);
    if (isSaving && baseline !== undefined) {
      io.stderr.write(`the baseline ${baseline} has ${saveBaseline(baseline, report)} issues now\n`);
    }
    return toExitCode(report, isSaving);
  },
};

function parse(argv: readonly string[]) {
  const at = argv.indexOf('--');
  const { values } = parseArguments(
    'check',
    at === -1 ? argv.filter((word) => word.startsWith('-')) : argv.slice(0, at),
    OPTIONS,
  );
  const command = at === -1 ? [] : argv.slice(at + 1);
  if (command.length === 0) throw usageError('check: there is no command', 'write trespass check -- COMMAND');
  return { values, command };
}

/** Whatever a collector here reads: this reads the kernel. */
function kernelConfig(config: Config): Config {
  return { ...config, collector: { ...config.collector, source: 'netlink' } };
}

async function tracerOf(io: Io): Promise<string> {
  const { forceLogProgram } = await import('../collector/kernel/force-log.ts');
  return forceLogProgram(io.env);
}

function write(text: string, { output, format }: { readonly output?: string; readonly format?: string }, io: Io): void {
  if (output === undefined) {
    (format === undefined || format === 'text' ? io.stderr : io.stdout).write(text);
    return;
  }
  if (output === '-') {
    io.stdout.write(text);
    return;
  }
  try {
    writeFileSync(resolve(io.cwd, output), text);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new OperatingError('output', `cannot write ${output} (${code})`, 'name another file with --output', {
      cause,
    });
  }
}

function toExitCode(report: CheckReport, isSaving: boolean): number {
  if (report.new_issues > 0 && !isSaving) return EXIT.failed;
  return exitCodeOf(report.end);
}
