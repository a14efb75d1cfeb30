// Sends the spool to the server and forgets what was committed: one batch under way at a time, at least once, in
// order. What each answer means is in delivery/verdict.ts; here is what is done about it. Nothing is deleted but on an
// answer, and what the server will never take goes to the dead letters, counted.
import { setTimeout as sleep } from 'node:timers/promises';
import type { pino } from 'pino';
import { BATCH_BYTES_MAX, BATCH_LINES_MAX, type BatchAnswer, type Heartbeat } from '../../delivery/batch.ts';
import { type BatchLines, encodeBatch } from '../../delivery/encode-batch.ts';
import { splitBatch } from '../../delivery/split-batch.ts';
import { judgeAnswer, type Verdict } from '../../delivery/verdict.ts';
import { DeadLetters } from '../spool/dead-letters.ts';
import type { Spool } from '../spool/spool.ts';
import { DeliveryPace } from './delivery-pace.ts';
import { DeliveryPauses, type PauseOptions } from './delivery-pauses.ts';
import type { Leaving } from './leaving.ts';
import type { Transport } from './transport.ts';

/** A first document waits this long for others. */
const COALESCE_MS = 10;
const ANSWER_MAX_MS = 30_000;
const HEARTBEAT_ANSWER_MAX_MS = 5_000;
const HEADER_BYTES_MAX = 512;

/** Documents that are lost on the way: in the unit of GAP_CAUSES. */
export interface DeliveryLoss {
  readonly cause: 'undeliverable' | 'server-restored';
  readonly count: number;
  /** The same loss, found again after a restart, has the same key. */
  readonly key: string;
}

/** `wanted`: the configuration that the server has for this agent, where it is another one. */
export interface HeartbeatOutcome {
  readonly isHeard: boolean;
  readonly wanted?: { readonly etag: string; readonly body: string };
}

export interface DelivererOptions {
  readonly spool: Spool;
  readonly transport: Transport;
  /** The spool's: dead letters are kept there. */
  readonly directory: string;
  readonly log: pino.Logger;
  onLost(loss: DeliveryLoss): void;
  /** What of the spooled lines leaves; absent: all. */
  readonly leaving?: Pick<Leaving, 'outgoing' | 'isSettled' | 'settle'> | undefined;
  /** See BatchHeader. */
  readonly baseSeq?: number | undefined;
  /** How many documents may leave a second at present; undefined: as many as there are. */
  documentsPerSecond?(): number | undefined;
  readonly pauses?: PauseOptions;
}

