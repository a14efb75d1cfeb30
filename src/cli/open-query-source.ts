// Where the query commands get their answers: a database file, read beside whoever writes it, or a running server.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LoadedConfig } from '../runtime/config-file.ts';
import { OperatingError } from '../runtime/operating-error.ts';
import { answersOn } from './api-client.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';
import type { QuerySource } from './query-source.ts';
import { ServerSource } from './server-source.ts';

/** For `parseArguments`. */
export const SOURCE_OPTIONS = {
  db: { type: 'string' },
  url: { type: 'string' },
  token: { type: 'string' },
  config: { type: 'string' },
  'runtime-dir': { type: 'string' },
} as const;

export const SOURCE_USAGE = `  --db PATH       read this database file (also beside a running server)
  --url URL       ask the server there; --token TOKEN or TRESPASS_TOKEN is the key
  --config FILE   where neither is given: the configuration that says where the server's socket and database are
  --runtime-dir DIR  the same for the directory of the socket alone`;

interface SourceValues {
  readonly db?: string | undefined;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

/** Opens what the options name; otherwise the running server's socket, otherwise the configured database. */
export async function openQuerySource(
  values: SourceValues,
  io: Pick<Io, 'cwd' | 'env'>,
  loadConfiguration: () => LoadedConfig,
): Promise<QuerySource> {
  if (values.db !== undefined && values.url !== undefined) {
    throw usageError('--db and --url exclude each other', 'give one of them');
  }
  if (values.db !== undefined) {
    return await openDatabaseSource(resolve(io.cwd, values.db));
  }
  if (values.url !== undefined) {
    const token = values.token ?? io.env.TRESPASS_TOKEN;
    return new ServerSource({ kind: 'url', url: parseUrl(values.url), ...(token && { token }) });
  }
  const { config } = loadConfiguration();
  const socketPath = join(config.runtime.directory, 'api.sock');
  if (await answersOn(socketPath)) {
    return new ServerSource({ kind: 'socket', path: socketPath });
  }
  if (!existsSync(config.store.path) && !isHidden(config.store.path)) {
    throw new OperatingError(
      'nothing-to-read',
      `there is no server on ${socketPath} and no database at ${config.store.path}`,
      'start trespass run, or say where to look with --db or --url',
    );
  }
  return await openDatabaseSource(config.store.path);
}

/** Throws `usage` errors. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(`--url "${text}" is no http or https address`, 'write for example https://trespass.example:1423');
  }
  return url;
}

/** Whoever opens what may not be looked for says why. */
function isHidden(path: string): boolean {
  try {
    statSync(path, { throwIfNoEntry: false });
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES';
  }
}

async function openDatabaseSource(path: string): Promise<QuerySource> {
  const { openDatabaseQuerySource } = await import('./database-source.ts');
  return openDatabaseQuerySource(path);
}
