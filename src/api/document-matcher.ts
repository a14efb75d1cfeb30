// The live side of a Scope: whether a document that was just committed is one that was asked for. The stored side is
// the store's; both use the same query language.
import type { Scope } from '../store/answers.ts';
import { type FilterContext, matchesFilter } from '../store/filter-match.ts';
import { parseFilter } from '../store/filter-parse.ts';
import { ApiError } from './errors.ts';
import type { Readers } from './readers.ts';
import type { StreamDocument } from './sse-text.ts';

/** Of every host that nobody put elsewhere. */
const FLEET_DEFAULT = 'default';
const HOSTS_MAX = 500;

/** What the store knows of hosts, as of now. Hosts that come later are of the default fleet. */
export async function readFilterContext(readers: Readers, signal: AbortSignal): Promise<FilterContext> {
  const { data } = await readers.ask('listHosts', { limit: HOSTS_MAX }, { signal });
  const hosts = new Map(data.map((host) => [host.id, host]));
  return {
    hostName: (id) => hosts.get(id)?.name,
    fleet: (id) => hosts.get(id)?.fleet ?? FLEET_DEFAULT,
  };
}

/** Throws ApiError `invalid-query` with its position. Times of the scope do not count: what is live is now. */
export function matchDocuments(scope: Scope, context: FilterContext): (document: StreamDocument) => boolean {
  const filter = scope.query === undefined ? undefined : parseFilter(scope.query);
  if (filter?.kind === 'mistake') {
    throw new ApiError('invalid-query', filter.message, { position: filter.position, hint: filter.hint });
  }
  return (document) => {
    const { id, name } = document.host;
    return (
      (scope.includeCanary === true || document.tags?.includes('canary') !== true) &&
      (scope.host === undefined || scope.host === id || scope.host === (context.hostName(id) ?? name)) &&
      (scope.fleet === undefined || scope.fleet === context.fleet(id)) &&
      (filter === undefined || matchesFilter(filter, document, context))
    );
  };
}
