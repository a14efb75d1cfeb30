import { expect, it } from 'vitest';
import {
  countOf,
  formatBytes,
  formatChange,
  formatCount,
  formatShare,
  formatShortCount,
} from '../../../web/text/format-number.ts';

it('writes counts with separators, and long ones short', () => {
  expect([0, 999, 1_234_567].map(formatCount)).toEqual(['0', '999', '1,234,567']);
  expect([99_999, 123_456, 1_250_000].map(formatShortCount)).toEqual(['99,999', '123.5K', '1.3M']);
});

it('tells one from many', () => {
  expect([0, 1, 2].map((count) => countOf(count, 'denial'))).toEqual(['0 denials', '1 denial', '2 denials']);
});

it('writes sizes in binary units', () => {
  expect([0, 512, 1536, 20 * 1024 ** 2, 3 * 1024 ** 4].map(formatBytes)).toEqual([
    '0 B',
    '512 B',
    '1.5 KiB',
    '20 MiB',
    '3.0 TiB',
  ]);
});

it('writes shares, small ones as less than one per cent', () => {
  expect([formatShare(0, 10), formatShare(1, 1000), formatShare(1, 3), formatShare(5, 0)]).toEqual([
    '0%',
    '<1%',
    '33%',
    '',
  ]);
});

it('says in words how a number changed', () => {
  expect(formatChange(0, 0, '24 hours')).toBe('none in the 24 hours before either');
  expect(formatChange(3, 0, '24 hours')).toBe('none in the 24 hours before');
  expect(formatChange(100, 100, 'hour')).toBe('as in the hour before');
  expect(formatChange(150, 100, 'hour')).toBe('▲ 50% more than the hour before');
  expect(formatChange(50, 100, 'hour')).toBe('▼ 50% fewer than the hour before');
  expect(formatChange(2_000, 100, 'hour')).toBe('▲ 20× the hour before');
  expect(formatChange(8_110, 2, 'hour')).toBe('▲ over 100× the hour before');
});
