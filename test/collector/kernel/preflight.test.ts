import { describe, expect, it } from 'vitest';
import { lostGrowth } from '../../../src/collector/kernel/audit-watch.ts';
import { checkKernel, type Surroundings } from '../../../src/collector/kernel/preflight.ts';
import { refusal, socketRefusal } from '../../../src/collector/netlink/refusals.ts';

const GOOD: Surroundings = {
  kernelRelease: '6.18.44-fc',
  landlockAbi: 7,
  landlockErrno: 'OK',
};

function codeOf(check: () => unknown): unknown {
  try {
    check();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error && 'exitCode' in error ? [error.code, error.exitCode] : error;
  }
}

describe('the checks of the kernel before the start', () => {
  it('let a good kernel pass, and tell its ABI', () => {
    expect(checkKernel(GOOD)).toBe(7);
    expect(checkKernel({ ...GOOD, kernelRelease: '7.0.1', landlockAbi: 8 })).toBe(8);
  });

  it('name what is wrong with a kernel', () => {
    expect(codeOf(() => checkKernel({ ...GOOD, kernelRelease: '6.14.9' }))).toEqual(['kernel-too-old', 1]);
    expect(codeOf(() => checkKernel({ ...GOOD, kernelRelease: '5.15.0' }))).toEqual(['kernel-too-old', 1]);
    expect(codeOf(() => checkKernel({ ...GOOD, landlockAbi: undefined, landlockErrno: 'ENOSYS' }))).toEqual([
      'landlock-absent',
      1,
    ]);
    expect(() => checkKernel({ ...GOOD, landlockAbi: undefined, landlockErrno: 'EOPNOTSUPP' })).toThrowError(
      /not enabled/,
    );
    expect(codeOf(() => checkKernel({ ...GOOD, landlockAbi: 6 }))).toEqual(['landlock-too-old', 1]);
  });
});

describe("the kernel's refusals", () => {
  it.each([
    [1, 'no-permission', 4],
    [111, 'user-namespace', 4],
    [17, 'audit-daemon-present', 1],
    [22, 'audit-refused', 1],
  ])('errno %i is %s with exit code %i', (errno, code, exitCode) => {
    expect(refusal('change the audit status', errno)).toMatchObject({ code, exitCode });
  });

  it('a kernel without audit is named', () => {
    expect(socketRefusal(-93)).toMatchObject({ code: 'audit-absent' });
    expect(socketRefusal(97)).toMatchObject({ code: 'audit-absent' });
  });
});

describe("the kernel's counter of lost records", () => {
  it('grows, wraps and may be reset by somebody', () => {
    expect(lostGrowth(5, 5)).toBe(0);
    expect(lostGrowth(5, 12)).toBe(7);
    expect(lostGrowth(2 ** 32 - 2, 3)).toBe(5);
    expect(lostGrowth(1_000, 0)).toBe(0);
    expect(lostGrowth(1_000, 4)).toBe(4);
  });
});
