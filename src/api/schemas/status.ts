// How Trespass itself is: server, database, collectors, and what is wrong with its mend.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { heartbeatSchema } from './delivery.ts';

const optional = Type.Optional;

export const storeFactsSchema = Type.Object({
  path: Type.String(),
  bytes: count('With the write-ahead log'),
  log_bytes: optional(count("The log's part of it; absent where the server cannot see the file by its path")),
  disk_free_bytes: optional(count('Room left on the file system of the database; absent likewise')),
  schema_version: Type.Integer(),
  denials: count(),
  oldest_denial_at: optional(time()),
  removed: list(Type.Object({ kind: Type.String(), count: count(), last_at: time() }), {
    description:
      'Rows that retention and deletion have taken, by kind; too_old: documents refused because their like is gone',
  }),
});

export const collectorSchema = Type.Object(
  {
    state: Type.Enum(['online', 'stale', 'offline', 'restarting']),
    last_contact_at: time(),
    restarts: count(),
    last_exit: optional(Type.String()),
    heartbeat: heartbeatSchema,
  },
  { title: 'Collector' },
);

export const healthProblemSchema = Type.Object(
  {
    code: Type.String({ description: 'Stable, kebab-case' }),
    severity: Type.Enum(['warn', 'fail']),
    message: Type.String(),
    mend: Type.String({ description: 'What to do about it' }),
  },
  { title: 'HealthProblem' },
);

const days = (description: string) => Type.Integer({ minimum: 0, description: `${description}; days, 0: for good` });

/** As configured. */
const retentionSchema = Type.Object({
  raw_days: days('Text of records'),
  denials_days: days('Single denials'),
  sandbox_calls_days: days('Single calls of Landlock'),
  losses_days: days('Malformed records and gaps'),
  rollups_days: days('Counts by the hour'),
  issues_days: days('Archived and resolved issues without denials'),
  domains_days: days('Domains that are over, without denials'),
  admin_acts_days: days('Log of administration'),
  max_bytes: count('What the database may take; 0: no bound'),
});

const certificateSchema = Type.Object({
  pin: Type.String({ description: 'sha256/BASE64 of its public key, for `trespass enroll --pin`' }),
  self_signed: Type.Boolean({ description: 'Nobody else vouches for it' }),
  expires_at: time(),
});

export const statusSchema = Type.Object(
  {
    version: Type.String(),
    now: time(),
    started_at: time(),
    database: storeFactsSchema,
    server: Type.Object({ pid: Type.Integer(), uid: Type.Integer(), capabilities: list(Type.String()) }),
    certificate: optional(certificateSchema),
    retention: optional(retentionSchema),
    collectors: list(collectorSchema),
    ingest: Type.Object({
      batches: count(),
      documents: count(),
      duplicates: count(),
      rejected: count(),
      last_commit_at: optional(time()),
      last_commit_ms: optional(Type.Number()),
    }),
    streams: count('Open SSE streams'),
    problems: list(healthProblemSchema),
  },
  { title: 'Status' },
);

export type StoreFacts = Static<typeof storeFactsSchema>;
export type CollectorStatus = Static<typeof collectorSchema>;
export type HealthProblem = Static<typeof healthProblemSchema>;
export type Status = Static<typeof statusSchema>;
