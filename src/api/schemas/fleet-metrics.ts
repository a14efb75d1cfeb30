// How much is denied in a fleet, for how much running time, and by what.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { lostCountSchema } from './host.ts';

const rate = {
  denials: count(),
  host_days: Type.Number({
    minimum: 0,
    description: 'Days that hosts were up and heard of, added up; a part of a day counts as such',
  }),
  per_100_host_days: Type.Optional(
    Type.Number({ minimum: 0, description: 'Denials for 100 host-days; absent below one host-day' }),
  ),
  hosts_reporting: count('Hosts that something was heard of'),
  hosts_affected: count('Hosts that something was denied on'),
};

const rateSchema = Type.Object(rate, { title: 'FleetRate' });

const parts = list(
  Type.Object({ value: Type.String(), denials: count(), hosts: count('Hosts that it was denied on') }),
  { description: 'Most hosts first, at most 20; a denial with several blockers counts in each' },
);

const groups = list(Type.Object({ value: Type.String(), ...rate }), {
  description:
    'Hosts by what they were last known to be, most affected hosts first, at most 20; (unknown): no agent said',
});

const counted = list(
  Type.Object({ value: Type.String(), denials: count(), reporters: count('On the day that had the most') }),
  { description: 'Most hosts first, at most 20' },
);

const aggregated = Type.Object(
  {
    denials: count(),
    domains: count('That the kernel logged something of'),
    malformed: count('Records that were not understood'),
    lost: list(Type.Object({ cause: Type.String(), count: count() })),
    reporters: count('Hosts that counted, on the day that had the most: each has another id every day'),
    by_program: counted,
    by_blocker: counted,
    by_object: counted,
    by_package: counted,
  },
  {
    title: 'AggregateMetrics',
    description:
      'Of hosts that tell nothing but counts (collector.privacy = "aggregate"), by the hour of the denial; in no other ' +
      'number here. Absent without such',
  },
);

export const fleetMetricsSchema = Type.Object(
  {
    fleet: Type.String(),
    from: time(),
    to: time(),
    hosts_total: count('Hosts that there are'),
    ...rate,
    unlogged_share: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'Of the denials of domains that were deallocated, the part that the kernel did not log; absent without such',
      }),
    ),
    usage: Type.Object(
      {
        programs: count('That made a sandbox or a domain'),
        domains: count('That were seen to be made: with their first denial, or by tracepoints'),
        sandboxes: count('Calls that made a sandbox, where audit rules tell of them (collector.sandbox_rules)'),
        programs_per_host_day: Type.Optional(Type.Number({ minimum: 0, description: 'Absent below one host-day' })),
        domains_per_host_day: Type.Optional(Type.Number({ minimum: 0, description: 'Absent below one host-day' })),
      },
      { description: 'Who uses Landlock, whether or not anything is denied' },
    ),
    before: rateSchema,
    by_program: parts,
    by_blocker: parts,
    by_kernel: groups,
    by_abi: groups,
    by_distribution: groups,
    aggregated: Type.Optional(aggregated),
    malformed: count('Records that were not understood'),
    lost: list(lostCountSchema),
    unlogged: count('Denials that the kernel counted in deallocated domains but did not log'),
  },
  { title: 'FleetMetrics' },
);

export type FleetMetrics = Static<typeof fleetMetricsSchema>;
