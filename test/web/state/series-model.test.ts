import { expect, it } from 'vitest';
import {
  addDenial,
  BARS_MAX,
  barTotals,
  fromAnswer,
  lossOfBars,
  moveTo,
  type SeriesModel,
  silentHostsOfBars,
  totalOf,
} from '../../../web/state/series-model.ts';

const accuracy = {
  from: '',
  to: '',
  malformed: 0,
  lost: [],
  unlogged: 0,
  group_by: 'class' as const,
  counted_from: 'rollups' as const,
  losses: [],
  silences: [],
};
const model: SeriesModel = fromAnswer({
  ...accuracy,
  interval_ms: 10,
  start_ms: 100,
  series: [
    { key: 'fs', points: [1, 0, 2] },
    { key: 'net', points: [0, 4] },
  ],
});

it('takes the answer of the server, short series filled with zeros', () => {
  expect(model).toEqual({
    startMs: 100,
    intervalMs: 10,
    length: 3,
    points: new Map([
      ['fs', [1, 0, 2]],
      ['net', [0, 4, 0]],
    ]),
    losses: [],
    silences: [],
  });
  expect(barTotals(model)).toEqual([1, 4, 2]);
  expect([totalOf(model), totalOf(model, 'net'), totalOf(model, 'none')]).toEqual([7, 4, 0]);
});

it('adds a denial to its bar, once for each class, and starts new classes', () => {
  const next = addDenial(model, 129, ['fs', 'scope']);
  expect(next.points.get('fs')).toEqual([1, 0, 3]);
  expect(next.points.get('scope')).toEqual([0, 0, 1]);
  expect(model.points.get('fs')).toEqual([1, 0, 2]);
});

it('ignores what lies outside the bars', () => {
  expect(addDenial(model, 99, ['fs'])).toBe(model);
  expect(addDenial(model, 130, ['fs'])).toBe(model);
});

it('moves on with the time, as many bars leaving as come', () => {
  expect(moveTo(model, 129)).toBe(model);
  const next = moveTo(model, 135);
  expect(next.startMs).toBe(110);
  expect(next.points.get('fs')).toEqual([0, 2, 0]);
});

it('is empty after a long sleep, and stays in step', () => {
  const next = moveTo(model, 10_005);
  expect(next.startMs).toBe(9_980);
  expect(totalOf(next)).toBe(0);
  expect(addDenial(next, 10_005, ['fs']).points.get('fs')).toEqual([0, 0, 1]);
});

it('tells for each bar what is missing, also where only a longer time of it is known', () => {
  const losses = [
    { cause: 'kernel-lost', points: [0, 2, 0], during: [{ first: 0, last: 1 }] },
    { cause: 'serial-gap', points: [0, 3, 0], during: [{ first: 1, last: 1 }] },
  ];
  const noticed = [
    { cause: 'kernel-lost', count: 2 },
    { cause: 'serial-gap', count: 3 },
  ];
  expect(lossOfBars({ ...model, losses })).toEqual([
    { isMissing: true, noticed: [] },
    { isMissing: true, noticed },
    { isMissing: false, noticed: [] },
  ]);
  const moved = moveTo({ ...model, losses }, 135);
  expect(lossOfBars(moved).map((loss) => loss.isMissing)).toEqual([true, false, false]);
  expect(lossOfBars(moved)[0]?.noticed).toEqual(noticed);
});

it('has bars also where the server found nothing to put into them', () => {
  const to = new Date(145).toISOString();
  const empty = fromAnswer({ ...accuracy, to, interval_ms: 10, start_ms: 100, series: [] });
  expect(empty.length).toBe(5);
  expect(addDenial(empty, 144, ['fs']).points.get('fs')).toEqual([0, 0, 0, 0, 1]);
});

it('is bounded and stands an answer without series', () => {
  const answer = { ...accuracy, interval_ms: 10, start_ms: 0 };
  expect(fromAnswer({ ...answer, series: [{ key: 'fs', points: new Array(10_000).fill(1) }] }).length).toBe(BARS_MAX);
  expect(moveTo(fromAnswer({ ...answer, series: [] }), 1_000).length).toBe(0);
});

it('tells of each bar which hosts were not heard of, each once', () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const silences = [
    { host: 'a', name: 'A', since: at(90), until: at(105) },
    { host: 'a', name: 'A', since: at(107), until: at(112) },
    { host: 'b', name: 'B', since: at(118) },
    { host: 'c', name: 'C', since: at(140), until: at(150) },
  ];
  expect(silentHostsOfBars({ ...model, silences })).toEqual([['A'], ['A', 'B'], ['B']]);
});
