// From file and flags to the effective configuration. Flags win over the file, the file over the defaults. A key
// that nobody knows is an error, never ignored; a file that others may write is refused, because it decides what a
// root process does.
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { didYouMean } from './closest-word.ts';
import type { Config, PrivacyLevel, SourceKind } from './config.ts';
import type { ConfigKey, ConfigValue } from './config-key.ts';
import { CONFIG_KEYS, currentSurroundings, keyName } from './config-schema.ts';
import { EXIT, OperatingError } from './operating-error.ts';
import { findAccount } from './privileges.ts';

export const DEFAULT_CONFIG_PATH = '/etc/trespass/trespass.toml';
const FILE_BYTES_MAX = 1024 * 1024;

export type ValueOrigin = 'flag' | 'file' | 'default';

export interface LoadedConfig {
  readonly config: Config;
  /** The file that was read; absent where there is none. */
  readonly file?: string;
  /** By `table.key`; unset keys are missing. */
  readonly values: ReadonlyMap<string, { readonly value: ConfigValue; readonly origin: ValueOrigin }>;
}

export interface LoadOptions {
  /** `--config`; otherwise the default path, which need not exist. null: read no file at all. */
  readonly path?: string | null;
  /** By `table.key`; as text, the way the command line gives it. */
  readonly flags?: ReadonlyMap<string, string>;
  /** For relative paths and the defaults of ordinary users. */
  readonly cwd: string;
}

type Values = Map<string, { value: ConfigValue; origin: ValueOrigin }>;

/** Reads, checks and completes the configuration. Throws OperatingError with the place and the mend. */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const values: Values = new Map();
  const surroundings = currentSurroundings(options.cwd, (name) => findAccount(name) !== undefined);
  for (const key of CONFIG_KEYS) {
    const value = key.default(surroundings);
    if (value !== undefined) {
      values.set(keyName(key), { value, origin: 'default' });
    }
  }
  const file = readConfigFile(options);
  if (file !== undefined) {
    for (const [name, value] of parseConfig(file.text, file.path)) {
      values.set(name, { value, origin: 'file' });
    }
  }
  for (const [name, text] of options.flags ?? []) {
    values.set(name, { value: fromFlag(name, text, options.cwd), origin: 'flag' });
  }
  return { config: toConfig(values), values, ...(file && { file: file.path }) };
}

