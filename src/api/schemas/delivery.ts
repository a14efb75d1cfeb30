// What a collector says and hears: the heartbeat and the answer to a batch. The batch itself is NDJSON and read
// by src/delivery.
import Type, { type Static } from 'typebox';
import { configReportSchema } from './agent-config.ts';
import { count, list, time } from './common.ts';

const optional = Type.Optional;
const text = (maxLength = 256) => Type.String({ maxLength });

/** Compared in SQL, whose text functions end at U+0000. */
const packageText = (minLength: number) => Type.String({ minLength, maxLength: 255, pattern: '^[^\\u0000]*$' });
const PACKAGES_MAX = 256;

export const heartbeatHostSchema = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 256 }),
  name: text(),
  boot_id: text(),
  kernel: text(),
  arch: text(),
  landlock_abi: optional(Type.Integer()),
  distribution: optional(text()),
});

export const heartbeatSchema = Type.Object(
  {
    host: heartbeatHostSchema,
    version: text(),
    privacy: optional(
      Type.Enum(['reduced', 'aggregate'], { description: 'What the host tells; absent: all. aggregate: counts are 0' }),
    ),
    config_etag: optional(text(64)),
    config: optional(configReportSchema),
    sent_at: optional(time()),
    pid: Type.Integer(),
    started_at: time(),
    source: text(),
    privileges: Type.Object({
      uid: Type.Integer(),
      capabilities: Type.Immutable(Type.Array(text(), { maxItems: 64 })),
    }),
    audit: optional(
      Type.Object({
        enabled: Type.Integer(),
        enabled_before: Type.Integer(),
        backlog_limit: Type.Integer(),
        backlog_limit_before: Type.Integer(),
        backlog: Type.Integer(),
        lost: Type.Integer({ description: "Growth of the kernel's counter since the collector started" }),
        daemon_pid: Type.Integer(),
        rate_limit: Type.Integer(),
      }),
    ),
    receive_buffer: optional(Type.Object({ asked_bytes: Type.Integer(), got_bytes: Type.Integer() })),
    tracepoints: optional(
      Type.Object(
        { state: text(64), reason: optional(text(1_024)), events: count(), lost: count(), malformed: count() },
        { description: "The kernel's own tracepoints (Linux 7.3) beside audit" },
      ),
    ),
    sandbox_rules: optional(
      Type.Object(
        { state: text(64), reason: optional(text(1_024)), rules: count() },
        { description: "Audit rules of the collector on Landlock's system calls" },
      ),
    ),
    ancestry: optional(
      Type.Object(
        { read: count(), gone: count(), skipped: count() },
        { description: 'Processes whose ancestry was read, were gone, or were not looked at' },
      ),
    ),
    users: optional(
      Type.Immutable(
        Type.Array(Type.Object({ uid: count(), name: Type.String({ minLength: 1, maxLength: 64 }) }), {
          maxItems: 256,
          description: 'What users are called on this host; kept apart, and shown with the scope read-sensitive only',
        }),
      ),
    ),
    packages: optional(
      Type.Immutable(
        Type.Array(Type.Object({ name: packageText(1), version: packageText(0), type: optional(text(64)) }), {
          maxItems: PACKAGES_MAX,
          description: 'Packages, as they are now, whose programs were refused something or made a sandbox',
        }),
      ),
    ),
    canary: Type.Object({
      state: Type.Enum(['waiting', 'seen', 'missed', 'unavailable']),
      latency_ms: optional(Type.Number()),
      at: optional(time()),
      reason: optional(text(1_024)),
    }),
    counts: Type.Object({
      records: count(),
      events: count(),
      denials: count(),
      malformed: count(),
      lost: Type.Immutable(Type.Array(Type.Object({ cause: text(64), count: count() }), { maxItems: 32 })),
    }),
    spool: Type.Object({ documents: count(), bytes: count(), bytes_max: count() }),
    dead_letters: Type.Optional(count()),
  },
  { title: 'Heartbeat' },
);

export const batchAnswerSchema = Type.Object(
  {
    ack_seq: Type.Integer({ description: 'Everything up to and including this is committed' }),
    stored: count(),
    duplicates: count(),
    had_seq: optional(Type.Integer({ description: 'To an agent: how far of its spool was stored before this batch' })),
    rejected: list(Type.Object({ seq: Type.Integer(), reason: Type.String() })),
  },
  { title: 'BatchAnswer' },
);

export type HeartbeatAnswer = Static<typeof heartbeatSchema>;
export type BatchAnswerAnswer = Static<typeof batchAnswerSchema>;
