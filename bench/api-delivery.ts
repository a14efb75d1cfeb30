// A collector's side of delivery over ingest.sock: for filling a database, and as a process of its own that delivers at a
// rate while others read, and tells by how much each batch was late.
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeBatch, encodeLine } from '../src/delivery/encode-batch.ts';
import { type GeneratedLine, generateDenials } from './generate-denials.ts';

/** The arguments of the process, as JSON. */
export interface DeliveryPlan {
  readonly socketPath: string;
  /** Its spool. */
  readonly spool: string;
  readonly seconds: number;
  readonly perSecond: number;
  readonly batchesPerSecond: number;
  /** The time of the first denial. */
  readonly startMs: number;
}

/** What the process prints, as JSON. */
export interface DeliveryResult {
  /** From when a batch was due until its answer, in milliseconds. */
  readonly delaysMs: readonly number[];
  /** Of these how much passed before this process came to send it: its own lateness, not the server's. */
  readonly lateMs: readonly number[];
  readonly cpuSeconds: number;
}

export class Delivery {
  readonly #socketPath: string;
  readonly #spool: string;
  #seq = 0;

  constructor(socketPath: string, spool: string) {
    this.#socketPath = socketPath;
    this.#spool = spool;
  }

  /** Ready to be sent; in the order in which they are made. */
  prepare(lines: readonly GeneratedLine[]): { readonly body: Buffer; readonly count: number } {
    const firstSeq = this.#seq + 1;
    const body = lines.map(({ doc, raw }) => encodeLine(++this.#seq, doc, raw)).join('');
    const batch = { spool: this.#spool, firstSeq, lastSeq: this.#seq, body: Buffer.from(body) };
    return { body: Buffer.concat(encodeBatch(batch)), count: lines.length };
  }

  async send({ body, count }: { readonly body: Buffer; readonly count: number }): Promise<void> {
    const answer = await this.#post(body);
    if (!answer.includes(`"stored":${count},`)) throw new Error(`a batch was answered: ${answer.slice(0, 300)}`);
  }

  #post(body: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
      const socketPath = this.#socketPath;
      const call = request({ socketPath, method: 'POST', path: '/api/v1/ingest', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

export function take(lines: Generator<GeneratedLine>, count: number): readonly GeneratedLine[] {
  return Array.from({ length: count }, () => lines.next().value).filter((line) => line !== undefined);
}

async function deliver(plan: DeliveryPlan): Promise<DeliveryResult> {
  const { seconds, perSecond, batchesPerSecond, startMs } = plan;
  const delivery = new Delivery(plan.socketPath, plan.spool);
  const count = seconds * batchesPerSecond;
  const lines = generateDenials(seconds * perSecond, startMs, startMs + seconds * 1_000, startMs % 100_000);
  const batches = Array.from({ length: count }, () => delivery.prepare(take(lines, perSecond / batchesPerSecond)));
  process.send?.('ready');
  await new Promise((resolve) => process.once('message', resolve));
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const delaysMs: number[] = [];
  const lateMs: number[] = [];
  for (const [index, batch] of batches.entries()) {
    const dueMs = started + (index * 1_000) / batchesPerSecond;
    // One batch is on its way at a time, as a collector does it: who waits for the one before is late by the server.
    const isFree = performance.now() < dueMs;
    await sleep(Math.max(0, dueMs - performance.now()));
    lateMs.push(isFree ? performance.now() - dueMs : 0);
    await delivery.send(batch);
    delaysMs.push(performance.now() - dueMs);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { delaysMs, lateMs, cpuSeconds: (user + system) / 1e6 };
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await deliver(JSON.parse(process.argv[2] ?? ''))));
  process.disconnect();
}
