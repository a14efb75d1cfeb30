// What the main thread and the reader's thread share: messages one way, a few counters in shared memory both ways.

/** What the worker is started with. */
export interface ReaderStart {
  readonly fd: number;
  /** eventfd; readable means stop. */
  readonly stopFd: number;
  readonly shared: SharedArrayBuffer;
  readonly queueBytesMax: number;
  /**
   * What to do when the main thread is `queueBytesMax` behind. `wait`: leave records in the socket's buffer (in
   * multicast only we would lose them, and the kernel says so). `drop`: go on reading and count, since an audit
   * daemon that does not read slows the whole machine down.
   */
  readonly whenFull: 'wait' | 'drop';
}

/** Indexes of the shared Int32Array. */
export const SHARED = {
  /** Bytes handed over that the main thread has not dealt with. */
  queuedBytes: 0,
  /** 1: finish. */
  stop: 1,
  length: 2,
} as const;

export type ReaderMessage =
  | { readonly kind: 'reading' }
  | { readonly kind: 'batch'; readonly bytes: Uint8Array<ArrayBuffer>; readonly records: number }
  /** ENOBUFS: the socket's buffer overflowed so many times. */
  | { readonly kind: 'overrun'; readonly count: number; readonly sinceMs: number; readonly untilMs: number }
  /** Records read and dropped because the queue was full. */
  | { readonly kind: 'overflow'; readonly count: number; readonly sinceMs: number; readonly untilMs: number }
  /** Sums since the start; sent at most with a batch. */
  | { readonly kind: 'ignored'; readonly foreign: number; readonly control: number; readonly truncated: number }
  | { readonly kind: 'failed'; readonly call: string; readonly errno: string }
  | { readonly kind: 'stopped' };
