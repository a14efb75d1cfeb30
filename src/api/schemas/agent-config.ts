// What a fleet wants of its agents, and what they make of it.
import Type from 'typebox';
import {
  DOCUMENTS_PER_SECOND_MAX,
  DOCUMENTS_PER_SECOND_MIN,
  HEARTBEAT_SECONDS_MAX,
  HEARTBEAT_SECONDS_MIN,
  PRIVACY_LEVELS,
  REFUSED_MAX,
} from '../../delivery/agent-config.ts';

const optional = Type.Optional;

/** What a fleet wants of its agents. */
export const agentConfigSchema = Type.Object(
  {
    privacy: optional(
      Type.Enum([...PRIVACY_LEVELS], { description: 'At least this; a host that tells less by itself goes on so' }),
    ),
    heartbeat_seconds: optional(Type.Integer({ minimum: HEARTBEAT_SECONDS_MIN, maximum: HEARTBEAT_SECONDS_MAX })),
    documents_per_second: optional(
      Type.Integer({
        minimum: DOCUMENTS_PER_SECOND_MIN,
        maximum: DOCUMENTS_PER_SECOND_MAX,
        description: 'A flood leaves an agent no faster in the long run: the rest waits in its spool',
      }),
    ),
  },
  { title: 'AgentConfig', additionalProperties: false },
);

export const configReportSchema = Type.Object(
  {
    // A newer agent may take more.
    taken: Type.Object(agentConfigSchema.properties),
    refused: Type.Immutable(
      Type.Array(Type.String({ maxLength: 40 }), {
        maxItems: REFUSED_MAX,
        description: 'What it does not do: unknown, out of bounds, or to tell more than its own configuration says',
      }),
    ),
  },
  { title: 'ConfigReport' },
);
