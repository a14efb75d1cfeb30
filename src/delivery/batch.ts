// The protocol between a collector and the server: NDJSON over HTTP, on a Unix socket here and over TLS from
// elsewhere. At least once in delivery, exactly once in storage (the server knows each event.id).
//
//   POST /api/v1/ingest   content-type: application/x-ndjson
//   line 1: BatchHeader; every further line: BatchLine, `seq` rising by one from `first_seq` to `last_seq`, or
//   {seq, withheld: true} for a document that stays on its host
//   200 BatchAnswer only after COMMIT. The collector deletes what is acknowledged, nothing else.
import type { AnyDocument } from '../landlock/document.ts';
import type { Aggregate } from '../landlock/privacy/aggregate.ts';
import type { ConfigReport } from './agent-config.ts';

export const PROTOCOL_VERSION = 1;
/** Upper bounds of one batch; the server refuses a larger one with 413. */
export const BATCH_LINES_MAX = 5_000;
export const BATCH_BYTES_MAX = 16 * 1024 * 1024;

export interface BatchHeader {
  readonly kind: 'batch';
  readonly protocol: typeof PROTOCOL_VERSION;
  /** Random id of this spool (16 hex bytes); sequence numbers are only comparable within one. */
  readonly spool: string;
  readonly first_seq: number;
  readonly last_seq: number;
  /** How far this server acknowledged this spool, as the collector knows it: less there means that it was restored. */
  readonly acked_seq?: number;
  /** What was acknowledged by others, before this host was enrolled at this server: none of the server's concern. */
  readonly base_seq?: number;
  /** The `expected_seq` of a 409 that the collector has dealt with: what it could not send again it has counted. */
  readonly resync_seq?: number;
}

/** What a collector sends: documents, or counts where the host tells nothing else. */
export type Delivered = AnyDocument | Aggregate;

export interface BatchLine {
  readonly seq: number;
  readonly doc: Delivered;
  /** The event's records as `type=NAME msg=audit(…): …` lines; only on the first document of an event. */
  readonly raw?: string;
}

export interface BatchAnswer {
  /** Everything up to and including this is committed (or rejected for good) and may be deleted. */
  readonly ack_seq: number;
  readonly stored: number;
  readonly duplicates: number;
  /** To an agent: how far of its spool was stored before this batch. */
  readonly had_seq?: number;
  readonly rejected: readonly { readonly seq: number; readonly reason: string }[];
}

/** What a 409 adds to its problem document: the first sequence number that the server has not stored. */
export interface ResyncAnswer {
  readonly expected_seq: number;
}

export type CanaryState = 'waiting' | 'seen' | 'missed' | 'unavailable';

/** POST /api/v1/agents/self/heartbeat: what the collector knows of itself and its kernel. */
export interface Heartbeat {
  readonly host: {
    readonly id: string;
    readonly name: string;
    readonly boot_id: string;
    readonly kernel: string;
    readonly arch: string;
    /** Absent where the kernel has no Landlock. */
    readonly landlock_abi?: number;
    readonly distribution?: string;
  };
  readonly version: string;
  /** `collector.privacy`, where it is not `full`. With `aggregate`, `counts` are not told: they are 0. */
  readonly privacy?: 'reduced' | 'aggregate';
  /** Of the agent's configuration that it runs with. */
  readonly config_etag?: string;
  /** What it made of that. */
  readonly config?: ConfigReport;
  /** By the collector's clock, when it sent this. */
  readonly sent_at?: string;
  readonly pid: number;
  readonly started_at: string;
  readonly source: string;
  readonly privileges: { readonly uid: number; readonly capabilities: readonly string[] };
  readonly audit?: {
    readonly enabled: number;
    readonly enabled_before: number;
    readonly backlog_limit: number;
    readonly backlog_limit_before: number;
    readonly backlog: number;
    /** Growth of the kernel's counter since the collector started. */
    readonly lost: number;
    readonly daemon_pid: number;
    readonly rate_limit: number;
  };
  readonly receive_buffer?: { readonly asked_bytes: number; readonly got_bytes: number };
  /** The kernel's own tracepoints (Linux 7.3) beside audit; `reason`: why they are not on. */
  readonly tracepoints?: {
    readonly state: string;
    readonly reason?: string;
    readonly events: number;
    readonly lost: number;
    readonly malformed: number;
  };
  /** Audit rules of our own on Landlock's system calls. */
  readonly sandbox_rules?: { readonly state: string; readonly reason?: string; readonly rules: number };
  /** Processes whose ancestry was read, were gone, or were not looked at for lack of time. */
  readonly ancestry?: { readonly read: number; readonly gone: number; readonly skipped: number };
  /** What users are called on this host: those of whose processes something was denied. */
  readonly users?: readonly { readonly uid: number; readonly name: string }[];
  /** Packages, as they are now, whose programs were refused something or made a sandbox; once an hour and when they change. */
  readonly packages?: readonly { readonly name: string; readonly version: string; readonly type?: string }[];
  readonly canary: {
    readonly state: CanaryState;
    readonly latency_ms?: number;
    readonly at?: string;
    /** Why it was missed or could not be tried, and the mend. */
    readonly reason?: string;
  };
  readonly counts: {
    readonly records: number;
    readonly events: number;
    readonly denials: number;
    readonly malformed: number;
    /** By GapCause; only causes that occurred. */
    readonly lost: readonly { readonly cause: string; readonly count: number }[];
  };
  readonly spool: { readonly documents: number; readonly bytes: number; readonly bytes_max: number };
  /** Documents that the server did not take, since the start: they are beside the spool. */
  readonly dead_letters?: number;
}
