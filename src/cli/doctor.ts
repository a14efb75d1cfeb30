// `trespass doctor`: every known cause of silence, one line each, what is wrong first.
import type { Finding, FindingState } from '../collector/doctor/finding.ts';
import { loadConfig } from '../runtime/config-file.ts';
import { EXIT, type ExitCode } from '../runtime/operating-error.ts';
import { escapeTerminal, toJsonLine } from '../runtime/terminal-text.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { CONFIG_OPTIONS, loadCommandConfig } from './config-options.ts';
import { openQuerySource, parseUrl } from './open-query-source.ts';
import { hasStyle } from './table.ts';

const OPTIONS = {
  config: CONFIG_OPTIONS.config,
  set: CONFIG_OPTIONS.set,
  db: CONFIG_OPTIONS.db,
  source: CONFIG_OPTIONS.source,
  'spool-dir': CONFIG_OPTIONS['spool-dir'],
  'runtime-dir': CONFIG_OPTIONS['runtime-dir'],
  url: { type: 'string' },
  token: { type: 'string' },
  json: { type: 'boolean' },
  'no-canary': { type: 'boolean' },
} as const;

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'why nothing is seen: checks every cause, and says the mend',
  usage: `usage: trespass doctor [options]

Looks at everything that can keep a denial from being seen: kernel, Landlock, audit and its rules, namespaces and
capabilities, the way into the database, disk, clock, accounts, and sandboxes that ask for no log. One line each, what is
wrong first: fail, warn, unknown (it could not be learned), ok. Beside a running server it asks that one, and its
collector for a test denial; without one it turns audit on for a moment, makes a test denial and puts audit back.

  --json            one JSON object
  --no-canary       make no test denial
  --url URL         the server there; --token TOKEN or TRESPASS_TOKEN is the key
  --config FILE     TOML file (default /etc/trespass/trespass.toml, if it exists)
  --set KEY=VALUE   any configuration key
  --db PATH         store.path
  --source KIND     collector.source
  --spool-dir DIR   collector.spool_directory
  --runtime-dir DIR runtime.directory

Exit codes: 0 nothing fails, 1 something does, 4 the first thing that fails is a missing permission.`,
  async run(argv, io) {
    const { values } = parseArguments('doctor', argv, OPTIONS);
    const { config, broken } = loadOrDefault(() => loadCommandConfig(values, io).config, io);
    const url = values.url === undefined ? undefined : parseUrl(values.url);
    const token = values.token ?? io.env.TRESPASS_TOKEN;
    if (token !== undefined && values.token !== undefined && url === undefined) {
      throw usageError('--token goes with --url', 'give both');
    }
    const { examine } = await import('./doctor/examine.ts');
    const found = await examine({
      config,
      server: url && { url, token },
      isCanaryWanted: values['no-canary'] !== true,
      openStored: () => {
        const { url: address, token: key } = values;
        return openQuerySource({ url: address, token: key }, io, () => loadCommandConfig(values, io));
      },
    });
    const findings = [...broken, ...found];
    io.stdout.write(values.json === true ? `${toJsonLine(toReport(findings))}\n` : toText(findings, io));
    return exitCodeOf(findings);
  },
};

/** A broken configuration is one more cause of silence; the rest is looked at with the defaults. */
function loadOrDefault(load: () => ReturnType<typeof loadConfig>['config'], io: Io) {
  try {
    return { config: load(), broken: [] as Finding[] };
  } catch (error) {
    if (!(error instanceof Error && 'mend' in error && typeof error.mend === 'string')) throw error;
    if ('code' in error && error.code === 'usage') throw error;
    const finding: Finding = { check: 'configuration', state: 'fail', text: error.message, mend: error.mend };
    return { config: loadConfig({ cwd: io.cwd, flags: new Map(), path: null }).config, broken: [finding] };
  }
}

function worstOf(findings: readonly Finding[]): FindingState {
  return findings.some(({ state }) => state === 'fail')
    ? 'fail'
    : findings.some(({ state }) => state === 'warn')
      ? 'warn'
      : 'ok';
}

function toReport(findings: readonly Finding[]): object {
  return {
    state: worstOf(findings),
    checks: findings.map(({ check, state, text, mend }) => ({
      check,
      state,
      text,
      ...(mend !== undefined && { mend }),
    })),
  };
}

const COLOURS: Readonly<Record<FindingState, string>> = { fail: '31', warn: '33', unknown: '36', ok: '32' };

function toText(findings: readonly Finding[], io: Io): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const isStyled = hasStyle(io);
  return findings
    .map(({ check, state, text, mend }) => {
      const word = state.padEnd('unknown'.length);
      const shown = isStyled ? `\u001b[${COLOURS[state]}m${word}\u001b[0m` : word;
      const whole = mend === undefined ? text : `${text}: ${mend}`;
      return `${shown}  ${check.padEnd(width)}  ${escapeTerminal(whole)}\n`;
    })
    .join('');
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const first = findings.find(({ state }) => state === 'fail');
  if (first === undefined) return EXIT.done;
  return first.isPermission === true ? EXIT.permission : EXIT.failed;
}
