// What the query commands ask for answers. A database file and a running server give the same shapes, because the
// server only passes on what the readers answer.
import type { Denial } from '../landlock/document.ts';
import type { DomainAnswer, FleetAnswer, HostAnswer, Page, Scope } from '../store/answers.ts';

/** What can be listed, and the shape of one row. */
export interface Resources {
  readonly denials: Denial;
  readonly domains: DomainAnswer;
  readonly hosts: HostAnswer;
  readonly fleets: FleetAnswer;
}
export type ResourceName = keyof Resources;

/** Upper bound of `limit`, as in REST. */
export const PAGE_ROWS_MAX = 500;

export interface PageQuery {
  readonly scope: Scope;
  readonly limit: number;
  readonly cursor?: string;
}

export interface QuerySource {
  page<Name extends ResourceName>(name: Name, query: PageQuery): Promise<Page<Resources[Name]>>;
  /**
   * New denials as they are stored, from the moment when this resolves on; absent where one has to ask again and
   * again.
   */
  readonly follow?: (scope: Scope, signal: AbortSignal) => Promise<AsyncIterable<Denial>>;
  close(): void;
}
