// The readers by name, for threads that are asked by message. What they answer can be cloned; a Refused is an answer
// too, an exception is an operating error or a bug.
import { listCollectors } from './agents.ts';
import type { Scope, SeriesKey } from './answers.ts';
import type { PageRequest } from './cursor.ts';
import { type DenialsRequest, getDenial, listDenials } from './denials.ts';
import { domainTree } from './domain-tree.ts';
import { type DomainsRequest, getDomain, listDomains } from './domains.ts';
import { listFleets } from './fleets.ts';
import { getHost, type HostsRequest, listHosts } from './hosts.ts';
import type { Database } from './open.ts';
import { storeFacts } from './store-facts.ts';
import { summary } from './summary.ts';
import { timeSeries } from './time-series.ts';

export interface DomainPlace {
  /** Host id or name. */
  readonly host: string;
  readonly boot: string;
  /** Hexadecimal. */
  readonly id: string;
}

/** A reader as a thread calls it. */
export type Reader = (db: Database, ...args: readonly unknown[]) => unknown;

/** By name. The arguments after `db` are those named here; whoever sends them vouches for their shapes. */
export const READERS: Readonly<Record<string, Reader>> = {
  listDenials: reader((db, request: DenialsRequest) => listDenials(db, request)),
  getDenial: reader((db, eventId: string) => getDenial(db, eventId)),
  listDomains: reader((db, request: DomainsRequest) => listDomains(db, request)),
  getDomain: reader((db, { host, boot, id }: DomainPlace) => getDomain(db, host, boot, id)),
  domainTree: reader((db, { host, boot, id }: DomainPlace) => domainTree(db, host, boot, id)),
  listHosts: reader((db, request: HostsRequest) => listHosts(db, request)),
  getHost: reader((db, host: string) => getHost(db, host)),
  listFleets: reader((db, request: PageRequest) => listFleets(db, request)),
  summary: reader((db, scope: Scope) => summary(db, scope)),
  timeSeries: reader((db, scope: Scope, intervalMs: number, groupBy: SeriesKey) =>
    timeSeries(db, scope, intervalMs, groupBy),
  ),
  storeFacts: reader((db) => storeFacts(db)),
  listCollectors: reader((db) => listCollectors(db)),
};

/** The one place where arguments from a message are believed to have the shapes that their sender gave them. */
function reader<Args extends readonly unknown[]>(read: (db: Database, ...args: Args) => unknown): Reader {
  return (db, ...args) => read(db, ...(args as unknown as Args));
}
