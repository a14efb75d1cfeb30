import { expect, it } from 'vitest';
import { formatAgo, formatSpan, formatUtc, timeFormats, withReadTimes } from '../../../web/text/format-time.ts';

const AT = Date.parse('2026-03-01T10:00:05.268Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it('shows the clock today, the day before that, the year long before', () => {
  const { short } = timeFormats('Europe/Paris');
  expect(short(AT, AT + HOUR)).toBe('11:00:05');
  expect(short(AT, AT + 20 * DAY)).toBe('1 Mar 11:00');
  expect(short(AT, AT + 300 * DAY)).toBe('1 Mar 2026 11:00');
});

it('takes the day of the reader, not that of UTC', () => {
  const late = Date.parse('2026-03-01T23:30:00Z');
  expect(timeFormats('Asia/Tokyo').short(late, Date.parse('2026-03-02T01:00:00Z'))).toBe('08:30:00');
  expect(timeFormats('UTC').short(late, Date.parse('2026-03-02T01:00:00Z'))).toBe('1 Mar 23:30');
});

it('shows a moment in full with milliseconds and zone, and in UTC', () => {
  expect(timeFormats('Europe/Paris').full(AT)).toBe('1 March 2026, 11:00:05.268 GMT+1');
  expect(formatUtc(AT)).toBe('2026-03-01 10:00:05.268 UTC');
});

it('marks an axis as finely as its bars are', () => {
  const { axis } = timeFormats('UTC');
  expect([axis(AT, 5 * MINUTE), axis(AT, 3 * HOUR), axis(AT, DAY)]).toEqual(['10:00', 'Sun 1 10:00', '1 Mar']);
});

it('shows spans in one unit', () => {
  expect([-5, 38, 1_400, 80_000, 30 * MINUTE, 3 * HOUR, 3 * DAY].map(formatSpan)).toEqual([
    '0 ms',
    '38 ms',
    '1 s',
    '80 s',
    '30 min',
    '3 h',
    '3 d',
  ]);
});

it('says how long ago', () => {
  expect([formatAgo(AT, AT + 1_000), formatAgo(AT, AT + 2 * MINUTE)]).toEqual(['just now', '2 min ago']);
  expect(formatAgo(AT + MINUTE, AT)).toBe('just now');
});

it('puts the times in a sentence of the server into the time of the reader, and leaves all else', () => {
  const formats = timeFormats('Europe/Paris');
  expect(withReadTimes('heard at 2026-03-01T10:00:05.268Z, and 2026-03-01T10:00:05Z.', formats)).toBe(
    'heard at 1 March 2026, 11:00:05.268 GMT+1, and 1 March 2026, 11:00:05.000 GMT+1.',
  );
  const others = 'not 2026-99-01T10:00:05Z nor 12026-03-01T10:00:05Z nor 2026-03-01';
  expect(withReadTimes(others, formats)).toBe(others);
});
