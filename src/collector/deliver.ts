// Sends the spool to the server over its Unix socket and forgets what was committed: one batch under way at a time,
// at least once, in order. A failure is waited out with a growing pause; nothing is deleted but on an answer.
import { setTimeout as sleep } from 'node:timers/promises';
import type { pino } from 'pino';
import { BATCH_BYTES_MAX, BATCH_LINES_MAX, type BatchAnswer, type Heartbeat } from '../delivery/batch.ts';
import { encodeBatch } from '../delivery/encode-batch.ts';
import { SocketClient } from './socket-client.ts';
import type { Spool } from './spool.ts';

/** A first document waits this long for others. */
const COALESCE_MS = 10;
const BACKOFF_FIRST_MS = 50;
const BACKOFF_LAST_MS = 2_000;
const ANSWER_MAX_MS = 30_000;
const HEARTBEAT_ANSWER_MAX_MS = 5_000;
const HEADER_BYTES_MAX = 512;

export interface DelivererOptions {
  readonly spool: Spool;
  /** `ingest.sock` of the server. */
  readonly socketPath: string;
  readonly log: pino.Logger;
}

export class Deliverer {
  readonly #spool: Spool;
  readonly #log: pino.Logger;
  readonly #client: SocketClient;
  readonly #stopping = new AbortController();
  #wake: (() => void) | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  #whenIdle: (() => void)[] = [];

  constructor(options: DelivererOptions) {
    this.#spool = options.spool;
    this.#log = options.log;
    this.#client = new SocketClient(options.socketPath);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Something was appended to the spool. */
  notify(): void {
    this.#wake?.();
  }

  /** Resolves when the spool is empty or `timeoutMs` is over; answers which. */
  async drain(timeoutMs: number): Promise<boolean> {
    if (this.#spool.documents === 0) return true;
    const emptied = new Promise<boolean>((resolve) => this.#whenIdle.push(() => resolve(true)));
    this.notify();
    return await Promise.race([emptied, sleep(timeoutMs, false, { ref: false })]);
  }

  /** Breaks off what is under way: it stays in the spool. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.#running;
    this.#client.close();
  }

  /** False where it did not arrive; the next one comes soon enough. */
  async sendHeartbeat(heartbeat: Heartbeat): Promise<boolean> {
    const answer = await this.#client.post({
      path: '/api/v1/agents/self/heartbeat',
      type: 'application/json',
      body: [Buffer.from(JSON.stringify(heartbeat))],
      timeoutMs: HEARTBEAT_ANSWER_MAX_MS,
      signal: this.#stopping.signal,
    });
    return answer.ok && answer.status < 300;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (!this.#spool.hasUnread) {
        await this.#idle();
        continue;
      }
      const isDone = await this.#deliverNext();
      if (isDone) this.#failures = 0;
      else await this.#backOff();
    }
  }

  /** Until `notify`, and a moment longer for others to come along. */
  async #idle(): Promise<void> {
    if (this.#spool.documents === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    if (!this.#stopping.signal.aborted) await sleep(COALESCE_MS);
  }

  async #backOff(): Promise<void> {
    this.#spool.rewind();
    this.#failures++;
    const longest = Math.min(BACKOFF_LAST_MS, BACKOFF_FIRST_MS * 2 ** Math.min(this.#failures - 1, 10));
    const pauseMs = longest * (0.5 + Math.random() / 2);
    await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  /** False: to be tried again. */
  async #deliverNext(): Promise<boolean> {
    const lines = this.#spool.read({ lines: BATCH_LINES_MAX, bytes: BATCH_BYTES_MAX - HEADER_BYTES_MAX });
    if (lines === undefined) return true;
    const answer = await this.#client.post({
      path: '/api/v1/ingest',
      type: 'application/x-ndjson',
      body: encodeBatch(lines),
      timeoutMs: ANSWER_MAX_MS,
      signal: this.#stopping.signal,
    });
    if (!answer.ok) return this.#complain(answer.reason);
    const acked = answer.status === 200 ? parseAnswer(answer.body) : undefined;
    if (acked === undefined) return this.#complain(`status ${answer.status}: ${answer.body.slice(0, 200)}`);
    if (acked.ack_seq < lines.firstSeq || acked.ack_seq > lines.lastSeq) {
      return this.#complain(`acknowledged ${acked.ack_seq}, not in ${lines.firstSeq}–${lines.lastSeq}`);
    }
    for (const { seq, reason } of acked.rejected.slice(0, 5)) this.#log.warn({ seq, reason }, 'document rejected');
    this.#spool.ack(acked.ack_seq);
    return acked.ack_seq === lines.lastSeq;
  }

  /** The first failure in a row, and then rarely: a server that is away is not news each second. */
  #complain(reason: string): false {
    if (this.#stopping.signal.aborted) return false;
    const attempt = this.#failures + 1;
    // At the 1st, 2nd, 4th, 8th … only; a server that is just starting is worth no warning.
    if ((attempt & (attempt - 1)) === 0) {
      this.#log[attempt < 8 ? 'debug' : 'warn'](
        { reason, attempt, documents: this.#spool.documents },
        'delivery failed, will be tried again',
      );
    }
    return false;
  }
}

/** undefined: not what the protocol says. */
function parseAnswer(body: string): BatchAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(body);
    return isAnswer(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is BatchAnswer {
  if (typeof value !== 'object' || value === null) return false;
  return Number.isSafeInteger(Reflect.get(value, 'ack_seq')) && Array.isArray(Reflect.get(value, 'rejected'));
}
