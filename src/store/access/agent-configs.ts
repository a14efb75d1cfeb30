// What a fleet wants of its agents: one small JSON a fleet, known by a hash of itself.
import { createHash } from 'node:crypto';
import { type AgentConfig, toAgentConfig } from '../../delivery/agent-config.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

export interface AgentConfigAnswer {
  readonly fleet: string;
  readonly etag: string;
  readonly config: AgentConfig;
}

export const AGENT_CONFIG_SQL = 'SELECT agent_config AS text FROM fleets WHERE name = ?';

/** undefined where there is no such fleet; a fleet that nobody configured wants nothing. */
export function getAgentConfig(db: Database, fleet: string): AgentConfigAnswer | undefined {
  const row = statement<{ text: string | null }>(db, AGENT_CONFIG_SQL).get(fleet);
  if (row === undefined) return undefined;
  return { fleet, etag: configEtag(row.text), config: toAgentConfig(JSON.parse(row.text ?? '{}')) };
}

/** `unknown`: there is no such fleet; `stale`: what it wants is none of what was expected. */
export type ConfigChange = 'set' | 'unknown' | 'stale';

/** `expected`: etags without their quotes; absent: any. Call it in a transaction. */
export function setAgentConfig(
  db: Database,
  fleet: string,
  config: AgentConfig,
  expected?: readonly string[],
): ConfigChange {
  const row = statement<{ text: string | null }>(db, AGENT_CONFIG_SQL).get(fleet);
  if (row === undefined) return 'unknown';
  if (expected !== undefined && !expected.some((etag) => `"${etag}"` === configEtag(row.text))) return 'stale';
  const set = statement(db, 'UPDATE fleets SET agent_config = ? WHERE name = ?');
  set.run(JSON.stringify(toAgentConfig(config)), fleet);
  return 'set';
}

/** Of what is stored; null: nothing. With quotes, as HTTP has it. */
export function configEtag(text: string | null): string {
  return `"${createHash('sha256')
    .update(text ?? '{}')
    .digest('hex')
    .slice(0, 16)}"`;
}
