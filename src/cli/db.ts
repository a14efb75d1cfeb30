// `trespass db migrate|check|backup|stats`: care for the database file.
import { resolve } from 'node:path';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { escapeTerminal, toJsonLine } from '../runtime/terminal-text.ts';
import { copyDatabase } from '../store/copy-database.ts';
import { closeDatabase, type Database, openDatabase } from '../store/open.ts';
import { findDamage, moveAside } from '../store/soundness.ts';
import { toStoreError } from '../store/store-error.ts';
import { storeFacts } from '../store/store-facts.ts';
import { storeSizes } from '../store/store-sizes.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';

const OPTIONS = {
  db: { type: 'string' },
  config: { type: 'string' },
  'move-aside': { type: 'boolean' },
} as const;

export const dbCommand: Command = {
  name: 'db',
  summary: 'migrate, check, back up or measure the database',
  usage: `usage: trespass db migrate|stats [--db PATH]
       trespass db check [--move-aside] [--db PATH]
       trespass db backup FILE [--db PATH]

migrate  makes the database or brings it to this version; an older one is backed up beside itself before.
check    reads the whole database and says whether it is sound (exit code 1: it is not).
backup   writes a copy to FILE, also while a server is running; FILE must not exist. To restore it, stop the server,
         move the database and its -wal and -shm out of the way, and copy FILE to the database's place.
stats    version, number of denials, and the sizes of the file, its log, its tables and the room left, as one JSON
         object.

  --move-aside   a damaged database gets another name (PATH.damaged-TIME), which makes room for an empty one or for a
                 backup; nothing is deleted
  --db PATH      the database (default: store.path of the configuration)
  --config FILE  the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('db', argv, OPTIONS, 2);
    const [action, file] = positionals;
    const work = workOf(action, file, values['move-aside'] === true, io);
    const { db, config } = values;
    const place = { ...(db !== undefined && { db }), ...(config !== undefined && { config }) };
    const { path } = loadCommandConfig(place, io, db !== undefined && config === undefined).config.store;
    work(path);
    return EXIT.done;
  },
};

/** Throws the errors of the store, and OperatingError. */
type Work = (path: string) => void;

/** Checks the command line before the database is touched. */
function workOf(action: string | undefined, file: string | undefined, isMoveAside: boolean, io: Io): Work {
  if (file !== undefined && action !== 'backup') {
    throw usageError(`db: unexpected argument "${file}"`, 'see trespass db --help');
  }
  if (isMoveAside && action !== 'check') {
    throw usageError('db: --move-aside goes with check', 'trespass db check --move-aside');
  }
  switch (action) {
    case 'migrate':
      return (path) => {
        const version = withDatabase(path, {}, (db) => storeFacts(db).schema_version);
        io.stdout.write(`${path} has version ${version}\n`);
      };
    case 'check':
      return (path) => check(path, isMoveAside, io);
    case 'stats':
      return (path) => {
        const stats = withDatabase(path, { readonly: true }, (db) => ({ ...storeFacts(db), ...storeSizes(db) }));
        io.stdout.write(`${toJsonLine(stats)}\n`);
      };
    case 'backup': {
      if (file === undefined) {
        throw usageError('db backup: FILE is missing', 'name the file to write the copy to');
      }
      const target = resolve(io.cwd, file);
      return (path) => {
        withDatabase(path, { readonly: true }, (db) => copyDatabase(db, target));
        io.stdout.write(`${target}\n`);
      };
    }
    default:
      throw usageError('db: say what to do', 'trespass db migrate, check, backup or stats');
  }
}

function withDatabase<T>(path: string, options: { readonly readonly?: boolean }, work: (db: Database) => T): T {
  const db = openDatabase(path, options);
  try {
    return work(db);
  } catch (error) {
    throw toStoreError(error, path);
  } finally {
    closeDatabase(db);
  }
}

function check(path: string, isMoveAside: boolean, io: Io): void {
  const damage = findDamage(path);
  if (damage.length === 0) {
    io.stdout.write(`${path} is sound\n`);
    return;
  }
  const what = `${path} is damaged: ${damage.join('; ')}`;
  if (!isMoveAside) {
    throw new OperatingError(
      'database-corrupt',
      what,
      'stop the server and put a backup in its place, or start with an empty one after trespass db check --move-aside',
    );
  }
  const target = moveAside(resolve(io.cwd, path), Date.now());
  io.stdout.write(`${escapeTerminal(what)}\nmoved aside: ${target}\n`);
}
