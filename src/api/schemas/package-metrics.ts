// What versions of packages are like in a fleet, and what updates changed.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';

const rate = {
  denials: count(),
  host_days: Type.Number({ minimum: 0, description: 'Days that hosts are known to have had the version, added up' }),
  per_100_host_days: Type.Optional(
    Type.Number({ minimum: 0, description: 'Denials for 100 host-days; absent below one host-day' }),
  ),
};

const parts = list(Type.Object({ value: Type.String(), hosts: count(), denials: count() }), {
  description: 'Hosts that have it by what they were last known to be, most hosts first, at most 20',
});

const version = Type.Object(
  {
    package: Type.String(),
    version: Type.String(),
    type: Type.Optional(Type.String({ description: 'dpkg, rpm, apk or pacman' })),
    first_at: time(),
    last_at: time(),
    hosts: count('Hosts that had it at some time of the span'),
    hosts_affected: count('Hosts that something was denied on to its programs'),
    ...rate,
    previous: Type.Optional(
      Type.String({ description: 'What most of its hosts had before; absent where none was seen to be updated to it' }),
    ),
    issues: Type.Object(
      {
        new: count('In no version before'),
        regressed: count('Not in the previous version, but in one before it'),
        fixed: count('In the previous version, and not in this one though it was for a day on a host that had it'),
      },
      { description: 'Compared with what was denied up to 90 days before the span; 0 without a previous version' },
    ),
    by_kernel: parts,
    by_abi: parts,
    by_distribution: parts,
  },
  { title: 'PackageVersion' },
);

const update = Type.Object(
  {
    from: Type.String(),
    to: Type.String(),
    hosts: count('Hosts that were seen to be updated in the span'),
    before: Type.Object(rate),
    after: Type.Object(rate),
    issues_began: count('Issues that these hosts had only after'),
    issues_ended: count('Issues that these hosts had only before'),
  },
  { title: 'PackageUpdate', description: 'On the hosts that were updated, up to 14 days before and after' },
);

export const packageMetricsSchema = Type.Object(
  {
    fleet: Type.String(),
    from: time(),
    to: time(),
    versions: list(version, { description: 'Most affected hosts first, at most 200' }),
    issues: Type.Optional(
      list(
        Type.Object({
          version: Type.String(),
          issue: Type.String({ description: 'Id of the issue' }),
          title: Type.String({ description: 'As in GET /api/v1/issues' }),
          change: Type.Enum(['new', 'regressed', 'fixed']),
          hosts: count(),
          denials: count(),
        }),
        { description: 'With `package` only: most hosts first, at most 500' },
      ),
    ),
    updates: Type.Optional(list(update, { description: 'With `package` only' })),
  },
  { title: 'PackageMetrics' },
);

export type PackageMetrics = Static<typeof packageMetricsSchema>;
