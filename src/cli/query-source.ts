// Where the query commands get their answers: a database file, read beside whoever writes it, or a running server.
// Both give the same shapes, because the server only passes on what the readers answer.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Denial } from '../landlock/document.ts';
import type { LoadedConfig } from '../runtime/config-file.ts';
import { OperatingError } from '../runtime/operating-error.ts';
import type { DomainAnswer, FleetAnswer, HostAnswer, Page, Scope } from '../store/answers.ts';
import { type ApiAddress, ApiClient, answersOn, type StreamEvent } from './api-client.ts';
import { usageError } from './arguments.ts';
import type { Io } from './command.ts';

/** What can be listed, and the shape of one row. */
export interface Resources {
  readonly denials: Denial;
  readonly domains: DomainAnswer;
  readonly hosts: HostAnswer;
  readonly fleets: FleetAnswer;
}
export type ResourceName = keyof Resources;

/** Upper bound of `limit`, as in REST. */
export const PAGE_ROWS_MAX = 500;

export interface PageQuery {
  readonly scope: Scope;
  readonly limit: number;
  readonly cursor?: string;
}

export interface QuerySource {
  page<Name extends ResourceName>(name: Name, query: PageQuery): Promise<Page<Resources[Name]>>;
  /**
   * New denials as they are stored, from the moment when this resolves on; absent where one has to ask again and
   * again.
   */
  readonly follow?: (scope: Scope, signal: AbortSignal) => Promise<AsyncIterable<Denial>>;
  close(): void;
}

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
  if (!existsSync(config.store.path)) {
    throw new OperatingError(
      'nothing-to-read',
      `there is no server on ${socketPath} and no database at ${config.store.path}`,
      'start trespass run, or say where to look with --db or --url',
    );
  }
  return await openDatabaseSource(config.store.path);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(`--url "${text}" is no http or https address`, 'write for example https://trespass.example:1423');
  }
  return url;
}

async function openDatabaseSource(path: string): Promise<QuerySource> {
  const { openDatabaseQuerySource } = await import('./database-source.ts');
  return openDatabaseQuerySource(path);
}

class ServerSource implements QuerySource {
  readonly #client: ApiClient;

  constructor(address: ApiAddress) {
    this.#client = new ApiClient(address);
  }

  async page<Name extends ResourceName>(name: Name, query: PageQuery): Promise<Page<Resources[Name]>> {
    const parameters = scopeParameters(query.scope);
    parameters.set('limit', String(query.limit));
    if (query.cursor !== undefined) {
      parameters.set('cursor', query.cursor);
    }
    const answer = await this.#client.getJson(`/${name}?${parameters}`);
    if (!isPage<Resources[Name]>(answer)) {
      throw new OperatingError('no-trespass', `the server did not answer a list of ${name}`, 'update both sides');
    }
    return answer;
  }

  async follow(scope: Scope, signal: AbortSignal): Promise<AsyncIterable<Denial>> {
    return onlyDenials(await this.#client.openStream(`/denials/stream?${scopeParameters(scope)}`, signal));
  }

  close(): void {}
}

async function* onlyDenials(events: AsyncIterable<StreamEvent>): AsyncGenerator<Denial> {
  for await (const { event, data } of events) {
    if (event === 'denial') {
      yield JSON.parse(data) as Denial;
    }
  }
}

function scopeParameters(scope: Scope): URLSearchParams {
  const parameters = new URLSearchParams();
  const add = (name: string, value: string | undefined) => value !== undefined && parameters.set(name, value);
  const time = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
  add('from', time(scope.fromMs));
  add('to', time(scope.toMs));
  add('host', scope.host);
  add('fleet', scope.fleet);
  add('q', scope.query);
  add('include', scope.includeCanary ? 'canary' : undefined);
  return parameters;
}

/** The outer shape; the rows are our own server's. */
function isPage<Row>(answer: unknown): answer is Page<Row> {
  return typeof answer === 'object' && answer !== null && 'data' in answer && Array.isArray(answer.data);
}
