// Runs readers in worker threads, so that a heavy query never delays ingest. Bounded in all directions: so many
// queries at once, so many waiting, so long each.
//
// SQLite cannot be interrupted from outside its thread, so a query over its time, or whose asker is gone, is abandoned:
// its caller gets the error, a spare thread takes over, and the thread is told and comes back when its present statement
// ends. No thread needs to be started for
// that, since a server that gave up root may be unable to load code again. When all threads are stuck or dead,
// `onExhausted` is called: the process should end, and its supervisor, which can still load code, start another.
import type { Worker } from 'node:worker_threads';
import type { FastifyBaseLogger } from 'fastify';
import type { SiblingModule } from '../../runtime/sibling-module.ts';
import { startSiblingWorker } from '../../runtime/sibling-worker.ts';
import { ReaderError, toReaderError } from './reader-error.ts';
import type { ReaderCall, ReaderReply } from './reader-protocol.ts';

export interface ReaderPoolOptions {
  readonly module: SiblingModule;
  readonly workerData: object;
  /** Queries at the same time. */
  readonly workersMax: number;
  /** Threads beyond that, started at once, for when others are stuck. */
  readonly sparesMax: number;
  /** Queries waiting; more are refused at once. */
  readonly queueMax: number;
  readonly timeoutMs: number;
  /** How long all threads may be stuck. */
  readonly exhaustedMaxMs: number;
  readonly log: FastifyBaseLogger;
  onExhausted(reason: string): void;
}

export interface RunOptions {
  /** Aborted when the one who asked is gone. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

interface Job {
  readonly id: number;
  readonly call: ReaderCall;
  readonly timeoutMs: number;
  settle(result: { readonly answer: unknown } | { readonly error: Error }): void;
  isSettled: boolean;
}

/** `stuck`: still at work on a query that was given up. */
type ThreadState = 'starting' | 'idle' | 'busy' | 'stuck' | 'dead';

interface Thread {
  readonly worker: Worker;
  state: ThreadState;
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
  /** The id of the last job of this thread that was given up; the thread looks here between two statements. */
  readonly givenUp: Int32Array;
}

/** A thread that cannot load its code or open the database says so within this. */
const STARTUP_MAX_MS = 15_000;
const STOP_MAX_MS = 1_000;
/** Threads that died and could not be replaced are tried again this often. */
const RESTARTS_MAX = 10;

export class ReaderPool {
  readonly #options: ReaderPoolOptions;
  #threads: Thread[] = [];
  #queue: Job[] = [];
  #nextId = 1;
  #restarts = 0;
  #isStopping = false;
  #exhaustion: NodeJS.Timeout | undefined;

  private constructor(options: ReaderPoolOptions) {
    this.#options = options;
  }

  /** Resolves when all threads have loaded their code and opened the database; rejects when one cannot. */
  static async start(options: ReaderPoolOptions): Promise<ReaderPool> {
    const pool = new ReaderPool(options);
    const count = options.workersMax + options.sparesMax;
    try {
      await Promise.all(Array.from({ length: count }, () => pool.#startThread()));
    } catch (error) {
      await pool.stop();
      throw error;
    }
    return pool;
  }

  /** Threads by state, and the queries that wait. */
  get load(): { readonly idle: number; readonly busy: number; readonly stuck: number; readonly queued: number } {
    const inState = (state: ThreadState) => this.#threads.filter((thread) => thread.state === state).length;
    return { idle: inState('idle'), busy: inState('busy'), stuck: inState('stuck'), queued: this.#queue.length };
  }

  /** The answer of the reader `name`. Rejects with ReaderError `timeout`, `overloaded`, `aborted`, or the reader's. */
  run(name: string, request: unknown, options: RunOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted === true) {
        reject(new ReaderError('aborted', 'nobody waits for the answer'));
        return;
      }
      if (this.#isStopping || this.#queue.length >= this.#options.queueMax) {
        reject(new ReaderError('overloaded', `${this.#queue.length} queries are waiting`));
        return;
      }
      const id = this.#nextId++;
      const abort = () => this.#giveUp(job, new ReaderError('aborted', 'nobody waits for the answer'));
      const job: Job = {
        id,
        call: { id, name, request },
        timeoutMs: options.timeoutMs ?? this.#options.timeoutMs,
        isSettled: false,
        settle(result) {
          options.signal?.removeEventListener('abort', abort);
          job.isSettled = true;
          if ('error' in result) {
            reject(result.error);
          } else {
            resolve(result.answer);
          }
        },
      };
      options.signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(job);
      this.#dispatch();
    });
  }