function readConfigFile(options: LoadOptions): { path: string; text: string } | undefined {
  if (options.path === null) {
    return undefined;
  }
  const path = resolve(options.cwd, options.path ?? DEFAULT_CONFIG_PATH);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOENT' && options.path === undefined) {
      return undefined;
    }
    throw new OperatingError(
      'config-unreadable',
      `cannot read the configuration ${path} (${String(code)})`,
      code === 'ENOENT' ? 'give the path of a file that exists' : 'make it readable for this user, or start as root',
      { exitCode: code === 'EACCES' ? EXIT.permission : EXIT.failed, cause },
    );
  }
  try {
    refuseUnsafe(path, fstatSync(fd));
    return { path, text: readFileSync(fd, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

/** What a root process does must not be up to anybody else. */
function refuseUnsafe(path: string, stats: Stats): void {
  const refuse = (why: string, mend: string) => {
    throw new OperatingError('config-unsafe', `the configuration ${path} ${why}`, mend);
  };
  if (!stats.isFile() || stats.size > FILE_BYTES_MAX) {
    refuse('is not a file of at most 1 MiB', 'give the path of a TOML file');
  }
  if ((stats.mode & 0o002) !== 0) {
    refuse('is writable by everybody', `chmod o-w ${path}`);
  }
  if ((stats.mode & 0o020) !== 0 && stats.gid !== 0 && stats.gid !== process.getegid?.()) {
    refuse(`is writable by group ${stats.gid}`, `chmod g-w ${path}`);
  }
  if (stats.uid !== 0 && stats.uid !== process.geteuid?.()) {
    refuse(`belongs to user ${stats.uid}`, `chown root ${path}`);
  }
}

/** Values of a TOML text by `table.key`. `path` is for messages, and relative paths start at its directory. */
export function parseConfig(text: string, path: string): Map<string, ConfigValue> {
  let tables: Readonly<Record<string, unknown>>;
  try {
    tables = parse(text);
  } catch (cause) {
    if (cause instanceof TomlError) {
      const reason = cause.message.split('\n', 1)[0]?.replace('Invalid TOML document: ', '') ?? '';
      throw configError(`${path}:${cause.line}`, `is not TOML: ${reason}`, 'correct this line', cause);
    }
    throw cause;
  }
  const values = new Map<string, ConfigValue>();
  for (const [table, content] of Object.entries(tables)) {
    const keys = CONFIG_KEYS.filter((key) => key.table === table);
    if (keys.length === 0 || !isTable(content)) {
      const known = [...new Set(CONFIG_KEYS.map((key) => key.table))];
      const what = typeof content === 'object' ? `table [${table}]` : `key ${table} outside of a table`;
      throw configError(
        place(text, path, table),
        `unknown ${what}${didYouMean(table, known)}`,
        `the tables are ${known.map((name) => `[${name}]`).join(', ')}`,
      );
    }
    for (const [name, value] of Object.entries(content)) {
      const key = keys.find((candidate) => candidate.key === name);
      if (key === undefined) {
        const known = keys.map((candidate) => candidate.key);
        throw configError(
          place(text, path, table, name),
          `unknown key ${table}.${name}${didYouMean(name, known)}`,
          `[${table}] knows ${known.join(', ')}`,
        );
      }
      values.set(keyName(key), checkValue(key, value, place(text, path, table, name), dirname(path)));
    }
  }
  return values;
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function configError(where: string, what: string, mend: string, cause?: unknown): OperatingError {
  return new OperatingError('config-invalid', `${where}: ${what}`, mend, { exitCode: EXIT.usage, cause });
}

/** FILE:LINE of a key, or FILE alone where the text writes it in an unusual way (`a.b = 1`, quoted keys). */
function place(text: string, path: string, table: string, name?: string): string {
  let current: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const header = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1];
    current = header ?? current;
    const key = /^\s*([A-Za-z0-9_.-]+)\s*=/.exec(line)?.[1];
    const isFound =
      name === undefined
        ? header === table || (current === undefined && key === table)
        : (current === table && key === name) || (current === undefined && key === `${table}.${name}`);
    if (isFound) {
      return `${path}:${index + 1}`;
    }
  }
  return path;
}

function checkValue(key: ConfigKey, value: unknown, where: string, baseDirectory: string): ConfigValue {
  const refuse = (expected: string): OperatingError =>
    configError(where, `${keyName(key)} must be ${expected}, not ${JSON.stringify(value)}`, key.description);
  switch (key.type) {
    case 'boolean':
      if (typeof value !== 'boolean') {
        throw refuse('true or false');
      }
      return value;
    case 'integer':
      if (
        typeof value !== 'number' ||
        !Number.isSafeInteger(value) ||
        value < (key.min ?? 0) ||
        value > (key.max ?? Number.MAX_SAFE_INTEGER)
      ) {
        throw refuse(`a whole number from ${key.min ?? 0} to ${key.max ?? Number.MAX_SAFE_INTEGER}`);
      }
      return value;
    default:
      if (typeof value !== 'string' || value === '' || value.includes('\0')) {
        throw refuse('a text that is not empty');
      }
      if (key.choices !== undefined && !key.choices.includes(value)) {
        throw refuse(`one of ${key.choices.join(', ')}${didYouMean(value, key.choices)}`);
      }
      return key.type === 'path' ? resolve(baseDirectory, value) : value;
  }
}

function fromFlag(name: string, text: string, cwd: string): ConfigValue {
  const key = CONFIG_KEYS.find((candidate) => keyName(candidate) === name);
  if (key === undefined) {
    throw new Error(`no such configuration key: ${name}`);
  }
  const value =
    key.type === 'integer' && /^-?\d+$/.test(text)
      ? Number(text)
      : key.type === 'boolean' && (text === 'true' || text === 'false')
        ? text === 'true'
        : text;
  return checkValue(key, value, 'command line', cwd);
}

/** The typed form. Every value was checked before; a wrong type here is a mistake in the schema. */
function toConfig(values: Values): Config {
  const text = (name: string): string => {
    const value = values.get(name)?.value;
    if (typeof value !== 'string') {
      throw new Error(`configuration key ${name} has no text`);
    }
    return value;
  };
  const number = (name: string): number => {
    const value = values.get(name)?.value;
    if (typeof value !== 'number') {
      throw new Error(`configuration key ${name} has no number`);
    }
    return value;
  };
  const optional = <Name extends string>(name: Name, key: string): { readonly [key in Name]?: string } =>
    values.has(key) ? ({ [name]: text(key) } as { readonly [key in Name]: string }) : {};
  return {
    server: {
      listen: text('server.listen'),
      user: text('server.user'),
      sessionIdleMinutes: number('server.session_idle_minutes'),
      sessionDays: number('server.session_days'),
      sharedHostsMin: number('server.shared_hosts_min'),
      agentDocumentsPerSecond: number('server.agent_documents_per_second'),
      ...optional('tlsCertificate', 'server.tls_certificate'),
      ...optional('tlsKey', 'server.tls_key'),
      behindProxy: values.get('server.behind_proxy')?.value === true,
      trustedProxies: text('server.trusted_proxies'),
      ...optional('hostNames', 'server.host_names'),
      ...optional('publicUrl', 'server.public_url'),
      requestsPerMinute: number('server.requests_per_minute'),
    },
    store: {
      path: text('store.path'),
      floodPerMinute: number('store.flood_per_minute'),
      retention: {
        rawDays: number('store.raw_days'),
        denialsDays: number('store.denials_days'),
        sandboxCallsDays: number('store.sandbox_calls_days'),
        lossesDays: number('store.losses_days'),
        rollupsDays: number('store.rollups_days'),
        issuesDays: number('store.issues_days'),
        domainsDays: number('store.domains_days'),
        adminActsDays: number('store.admin_acts_days'),
        maxBytes: number('store.max_bytes'),
      },
    },
    collector: {
      source: text('collector.source') as SourceKind,
      ...optional('path', 'collector.path'),
      spoolDirectory: text('collector.spool_directory'),
      spoolMaxBytes: number('collector.spool_max_bytes'),
      spoolMinFreeBytes: number('collector.spool_min_free_bytes'),
      spoolMaxDays: number('collector.spool_max_days'),
      receiveBufferBytes: number('collector.receive_buffer_bytes'),
      backlogLimit: number('collector.backlog_limit'),
      canary: values.get('collector.canary')?.value === true,
      sandboxRules: values.get('collector.sandbox_rules')?.value === true,
      tracefs: values.get('collector.tracefs')?.value === true,
      attribution: values.get('collector.attribution')?.value === true,
      pullConfig: values.get('collector.pull_config')?.value === true,
      privacy: text('collector.privacy') as PrivacyLevel,
    },
    runtime: { directory: text('runtime.directory') },
    log: { level: text('log.level') as Config['log']['level'] },
  };
}
