// A process that writes batches until it is killed, and says on standard output after each which one is committed.
// usage: writing-child.ts DATABASE FIRST_BATCH
import { writeSync } from 'node:fs';
import { EventWriter } from '../../../src/store/event-writer.ts';
import { openDatabase } from '../../../src/store/open.ts';
import { batchOfChild } from './child-batches.ts';

const [path = '', first = '0'] = process.argv.slice(2);
const db = openDatabase(path);
// Checkpoints at every turn, so that a kill may hit one.
db.pragma('wal_autocheckpoint = 50');
const writer = new EventWriter(db);
for (let batch = Number(first); ; batch++) {
  writer.write(batchOfChild(batch), 0);
  writeSync(1, `${batch}\n`);
}
