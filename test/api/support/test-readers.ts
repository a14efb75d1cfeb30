// A reader thread for tests: answers, fails, dies, or is busy in a way that nothing from outside can end.
import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';

interface Request {
  readonly id: number;
  readonly name: string;
  readonly request: unknown;
}

const db = new BetterSqlite3(':memory:');
const givenUp: Int32Array = workerData.givenUp;

/** Busy inside SQLite, as a heavy query is. */
function busy(milliseconds: number): string {
  const until = Date.now() + milliseconds;
  const query = db.prepare(
    'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000) SELECT max(n) FROM c',
  );
  while (Date.now() < until) {
    query.get();
  }
  return 'late';
}

/** Where starts are counted: whether this one may go on, as a process that lost its rights may not. */
const isAllowed = workerData.startsLeft === undefined || Atomics.sub(workerData.startsLeft, 0, 1) > 0;

if (workerData.isBroken === true || !isAllowed) {
  parentPort?.postMessage({
    kind: 'failed-start',
    error: { name: 'StoreError', message: 'no database', code: 'database-missing', mend: 'make one' },
  });
  parentPort?.close();
} else {
  parentPort?.on('message', ({ id, name, request }: Request) => {
    switch (name) {
      case 'echo':
        parentPort?.postMessage({ kind: 'answer', id, answer: request });
        break;
      case 'busy':
        parentPort?.postMessage({ kind: 'answer', id, answer: busy(Number(request)) });
        break;
      case 'stretches':
        // Busy until it is given up, as a scan is that looks between its stretches.
        while (Atomics.load(givenUp, 0) !== id) busy(1);
        parentPort?.postMessage({ kind: 'error', id, error: { name: 'QueryCancelled', message: 'given up' } });
        break;
      case 'die':
        process.exit(3);
        break;
      default:
        parentPort?.postMessage({ kind: 'error', id, error: { name: 'TypeError', message: 'a bug' } });
    }
  });
  parentPort?.postMessage({ kind: 'ready' });
}
