// Statistics. Each carries the counts of what is missing in it.
import Type, { type Static } from 'typebox';
import { count, list, time } from './common.ts';
import { lostCountSchema } from './host.ts';

const accuracy = {
  malformed: count('Records that were not understood'),
  lost: list(lostCountSchema),
  unlogged: count('Denials that the kernel counted in deallocated domains but did not log'),
};

const blockerClass = Type.Enum(['fs', 'net', 'scope', 'ptrace', 'namespace', 'capability', 'other']);
export const seriesKeySchema = Type.Enum(['class', 'blocker', 'host', 'fleet', 'none']);

export const summarySchema = Type.Object(
  {
    ...accuracy,
    from: time(),
    to: time(),
    denials: count(),
    denials_before: count('In the span of the same length just before'),
    domains: Type.Object({ allocated: count(), live: count(), deallocated: count() }),
    programs: count(),
    hosts: Type.Object({ total: count(), denied: count() }),
    by_class: list(Type.Object({ class: blockerClass, denials: count() })),
    by_blocker: list(Type.Object({ blocker: Type.String(), denials: count() })),
    last_denial_at: Type.Optional(time()),
  },
  { title: 'Summary' },
);

export const timeSeriesSchema = Type.Object(
  {
    ...accuracy,
    from: time(),
    to: time(),
    interval_ms: Type.Integer({ minimum: 1 }),
    group_by: seriesKeySchema,
    start_ms: Type.Integer({ description: 'Point i begins at start_ms + i * interval_ms' }),
    series: list(Type.Object({ key: Type.String(), points: list(count()) })),
  },
  { title: 'TimeSeries' },
);

export type Summary = Static<typeof summarySchema>;
export type TimeSeries = Static<typeof timeSeriesSchema>;
export type BlockerClass = Static<typeof blockerClass>;
export type SeriesKey = Static<typeof seriesKeySchema>;
