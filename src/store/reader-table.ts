// The readers by name, for threads that are asked by message: each takes one object of parameters that can be cloned,
// and answers a value that can be. A Refused is an answer too.

import { listAccounts } from './access/accounts.ts';
import { type AdminActsRequest, listAdminActs } from './access/admin-acts.ts';
import { getAgentConfig } from './access/agent-configs.ts';
import { listAgents } from './access/agent-register.ts';
import { listSessions } from './access/sessions.ts';
import { listTokens } from './access/tokens.ts';
import { getView, listViews, type ViewsRequest } from './access/views.ts';
import type { Scope, SeriesKey } from './answers.ts';
import { type HeatmapRequest, heatmap } from './counts/heatmap.ts';
import { getHost, type HostsRequest, listHosts } from './counts/hosts.ts';
import { listPrograms, type ProgramsRequest } from './counts/programs.ts';
import { storeFacts } from './counts/store-facts.ts';
import { summary } from './counts/summary.ts';
import { timeSeries } from './counts/time-series.ts';
import { trends } from './counts/trends.ts';
import { listUsers, type UsersRequest } from './counts/users.ts';
import { listValues, type TopRequest, topValues, type ValuesRequest } from './counts/value-counts.ts';
import type { Database } from './database/open.ts';
import { inSnapshot } from './database/snapshot.ts';
import { type DenialsRequest, getDenial, listDenials } from './denials/denials.ts';
import { listLosses, listMalformed, type NoticesRequest } from './denials/notices.ts';
import { explainDenial, explainDomain, explainIssue } from './explaining/explanations.ts';
import { type SuggestRequest, suggestRules } from './explaining/suggestions.ts';
import { type BootsRequest, listBoots } from './families/boots.ts';
import { domainTree } from './families/domain-tree.ts';
import { type DomainsRequest, getDomain, listDomains } from './families/domains.ts';
import { getCollector, listCollectors } from './fleets/agents.ts';
import { type AllFleetFacts, fleetFacts } from './fleets/fleet-facts.ts';
import { type FleetMetricsRequest, fleetMetrics } from './fleets/fleet-metrics.ts';
import { type FleetsRequest, getFleet, listFleets } from './fleets/fleets.ts';
import { type MetricFacts, metricFacts } from './fleets/metric-facts.ts';
import { type PackageMetricsRequest, packageMetrics } from './fleets/package-metrics.ts';
import { type SharedMetricsRequest, sharedMetrics } from './fleets/shared-metrics.ts';
import { getIssue, type IssuesRequest, listIssues } from './issues/issues.ts';
import type { PageRequest } from './query/cursor.ts';

export interface DomainPlace {
  /** Host id or name. */
  readonly host: string;
  readonly boot: string;
  /** Hexadecimal. */
  readonly id: string;
}

export interface SeriesRequest {
  readonly scope: Scope;
  readonly intervalMs: number;
  readonly groupBy: SeriesKey;
}

export const READERS = {
  listDenials: (db: Database, request: DenialsRequest) => listDenials(db, request),
  getDenial: (db: Database, request: { readonly eventId: string }) => getDenial(db, request.eventId),
  listDomains: (db: Database, request: DomainsRequest) => listDomains(db, request),
  getDomain: (db: Database, { host, boot, id }: DomainPlace) => getDomain(db, host, boot, id),
  domainTree: (db: Database, { host, boot, id }: DomainPlace) => domainTree(db, host, boot, id),
  listIssues: (db: Database, request: IssuesRequest) => listIssues(db, request),
  getIssue: (db: Database, request: { readonly issue: string }) => getIssue(db, request.issue),
  explainDenial: (db: Database, request: { readonly eventId: string }) =>
    inSnapshot(db, () => explainDenial(db, request.eventId)),
  explainIssue: (db: Database, request: { readonly issue: string }) =>
    inSnapshot(db, () => explainIssue(db, request.issue)),
  explainDomain: (db: Database, { host, boot, id }: DomainPlace) =>
    inSnapshot(db, () => explainDomain(db, host, boot, id)),
  suggestRules: (db: Database, request: SuggestRequest) => inSnapshot(db, () => suggestRules(db, request)),
  listHosts: (db: Database, request: HostsRequest) => listHosts(db, request),
  getHost: (db: Database, request: { readonly host: string }) => getHost(db, request.host),
  listPrograms: (db: Database, request: ProgramsRequest) => listPrograms(db, request),
  listFleets: (db: Database, request: FleetsRequest) => listFleets(db, request),
  getFleet: (db: Database, request: { readonly fleet: string }) => getFleet(db, request.fleet),
  fleetMetrics: (db: Database, request: FleetMetricsRequest) => inSnapshot(db, () => fleetMetrics(db, request)),
  sharedMetrics: (db: Database, request: SharedMetricsRequest) => inSnapshot(db, () => sharedMetrics(db, request)),
  packageMetrics: (db: Database, request: PackageMetricsRequest) => inSnapshot(db, () => packageMetrics(db, request)),
  listBoots: (db: Database, request: BootsRequest) => inSnapshot(db, () => listBoots(db, request)),
  listUsers: (db: Database, request: UsersRequest) => inSnapshot(db, () => listUsers(db, request)),
  listLosses: (db: Database, request: NoticesRequest) => listLosses(db, request),
  listMalformed: (db: Database, request: NoticesRequest) => listMalformed(db, request),
  heatmap: (db: Database, request: HeatmapRequest) => inSnapshot(db, () => heatmap(db, request)),
  summary: (db: Database, request: { readonly scope: Scope }) => summary(db, request.scope),
  trends: (db: Database, request: { readonly scope: Scope }) => inSnapshot(db, () => trends(db, request.scope)),
  timeSeries: (db: Database, request: SeriesRequest) =>
    inSnapshot(db, () => timeSeries(db, request.scope, request.intervalMs, request.groupBy)),
  topValues: (db: Database, request: TopRequest) => inSnapshot(db, () => topValues(db, request)),
  listValues: (db: Database, request: ValuesRequest) => inSnapshot(db, () => listValues(db, request)),
  storeFacts: (db: Database, _request: Record<string, never>) => storeFacts(db),
  getCollector: (db: Database, request: { readonly host: string }) => getCollector(db, request.host),
  getAgentConfig: (db: Database, request: { readonly fleet: string }) => getAgentConfig(db, request.fleet),
  listAgents: (db: Database, request: PageRequest) => listAgents(db, request),
  listTokens: (db: Database, request: PageRequest) => listTokens(db, request),
  listSessions: (db: Database, request: { readonly account?: number | null }) => listSessions(db, request.account),
  listAccounts: (db: Database, _request: Record<string, never>) => listAccounts(db),
  listViews: (db: Database, request: ViewsRequest) => listViews(db, request),
  getView: (db: Database, request: { readonly id: number; readonly owner: string }) => getView(db, request),
  listAdminActs: (db: Database, request: AdminActsRequest) => listAdminActs(db, request),
  fleetFacts: (db: Database, request: { readonly nowMs: number }): AllFleetFacts =>
    inSnapshot(db, () => fleetFacts(db, request)),
  metricFacts: (db: Database, _request: Record<string, never>): MetricFacts => metricFacts(db),
  listCollectors: (db: Database, _request: Record<string, never>) => listCollectors(db),
} as const;

export type ReaderName = keyof typeof READERS;
export type ReaderRequest<N extends ReaderName> = Parameters<(typeof READERS)[N]>[1];
export type ReaderAnswer<N extends ReaderName> = ReturnType<(typeof READERS)[N]>;
