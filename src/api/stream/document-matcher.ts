// The live side of a Scope: whether a document that was just committed is one that was asked for. The stored side is
// the store's; both use the same query language.
import type { Scope } from '../../store/answers.ts';
import { type FilterContext, matchesFilter } from '../../store/query/filter-match.ts';
import { parseFilter } from '../../store/query/filter-parse.ts';
import { ApiError } from '../errors.ts';
import type { Readers } from '../readers/readers.ts';
import type { StreamDocument } from './sse-text.ts';

/** Of every host that nobody put elsewhere. */
const FLEET_DEFAULT = 'default';
const HOSTS_OF_PAGE = 500;
/** Hosts of which names and fleets are known to a stream; what documents of others say of themselves is taken. */
const HOSTS_MAX = 50_000;

/** What the store knows of hosts, as of now. Hosts that come later are of the default fleet. */
export async function readFilterContext(readers: Readers, signal: AbortSignal): Promise<FilterContext> {
  const hosts = new Map<string, { readonly name: string; readonly fleet: string }>();
  let cursor: string | undefined;
  do {
    const page = await readers.ask('listHosts', { limit: HOSTS_OF_PAGE, cursor }, { signal });
    for (const { id, name, fleet } of page.data) hosts.set(id, { name, fleet });
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && hosts.size < HOSTS_MAX);
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
