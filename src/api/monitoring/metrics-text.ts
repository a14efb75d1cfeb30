// The numbers of Trespass in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).
// Labels come from closed lists, never from records.
import { GAP_CAUSES } from '../../landlock/document.ts';
import type { AllFleetFacts } from '../../store/fleets/fleet-facts.ts';
import type { MetricFacts } from '../../store/fleets/metric-facts.ts';
import type { QueryHistogram } from '../readers/query-times.ts';
import type { CollectorStatus, Status } from '../schemas/status.ts';
import { addFleets } from './fleet-metrics-text.ts';
import { MetricsText, type Sample } from './prometheus-text.ts';

export interface Metrics {
  readonly status: Status;
  readonly facts: MetricFacts;
  /** Undefined where they are not known. */
  readonly fleets: AllFleetFacts | undefined;
  /** Since the start of the server. */
  readonly denials: ReadonlyMap<string, number>;
  readonly queries: readonly QueryHistogram[];
  readonly queryFailures: number;
  readonly connectionsRefused: number;
}

const STATES = ['online', 'stale', 'offline', 'restarting'] as const;
const SEVERITIES = ['fail', 'warn'] as const;

export function toMetricsText(metrics: Metrics): string {
  const text = new MetricsText();
  addLandlock(text, metrics);
  addServer(text, metrics);
  addCollectors(text, metrics.status.collectors);
  if (metrics.fleets !== undefined) addFleets(text, metrics.fleets);
  return text.end();
}

function addLandlock(text: MetricsText, { denials, facts }: Metrics): void {
  text.add(
    'landlock_denials_total',
    'counter',
    "Denials stored since the server started, by blocker; one with several counts in each. Without the canary's.",
    Array.from(denials, ([blocker, n]): Sample => [{ blocker }, n]),
  );
  text.one(
    'landlock_unlogged_denials',
    'Denials that the kernel counted but did not log, of all time.',
    facts.unlogged,
  );
  text.add('landlock_domains', 'gauge', 'Landlock domains that something is known of, by what is known.', [
    [{ state: 'live' }, facts.domains.live],
    [{ state: 'allocated' }, facts.domains.allocated],
    [{ state: 'deallocated' }, facts.domains.deallocated],
  ]);
}

function addServer(text: MetricsText, { status, facts, queries, queryFailures, connectionsRefused }: Metrics): void {
  const { ingest, database, problems } = status;
  text.add('trespass_info', 'gauge', 'The version of the server.', [[{ version: status.version }, 1]]);
  text.add(
    'trespass_issues',
    'gauge',
    'Issues by status.',
    Object.entries(facts.issues).map(([of, n]): Sample => [{ status: of }, n]),
  );
  text.one('trespass_hosts', 'Hosts that something is known of.', facts.hosts);
  text.one('trespass_denials_stored', 'Denials in the database.', database.denials);
  text.one('trespass_malformed_stored', 'Malformed records of all time.', facts.malformed);
  text.one('trespass_database_bytes', 'Size of the database with its log.', database.bytes);
  if (database.disk_free_bytes !== undefined) {
    text.one('trespass_disk_free_bytes', "Room left on the database's file system.", database.disk_free_bytes);
  }
  text.counter('trespass_ingest_batches_total', 'Batches committed.', ingest.batches);
  text.counter('trespass_ingest_documents_total', 'Documents committed.', ingest.documents);
  text.counter('trespass_ingest_duplicates_total', 'Documents that were there already.', ingest.duplicates);
  text.counter('trespass_ingest_rejected_total', 'Documents that cannot be stored.', ingest.rejected);
  text.one('trespass_ingest_last_commit_seconds', 'Duration of the last commit.', (ingest.last_commit_ms ?? 0) / 1_000);
  text.one('trespass_streams', 'Open streams.', status.streams);
  text.counter('trespass_connections_refused_total', 'Connections beyond what may be open.', connectionsRefused);
  text.histogram('trespass_query_duration_seconds', 'Time until the store answered, by reader.', queries);
  text.counter('trespass_query_failures_total', 'Questions that the store did not answer.', queryFailures);
  text.add(
    'trespass_problems',
    'gauge',
    'Problems by severity; see /api/v1/status.',
    SEVERITIES.map((severity) => [{ severity }, problems.filter((one) => one.severity === severity).length]),
  );
}

/** Sums over all collectors are since the start of each: gauges, as one that starts anew begins at 0. */
function addCollectors(text: MetricsText, collectors: readonly CollectorStatus[]): void {
  const sum = (read: (heartbeat: CollectorStatus['heartbeat']) => number): number =>
    collectors.reduce((total, { heartbeat }) => total + read(heartbeat), 0);
  text.add(
    'trespass_collectors',
    'gauge',
    'Collectors by state.',
    STATES.map((state) => [{ state }, collectors.filter((one) => one.state === state).length]),
  );
  text.one(
    'trespass_records',
    'Records received by the running collectors.',
    sum(({ counts }) => counts.records),
  );
  text.one(
    'trespass_records_malformed',
    'Records not understood by the running collectors.',
    sum(({ counts }) => counts.malformed),
  );
  // Never one sum: causes overlap, and an overrun is no record (see GapCause).
  text.add(
    'trespass_lost',
    'gauge',
    'What the running collectors know to be missing, by cause.',
    GAP_CAUSES.map((cause) => [{ cause }, sum(({ counts }) => lostBy(cause, counts.lost))]),
  );
  text.one(
    'trespass_trace_events',
    "Events of the kernel's tracepoints that the running collectors read.",
    sum(({ tracepoints }) => tracepoints?.events ?? 0),
  );
  text.one(
    'trespass_sandbox_rules',
    "Audit rules on Landlock's system calls that the running collectors loaded.",
    sum(({ sandbox_rules }) => sandbox_rules?.rules ?? 0),
  );
  text.one(
    'trespass_spool_documents',
    'Documents not delivered yet.',
    sum(({ spool }) => spool.documents),
  );
  text.one(
    'trespass_spool_bytes',
    'Room that these take.',
    sum(({ spool }) => spool.bytes),
  );
  text.one(
    'trespass_spool_bytes_max',
    'Room that they may take.',
    sum(({ spool }) => spool.bytes_max),
  );
}

function lostBy(cause: string, lost: readonly { readonly cause: string; readonly count: number }[]): number {
  return lost.find((one) => one.cause === cause)?.count ?? 0;
}
