// The data plane as the rest of the collector sees it: blocks of records from a socket, in order, never more than a
// bound of them in memory. `BatchedReader` is the one implementation; another reader may take its place.
import type { Worker } from 'node:worker_threads';
import { siblingModule } from '../../runtime/sibling-module.ts';
import { startSiblingWorker } from '../../runtime/sibling-worker.ts';
import { closeDescriptor, eventDescriptor, signalEvent } from './libc.ts';
import { type ReaderMessage, type ReaderStart, SHARED } from './reader-protocol.ts';

/** A number of things that did not arrive, and when. */
export interface Missed {
  readonly count: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Called on the main thread, in the order of the socket. */
export interface StreamHandlers {
  /** One block: see record-batch.ts. At most one per turn of the event loop. */
  batch(bytes: Uint8Array): void;
  /** The socket's receive buffer overflowed `count` times. */
  overrun(missed: Missed): void;
  /** `count` records were dropped because this process was too far behind. */
  overflow(missed: Missed): void;
  /** The stream has ended: undefined after `stop`. */
  ended(error?: Error): void;
}

export interface RecordStream {
  /** Resolves when records are being read. */
  start(handlers: StreamHandlers): Promise<void>;
  /**
   * Resolves when everything that was received before has been handed over; what is left after `withinMs` is given
   * up, and told as an overflow.
   */
  stop(withinMs: number): Promise<void>;
  /** Messages that were no records. */
  readonly ignored: { readonly foreign: number; readonly control: number; readonly truncated: number };
}

/** Bytes between the reader's thread and the decoder: some six seconds of one core's flood. */
export const QUEUE_BYTES_MAX = 256 * 1024 * 1024;

/** Entries of the queue that are done with and not yet cut off. */
const TAKEN_MAX = 1024;

/** Reads `fd` in a thread of its own. Closes nothing that it did not open. */
export class BatchedReader implements RecordStream {
  ignored = { foreign: 0, control: 0, truncated: 0 };
  readonly #fd: number;
  readonly #whenFull: ReaderStart['whenFull'];
  readonly #queueBytesMax: number;
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length));
  readonly #queue: ReaderMessage[] = [];
  #head = 0;
  #isPumping = false;
  #worker: Worker | undefined;
  #stopFd = -1;
  #handlers: StreamHandlers | undefined;
  #hasEnded = false;
  #whenEnded: (() => void) | undefined;

  constructor(fd: number, whenFull: ReaderStart['whenFull'], queueBytesMax: number = QUEUE_BYTES_MAX) {
    this.#fd = fd;
    this.#whenFull = whenFull;
    this.#queueBytesMax = queueBytesMax;
  }

  async start(handlers: StreamHandlers): Promise<void> {
    this.#handlers = handlers;
    const event = eventDescriptor();
    if (!event.ok) throw new Error(`eventfd: ${event.name}`);
    this.#stopFd = event.value;
    const start: ReaderStart = {
      fd: this.#fd,
      stopFd: this.#stopFd,
      shared: this.#shared.buffer,
      queueBytesMax: this.#queueBytesMax,
      whenFull: this.#whenFull,
    };
    const worker = startSiblingWorker(siblingModule('./reader-worker', import.meta.url), {
      workerData: start,
      name: 'audit-reader',
    });
    this.#worker = worker;
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.on('message', (message: ReaderMessage) => {
        if (message.kind === 'reading') resolve();
        else this.#enqueue(message);
      });
    });
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', () => this.#enqueue({ kind: 'stopped' }));
  }

  async stop(withinMs: number): Promise<void> {
    if (this.#worker === undefined || this.#hasEnded) return;
    const sinceMs = Date.now();
    const ended = new Promise<void>((resolve) => {
      this.#whenEnded = resolve;
    });
    Atomics.store(this.#shared, SHARED.stop, 1);
    Atomics.notify(this.#shared, SHARED.queuedBytes);
    signalEvent(this.#stopFd);
    const timer = setTimeout(() => this.#giveUp(sinceMs), withinMs);
    await ended;
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  #giveUp(sinceMs: number): void {
    const left = this.#queue.slice(this.#head);
    const count = left.reduce((sum, message) => sum + (message.kind === 'batch' ? message.records : 0), 0);
    if (count > 0) this.#handlers?.overflow({ count, sinceMs, untilMs: Date.now() });
    this.#end();
  }

  /** The port would run up to a thousand messages in one turn; timers and sockets must get theirs in between. */
  #enqueue(message: ReaderMessage): void {
    this.#queue.push(message);
    if (this.#isPumping) return;
    this.#isPumping = true;
    setImmediate(() => this.#pump());
  }

  #pump(): void {
    const message = this.#queue[this.#head];
    if (message !== undefined) {
      this.#head++;
      this.#deliver(message);
    }
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
      this.#isPumping = false;
      return;
    }
    if (this.#head >= TAKEN_MAX) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    setImmediate(() => this.#pump());
  }

  #deliver(message: ReaderMessage): void {
    const handlers = this.#handlers;
    if (handlers === undefined || this.#hasEnded) return;
    switch (message.kind) {
      case 'batch':
        handlers.batch(message.bytes);
        Atomics.sub(this.#shared, SHARED.queuedBytes, message.bytes.byteLength);
        Atomics.notify(this.#shared, SHARED.queuedBytes);
        break;
      case 'overrun':
        handlers.overrun(message);
        break;
      case 'overflow':
        handlers.overflow(message);
        break;
      case 'ignored':
        this.ignored = { foreign: message.foreign, control: message.control, truncated: message.truncated };
        break;
      case 'failed':
        this.#end(new Error(`the audit socket failed: ${message.call}: ${message.errno}`));
        break;
      case 'stopped':
        this.#end();
        break;
      case 'reading':
        break;
    }
  }

  #end(error?: Error): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    closeDescriptor(this.#stopFd);
    this.#handlers?.ended(error);
    this.#whenEnded?.();
  }
}
