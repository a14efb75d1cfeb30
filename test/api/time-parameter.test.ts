import { expect, it } from 'vitest';
import { parseSpan, parseTime } from '../../src/api/time-parameter.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);

it('understands RFC 3339 with every offset', () => {
  expect(parseTime('2026-03-01T12:00:00Z', 'from', NOW_MS)).toBe(NOW_MS);
  expect(parseTime('2026-03-01T13:30:00.250+01:30', 'from', NOW_MS)).toBe(NOW_MS + 250);
  expect(parseTime('2026-03-01t12:00:00z', 'from', NOW_MS)).toBe(NOW_MS);
  expect(parseTime('2024-02-29T23:30:00-01:00', 'from', NOW_MS)).toBe(Date.UTC(2024, 2, 1, 0, 30));
});

it('understands times relative to now', () => {
  expect(parseTime('now', 'from', NOW_MS)).toBe(NOW_MS);
  expect(parseTime('now-90s', 'from', NOW_MS)).toBe(NOW_MS - 90_000);
  expect(parseTime('now-24h', 'from', NOW_MS)).toBe(NOW_MS - 86_400_000);
  expect(parseTime('now+1w', 'to', NOW_MS)).toBe(NOW_MS + 604_800_000);
});

it('says which parameter is no time', () => {
  for (const wrong of [
    '',
    'yesterday',
    '2026-03-01',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-03-01T12:00:00',
    'now-1y',
    '1e3',
  ]) {
    expect(() => parseTime(wrong, 'from', NOW_MS)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter', message: expect.stringContaining('from is no time') }),
    );
  }
});

it('understands spans with a unit', () => {
  expect(['30s', '5m', '1h', '2d', '1w'].map((text) => parseSpan(text, 'interval'))).toEqual([
    30_000, 300_000, 3_600_000, 172_800_000, 604_800_000,
  ]);
  for (const wrong of ['', '5', '0m', 'm', '-5m', '5 m', '1.5h', '5M']) {
    expect(() => parseSpan(wrong, 'interval')).toThrow(expect.objectContaining({ code: 'invalid-parameter' }));
  }
});
