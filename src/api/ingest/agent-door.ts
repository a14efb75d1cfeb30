// Agents as routes see them: enrolment and decisions over the store, and how much each may send, so that one that is
// broken or hostile takes no more than its share.
import { type AgentConfig, toAgentConfig } from '../../delivery/agent-config.ts';
import type { EnrolAnswer, EnrolRequest } from '../../delivery/enrol.ts';
import type { Aggregate } from '../../landlock/privacy/aggregate.ts';
import { type ConfigChange, configEtag, setAgentConfig } from '../../store/access/agent-configs.ts';
import {
  approveAgent,
  enrolHost,
  findAgent,
  findAgentById,
  markSpool,
  noteContact,
  placeHost,
  revokeAgent,
  rotateKey,
  spoolMark,
} from '../../store/access/agent-register.ts';
import type { AgentRow } from '../../store/access/agent-rows.ts';
import { useEnrolment } from '../../store/access/enrolments.ts';
import type { Database } from '../../store/database/open.ts';
import { toStoreError } from '../../store/database/store-error.ts';
import { addAggregate } from '../../store/writing/aggregate-counts.ts';

export interface AgentDoor {
  find(key: string): AgentRow | undefined;
  findById(agent: string): AgentRow | undefined;
  /** Undefined where the token let in as many as it may. */
  enrol(token: number, request: EnrolRequest, nowMs: number): EnrolAnswer | undefined;
  noteContact(agent: AgentRow, heartbeat: Parameters<typeof noteContact>[2], nowMs: number): 'ok' | 'conflict';
  /** Once the host is known: into the fleet of its agent. */
  placeHost(agent: AgentRow): void;
  approve(agent: string, nowMs: number): boolean;
  revoke(agent: string, nowMs: number): boolean;
  rotateKey(agent: AgentRow): string;
  spoolMark(agent: AgentRow, spool: string): number | undefined;
  /** What its fleet wants of it. */
  config(agent: AgentRow): { readonly etag: string; readonly config: AgentConfig };
  /** Part of the transaction that it is called in. */
  setConfig(fleet: string, config: AgentConfig, expected?: readonly string[]): ConfigChange;
  /** The same. */
  markSpool(agent: AgentRow, spool: string, ackedSeq: number): void;
  /** The same. Whether it is new; a string: why it never can be stored. */
  addAggregate(fleet: string, doc: Aggregate): boolean | string;
}

/** Over a connection that can write. All of it throws StoreError where the database cannot be used. */
export function toAgentDoor(db: Database): AgentDoor {
  const guard = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, db.name);
    }
  };
  const atOnce = <T>(work: () => T): T => guard(() => db.transaction(work).immediate());
  return {
    find: (key) => guard(() => findAgent(db, key)),
    findById: (agent) => guard(() => findAgentById(db, agent)),
    enrol: (token, request, nowMs) =>
      atOnce(() => {
        const invitation = useEnrolment(db, token);
        return invitation && enrolHost(db, invitation, request, nowMs);
      }),
    noteContact: (agent, heartbeat, nowMs) => atOnce(() => noteContact(db, agent, heartbeat, nowMs)),
    placeHost: (agent) => guard(() => placeHost(db, agent.hostId, agent.fleet)),
    approve: (agent, nowMs) => atOnce(() => approveAgent(db, agent, nowMs)),
    revoke: (agent, nowMs) => guard(() => revokeAgent(db, agent, nowMs)),
    rotateKey: (agent) => guard(() => rotateKey(db, agent)),
    spoolMark: (agent, spool) => guard(() => spoolMark(db, agent.id, spool)),
    config: ({ fleetConfig }) => ({
      etag: configEtag(fleetConfig),
      config: toAgentConfig(JSON.parse(fleetConfig ?? '{}')),
    }),
    setConfig: (fleet, config, expected) => guard(() => setAgentConfig(db, fleet, config, expected)),
    markSpool: (agent, spool, ackedSeq) => markSpool(db, agent.id, spool, ackedSeq),
    addAggregate: (fleet, doc) => addAggregate(db, fleet, doc),
  };
}
