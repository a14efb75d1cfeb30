import { expect, it } from 'vitest';
import type { IssueAnswer } from '../../../src/api/schemas/issue.ts';
import { escalationOf, TREND_DAYS, trendDays } from '../../../web/state/issue-trend.ts';
import { type RisingFacts, risingIssues } from '../../../web/state/rising-issues.ts';

const DAY_MS = 86_400_000;
const TODAY_MS = 20_000 * DAY_MS;
const NOW_MS = TODAY_MS + DAY_MS / 2;

/** `points` end `daysAgo` days before today. */
function trend(points: readonly number[], daysAgo = 0) {
  const start = new Date(TODAY_MS - (points.length - 1 + daysAgo) * DAY_MS).toISOString();
  return { start, interval_ms: DAY_MS, points: [...points] };
}

function issue(id: string, changes: Partial<IssueAnswer> = {}): IssueAnswer {
  return {
    id,
    title: id,
    program: '/usr/bin/x',
    program_class: 'executable',
    blockers: ['fs.read_file'],
    object: { class: 'path', key: '/a' },
    status: 'open',
    first_seen: new Date(NOW_MS - 40 * DAY_MS).toISOString(),
    last_seen: new Date(NOW_MS).toISOString(),
    denials: 100,
    hosts: 1,
    ...changes,
  };
}

function rising(facts: Partial<RisingFacts>) {
  const none = {
    regressed: [],
    youngest: [],
    busiest: [],
    range: { kind: 'relative', preset: '24h' },
    nowMs: NOW_MS,
  } as const;
  return risingIssues({ ...none, ...facts }).map(({ issue: { id }, words }) => `${id}: ${words}`);
}

it('draws the days up to today, also those after the last denial', () => {
  const days = trendDays(trend([1, 2, 3], 2), NOW_MS);
  expect(days.length).toBe(TREND_DAYS);
  expect(days.slice(-6).map((day) => day.denials)).toEqual([0, 1, 2, 3, 0, 0]);
  expect(days.at(-1)?.startMs).toBe(TODAY_MS);
  expect(trendDays(trend(new Array<number>(40).fill(7)), NOW_MS).every((day) => day.denials === 7)).toBe(true);
});

it('calls it escalating when a day has several times as many as those of the week before', () => {
  const factor = (points: readonly number[], daysAgo = 0) => escalationOf(trendDays(trend(points, daysAgo), NOW_MS));
  expect(factor([5, 5, 5, 5, 5, 5, 5, 5, 40])).toBe(8);
  expect(factor([5, 5, 5, 5, 5, 5, 5, 40, 0])).toBe(8);
  expect(factor([5, 5, 5, 5, 5, 5, 5, 14, 14])).toBeUndefined();
  expect(factor([1, 1, 1, 1, 1, 1, 1, 1, 9])).toBeUndefined();
  expect(factor([50])).toBe(Infinity);
  expect(factor([5, 5, 5, 5, 5, 5, 5, 5, 40], 3)).toBeUndefined();
  expect(factor([])).toBeUndefined();
});

it('takes of each cause in turn, five at most, each issue once', () => {
  const week = [5, 5, 5, 5, 5, 5, 5, 5];
  const first_seen = new Date(NOW_MS - 3_600_000).toISOString();
  const facts = {
    regressed: [issue('r1'), issue('r2')],
    youngest: [issue('n1', { first_seen }), issue('b1', { first_seen }), issue('old')],
    busiest: [
      issue('b2', { trend: trend([...week, 40]) }),
      issue('b1', { trend: trend([...week, 400]) }),
      issue('calm', { trend: trend([...week, 5]) }),
    ],
  };
  expect(rising(facts)).toEqual([
    'r1: came back',
    'n1: new',
    'b1: 80× the week before',
    'r2: came back',
    'b2: 8× the week before',
  ]);
  expect(rising({})).toEqual([]);
});

it('does not compare with a week before an issue was there', () => {
  const silent = trend([30]);
  expect(rising({ busiest: [issue('old', { trend: silent })] })).toEqual(['old: after a silent week']);
  const first_seen = new Date(NOW_MS - 3 * DAY_MS).toISOString();
  expect(rising({ busiest: [issue('young', { trend: silent, first_seen })] })).toEqual([]);
});