  /** Ends all threads. Answers false where one is stuck inside SQLite: it would keep the process from exiting. */
  async stop(): Promise<boolean> {
    this.#isStopping = true;
    clearTimeout(this.#exhaustion);
    for (const job of this.#queue.splice(0)) {
      job.settle({ error: new ReaderError('overloaded', 'the server is stopping') });
    }
    const ends = this.#threads.map((thread) => {
      this.#failJob(thread, new ReaderError('overloaded', 'the server is stopping'));
      thread.state = 'dead';
      return thread.worker.terminate();
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), STOP_MAX_MS);
    });
    const isStopped = await Promise.race([Promise.all(ends).then(() => true), late]);
    clearTimeout(timer);
    return isStopped;
  }

  async #startThread(): Promise<void> {
    const { module, workerData } = this.#options;
    const givenUp = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const worker = startSiblingWorker(module, { workerData: { ...workerData, givenUp } });
    const thread: Thread = { worker, state: 'starting', job: undefined, timer: undefined, givenUp };
    this.#threads.push(thread);
    let failure: unknown = new Error('the reader thread ended');
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => void worker.terminate(), STARTUP_MAX_MS);
      worker.on('message', (reply: ReaderReply) => {
        clearTimeout(late);
        if (reply.kind === 'ready') {
          thread.state = 'idle';
          resolve();
          this.#dispatch();
        } else if (reply.kind === 'failed-start') {
          failure = toReaderError(reply.error);
        } else {
          this.#finish(thread, reply);
        }
      });
      worker.on('error', (error) => {
        failure = error;
      });
      worker.on('exit', () => {
        clearTimeout(late);
        reject(failure);
        this.#bury(thread, failure);
      });
    });
  }

  #bury(thread: Thread, failure: unknown): void {
    const wasStarting = thread.state === 'starting';
    thread.state = 'dead';
    this.#threads = this.#threads.filter((other) => other !== thread);
    this.#failJob(thread, new ReaderError('died', 'the reader thread ended'));
    if (this.#isStopping || wasStarting) {
      this.#checkExhaustion();
      return;
    }
    this.#options.log.error({ err: failure }, 'a reader thread died');
    if (this.#restarts < RESTARTS_MAX) {
      this.#restarts++;
      this.#startThread().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'cannot start another reader thread: spares take over');
      });
    }
    this.#checkExhaustion();
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.load.busy < this.#options.workersMax) {
      const thread = this.#threads.find((candidate) => candidate.state === 'idle');
      const job = thread === undefined ? undefined : this.#queue.shift();
      if (thread === undefined || job === undefined) {
        return;
      }
      thread.state = 'busy';
      thread.job = job;
      thread.timer = setTimeout(() => {
        this.#giveUp(job, new ReaderError('timeout', `no answer within ${job.timeoutMs} ms`));
      }, job.timeoutMs);
      thread.worker.postMessage(job.call);
    }
  }

  #finish(thread: Thread, reply: Extract<ReaderReply, { kind: 'answer' | 'error' }>): void {
    const job = thread.job;
    clearTimeout(thread.timer);
    thread.job = undefined;
    thread.state = 'idle';
    this.#checkExhaustion();
    if (job !== undefined && !job.isSettled) {
      job.settle(reply.kind === 'answer' ? { answer: reply.answer } : { error: toReaderError(reply.error) });
    }
    this.#dispatch();
  }

  /** Nobody waits for `job` any more. The thread that works on it is told, and stuck until SQLite comes back. */
  #giveUp(job: Job, error: ReaderError): void {
    if (job.isSettled) {
      return;
    }
    job.settle({ error });
    this.#queue = this.#queue.filter((other) => other !== job);
    const thread = this.#threads.find((candidate) => candidate.job === job);
    if (thread !== undefined) {
      clearTimeout(thread.timer);
      Atomics.store(thread.givenUp, 0, job.id);
      thread.state = 'stuck';
      this.#checkExhaustion();
      this.#dispatch();
    }
  }

  #failJob(thread: Thread, error: ReaderError): void {
    clearTimeout(thread.timer);
    if (thread.job !== undefined && !thread.job.isSettled) {
      thread.job.settle({ error });
    }
    thread.job = undefined;
  }

  #checkExhaustion(): void {
    const isExhausted = this.#threads.every((thread) => thread.state === 'stuck' || thread.state === 'dead');
    if (!isExhausted || this.#isStopping) {
      clearTimeout(this.#exhaustion);
      this.#exhaustion = undefined;
    } else if (this.#exhaustion === undefined) {
      const waitMs = this.#threads.length === 0 ? 0 : this.#options.exhaustedMaxMs;
      this.#exhaustion = setTimeout(() => {
        this.#options.onExhausted('all reader threads are stuck or dead');
      }, waitMs);
    }
  }
}
