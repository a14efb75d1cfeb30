// The reader's thread: sleeps in poll(2), takes many records with one recvmmsg(2), hands them over as one block.
// It never decodes and never waits for the main thread unless told to, so that a slow decoder costs no record.
import { parentPort, workerData } from 'node:worker_threads';
import { EAGAIN, EINTR, ENOBUFS, POLLIN, poll } from './libc.ts';
import { type ReaderMessage, type ReaderStart, SHARED } from './reader-protocol.ts';
import { ReceiveSlots, SLOT_BYTES } from './receive-slots.ts';
import { BATCH_ENTRY_HEADER_BYTES, BatchBuilder } from './record-batch.ts';

/** Messages one call may take. */
const SLOTS = 128;
/** A block is handed over when the next call might not fit any more; the slots' worst case always fits. */
const BATCH_BYTES = 256 * 1024;
/** While records keep coming, sleep this long before the next call, so that it takes many. */
const COALESCE_MS = 4;
/** A wait after this much silence is taken for the first record of a burst and is not delayed. */
const QUIET_MS = 20;
const FULL_WAIT_MS = 50;

class Reader {
  readonly #start: ReaderStart;
  readonly #post: (message: ReaderMessage, transfer?: ArrayBuffer[]) => void;
  readonly #shared: Int32Array;
  readonly #slots = new ReceiveSlots(SLOTS);
  readonly #batch = new BatchBuilder(BATCH_BYTES + SLOTS * (SLOT_BYTES + BATCH_ENTRY_HEADER_BYTES));
  #overruns = 0;
  #dropped = 0;
  #dropSinceMs = 0;
  #receivedAtMs = Date.now();
  #ignoredSent = 0;

  constructor(start: ReaderStart, post: (message: ReaderMessage, transfer?: ArrayBuffer[]) => void) {
    this.#start = start;
    this.#post = post;
    this.#shared = new Int32Array(start.shared);
  }

  /** Returns when told to stop, after taking what is still in the socket, or when the socket fails. */
  run(): void {
    const both = Int32Array.of(this.#start.fd, POLLIN, this.#start.stopFd, POLLIN);
    const waiting = new Uint8Array(both.buffer);
    const pausing = waiting.subarray(8);
    let lastWakeMs = 0;
    this.#post({ kind: 'reading' });
    while (Atomics.load(this.#shared, SHARED.stop) === 0) {
      const ready = poll(waiting, 2, -1);
      if (!ready.ok && ready.errno !== EINTR) {
        this.#post({ kind: 'failed', call: 'poll', errno: ready.name });
        return;
      }
      if (performance.now() - lastWakeMs < QUIET_MS) poll(pausing, 1, COALESCE_MS);
      lastWakeMs = performance.now();
      if (!this.#drain()) return;
    }
    this.#drain();
    this.#reportDropped(Date.now());
  }

  /** Reads until the socket is empty; false when it is broken. */
  #drain(): boolean {
    for (;;) {
      if (this.#start.whenFull === 'wait') this.#waitForRoom();
      const received = this.#slots.receive(this.#start.fd);
      if (received.ok) {
        this.#slots.moveTo(this.#batch, received.value);
        if (this.#overruns === 0) this.#receivedAtMs = Date.now();
        if (this.#batch.usedBytes >= BATCH_BYTES) this.#hand();
        if (received.value < SLOTS) break;
      } else if (received.errno === ENOBUFS) this.#overruns++;
      else if (received.errno === EAGAIN) break;
      else if (received.errno !== EINTR) {
        this.#post({ kind: 'failed', call: 'recvmmsg', errno: received.name });
        return false;
      }
    }
    this.#hand();
    return true;
  }

  #queuedBytes(): number {
    return Atomics.load(this.#shared, SHARED.queuedBytes);
  }

  #waitForRoom(): void {
    for (;;) {
      const queued = this.#queuedBytes();
      if (queued < this.#start.queueBytesMax || Atomics.load(this.#shared, SHARED.stop) !== 0) return;
      Atomics.wait(this.#shared, SHARED.queuedBytes, queued, FULL_WAIT_MS);
    }
  }

  #hand(): void {
    const now = Date.now();
    if (this.#batch.records > 0) this.#handBatch(now);
    if (this.#overruns > 0) {
      this.#post({ kind: 'overrun', count: this.#overruns, sinceMs: this.#receivedAtMs, untilMs: now });
      this.#overruns = 0;
      this.#receivedAtMs = now;
    }
    const { foreign, control, truncated } = this.#slots.ignored;
    if (foreign + control + truncated !== this.#ignoredSent) {
      this.#ignoredSent = foreign + control + truncated;
      this.#post({ kind: 'ignored', foreign, control, truncated });
    }
  }

  #handBatch(now: number): void {
    const { records, usedBytes } = this.#batch;
    if (this.#start.whenFull === 'drop' && this.#queuedBytes() + usedBytes > this.#start.queueBytesMax) {
      if (this.#dropped === 0) this.#dropSinceMs = now;
      this.#dropped += records;
      this.#batch.clear();
      return;
    }
    this.#reportDropped(now);
    Atomics.add(this.#shared, SHARED.queuedBytes, usedBytes);
    const bytes = this.#batch.take();
    this.#post({ kind: 'batch', bytes, records }, [bytes.buffer]);
  }

  #reportDropped(now: number): void {
    if (this.#dropped === 0) return;
    this.#post({ kind: 'overflow', count: this.#dropped, sinceMs: this.#dropSinceMs, untilMs: now });
    this.#dropped = 0;
  }
}

const port = parentPort;
if (port !== null) {
  const start: ReaderStart = workerData;
  const post = (message: ReaderMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  new Reader(start, post).run();
  post({ kind: 'stopped' });
}
