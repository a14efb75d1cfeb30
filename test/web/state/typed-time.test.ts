import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRange, parseTime, typedTime } from '../../../web/state/typed-time.ts';

const NOW = Date.parse('2026-03-02T10:20:30.000Z');
const at = (text: string) => parseTime(text, NOW);

it('understands times as people type them', () => {
  expect(at('now')).toBe(NOW);
  expect(at('now-90m')).toBe(NOW - 90 * 60_000);
  expect(at(' 3d ago ')).toBe(NOW - 3 * 86_400_000);
  expect(at('2026-03-01 10:00Z')).toBe(Date.parse('2026-03-01T10:00:00Z'));
  expect(at('2026-03-01T10:00:05.5 UTC')).toBe(Date.parse('2026-03-01T10:00:05.500Z'));
  expect(at('2026-03-01')).toBe(new Date(2026, 2, 1).getTime());
  expect(at('yesterday 9:30 utc')).toBe(Date.parse('2026-03-01T09:30:00Z'));
  expect(at('14:05 UTC')).toBe(Date.parse('2026-03-02T14:05:00Z'));
});

it('understands nothing in nonsense', () => {
  for (const text of ['', 'utc', 'soon', '25:00', '10:61', '2026-13-01', '2026-00-01', '9999999d', '1y']) {
    expect(at(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(at(text) ?? 0).not.toBeNaN();
    }),
  );
});

it('reads back what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => {
      expect(at(typedTime(seconds * 1_000, true))).toBe(seconds * 1_000);
    }),
  );
  expect(at(typedTime(NOW, false))).toBe(NOW);
});

it('keeps a span that ends now moving, and refuses one that ends before it begins', () => {
  expect(parseRange('now-3d', 'now', NOW)).toEqual({ kind: 'relative', preset: '3d' });
  expect(parseRange('90m', '', NOW)).toEqual({ kind: 'relative', preset: '90m' });
  expect(parseRange('2h', '1h', NOW)).toEqual({ kind: 'fixed', fromMs: NOW - 7_200_000, toMs: NOW - 3_600_000 });
  expect(parseRange('1h', '2h', NOW)).toBeUndefined();
  expect(parseRange('x', 'now', NOW)).toBeUndefined();
});
