// `trespass token create|list|revoke`: keys for the API, kept in the database as hashes.

import { toTokenAnswer } from '../api/access/token-answer.ts';
import { FLEET_NAME, TOKEN_NAME_LENGTH_MAX, type Token } from '../api/schemas/token.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { performAct } from '../store/access/admin-acts.ts';
import {
  createToken,
  isTokenScope,
  listTokens,
  type NewToken,
  revokeToken,
  TOKEN_SCOPES,
  type TokenScope,
} from '../store/access/tokens.ts';
import type { Database } from '../store/database/open.ts';
import { isRefused } from '../store/refused.ts';
import { parseArguments, parseCount, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { commandActor } from './command-actor.ts';
import { loadCommandConfig } from './config-options.ts';
import { type Column, formatTable } from './table.ts';
import { withDatabase } from './with-database.ts';

const DAY_MS = 86_400_000;

export const tokenCommand: Command = {
  name: 'token',
  summary: 'create, list and revoke API tokens',
  usage: `usage: trespass token create --name NAME --scope SCOPE[,SCOPE…] [--expires DAYS] [--db PATH]
       trespass token create --name NAME --scope enroll [--fleet NAME] [--approve] [--uses N] [--expires DAYS]
       trespass token list [--json] [--db PATH]
       trespass token revoke ID [--db PATH]

create  prints the token alone on standard output; it is shown this once and kept as a hash only.
list    all tokens with what they may do and when they were used last.
revoke  the token with that ID (see list) is refused from now on.

Scopes: shared (metrics of fleets without single hosts, for others), read (everything but what is next), read-sensitive
(raw records, arguments, names of users), write (change states), admin (all of these and settings), ingest (deliver
documents, for collectors), enroll (make hosts agents: trespass enroll).

  --expires DAYS  refused after so many days (default: never)
  --fleet NAME    with enroll: hosts that come with it are in this fleet (default: default)
  --approve       with enroll: each host waits until somebody approves it (trespass agents approve ID)
  --uses N        with enroll: lets in so many hosts (default: as many as come)
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
        fleet: { type: 'string' },
        approve: { type: 'boolean' },
        uses: { type: 'string' },
        json: { type: 'boolean' },
      },
      2,
    );
    const [action, id] = positionals;
    const work = workOf(action, id, values, io);
    const isComplete = values.db !== undefined && values.config === undefined;
    const { config } = loadCommandConfig({ db: values.db, config: values.config }, io, isComplete);
    return withDatabase(config.store.path, { readonly: action === 'list' }, work);
  },
};

interface Values {
  readonly name?: string | undefined;
  readonly scope?: readonly string[] | undefined;
  readonly expires?: string | undefined;
  readonly fleet?: string | undefined;
  readonly approve?: boolean | undefined;
  readonly uses?: string | undefined;
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
        io.stdout.write(`${create(db, token)}\n`);
        return EXIT.done;
      };
    }
    case 'list':
      return (db) => printTokens(allTokens(db), values.json === true, io);
    case 'revoke': {
      const number = parseCount('ID', id ?? '');
      return (db) => {
        if (!revoke(db, number)) {
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
  if (name === undefined || name === '' || name.length > TOKEN_NAME_LENGTH_MAX) {
    throw usageError(
      `token create: --name must have 1 to ${TOKEN_NAME_LENGTH_MAX} characters`,
      'say who will use the token',
    );
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
    ...enrolmentOf(values, scopes),
  };
}

function enrolmentOf(values: Values, scopes: readonly TokenScope[]): Pick<NewToken, 'enrolment'> {
  const { fleet = 'default', approve = false, uses } = values;
  if (!scopes.includes('enroll')) {
    if (values.fleet === undefined && values.approve === undefined && uses === undefined) return {};
    throw usageError('token create: --fleet, --approve and --uses are for the scope enroll', 'add --scope enroll');
  }
  if (!FLEET_NAME.test(fleet)) {
    throw usageError(
      `token create: ${JSON.stringify(fleet)} is no name of a fleet`,
      'use a-z, 0-9, dot, dash, underscore',
    );
  }
  const usesMax = uses === undefined ? undefined : parseCount('uses', uses);
  return { enrolment: { fleet, needsApproval: approve, ...(usesMax !== undefined && { usesMax }) } };
}

function create(db: Database, token: ReturnType<typeof newToken>): string {
  const nowMs = Date.now();
  const created = performAct(
    db,
    () => createToken(db, token, nowMs),
    (result) =>
      result === 'too-many'
        ? undefined
        : {
            actor: commandActor(),
            action: 'token-create',
            target: `${result.id} ${token.name}`,
            detail: { scopes: token.scopes },
          },
    nowMs,
  );
  if (created === 'too-many') {
    throw new OperatingError(
      'limit-reached',
      'there are as many tokens in force as there may be',
      'revoke those that nobody uses: see trespass token list',
    );
  }
  return created.text;
}

/** Whether there was such a token. */
function revoke(db: Database, id: number): boolean {
  const nowMs = Date.now();
  const revoked = performAct(
    db,
    () => revokeToken(db, id, nowMs),
    (token) => token && { actor: commandActor(), action: 'token-revoke', target: `${token.id} ${token.name}` },
    nowMs,
  );
  return revoked !== undefined;
}

/** Oldest first. */
function allTokens(db: Database): readonly Token[] {
  const tokens: Token[] = [];
  let cursor: string | undefined;
  do {
    const page = listTokens(db, { limit: 500, cursor });
    if (isRefused(page)) break;
    tokens.push(...page.data.map((token) => toTokenAnswer(token, Date.now())));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return tokens.toReversed();
}

const COLUMNS: readonly Column<Token>[] = [
  { title: 'ID', align: 'right', value: ({ id }) => String(id) },
  { title: 'NAME', widthMax: 40, value: ({ name }) => name },
  { title: 'SCOPES', value: ({ scopes }) => scopes.join(',') },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'CREATED', value: (token) => token.created_at },
  { title: 'EXPIRES', value: (token) => token.expires_at ?? '' },
  { title: 'LAST USED', value: (token) => token.used_at ?? '' },
];

function printTokens(tokens: readonly Token[], isJson: boolean, io: Io): ExitCode {
  if (tokens.length === 0) {
    io.stderr.write('there are no tokens\n');
    return EXIT.nothing;
  }
  io.stdout.write(isJson ? tokens.map((token) => `${toJsonLine(token)}\n`).join('') : formatTable(COLUMNS, tokens, io));
  return EXIT.done;
}
