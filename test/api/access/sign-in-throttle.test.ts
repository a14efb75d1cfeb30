// The throttle's memory: bounded whoever comes, and whoever guesses cannot buy forgetting by many names or addresses.
import { expect, it } from 'vitest';
import { addressGroup, SignInThrottle } from '../../../src/api/access/sign-in-throttle.ts';

const LIMITS = { spanMs: 1_000, failuresOfAddressMax: 3, failuresOfNameMax: 2 };
/** Many more than are remembered. */
const MANY = 25_000;

it('remembers a name and an address that are being guessed at while very many others come', () => {
  const throttle = new SignInThrottle(LIMITS);
  const address = '192.0.2.1';
  const guess = () => throttle.begin(address, 'ada', 0);
  expect([guess(), guess(), guess()]).toEqual([0, 0, 1_000]);
  throttle.begin(address, 'bob', 0);
  for (let n = 0; n < MANY; n++) throttle.begin(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, `user${n}`, 0);
  expect(throttle.begin('198.51.100.1', 'ada', 0)).toBe(1_000);
  expect(throttle.begin(address, 'eve', 0)).toBe(1_000);
});

it('remembers nothing of attempts that it refuses', () => {
  const throttle = new SignInThrottle(LIMITS);
  const address = '192.0.2.1';
  for (const name of ['a', 'b', 'c']) throttle.begin(address, name, 0);
  expect(throttle.begin('192.0.2.2', 'ada', 0)).toBe(0);
  for (let n = 0; n < MANY; n++) throttle.begin(address, `user${n}`, 0);
  expect(throttle.begin('192.0.2.3', 'ada', 0)).toBe(0);
  expect(throttle.begin('192.0.2.4', 'ada', 0)).toBe(1_000);
});

it('begins anew when the span is over, however many there were', () => {
  const throttle = new SignInThrottle(LIMITS);
  for (let n = 0; n < MANY; n++) throttle.begin(`2001:db8:${n.toString(16)}::1`, 'ada', 0);
  expect(throttle.begin('192.0.2.1', 'ada', 999)).toBe(1);
  expect(throttle.begin('192.0.2.1', 'ada', 1_000)).toBe(0);
});

it('keeps no more of what a proxy calls an address than an address has', () => {
  expect(addressGroup('x'.repeat(10_000))).toHaveLength(64);
});
