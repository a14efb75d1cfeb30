// Errors of the reader threads, on both sides of the border between threads.
import type { PlainError } from './reader-protocol.ts';

/**
 * `timeout`: over its time. `overloaded`: too many wait. `aborted`: nobody waits. `died`: its thread ended.
 * `store`: the store's own operating error, with its mend. `failed`: a bug.
 */
export type ReaderErrorCode = 'timeout' | 'overloaded' | 'aborted' | 'died' | 'store' | 'failed';

export class ReaderError extends Error {
  readonly code: ReaderErrorCode;
  /** The store's code and mend. */
  readonly store: { readonly code: string; readonly mend: string } | undefined;

  constructor(code: ReaderErrorCode, message: string, store?: { readonly code: string; readonly mend: string }) {
    super(message);
    this.name = 'ReaderError';
    this.code = code;
    this.store = store;
  }
}

/** For the way out of a thread. */
export function toPlainError(thrown: unknown): PlainError {
  if (!(thrown instanceof Error)) {
    return { name: 'Error', message: String(thrown) };
  }
  return {
    name: thrown.name,
    message: thrown.message,
    ...(thrown.stack !== undefined && { stack: thrown.stack }),
    ...('code' in thrown && typeof thrown.code === 'string' && { code: thrown.code }),
    ...('mend' in thrown && typeof thrown.mend === 'string' && { mend: thrown.mend }),
  };
}

/** On the other side. */
export function toReaderError(error: PlainError): ReaderError {
  const isStore = error.name === 'StoreError' && error.code !== undefined && error.mend !== undefined;
  const made = isStore
    ? new ReaderError('store', error.message, { code: error.code, mend: error.mend })
    : new ReaderError('failed', error.message);
  if (error.stack !== undefined) {
    made.stack = error.stack;
  }
  return made;
}
