import { expect, it } from 'vitest';
import {
  boundsOf,
  dayAround,
  hoursBefore,
  intervalOf,
  isWithin,
  PRESET_NAMES,
  rangeParameters,
  spanWords,
  type TimeRange,
} from '../../../web/state/time-range.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const HOUR = 3_600_000;
const fixed: TimeRange = { kind: 'fixed', fromMs: NOW - HOUR, toMs: NOW };
const day: TimeRange = { kind: 'relative', preset: '24h' };

it('ends a preset now and a fixed range where it ends', () => {
  expect(boundsOf(day, NOW)).toEqual({ fromMs: NOW - 24 * HOUR, toMs: NOW });
  expect(boundsOf(fixed, NOW + HOUR)).toEqual({ fromMs: NOW - HOUR, toMs: NOW });
});

it('goes back by whole hours, as far as the range reaches, and to its first hour', () => {
  const late = NOW + HOUR / 2;
  expect(hoursBefore(day, late)).toEqual({ fromMs: NOW - 49 * HOUR, toMs: NOW - 24 * HOUR });
  expect(hoursBefore(fixed, late)).toEqual({ fromMs: NOW - 2 * HOUR, toMs: NOW - HOUR });
});

it('takes what arrives a little ahead of our clock into a preset, not into a fixed range', () => {
  expect(isWithin(day, NOW + 2_000, NOW)).toBe(true);
  expect(isWithin(day, NOW - 25 * HOUR, NOW)).toBe(false);
  expect(isWithin(fixed, NOW + 2_000, NOW)).toBe(false);
  expect(isWithin(fixed, NOW - 1, NOW)).toBe(true);
});

it('asks the server in its own words', () => {
  expect(rangeParameters(day)).toEqual([['from', 'now-24h']]);
  expect(rangeParameters(fixed)).toEqual([
    ['from', '2026-03-01T09:00:00.000Z'],
    ['to', '2026-03-01T10:00:00.000Z'],
  ]);
});

it('cuts every range into a readable number of bars', () => {
  expect(PRESET_NAMES.map((preset) => intervalOf({ kind: 'relative', preset }))).toEqual([
    '1m',
    '5m',
    '30m',
    '3h',
    '12h',
  ]);
  expect(intervalOf(fixed)).toBe('1m');
  expect(intervalOf({ kind: 'fixed', fromMs: NOW - 400 * 24 * HOUR, toMs: NOW })).toBe('7d');
  expect(intervalOf({ kind: 'fixed', fromMs: 0, toMs: NOW })).toBe('30d');
});

it('names its span and finds the day of something old', () => {
  expect([spanWords(day), spanWords(fixed)]).toEqual(['24 hours', 'same span']);
  expect(isWithin(dayAround(NOW), NOW, NOW + 100 * 24 * HOUR)).toBe(true);
});
