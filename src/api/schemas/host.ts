// Hosts and fleets with the counts that may distort all others.
import Type, { type Static } from 'typebox';
import { HOST_SORTS } from '../../store/counts/hosts.ts';
import { FLEET_SORTS } from '../../store/fleets/fleets.ts';
import { count, list, time } from './common.ts';

const optional = Type.Optional;

export const lostCountSchema = Type.Object({ cause: Type.String(), count: count() });

const sourceState = Type.Object({
  state: Type.String({ description: 'An open set: off, on, failed, …' }),
  reason: optional(Type.String()),
});

export const hostSortSchema = Type.Enum([...HOST_SORTS], {
  description: 'The greatest first; default: in the order in which they became known',
});

export const hostSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    fleet: Type.String(),
    replay: Type.Boolean(),
    first_seen: time(),
    last_seen: time(),
    kernel: optional(Type.String()),
    arch: optional(Type.String()),
    distribution: optional(Type.String()),
    landlock_abi: optional(Type.Integer()),
    boots: count(),
    denials: count(),
    domains: count(),
    malformed: count(),
    lost: list(lostCountSchema),
    unlogged: count('Counted by the kernel, but not logged'),
    last_denial_at: optional(time()),
    sources: optional(
      Type.Object(
        {
          tracepoints: optional(sourceState),
          sandbox_rules: optional(sourceState),
          ancestry: optional(Type.Object({ read: count(), gone: count(), skipped: count() })),
        },
        { description: "What tells of sandboxes beside audit's records, as the collector last said" },
      ),
    ),
  },
  { title: 'Host' },
);

export const fleetSortSchema = Type.Enum([...FLEET_SORTS], {
  description: 'The greatest first; default: in the order in which they were made',
});

export const fleetSchema = Type.Object(
  {
    name: Type.String(),
    hosts: count(),
    denials: count(),
    domains: count(),
    unlogged: count(),
    last_denial_at: optional(time()),
  },
  { title: 'Fleet' },
);

export type LostCount = Static<typeof lostCountSchema>;
export type HostAnswer = Static<typeof hostSchema>;
export type FleetAnswer = Static<typeof fleetSchema>;
