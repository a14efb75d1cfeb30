// A process that is killed: from the built program, since that starts three times as fast as from sources.
//   durable-child.mjs ingest DATABASE             writes each batch that comes by IPC and says so after its commit
//   durable-child.mjs migrate DATABASE MIGRATION  adds a migration (JSON) to the shipped ones; says when it begins
//   durable-child.mjs retain DATABASE UNTIL_MS    takes what is older; says when it begins
import { EventWriter } from '../../../dist/store/event-writer.js';
import { migrate, shippedMigrations } from '../../../dist/store/migrate.js';
import { openDatabase } from '../../../dist/store/open.js';
import { takeOlderThan } from '../../../dist/store/retention.js';

/** Checkpoints at every turn, so that a kill may hit one. */
const AUTOCHECKPOINT_PAGES = 50;
/** So few that a transaction does not fit: a kill in its middle finds half of it in the file. */
const CACHE_PAGES = 20;

const work = {
  ingest(db) {
    db.pragma(`cache_size = ${CACHE_PAGES}`);
    db.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`);
    const writer = new EventWriter(db);
    process.on('message', ({ batch, lines }) => {
      const { stored, duplicates, rejected } = writer.write(lines, 0);
      process.send({ batch, stored, duplicates, rejected: rejected.length });
    });
    process.send('ready');
  },
  migrate(db, path, migration) {
    // Waits until it is said, lest the work be over before anybody hears of its beginning.
    process.send('ready', () => {
      migrate(db, path, [...shippedMigrations(), JSON.parse(migration)]);
      process.disconnect();
    });
  },
  retain(db, _path, untilMs) {
    process.send('ready', () => {
      for (const _ of takeOlderThan(db, Number(untilMs), Date.now()));
      process.disconnect();
    });
  },
};

const [action, path, ...rest] = process.argv.slice(2);
work[action](openDatabase(path), path, ...rest);
