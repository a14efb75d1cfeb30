// The thread that moves what was committed from the write-ahead log into the database file, with a connection of its own,
// so that no commit of the server's has to wait for the disk. It opens the database before it says that it is ready,
// since later it may not be allowed to.
import { parentPort, workerData } from 'node:worker_threads';
import { LogMover } from '../../store/database/log-mover.ts';
import { openDatabase } from '../../store/database/open.ts';
import { StoreError, toStoreError } from '../../store/database/store-error.ts';
import { toPlainError } from '../readers/reader-error.ts';
import type { CheckpointReply } from './checkpointer.ts';

const port = parentPort;
if (port === null) throw new Error('checkpoint-worker.ts is a worker thread');
const say = (reply: CheckpointReply) => port.postMessage(reply);

/** Between two looks, and after one that a writer or a reader kept from its end. */
const REST_MS = 200;
const SHORT_REST_MS = 50;

try {
  const db = openDatabase(String(workerData.databasePath), { checkpoints: 'elsewhere', busyTimeoutMs: 0 });
  const mover = new LogMover(db);
  let timer: NodeJS.Timeout | undefined;
  let isFailing = false;
  const look = () => {
    let restMs = REST_MS;
    try {
      restMs = mover.look() ? REST_MS : SHORT_REST_MS;
      isFailing = false;
    } catch (error) {
      const cause = toStoreError(error, db.name);
      // A full disk, for example: the next look tries again, and says nothing more of it.
      if (!isFailing) say({ kind: 'failed', error: toPlainError(cause) });
      if (!(cause instanceof StoreError)) throw cause;
      isFailing = true;
    }
    timer = setTimeout(look, restMs);
  };
  port.on('message', () => {
    clearTimeout(timer);
    db.close();
    port.close();
  });
  say({ kind: 'ready' });
  look();
} catch (error) {
  say({ kind: 'failed-start', error: toPlainError(toStoreError(error, String(workerData.databasePath))) });
  port.close();
}
