// What may be told of a fleet to whom its hosts are nobody's business.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';

const parts = list(
  Type.Object({ value: Type.String(), denials: count(), hosts: count('In the week that had the most') }),
  { description: 'Most denials first, at most 20; (other): what is told together, as it is about too few hosts' },
);

export const sharedMetricsSchema = Type.Object(
  {
    fleet: Type.String(),
    from: time(),
    to: time(),
    hosts_min: count('Each number of each week is about so many hosts at least'),
    weeks: count('Whole weeks, from Monday to Sunday in UTC'),
    weeks_withheld: count(
      'Of these: weeks of which nothing is told, as too few hosts reported, or all but a few were denied something',
    ),
    hosts_reporting: count('In the week that had the most'),
    hosts_affected: count('In the week that had the most'),
    denials: count(),
    host_days: Type.Number({ minimum: 0 }),
    per_100_host_days: Type.Optional(Type.Number({ minimum: 0 })),
    by_program: parts,
    by_blocker: parts,
    by_kernel: parts,
    by_abi: parts,
    by_distribution: parts,
    by_package: parts,
  },
  { title: 'SharedMetrics' },
);

export type SharedMetrics = Static<typeof sharedMetricsSchema>;
