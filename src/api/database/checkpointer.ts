// Starts and ends the thread that moves the log into the database file (checkpoint-worker.ts). Where it dies, the
// connection that writes does it again by itself.
import type { FastifyBaseLogger } from 'fastify';
import { siblingModule } from '../../runtime/sibling-module.ts';
import { startSiblingWorker } from '../../runtime/sibling-worker.ts';
import { type Database, moveOwnLog } from '../../store/database/open.ts';
import { toReaderError } from '../readers/reader-error.ts';
import type { PlainError } from '../readers/reader-protocol.ts';

/** What the thread says. */
export type CheckpointReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed-start'; readonly error: PlainError }
  | { readonly kind: 'failed'; readonly error: PlainError };

/** A thread that cannot load its code or open the database says so within this. */
const STARTUP_MAX_MS = 15_000;
/** A checkpoint of a long log on a slow disk takes a second. */
const STOP_MAX_MS = 1_500;

/** Resolves when the thread has opened the database of `db`, with how to end it. Rejects when it cannot. */
export async function startCheckpointer(db: Database, log: FastifyBaseLogger): Promise<() => Promise<void>> {
  const worker = startSiblingWorker(siblingModule('./checkpoint-worker', import.meta.url), {
    workerData: { databasePath: db.name },
  });
  let isStopping = false;
  let failure: unknown = new Error('the thread for the log ended');
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const terminateAfter = (ms: number) => setTimeout(() => void worker.terminate(), ms);
  const late = terminateAfter(STARTUP_MAX_MS);
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (reply: CheckpointReply) => {
      if (reply.kind === 'ready') resolve();
      else failure = toReaderError(reply.error);
      if (reply.kind === 'failed') log.warn({ err: failure }, 'the log cannot be moved into the database now');
    });
    worker.on('error', (error) => {
      failure = error;
    });
    void ended.then(() => reject(failure));
  }).finally(() => clearTimeout(late));
  void ended.then(() => {
    if (isStopping) return;
    log.error({ err: failure }, 'the thread that moves the log died: the writer does it by itself');
    if (db.open) moveOwnLog(db);
  });
  return async () => {
    isStopping = true;
    worker.postMessage('stop');
    const timer = terminateAfter(STOP_MAX_MS);
    await ended;
    clearTimeout(timer);
  };
}
