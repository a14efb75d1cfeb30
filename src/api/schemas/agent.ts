// Collectors elsewhere: their enrolment and their states.
import Type, { type Static } from 'typebox';
import { PRIVACY_LEVELS } from '../../delivery/agent-config.ts';
import { AGENT_STATES, LABELS_MAX } from '../../delivery/enrol.ts';
import { agentConfigSchema, configReportSchema } from './agent-config.ts';
import { list, time } from './common.ts';
import { heartbeatHostSchema } from './delivery.ts';

const optional = Type.Optional;

const labelSchema = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,62}$' }),
    value: Type.String({ maxLength: 128 }),
  },
  { additionalProperties: false },
);

const agentStateSchema = Type.Enum([...AGENT_STATES], {
  description:
    'pending: waits for approval; conflict: two machines speak as one; online, stale, offline: by when it was heard of',
});

export const enrolRequestSchema = Type.Object(
  {
    host: heartbeatHostSchema,
    version: Type.String({ maxLength: 64 }),
    labels: optional(Type.Array(labelSchema, { maxItems: LABELS_MAX })),
    known: optional(Type.Object({ agent: Type.String({ maxLength: 64 }), key: Type.String({ maxLength: 128 }) })),
  },
  { title: 'EnrolRequest' },
);

export const enrolAnswerSchema = Type.Object(
  {
    agent: Type.String(),
    key: optional(Type.String({ description: 'tra_…; shown this once' })),
    fleet: Type.String(),
    state: agentStateSchema,
  },
  { title: 'EnrolAnswer' },
);

export const agentSchema = Type.Object(
  {
    id: Type.String(),
    host: Type.Object({ id: Type.String(), name: Type.String() }),
    fleet: Type.String(),
    labels: list(labelSchema),
    version: Type.String(),
    state: agentStateSchema,
    enrolled_at: time(),
    contact_at: optional(time()),
    clock_skew_ms: optional(Type.Integer({ description: "The agent's clock minus the server's" })),
    conflict_since: optional(time()),
    config: Type.Object(
      {
        etag: optional(Type.String()),
        is_current: Type.Boolean({ description: 'It is what its fleet wants' }),
        taken: optional(configReportSchema.properties.taken),
        refused: optional(configReportSchema.properties.refused),
      },
      { description: 'The configuration that it runs with, as it said last; without etag: none came to it' },
    ),
    privacy: Type.Enum([...PRIVACY_LEVELS], { description: 'What it tells, as it said last' }),
    replaces: optional(Type.Boolean({ description: 'Another agent stands for this host: approval revokes that one' })),
  },
  { title: 'Agent' },
);

export const fleetConfigSchema = Type.Object(
  { fleet: Type.String(), etag: Type.String(), config: agentConfigSchema },
  { title: 'FleetConfig' },
);

export const keySchema = Type.Object(
  { key: Type.String({ description: 'tra_…; shown this once' }) },
  { title: 'AgentKey' },
);

export type Agent = Static<typeof agentSchema>;
