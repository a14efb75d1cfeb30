// One reader thread: a read-only connection of its own and the store's readers by name. Loads and opens everything
// before it says that it is ready, since later it may be allowed neither.
import { parentPort, workerData } from 'node:worker_threads';
import { type Database, openDatabase } from '../../store/database/open.ts';
import { toStoreError } from '../../store/database/store-error.ts';
import { setCancellation } from '../../store/query/scan.ts';
import { READERS } from '../../store/reader-table.ts';
import { toPlainError } from './reader-error.ts';
import type { ReaderCall, ReaderReply } from './reader-protocol.ts';
import { readSnapshot } from './snapshot.ts';

const port = parentPort;
if (port === null) {
  throw new Error('reader-worker.ts is a worker thread');
}
const say = (reply: ReaderReply) => port.postMessage(reply);

try {
  // Which request belongs to which name is what readers.ts promises.
  const readers = new Map<string, (db: Database, request: never) => unknown>(Object.entries(READERS));
  const db = openDatabase(String(workerData.databasePath), { readonly: true });
  const givenUp: Int32Array = workerData.givenUp;
  let current = 0;
  setCancellation(db, () => Atomics.load(givenUp, 0) === current);
  port.on('message', ({ id, name, request }: ReaderCall) => {
    current = id;
    try {
      const reader = readers.get(name);
      if (reader === undefined) {
        throw new Error(`there is no reader ${name}`);
      }
      say({ kind: 'answer', id, answer: readSnapshot(db, () => reader(db, request as never)) });
    } catch (error) {
      say({ kind: 'error', id, error: toPlainError(toStoreError(error, db.name)) });
    }
  });
  say({ kind: 'ready' });
} catch (error) {
  say({ kind: 'failed-start', error: toPlainError(error) });
  port.close();
}
