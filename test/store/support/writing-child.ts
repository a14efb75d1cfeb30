// A process that writes batches until it is killed, and says on standard output after each which one is committed.
// usage: writing-child.ts DATABASE FIRST_BATCH [FLOOD_PER_MINUTE], of a flood where that is given
import { writeSync } from 'node:fs';
import { openDatabase } from '../../../src/store/database/open.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { batchOfChild, floodOfChild } from './child-batches.ts';

const [path = '', first = '0', floodPerMinute = '0'] = process.argv.slice(2);
const batchOf = floodPerMinute === '0' ? batchOfChild : floodOfChild;
const db = openDatabase(path);
// Checkpoints at every turn, so that a kill may hit one.
db.pragma('wal_autocheckpoint = 50');
const writer = new EventWriter(db, { floodPerMinute: Number(floodPerMinute) });
for (let batch = Number(first); ; batch++) {
  writer.write(batchOf(batch), 0);
  writeSync(1, `${batch}\n`);
}
