// The store's readers as the routes call them: the same questions and answers, but asked of a thread.
import type { Heartbeat } from '../delivery/batch.ts';
import type { Denial } from '../landlock/document.ts';
import type {
  DomainAnswer,
  FleetAnswer,
  HostAnswer,
  Page,
  Scope,
  SeriesKey,
  StoredDocument,
  StoreFacts,
  Summary,
  TimeSeries,
} from '../store/answers.ts';
import { isRefused, type Refused } from '../store/refused.ts';
import { ApiError, type ApiErrorCode } from './errors.ts';
import { ReaderError } from './reader-error.ts';
import type { RunOptions } from './reader-pool.ts';

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

export interface DomainKey {
  readonly host: string;
  readonly boot: string;
  readonly id: string;
}

/** What the store knows of a collector. */
export interface KnownCollector {
  readonly lastContactMs: number;
  readonly heartbeat: Heartbeat;
}

/** Something that runs a reader of the store by its name. */
export interface ReaderRunner {
  run(name: string, args: readonly unknown[], options?: RunOptions): Promise<unknown>;
}

/** All of them throw ApiError, and reject when `options.signal` aborts. */
export interface ReaderCalls {
  listDenials(query: PageQuery & { readonly scope: Scope }, options?: RunOptions): Promise<Page<Denial>>;
  getDenial(eventId: string, options?: RunOptions): Promise<StoredDocument | undefined>;
  listDomains(query: PageQuery & { readonly scope: Scope }, options?: RunOptions): Promise<Page<DomainAnswer>>;
  getDomain(key: DomainKey, options?: RunOptions): Promise<DomainAnswer | undefined>;
  domainTree(key: DomainKey, options?: RunOptions): Promise<readonly DomainAnswer[] | undefined>;
  listHosts(query: PageQuery, options?: RunOptions): Promise<Page<HostAnswer>>;
  getHost(id: string, options?: RunOptions): Promise<HostAnswer | undefined>;
  listFleets(query: PageQuery, options?: RunOptions): Promise<Page<FleetAnswer>>;
  summary(scope: Scope, options?: RunOptions): Promise<Summary>;
  timeSeries(scope: Scope, intervalMs: number, groupBy: SeriesKey, options?: RunOptions): Promise<TimeSeries>;
  storeFacts(options?: RunOptions): Promise<StoreFacts>;
  listCollectors(options?: RunOptions): Promise<readonly KnownCollector[]>;
}

/** The readers behind `pool`. Which answer belongs to which name is what the store's table of readers promises. */
export function toReaderCalls(pool: ReaderRunner): ReaderCalls {
  const ask = async (name: string, args: readonly unknown[], options?: RunOptions): Promise<never> => {
    try {
      const answer = await pool.run(name, args, options);
      if (isRefused(answer)) {
        throw toRefusal(answer);
      }
      return answer as never;
    } catch (error) {
      throw error instanceof ReaderError ? fromReaderError(error) : error;
    }
  };
  return {
    listDenials: (query, options) => ask('listDenials', [query], options),
    getDenial: (eventId, options) => ask('getDenial', [eventId], options),
    listDomains: (query, options) => ask('listDomains', [query], options),
    getDomain: (key, options) => ask('getDomain', [key], options),
    domainTree: (key, options) => ask('domainTree', [key], options),
    listHosts: (query, options) => ask('listHosts', [query], options),
    getHost: (id, options) => ask('getHost', [id], options),
    listFleets: (query, options) => ask('listFleets', [query], options),
    summary: (scope, options) => ask('summary', [scope], options),
    timeSeries: (scope, intervalMs, groupBy, options) => ask('timeSeries', [scope, intervalMs, groupBy], options),
    storeFacts: (options) => ask('storeFacts', [], options),
    listCollectors: (options) => ask('listCollectors', [], options),
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
