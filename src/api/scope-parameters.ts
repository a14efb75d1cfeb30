// From the parameters of an address to the store's Scope.
import type { Scope } from '../store/answers.ts';
import { ApiError } from './errors.ts';
import type { ScopeQuery } from './schemas/query.ts';
import { parseTime } from './time-parameter.ts';

/** Throws ApiError `invalid-parameter`. */
export function toScope(query: ScopeQuery, nowMs: number): Scope {
  const fromMs = query.from === undefined ? undefined : parseTime(query.from, 'from', nowMs);
  const toMs = query.to === undefined ? undefined : parseTime(query.to, 'to', nowMs);
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    throw new ApiError('invalid-parameter', 'from is not before to', { hint: 'Exchange them' });
  }
  return {
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...(query.host !== undefined && { host: query.host }),
    ...(query.fleet !== undefined && { fleet: query.fleet }),
    ...(query.q !== undefined && query.q.trim() !== '' && { query: query.q }),
    ...(query.include === 'canary' && { includeCanary: true }),
  };
}
