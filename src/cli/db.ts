// `trespass db migrate|check|backup|stats`: care for the database file.
import { chmodSync, existsSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, type ExitCode, OperatingError } from '../runtime/operating-error.ts';
import { toJsonLine } from '../runtime/terminal-text.ts';
import { closeDatabase, type Database, openDatabase } from '../store/open.ts';
import { toStoreError } from '../store/store-error.ts';
import { storeFacts } from '../store/store-facts.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';

/** Problems that `check` names; one is enough to act. */
const PROBLEMS_MAX = 10;

export const dbCommand: Command = {
  name: 'db',
  summary: 'migrate, check, back up or measure the database',
  usage: `usage: trespass db migrate|check|stats [--db PATH]
       trespass db backup FILE [--db PATH]

migrate  makes the database or brings it to this version; an older one is backed up beside itself before.
check    reads the whole database and says whether it is sound (exit code 1: it is not).
backup   writes a copy to FILE, also while a server is running; FILE must not exist.
stats    size, version and number of denials as one JSON object.

  --db PATH      the database (default: store.path of the configuration)
  --config FILE  the configuration`,
  async run(argv, io) {
    const options = { db: { type: 'string' }, config: { type: 'string' } } as const;
    const { values, positionals } = parseArguments('db', argv, options, 2);
    const [action, file] = positionals;
    const work = workOf(action, file, io);
    const { path } = loadCommandConfig(values, io, values.db !== undefined && values.config === undefined).config.store;
    const db = openDatabase(path, { readonly: action !== 'migrate' });
    try {
      return await work(db, path);
    } catch (error) {
      throw toStoreError(error, path);
    } finally {
      closeDatabase(db);
    }
  },
};

type Work = (db: Database, path: string) => ExitCode | Promise<ExitCode>;

/** Checks the command line before the database is touched. */
function workOf(action: string | undefined, file: string | undefined, io: Io): Work {
  if (file !== undefined && action !== 'backup') {
    throw usageError(`db: unexpected argument "${file}"`, 'see trespass db --help');
  }
  switch (action) {
    case 'migrate':
      return (db, path) => {
        io.stdout.write(`${path} has version ${storeFacts(db).schema_version}\n`);
        return EXIT.done;
      };
    case 'check':
      return (db, path) => check(db, path, io);
    case 'stats':
      return (db) => {
        io.stdout.write(`${toJsonLine(storeFacts(db))}\n`);
        return EXIT.done;
      };
    case 'backup': {
      if (file === undefined) {
        throw usageError('db backup: FILE is missing', 'name the file to write the copy to');
      }
      const target = resolve(io.cwd, file);
      return async (db, path) => await backUp(db, path, target, io);
    }
    default:
      throw usageError('db: say what to do', 'trespass db migrate, check, backup or stats');
  }
}

function check(db: Database, path: string, io: Io): ExitCode {
  const answer = db.pragma(`integrity_check(${PROBLEMS_MAX})`);
  const problems = (Array.isArray(answer) ? answer : []).flatMap((row) => Object.values(row).map(String));
  const orphans = db.pragma('foreign_key_check');
  const orphanCount = Array.isArray(orphans) ? orphans.length : 0;
  if (problems.length === 1 && problems[0] === 'ok' && orphanCount === 0) {
    io.stdout.write(`${path} is sound\n`);
    return EXIT.done;
  }
  const what = orphanCount > 0 ? [...problems, `${orphanCount} rows refer to rows that are missing`] : problems;
  throw new OperatingError(
    'database-corrupt',
    `${path} is damaged: ${what.filter((problem) => problem !== 'ok').join('; ')}`,
    'stop the server and put a backup in its place',
  );
}

async function backUp(db: Database, path: string, target: string, io: Io): Promise<ExitCode> {
  if (existsSync(target)) {
    throw new OperatingError('file-exists', `${target} exists`, 'name a file that does not, or remove it');
  }
  const umask = process.umask(0o077);
  try {
    await db.backup(target);
    chmodSync(target, 0o600);
  } catch (cause) {
    rmSync(target, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OperatingError('backup-failed', `cannot back ${path} up to ${target}: ${reason}`, 'is there room?', {
      cause,
    });
  } finally {
    process.umask(umask);
  }
  io.stdout.write(`${target}\n`);
  return EXIT.done;
}
