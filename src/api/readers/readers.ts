// The store's readers as the routes use them: asked by name and answered by a thread, with every way to fail as an
// ApiError.
import type { ReaderAnswer, ReaderName, ReaderRequest } from '../../store/reader-table.ts';
import { isRefused, type Refused } from '../../store/refused.ts';
import { ApiError, type ApiErrorCode } from '../errors.ts';
import { QueryTimes } from './query-times.ts';
import { ReaderError } from './reader-error.ts';
import type { ReaderPool, RunOptions } from './reader-pool.ts';

/** What a reader answers when the question makes sense. */
export type Answered<N extends ReaderName> = Exclude<ReaderAnswer<N>, Refused>;

export interface Readers {
  /** Rejects with ApiError: a question that makes no sense, no time, no store. */
  ask<N extends ReaderName>(name: N, request: ReaderRequest<N>, options?: RunOptions): Promise<Answered<N>>;
}

/** The readers in the threads of `pool`; `times` learns how long they took. */
export function toReaders(pool: Pick<ReaderPool, 'run'>, times = new QueryTimes()): Readers {
  return {
    async ask<N extends ReaderName>(name: N, request: ReaderRequest<N>, options?: RunOptions): Promise<Answered<N>> {
      const startMs = performance.now();
      const answer = await pool.run(name, request, options).catch((error: unknown) => {
        times.fail();
        throw error instanceof ReaderError ? fromReaderError(error) : error;
      });
      times.add(name, (performance.now() - startMs) / 1_000);
      if (isRefused(answer)) {
        throw toRefusal(answer);
      }
      // The thread calls the function of that name in the same table that the types come from.
      return answer as Answered<N>;
    },
  };
}

function toRefusal(refusal: Refused): ApiError {
  const code: ApiErrorCode =
    refusal.code === 'invalid-cursor' || refusal.code === 'invalid-query' ? refusal.code : 'invalid-parameter';
  return new ApiError(code, refusal.message, {
    hint: refusal.hint,
    ...(refusal.position !== undefined && { position: refusal.position }),
  });
}

/** Whoever asked and left gets an error that nobody sees. */
function fromReaderError(error: ReaderError): ApiError {
  switch (error.code) {
    case 'timeout':
      return new ApiError('query-timeout', error.message, { retryAfterSeconds: 5, cause: error });
    case 'overloaded':
    case 'aborted':
    case 'died':
      return new ApiError('overloaded', error.message, { retryAfterSeconds: 1, cause: error });
    case 'store':
      return new ApiError('store-unavailable', error.message, {
        retryAfterSeconds: 5,
        cause: error,
        ...(error.store !== undefined && { hint: error.store.mend }),
      });
    case 'failed':
      return new ApiError('internal', 'An unexpected error, told to the log of the server', { cause: error });
  }
}
