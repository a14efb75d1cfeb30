// Batches as they travel, for a server in a process of its own: each with documents of its own, so that afterwards
// it can be told which are stored, and whether whole.
import { request } from 'node:http';
import { encodeBatch, encodeLine } from '../../../src/delivery/encode-batch.ts';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import { allocated, deallocated, denial } from './documents.ts';

export const LINES_OF_BATCH = 40;
const HOUR_MS = 3_600_000;
/** A day that has just passed, which no server takes away as too old. */
const START_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 24 * HOUR_MS;
/** Batches come in any order of time, as from many hosts; a prime number of minutes that is no divisor of the day. */
const STEP_MS = 467 * 60_000;

/** The time of the first document of a batch; the others follow within a second. */
export function timeOf(batch: number): number {
  return START_MS + ((batch * STEP_MS) % (23 * HOUR_MS));
}

/** The documents of batch `batch`: a domain's birth, its denials, its end. */
export function documentsOf(batch: number): readonly AnyDocument[] {
  const first = batch * LINES_OF_BATCH;
  return Array.from({ length: LINES_OF_BATCH }, (_, i) => {
    const n = first + i;
    const facts = {
      n,
      ms: timeOf(batch) + i * 10,
      host: `host-${batch % 3}`,
      domain: (0x1000 + batch).toString(16),
      path: `/srv/${n % 97}/${'x'.repeat(n % 50)}`,
      program: `/usr/bin/p${n % 7}`,
    };
    if (i === 0) return allocated(facts);
    if (i === LINES_OF_BATCH - 1) return deallocated({ ...facts, denials: LINES_OF_BATCH - 2 });
    return denial(facts);
  });
}

/** With the records of every document, so that blocks of text are written too. */
export function linesOf(batch: number): { readonly doc: AnyDocument; readonly raw: string }[] {
  return documentsOf(batch).map((doc, i) => ({
    doc,
    raw: `type=LANDLOCK_ACCESS msg=${batch}.${i} ${'r'.repeat(150)}`,
  }));
}

export function bodyOf(batch: number): Buffer {
  const firstSeq = batch * LINES_OF_BATCH + 1;
  const lines = linesOf(batch).map(({ doc, raw }, i) => encodeLine(firstSeq + i, doc, raw));
  const body = Buffer.from(lines.join(''));
  return Buffer.concat(encodeBatch({ spool: '0'.repeat(32), firstSeq, lastSeq: firstSeq + LINES_OF_BATCH - 1, body }));
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Delivers over `ingest.sock`; undefined where the server went away, or is not there. */
export async function deliver(socketPath: string, batch: number): Promise<Answer | undefined> {
  return await new Promise((resolve) => {
    const call = request(
      {
        socketPath,
        method: 'POST',
        path: '/api/v1/ingest',
        headers: { host: 'localhost', 'content-type': 'application/x-ndjson' },
      },
      (response) => {
        response.toArray().then(
          (parts) =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(parts).toString(),
            }),
          () => resolve(undefined),
        );
      },
    );
    call.once('error', () => resolve(undefined));
    call.end(bodyOf(batch));
  });
}