export class Deliverer {
  readonly #options: DelivererOptions;
  readonly #spool: Spool;
  readonly #deadLetters: DeadLetters;
  readonly #pauses: DeliveryPauses;
  readonly #pace = new DeliveryPace();
  readonly #stopping = new AbortController();
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #whenIdle: (() => void)[] = [];
  /** Lines that the server may be sent at once; less than the protocol allows once it said that it was too much. */
  #linesMax = BATCH_LINES_MAX;
  /** Said in the header until it is answered for: what the server expected, and the loss of which is counted. */
  #resyncSeq: number | undefined;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#spool = options.spool;
    this.#deadLetters = new DeadLetters(options.directory);
    this.#pauses = new DeliveryPauses(options.log, this.#stopping.signal, options.pauses);
  }

  /** Documents that the server will never take, since the start. */
  get deadLetters(): number {
    return this.#deadLetters.count;
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
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#wake?.();
    await this.#running;
    this.#options.transport.close();
    this.#deadLetters.close();
  }

  /** Not heard where it did not arrive; the next one comes soon enough. */
  async sendHeartbeat(heartbeat: Heartbeat): Promise<HeartbeatOutcome> {
    const answer = await this.#options.transport.post({
      path: '/api/v1/agents/self/heartbeat',
      type: 'application/json',
      body: [Buffer.from(JSON.stringify(heartbeat))],
      timeoutMs: HEARTBEAT_ANSWER_MAX_MS,
      ifNoneMatch: heartbeat.config_etag,
      signal: this.#stopping.signal,
    });
    if (!answer.ok || answer.status >= 300) return { isHeard: false };
    const { status, etag, body } = answer;
    return { isHeard: true, ...(status === 200 && etag !== undefined && { wanted: { etag, body } }) };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (!this.#spool.hasUnread) {
        await this.#idle();
        continue;
      }
      const paced = this.#options.documentsPerSecond?.() ?? BATCH_LINES_MAX;
      const lines = this.#spool.read({
        lines: Math.min(this.#linesMax, paced),
        bytes: BATCH_BYTES_MAX - HEADER_BYTES_MAX,
      });
      if (lines === undefined) continue;
      const isDone = await this.#deliver(lines);
      if (isDone) this.#pauses.succeeded();
      else this.#spool.rewind();
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

  /** False: what was not acknowledged is to be read and sent again; where a pause is due, it is over by then. */
  async #deliver(lines: BatchLines): Promise<boolean> {
    const count = lines.lastSeq - lines.firstSeq + 1;
    const paced = this.#options.documentsPerSecond?.() ?? BATCH_LINES_MAX;
    if (count > Math.min(this.#linesMax, paced)) return await this.#deliverHalves(lines);
    const verdict = await this.#send(lines);
    switch (verdict.kind) {
      case 'committed':
        return await this.#committed(lines, verdict.answer);
      case 'retry':
        await this.#pauses.afterFailure(verdict, this.#spool.documents);
        return false;
      case 'refused':
        await this.#pauses.whileRefused(verdict, this.#spool.documents);
        return false;
      case 'resync':
        // Asked for the same once more: it is not what it was told that it lacks.
        if (this.#resyncSeq === verdict.expectedSeq) await this.#pauses.whileRefused(verdict, this.#spool.documents);
        return this.#resync(verdict.expectedSeq);
      case 'shrink':
        this.#linesMax = Math.max(1, Math.floor(count / 2));
        return count > 1 ? await this.#deliverHalves(lines) : this.#bury(lines, verdict.reason);
      case 'split':
        return count > 1 ? await this.#deliverHalves(lines) : await this.#buryUnlessAllAreRefused(lines, verdict);
    }
  }

  async #send(lines: BatchLines): Promise<Verdict> {
    const { leaving } = this.#options;
    if (leaving !== undefined && !leaving.isSettled(lines)) {
      const verdict = await this.#post(withoutLines(lines));
      if (verdict.kind !== 'committed') return verdict;
      leaving.settle(lines, verdict.answer.had_seq ?? lines.firstSeq - 1);
    }
    return await this.#post(leaving?.outgoing(lines) ?? lines);
  }

  /** Waits for nothing before it sends: the level of privacy may be another one afterwards. */
  async #post(lines: BatchLines): Promise<Verdict> {
    const { transport, baseSeq } = this.#options;
    const sent = { ...lines, ackedSeq: this.#spool.ackedSeq, baseSeq, resyncSeq: this.#resyncSeq };
    const answer = await transport.post({
      path: '/api/v1/ingest',
      type: 'application/x-ndjson',
      body: encodeBatch(sent),
      timeoutMs: ANSWER_MAX_MS,
      signal: this.#stopping.signal,
    });
    return answer.ok ? judgeAnswer(answer, lines, Date.now()) : { kind: 'retry', reason: answer.reason };
  }

  async #deliverHalves(lines: BatchLines): Promise<boolean> {
    for (const half of splitBatch(lines) ?? []) {
      if (this.#stopping.signal.aborted || !(await this.#deliver(half))) return false;
    }
    return true;
  }

  async #committed(lines: BatchLines, answer: BatchAnswer): Promise<boolean> {
    for (const { seq, reason } of answer.rejected) {
      const line = seq <= answer.ack_seq ? lineOf(lines, seq) : undefined;
      if (line !== undefined) this.#putAside(line, seq, `rejected: ${reason}`);
    }
    this.#resyncSeq = undefined;
    this.#spool.ack(answer.ack_seq);
    // It was less than that once: try more again.
    this.#linesMax = Math.min(BATCH_LINES_MAX, this.#linesMax * 2);
    await this.#keepPace(answer.ack_seq - lines.firstSeq + 1);
    return answer.ack_seq === lines.lastSeq;
  }

  async #keepPace(documents: number): Promise<void> {
    const perSecond = this.#options.documentsPerSecond?.();
    const waitMs = this.#pace.afterMs(documents, perSecond, performance.now());
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  /** The server forgot what it had acknowledged: what is still here is sent again, and the rest is counted. */
  #resync(expectedSeq: number): boolean {
    const ackedSeq = this.#spool.ackedSeq;
    const firstSeq = this.#spool.reopenFrom(expectedSeq);
    const count = Math.max(0, firstSeq - expectedSeq);
    this.#resyncSeq = expectedSeq;
    this.#options.log.warn({ expectedSeq, ackedSeq, lost: count }, 'the server forgot what it had stored');
    if (count > 0) {
      this.#options.onLost({ cause: 'server-restored', count, key: `${this.#spool.id} ${expectedSeq} ${firstSeq}` });
    }
    return false;
  }

  /** Whether it is this line, or everything that we send: then no line is to blame, and none is given up. */
  async #buryUnlessAllAreRefused(line: BatchLines, verdict: Extract<Verdict, { kind: 'split' }>): Promise<boolean> {
    const probe = await this.#post(withoutLines(line));
    if (probe.kind === 'committed') return this.#bury(line, verdict.reason);
    await this.#pauses.whileRefused(verdict, this.#spool.documents);
    return false;
  }

  #bury(line: BatchLines, reason: string): boolean {
    this.#putAside(line.body, line.firstSeq, reason);
    this.#spool.ack(line.lastSeq);
    return true;
  }

  #putAside(line: Buffer, seq: number, reason: string): void {
    const isKept = this.#deadLetters.add(line, reason, Date.now());
    this.#options.log.warn({ seq, reason, isKept }, 'the server does not take a document');
    // A gap that is not taken would be followed by another one for ever: it is counted in the heartbeat alone.
    if (!line.includes('"doc":{"kind":"gap"')) {
      this.#options.onLost({ cause: 'undeliverable', count: 1, key: `${this.#spool.id} ${seq}` });
    }
  }
}

const NEWLINE = 0x0a;

/** A batch that asks no more than whether the server takes any. */
function withoutLines(lines: BatchLines): BatchLines {
  return { ...lines, lastSeq: lines.firstSeq - 1, body: Buffer.alloc(0) };
}

/** The line with that number; undefined where the batch has none. */
function lineOf(lines: BatchLines, seq: number): Buffer | undefined {
  let start = 0;
  for (let at = lines.firstSeq; at < seq; at++) start = lines.body.indexOf(NEWLINE, start) + 1;
  const end = lines.body.indexOf(NEWLINE, start);
  return seq < lines.firstSeq || seq > lines.lastSeq || end < 0 ? undefined : lines.body.subarray(start, end + 1);
}
