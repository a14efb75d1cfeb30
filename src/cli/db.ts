// `trespass db migrate|check|backup|prune|stats`: care for the database file.
import { resolve } from 'node:path';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { escapeTerminal, toJsonLine } from '../runtime/terminal-text.ts';
import { storeFacts } from '../store/counts/store-facts.ts';
import { copyDatabase } from '../store/database/copy-database.ts';
import { findDamage, moveAside } from '../store/database/soundness.ts';
import { storeSizes } from '../store/database/store-sizes.ts';
import { parseArguments, usageError } from './arguments.ts';
import type { Command, Io } from './command.ts';
import { loadCommandConfig } from './config-options.ts';
import { PRUNE_OPTIONS, parsePrune, prune } from './db-prune.ts';
import { withDatabase } from './with-database.ts';

const OPTIONS = {
  db: { type: 'string' },
  config: { type: 'string' },
  'move-aside': { type: 'boolean' },
  ...PRUNE_OPTIONS,
} as const;

export const dbCommand: Command = {
  name: 'db',
  summary: 'migrate, check, back up, prune or measure the database',
  usage: `usage: trespass db migrate|stats [--db PATH]
       trespass db check [--move-aside] [--db PATH]
       trespass db backup FILE [--db PATH]
       trespass db prune [--older-than AGE | --host HOST | --user UID] [--dry-run] [--db PATH]

migrate  makes the database or brings it to this version; an older one is backed up beside itself before.
check    reads the whole database and says whether it is sound (exit code 1: it is not).
backup   writes a copy to FILE, also while a server is running; FILE must not exist. To restore it, stop the server,
         move the database and its -wal and -shm out of the way, and copy FILE to the database's place.
prune    removes what the configuration says is too old or has no room, now; or what the options name. Also beside a
         running server. Prints what it removed as one JSON object; counts by the hour and totals stay, but for --host.
         Pages keep their size, and what was removed may be read in them until they are written again: a copy by
         trespass db backup has none of it.
stats    version, number of denials, and the sizes of the file, its log, its tables and the room left, as one JSON
         object.

  --move-aside   a damaged database gets another name (PATH.damaged-TIME), which makes room for an empty one or for a
                 backup; nothing is deleted
  --older-than AGE
                 text of records, denials and calls of Landlock from before, for example 30d; replayed ones too
  --host HOST    all of a host (id or name), with what was counted of it
  --user UID     all of a user of any host: who was refused or signed in, or made a domain
  --dry-run      only say how much it would be
  --db PATH      the database (default: store.path of the configuration)
  --config FILE  the configuration`,
  async run(argv, io) {
    const { values, positionals } = parseArguments('db', argv, OPTIONS, 2);
    const [action, file] = positionals;
    if (action !== 'prune' && Object.keys(PRUNE_OPTIONS).some((name) => name in values)) {
      throw usageError('db: --older-than, --host, --user and --dry-run go with prune', 'see trespass db --help');
    }
    const nowMs = Date.now();
    const what = parsePrune(values, nowMs);
    const { db, config } = values;
    const place = { ...(db !== undefined && { db }), ...(config !== undefined && { config }) };
    const load = () => loadCommandConfig(place, io, db !== undefined && config === undefined).config.store;
    if (action === 'prune' && file === undefined) {
      const { path, retention } = load();
      const isDryRun = values['dry-run'] === true;
      // Makes no database where there is none.
      withDatabase(path, { readonly: true }, () => undefined);
      withDatabase(path, { readonly: isDryRun }, (base) => prune(base, what, { isDryRun, retention, nowMs }, io));
      return EXIT.done;
    }
    const work = workOf(action, file, values['move-aside'] === true, io);
    work(load().path);
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
      throw usageError('db: say what to do', 'trespass db migrate, check, backup, prune or stats');
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
