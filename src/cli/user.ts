// `trespass user add|list|passwd|role|disable|enable|remove`: people who sign in to the dashboard with a password.
import { toAccountAnswer } from '../api/access/account-answer.ts';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import {
  type AccountFacts,
  createAccount,
  deleteAccount,
  listAccounts,
  setDisabled,
  setPassword,
  setRole,
  toAccountName,
} from '../store/access/accounts.ts';
import { performAct } from '../store/access/admin-acts.ts';
import { hashPassword, passwordFault } from '../store/access/passwords.ts';
import { isRole, ROLE_NAMES, type Role } from '../store/access/roles.ts';
import type { Database } from '../store/database/open.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { commandActor } from './command-actor.ts';
import { loadCommandConfig } from './config-options.ts';
import { readNewPassword } from './read-password.ts';
import { type Column, formatTable } from './table.ts';
import { withDatabase } from './with-database.ts';

export const userCommand: Command = {
  name: 'user',
  summary: 'people who sign in to the dashboard with a password',
  usage: `usage: trespass user add NAME --role ROLE [--db PATH]
       trespass user list [--json] [--db PATH]
       trespass user passwd NAME [--db PATH]
       trespass user role NAME --role ROLE [--db PATH]
       trespass user disable|enable NAME [--db PATH]
       trespass user remove NAME [--db PATH]

The password is typed at the terminal, or is the first line of standard input: printf '%s\\n' "$PASSWORD" | trespass user
add NAME --role ROLE. It has at least 12 characters and is kept as a hash only (scrypt).
passwd, role, disable and remove sign the user out everywhere; who is disabled cannot sign in until enabled.

Roles: viewer (reads all but what is next), analyst (also raw records, arguments, names of users), operator (also changes
issues and the like), admin (everything: tokens, other people's sessions, the log of administration).

  --role ROLE     viewer, analyst, operator or admin
  --db PATH       the database, also of a running server (default: store.path of the configuration)
  --config FILE   the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('user', argv, OPTIONS, 2);
    const [action, text] = positionals;
    const { role, json, db, config } = values;
    if (action === 'list' ? text !== undefined || role !== undefined : json !== undefined) {
      throw usageError(`user ${action}: an argument too many`, 'see trespass user --help');
    }
    const isRoleNeeded = action === 'add' || action === 'role';
    if (!isRoleNeeded && role !== undefined) {
      throw usageError(`user ${action}: --role goes with add and role`, 'see trespass user --help');
    }
    const work = action === 'list' ? listUsers(json === true, io) : await workOf(action, text, role, io);
    const place = { ...(db !== undefined && { db }), ...(config !== undefined && { config }) };
    const { path } = loadCommandConfig(place, io, db !== undefined && config === undefined).config.store;
    return withDatabase(path, { readonly: action === 'list' }, work);
  },
};

const OPTIONS = {
  db: { type: 'string' },
  config: { type: 'string' },
  role: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Work = (db: Database) => ExitCode;

/** Checks the command line, and asks for the password, before the database is touched. */
async function workOf(action: string | undefined, text = '', role: string | undefined, io: Io): Promise<Work> {
  const nowMs = Date.now();
  switch (action) {
    case 'add': {
      const account = { name: parseName(action, text), role: parseRole(action, role) };
      const password = await askPassword(account.name, io);
      return (db) => add(db, { ...account, password }, nowMs);
    }
    case 'passwd': {
      const name = parseName(action, text);
      const password = await askPassword(name, io);
      return change('user-password', name, (db) => setPassword(db, name, password, nowMs));
    }
    case 'role': {
      const name = parseName(action, text);
      const wanted = parseRole(action, role);
      return change('user-role', name, (db) => setRole(db, name, wanted), { role: wanted });
    }
    case 'disable':
    case 'enable': {
      const name = parseName(action, text);
      const isDisabled = action === 'disable';
      return change('user-change', name, (db) => setDisabled(db, name, isDisabled, nowMs), { disabled: isDisabled });
    }
    case 'remove': {
      const name = parseName(action, text);
      return change('user-remove', name, (db) => deleteAccount(db, name));
    }
    default:
      throw usageError('user: say what to do', 'trespass user add, list, passwd, role, disable, enable or remove');
  }
}

function parseName(action: string, text: string): string {
  const name = toAccountName(text);
  if (name === undefined) {
    throw usageError(
      `user ${action}: "${text}" is no name`,
      'use up to 64 letters, digits, dots, @, +, _ and -, with a letter or digit first',
    );
  }
  return name;
}

function parseRole(action: string, text: string | undefined): Role {
  if (text === undefined || !isRole(text)) {
    const what = text === undefined ? '--role is missing' : `unknown role "${text}"`;
    throw usageError(`user ${action}: ${what}`, `the roles are ${ROLE_NAMES.join(', ')}`);
  }
  return text;
}

async function askPassword(name: string, io: Io): Promise<string> {
  const password = await readNewPassword(io, name);
  const fault = passwordFault(password);
  if (fault !== undefined) {
    throw usageError(fault, 'several words that do not belong together make a good one');
  }
  return await hashPassword(password);
}

function add(db: Database, account: { name: string; role: Role; password: string }, nowMs: number): ExitCode {
  const { name, role } = account;
  const created = performAct(
    db,
    () => createAccount(db, account, nowMs),
    (result) =>
      typeof result === 'number'
        ? { actor: commandActor(), action: 'user-add', target: name, detail: { role } }
        : undefined,
    nowMs,
  );
  if (created === 'exists') {
    throw new OperatingError(
      'user-exists',
      `there is a user ${name} already`,
      'see trespass user passwd and user role',
    );
  }
  if (created === 'too-many') {
    throw new OperatingError('limit-reached', 'there are as many users as there may be', 'remove some');
  }
  return EXIT.done;
}

function change(
  action: string,
  name: string,
  work: (db: Database) => boolean,
  detail?: Readonly<Record<string, unknown>>,
): Work {
  return (db) => {
    const isDone = performAct(
      db,
      () => work(db),
      (isKnown) => (isKnown ? { actor: commandActor(), action, target: name, ...(detail && { detail }) } : undefined),
      Date.now(),
    );
    if (!isDone) {
      throw new OperatingError('no-such-user', `there is no user ${name}`, 'see trespass user list', {
        exitCode: EXIT.nothing,
      });
    }
    return EXIT.done;
  };
}

const time = (ms: number | null) => (ms === null ? '' : new Date(ms).toISOString());

const COLUMNS: readonly Column<AccountFacts>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLE', value: ({ role }) => role },
  { title: 'CREATED', value: ({ createdMs }) => time(createdMs) },
  { title: 'PASSWORD OF', value: ({ passwordMs }) => time(passwordMs) },
  { title: 'LAST SIGNED IN', value: ({ signedInMs }) => time(signedInMs) },
  { title: 'DISABLED', value: ({ disabledMs }) => time(disabledMs) },
];

function listUsers(isJson: boolean, io: Io): Work {
  return (db) => {
    const accounts = listAccounts(db);
    if (accounts.length === 0) {
      io.stderr.write('there are no users\n');
      return EXIT.nothing;
    }
    io.stdout.write(
      isJson
        ? accounts.map((one) => `${toJsonLine(toAccountAnswer(one))}\n`).join('')
        : formatTable(COLUMNS, accounts, io),
    );
    return EXIT.done;
  };
}
