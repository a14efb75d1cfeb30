// The options by which a command takes its configuration: a file, a shorthand for the keys that are used most, and
// --set for every key there is.
import { didYouMean } from '../runtime/closest-word.ts';
import { type LoadedConfig, loadConfig } from '../runtime/config-file.ts';
import { CONFIG_KEYS, keyName } from '../runtime/config-schema.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';

/** For `parseArguments`. */
export const CONFIG_OPTIONS = {
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  db: { type: 'string' },
  listen: { type: 'string' },
  user: { type: 'string' },
  source: { type: 'string' },
  path: { type: 'string' },
  'spool-dir': { type: 'string' },
  'runtime-dir': { type: 'string' },
  'log-level': { type: 'string' },
} as const;

const SHORTHANDS = new Map([
  ['db', 'store.path'],
  ['listen', 'server.listen'],
  ['user', 'server.user'],
  ['source', 'collector.source'],
  ['path', 'collector.path'],
  ['spool-dir', 'collector.spool_directory'],
  ['runtime-dir', 'runtime.directory'],
  ['log-level', 'log.level'],
]);

/** The part of a usage text that explains them. */
export const CONFIG_USAGE = `  --config FILE       TOML file (default /etc/trespass/trespass.toml, if it exists)
  --set KEY=VALUE     any configuration key, for example --set collector.canary=false
  --db PATH           store.path
  --listen HOST:PORT  server.listen
  --user NAME         server.user
  --source KIND       collector.source: netlink, netlink-unicast, file, journal, auditd-plugin
  --path FILE         collector.path, for the sources file and journal
  --spool-dir DIR     collector.spool_directory
  --runtime-dir DIR   runtime.directory
  --log-level LEVEL   log.level`;

type ConfigValues = Partial<Record<keyof typeof CONFIG_OPTIONS, string | boolean | (string | boolean)[] | undefined>>;

/** The effective configuration of a command line. `isComplete`: the flags say everything, read no file. */
export function loadCommandConfig(values: ConfigValues, io: Pick<Io, 'cwd'>, isComplete = false): LoadedConfig {
  const flags = new Map<string, string>();
  for (const assignment of Array.isArray(values.set) ? values.set : []) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(String(assignment)) ?? [];
    if (name === undefined || value === undefined) {
      throw usageError(`--set "${assignment}" has no value`, 'write --set table.key=value');
    }
    const known = CONFIG_KEYS.map(keyName);
    if (!known.includes(name)) {
      throw usageError(`unknown configuration key ${name}${didYouMean(name, known)}`, 'see trespass config show');
    }
    flags.set(name, value);
  }
  for (const [option, name] of SHORTHANDS) {
    const value = values[option as keyof typeof CONFIG_OPTIONS];
    if (typeof value === 'string') {
      flags.set(name, value);
    }
  }
  const path = isComplete ? null : typeof values.config === 'string' ? values.config : undefined;
  return loadConfig({ cwd: io.cwd, flags, ...(path !== undefined && { path }) });
}

/** `--set` arguments that say the whole effective configuration, for a child process. */
export function toSetArguments(loaded: LoadedConfig): string[] {
  return [...loaded.values].flatMap(([name, { value }]) => ['--set', `${name}=${String(value)}`]);
}
