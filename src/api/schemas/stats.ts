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
export const seriesKeySchema = Type.Enum(['class', 'blocker', 'program', 'host', 'fleet', 'issue', 'none']);

const countSource = Type.Enum(['rollups', 'rollups-and-denials', 'denials'], {
  description: 'What was counted: hourly sums, single denials, or (in hours that are not asked for whole) both',
});
const TOP_KEYS = ['program', 'path', 'host', 'user', 'blocker', 'issue', 'domain', 'port', 'package', 'unit'] as const;
export const topKeySchema = Type.Enum([...TOP_KEYS]);
export const valueFieldSchema = Type.Enum([...TOP_KEYS, 'comm', 'pid', 'uid', 'fleet', 'kind']);

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

const lossSeries = Type.Object({
  cause: Type.String(),
  points: list(count(), { description: 'What was noticed in each interval, in the unit of the cause' }),
  during: list(Type.Object({ first: count(), last: count() }), {
    description: 'First and last interval of each time in which something is missing',
  }),
});

const silence = Type.Object({
  host: Type.String({ description: 'Id' }),
  name: Type.String(),
  since: time(),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Absent: it goes on' })),
});

export const timeSeriesSchema = Type.Object(
  {
    ...accuracy,
    from: time(),
    to: time(),
    interval_ms: Type.Integer({ minimum: 1 }),
    group_by: seriesKeySchema,
    start_ms: Type.Integer({ description: 'Point i begins at start_ms + i * interval_ms' }),
    series: list(Type.Object({ key: Type.String(), points: list(count()) }), {
      description: 'The largest first; beyond 24 the others together are (others)',
    }),
    counted_from: countSource,
    losses: list(lossSeries, { description: 'What was lost over time, by cause: where the points are too small' }),
    silences: list(silence, {
      description: 'When hosts were not heard of, the latest first, at most 200; what they kept meanwhile comes later',
    }),
  },
  { title: 'TimeSeries' },
);

const trend = (description: string) =>
  Type.Object(
    { now: count(), before: count('In the span of the same length just before'), points: list(count()) },
    { description },
  );

export const trendsSchema = Type.Object(
  {
    from: time(),
    to: time(),
    new_issues: trend('Issues that were never seen before'),
    hosts_denied: trend('Hosts with a denial; points of whole hours or days where the span is long'),
    unlogged: trend('Denials that the kernel counted in domains that ended, but did not log'),
  },
  { title: 'Trends', description: 'Points are of equal parts of the span, some two dozen' },
);

const valueCount = Type.Object({
  value: Type.String({ description: 'As the query language takes it' }),
  denials: count(),
  label: Type.Optional(Type.String({ description: "A host's name, an issue's title" })),
  host: Type.Optional(Type.String({ description: 'Of a domain' })),
  boot: Type.Optional(Type.String({ description: 'Of a domain' })),
});

export const topSchema = Type.Object(
  {
    ...accuracy,
    from: time(),
    to: time(),
    by: topKeySchema,
    data: list(valueCount, { description: 'The greatest first' }),
    values: count('Different values, with those that are not in data'),
    others: count('Sum of the counts that are not in data; a denial with several values counts in each'),
    counted_from: countSource,
  },
  { title: 'Top' },
);

export const valuesSchema = Type.Object(
  {
    from: time(),
    to: time(),
    field: valueFieldSchema,
    data: list(valueCount, { description: 'The most frequent first' }),
    values: count('Different values, with those that are not in data'),
    complete: Type.Boolean({ description: 'false: only the newest part was counted, and from is later than asked' }),
    counted_from: countSource,
  },
  { title: 'Values' },
);

const week = (description: string) => list(list(count()), { description });

export const heatmapSchema = Type.Object(
  {
    ...accuracy,
    from: time(),
    to: time(),
    timezone: Type.String({ description: 'IANA name' }),
    denials: week('Monday to Sunday, each with the counts of its 24 hours'),
    hours: week('How often the span has each hour of the week, also in part: what to divide by for a mean'),
    counted_from: countSource,
  },
  { title: 'Heatmap' },
);

export type Heatmap = Static<typeof heatmapSchema>;
export type Summary = Static<typeof summarySchema>;
export type TimeSeries = Static<typeof timeSeriesSchema>;
export type Trends = Static<typeof trendsSchema>;
export type Top = Static<typeof topSchema>;
export type Values = Static<typeof valuesSchema>;
export type BlockerClass = Static<typeof blockerClass>;
export type SeriesKey = Static<typeof seriesKeySchema>;
