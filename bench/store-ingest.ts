// The writer of the store's benchmark, a process of its own: `store-ingest.ts DATABASE DENIALS_PER_SECOND SECONDS`.
// Says on standard output how long its longest batch took, in milliseconds.
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { startCheckpointer } from '../src/api/database/checkpointer.ts';
import { closeDatabase, openDatabase } from '../src/store/database/open.ts';
import { EventWriter } from '../src/store/writing/event-writer.ts';
import { END_MS, generateDenials } from './generate-denials.ts';

const BATCHES_PER_SECOND = 4;

const [path = '', rate = '5000', seconds = '10'] = process.argv.slice(2);
const db = openDatabase(path, { checkpoints: 'elsewhere' });
const stopCheckpointer = await startCheckpointer(db, pino({ level: 'warn' }));
const writer = new EventWriter(db);
const perBatch = Math.ceil(Number(rate) / BATCHES_PER_SECOND);
const batches = Number(seconds) * BATCHES_PER_SECOND;
const lines = generateDenials(perBatch * batches, END_MS, END_MS + Number(seconds) * 1_000, 7);
const started = performance.now();
let longest = 0;
for (let batch = 0; batch < batches; batch++) {
  const part = Array.from({ length: perBatch }, () => lines.next().value).filter((line) => line !== undefined);
  const before = performance.now();
  writer.write(part, END_MS);
  longest = Math.max(longest, performance.now() - before);
  await sleep(Math.max(0, started + ((batch + 1) * 1_000) / BATCHES_PER_SECOND - performance.now()));
}
await stopCheckpointer();
closeDatabase(db);
process.stdout.write(`${longest.toFixed(0)}\n`);
