import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import type { ReaderCall } from '../../../src/api/readers/reader-protocol.ts';
import { siblingModule } from '../../../src/runtime/sibling-module.ts';
import { startSiblingWorker } from '../../../src/runtime/sibling-worker.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { denial, T0 } from '../../store/support/documents.ts';
import { temporaryDatabase } from '../../store/support/temporary-database.ts';

it('a reader thread ends a scan that was given up, and goes on with the next question', async () => {
  const db = temporaryDatabase();
  new EventWriter(db).write([{ doc: denial({ n: 1, path: '/etc/passwd' }) }], T0);
  const givenUp = new Int32Array(new SharedArrayBuffer(4));
  const worker = startSiblingWorker(siblingModule('../../../src/api/readers/reader-worker', import.meta.url), {
    workerData: { databasePath: db.name, givenUp },
  });
  onTestFinished(async () => {
    await worker.terminate();
  });
  expect(await once(worker, 'message')).toEqual([{ kind: 'ready' }]);
  const ask = async (id: number, name: string, request: object) => {
    worker.postMessage({ id, name, request: { scope: {}, ...request } } satisfies ReaderCall);
    const [reply] = await once(worker, 'message');
    return reply;
  };
  Atomics.store(givenUp, 0, 1);
  const cancelled = { kind: 'error', id: 1, error: { message: 'nobody waits for the answer' } };
  expect(await ask(1, 'topValues', { by: 'path' })).toMatchObject(cancelled);
  Atomics.store(givenUp, 0, 2);
  const series = { intervalMs: 86_400_000, groupBy: 'class', scope: { query: 'port>1', fromMs: T0, toMs: T0 + 1_000 } };
  expect(await ask(2, 'timeSeries', series)).toMatchObject({ ...cancelled, id: 2 });
  expect(await ask(3, 'topValues', { by: 'path' })).toMatchObject({
    kind: 'answer',
    id: 3,
    answer: { data: [{ value: '/etc/passwd', denials: 1 }] },
  });
});
