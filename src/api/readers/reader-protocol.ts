// What the pool and its threads tell each other.

/** `request`: what the reader takes after the database. */
export interface ReaderCall {
  readonly id: number;
  readonly name: string;
  readonly request: unknown;
}

/** An error that survives the way between threads. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly mend?: string;
}

export type ReaderReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed-start'; readonly error: PlainError }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError };
