// The status in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/).
import { GAP_CAUSES } from '../landlock/document.ts';
import type { Status } from './schemas/status.ts';

type MetricType = 'counter' | 'gauge';

const STATES = ['online', 'stale', 'offline', 'restarting'] as const;

/** The sums over all collectors are since the start of each. */
export function toMetricsText(status: Status): string {
  const lines: string[] = [];
  const add = (name: string, type: MetricType, help: string, samples: readonly (readonly [string, number])[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value] of samples) {
      lines.push(`${name}${labels} ${value}`);
    }
  };
  const sum = (read: (collector: Status['collectors'][number]) => number): number =>
    status.collectors.reduce((total, collector) => total + read(collector), 0);
  const { ingest, database } = status;

  add('trespass_info', 'gauge', 'The version of the server.', [[`{version="${label(status.version)}"}`, 1]]);
  add('trespass_denials_stored', 'gauge', 'Denials in the database.', [['', database.denials]]);
  add('trespass_database_bytes', 'gauge', 'Size of the database.', [['', database.bytes]]);
  add('trespass_ingest_batches_total', 'counter', 'Batches committed.', [['', ingest.batches]]);
  add('trespass_ingest_documents_total', 'counter', 'Documents committed.', [['', ingest.documents]]);
  add('trespass_ingest_duplicates_total', 'counter', 'Documents that were there already.', [['', ingest.duplicates]]);
  add('trespass_ingest_rejected_total', 'counter', 'Documents that cannot be stored.', [['', ingest.rejected]]);
  add('trespass_streams', 'gauge', 'Open streams.', [['', status.streams]]);
  add(
    'trespass_collectors',
    'gauge',
    'Collectors by state.',
    STATES.map((state) => [`{state="${state}"}`, status.collectors.filter((one) => one.state === state).length]),
  );
  add('trespass_records', 'gauge', 'Records received by the running collectors.', [
    ['', sum(({ heartbeat }) => heartbeat.counts.records)],
  ]);
  add('trespass_records_malformed', 'gauge', 'Records not understood by the running collectors.', [
    ['', sum(({ heartbeat }) => heartbeat.counts.malformed)],
  ]);
  // Never one sum: causes overlap, and an overrun is no record (see GapCause).
  add(
    'trespass_lost',
    'gauge',
    'What the running collectors know to be missing, by cause.',
    GAP_CAUSES.map((cause) => [`{cause="${cause}"}`, sum(({ heartbeat }) => lostBy(cause, heartbeat.counts.lost))]),
  );
  add('trespass_trace_events', 'gauge', "Events of the kernel's tracepoints that the running collectors read.", [
    ['', sum(({ heartbeat }) => heartbeat.tracepoints?.events ?? 0)],
  ]);
  add('trespass_sandbox_rules', 'gauge', "Audit rules on Landlock's system calls that the running collectors loaded.", [
    ['', sum(({ heartbeat }) => heartbeat.sandbox_rules?.rules ?? 0)],
  ]);
  add('trespass_spool_documents', 'gauge', 'Documents that collectors have not delivered yet.', [
    ['', sum(({ heartbeat }) => heartbeat.spool.documents)],
  ]);
  add('trespass_problems', 'gauge', 'Problems by severity; see /api/v1/status.', [
    ['{severity="fail"}', status.problems.filter(({ severity }) => severity === 'fail').length],
    ['{severity="warn"}', status.problems.filter(({ severity }) => severity === 'warn').length],
  ]);
  return `${lines.join('\n')}\n`;
}

function lostBy(cause: string, lost: readonly { readonly cause: string; readonly count: number }[]): number {
  return lost.find((one) => one.cause === cause)?.count ?? 0;
}

function label(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
