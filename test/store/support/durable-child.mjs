// A process that is killed: from the built program, since that starts three times as fast as from sources.
//   durable-child.mjs ingest DATABASE              writes each batch that comes by IPC and says so after its commit
//   durable-child.mjs migrate DATABASE MIGRATION   adds a migration (JSON) to the shipped ones; says when it begins
//                                                 and when it is done
//   durable-child.mjs retain DATABASE UNTIL_MS     takes what is older; says when it begins and when it is done
import { Worker } from 'node:worker_threads';
import { openDatabase } from '../../../dist/store/database/open.js';
import { migrate, shippedMigrations } from '../../../dist/store/migrate.js';
import { takeOlderThan } from '../../../dist/store/retention/retention.js';
import { EventWriter } from '../../../dist/store/writing/event-writer.js';

/** Checkpoints at every turn, so that a kill may hit one. */
const AUTOCHECKPOINT_PAGES = 50;
/** So few that a transaction does not fit: a kill in its middle finds half of it in the file. */
const CACHE_PAGES = 20;

/** Another connection moves the log too, as a thread of the server does: a kill may hit it at that. */
function moveLogBeside(path) {
  const program = `
    const { openDatabase } = await import(${JSON.stringify(import.meta.resolve('../../../dist/store/database/open.js'))});
    const db = openDatabase(${JSON.stringify(path)}, { checkpoints: 'elsewhere', busyTimeoutMs: 0 });
    setInterval(() => db.pragma('wal_checkpoint(PASSIVE)'), 5);`;
  new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`)).unref();
}

/** Stays until it is answered, or killed. */
function sayDone() {
  process.once('message', () => process.disconnect());
  process.send('done');
}

const work = {
  ingest(db) {
    db.pragma(`cache_size = ${CACHE_PAGES}`);
    db.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`);
    moveLogBeside(db.name);
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
      sayDone();
    });
  },
  retain(db, _path, untilMs) {
    process.send('ready', () => {
      for (const _ of takeOlderThan(db, Number(untilMs), Date.now()));
      sayDone();
    });
  },
};

const [action, path, ...rest] = process.argv.slice(2);
work[action](openDatabase(path), path, ...rest);
