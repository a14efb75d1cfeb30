// A question that cannot be answered as it was asked. A value, not an exception: it crosses to and from worker threads
// whole, and the mistake is the asker's.

export type RefusalCode =
  | 'invalid-cursor'
  | 'invalid-query'
  | 'invalid-range'
  | 'invalid-timezone'
  | 'too-many-points'
  | 'too-many-values';

export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly message: string;
  /** What to do instead. */
  readonly hint: string;
  /** For `invalid-query`: where in the query, in characters from 0. */
  readonly position?: number;
}

export type Answer<T> = T | Refused;

export function refused(code: RefusalCode, message: string, hint: string, position?: number): Refused {
  return { kind: 'refused', code, message, hint, ...(position === undefined ? {} : { position }) };
}

export function isRefused(value: unknown): value is Refused {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'refused';
}
