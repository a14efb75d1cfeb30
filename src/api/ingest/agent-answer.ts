// An agent as the API and the command line show it: everything but its key.
import { type ConfigReport, PRIVACY_LEVELS } from '../../delivery/agent-config.ts';
import { configEtag } from '../../store/access/agent-configs.ts';
import { type AgentRow, agentState } from '../../store/access/agent-rows.ts';
import type { Agent } from '../schemas/agent.ts';

export function toAgentAnswer(row: AgentRow, nowMs: number): Agent {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    id: row.agentId,
    host: { id: row.hostId, name: row.name },
    fleet: row.fleet,
    labels: JSON.parse(row.labels),
    version: row.version,
    state: agentState(row, nowMs),
    enrolled_at: time(row.createdMs),
    ...(row.contactMs !== null && { contact_at: time(row.contactMs) }),
    ...(row.skewMs !== null && { clock_skew_ms: row.skewMs }),
    ...(row.conflictMs !== null && { conflict_since: time(row.conflictMs) }),
    config: {
      ...(row.configEtag !== null && { etag: row.configEtag }),
      ...(row.configReport !== null && report(row.configReport)),
      is_current: row.configEtag === configEtag(row.fleetConfig),
    },
    privacy: PRIVACY_LEVELS.find((level) => level === row.privacy) ?? 'full',
    ...(row.replaces !== null && { replaces: true }),
  };
}

/** Our own JSON, of what a heartbeat said. */
function report(text: string): ConfigReport {
  return JSON.parse(text);
}
