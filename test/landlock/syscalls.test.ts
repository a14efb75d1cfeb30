import { expect, it } from 'vitest';
import { archName, syscallName } from '../../src/landlock/syscalls.ts';

it.each([
  ['c000003e', 'x86_64', 257, 'openat', 87, 'unlink'],
  ['40000003', 'i386', 295, 'openat', 10, 'unlink'],
  ['c00000b7', 'arm64', 56, 'openat', 35, 'unlinkat'],
  ['c00000f3', 'riscv64', 56, 'openat', 258, 'riscv_hwprobe'],
])('knows %s as %s with its own numbers', (arch, name, openat, openatName, other, otherName) => {
  expect(archName(arch)).toBe(name);
  expect(syscallName(arch, openat)).toBe(openatName);
  expect(syscallName(arch, other)).toBe(otherName);
  expect([444, 445, 446].map((number) => syscallName(arch, number))).toEqual([
    'landlock_create_ruleset',
    'landlock_add_rule',
    'landlock_restrict_self',
  ]);
});

it('knows the numbers of x32 by their bit', () => {
  expect(syscallName('c000003e', 0x4000_0000 + 2)).toBe('open');
  expect(syscallName('c000003e', 0x4000_0000 + 512)).toBe('rt_sigaction');
});

it('has no name for what is not in the tables, and keeps the architecture as it is written', () => {
  expect(syscallName('c000003e', 9999)).toBeUndefined();
  expect(syscallName('c000003e', -1)).toBeUndefined();
  expect(syscallName('deadbeef', 2)).toBeUndefined();
  expect(archName('deadbeef')).toBe('deadbeef');
});
