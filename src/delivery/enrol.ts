// Enrolment: how a host becomes an agent of a server. The token of the request is limited, the key of the answer is the
// agent's own; a repeated request with that key changes nothing.
import type { Heartbeat } from './batch.ts';

export const AGENT_STATES = ['online', 'stale', 'offline', 'pending', 'conflict', 'revoked'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** Labels of one agent. */
export const LABELS_MAX = 16;

/** POST /api/v1/agents/enroll, with an enrolment token as Bearer. */
export interface EnrolRequest {
  readonly host: Heartbeat['host'];
  readonly version: string;
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
  /** Where this host has been enrolled before, so that it stays the same agent. */
  readonly known?: { readonly agent: string; readonly key: string };
}

export interface EnrolAnswer {
  /** The agent's id, given by the server. */
  readonly agent: string;
  /** Shown once. Absent where the request had a key that is still good. */
  readonly key?: string;
  readonly fleet: string;
  /** `pending`: somebody has to approve before anything is taken. */
  readonly state: AgentState;
}
