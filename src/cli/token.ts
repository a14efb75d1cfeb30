// `trespass token create|list|revoke`: keys for the API, kept in the database as hashes.
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { closeDatabase, type Database, openDatabase } from '../store/open.ts';
import { toStoreError } from '../store/store-error.ts';
import {
  createToken,
  isTokenScope,
  listTokens,
  revokeToken,
  TOKEN_SCOPES,
  type TokenFacts,
  type TokenScope,
} from '../store/tokens.ts';
import { parseArguments, parseCount, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { type Column, formatTable } from './table.ts';

const DAY_MS = 86_400_000;
const NAME_LENGTH_MAX = 100;

export const tokenCommand: Command = {
  name: 'token',
  summary: 'create, list and revoke API tokens',
  usage: `usage: trespass token create --name NAME --scope SCOPE[,SCOPE…] [--expires DAYS] [--db PATH]
       trespass token list [--json] [--db PATH]
       trespass token revoke ID [--db PATH]

create  prints the token alone on standard output; it is shown this once and kept as a hash only.
list    all tokens with what they may do and when they were used last.
revoke  the token with that ID (see list) is refused from now on.

Scopes: read (everything but what is next), read-sensitive (raw records and arguments), write (change states), admin
(all of these and settings), ingest (deliver documents, for collectors).

  --expires DAYS  refused after so many days (default: never)
  --db PATH       the database, also of a running server (default: store.path of the configuration)
  --config FILE   the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments(
      'token',
      argv,
      {
        db: { type: 'string' },
        config: { type: 'string' },
        name: { type: 'string' },
        scope: { type: 'string', multiple: true },
        expires: { type: 'string' },
        json: { type: 'boolean' },
      },
      2,
    );
    const [action, id] = positionals;
    const work = workOf(action, id, values, io);
    const isComplete = values.db !== undefined && values.config === undefined;
    const { config } = loadCommandConfig({ db: values.db, config: values.config }, io, isComplete);
    const db = openDatabase(config.store.path, { readonly: action === 'list' });
    try {
      return work(db);
    } catch (error) {
      throw toStoreError(error, config.store.path);
    } finally {
      closeDatabase(db);
    }
  },
};

interface Values {
  readonly name?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly expires?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Checks the command line before the database is touched. */
function workOf(
  action: string | undefined,
  id: string | undefined,
  values: Values,
  io: Io,
): (db: Database) => ExitCode {
  switch (action) {
    case 'create': {
      const token = newToken(values);
      return (db) => {
        io.stdout.write(`${createToken(db, token, Date.now()).text}\n`);
        return EXIT.done;
      };
    }
    case 'list':
      return (db) => printTokens(listTokens(db), values.json === true, io);
    case 'revoke': {
      const number = parseCount('ID', id ?? '');
      return (db) => {
        if (!revokeToken(db, number, Date.now())) {
          throw new OperatingError('no-such-token', `no token ${number} is in force`, 'see trespass token list', {
            exitCode: EXIT.nothing,
          });
        }
        return EXIT.done;
      };
    }
    default:
      throw usageError('token: say what to do', 'trespass token create, list or revoke');
  }
}

function newToken(values: Values) {
  const { name } = values;
  if (name === undefined || name === '' || name.length > NAME_LENGTH_MAX) {
    throw usageError(`token create: --name must have 1 to ${NAME_LENGTH_MAX} characters`, 'say who will use the token');
  }
  const words = (values.scope ?? []).flatMap((text) => text.split(',')).filter((word) => word !== '');
  const scopes = words.map((word): TokenScope => {
    if (!isTokenScope(word)) {
      throw usageError(`token create: unknown scope "${word}"`, `the scopes are ${TOKEN_SCOPES.join(', ')}`);
    }
    return word;
  });
  if (scopes.length === 0) {
    throw usageError('token create: --scope is missing', `choose among ${TOKEN_SCOPES.join(', ')}`);
  }
  const days = values.expires === undefined ? undefined : parseCount('expires', values.expires);
  return {
    name,
    scopes: [...new Set(scopes)],
    ...(days !== undefined && { expiresMs: Date.now() + days * DAY_MS }),
  };
}

const time = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString());

const COLUMNS: readonly Column<TokenFacts>[] = [
  { title: 'ID', align: 'right', value: ({ id }) => String(id) },
  { title: 'NAME', widthMax: 40, value: ({ name }) => name },
  { title: 'SCOPES', value: ({ scopes }) => scopes.join(',') },
  { title: 'STATE', value: stateOf },
  { title: 'CREATED', value: ({ createdMs }) => time(createdMs) },
  { title: 'EXPIRES', value: ({ expiresMs }) => time(expiresMs) },
  { title: 'LAST USED', value: ({ usedMs }) => time(usedMs) },
];

function stateOf({ revokedMs, expiresMs }: TokenFacts): 'revoked' | 'expired' | 'in force' {
  if (revokedMs !== null) {
    return 'revoked';
  }
  return expiresMs !== null && expiresMs <= Date.now() ? 'expired' : 'in force';
}

function printTokens(tokens: readonly TokenFacts[], isJson: boolean, io: Io): ExitCode {
  if (tokens.length === 0) {
    io.stderr.write('there are no tokens\n');
    return EXIT.nothing;
  }
  const toJson = (token: TokenFacts) => ({
    id: token.id,
    name: token.name,
    scopes: token.scopes,
    state: stateOf(token),
    created_at: time(token.createdMs),
    ...(token.expiresMs !== null && { expires_at: time(token.expiresMs) }),
    ...(token.usedMs !== null && { used_at: time(token.usedMs) }),
  });
  io.stdout.write(
    isJson ? tokens.map((token) => `${toJsonLine(toJson(token))}\n`).join('') : formatTable(COLUMNS, tokens, io),
  );
  return EXIT.done;
}
