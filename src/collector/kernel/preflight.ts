// Whether this kernel can show Landlock denials at all; asked before anything is changed. Where in it this process
// is, namespaces.ts knows.
import { release } from 'node:os';
import { OperatingError } from '../../runtime/operating-error.ts';
import { abiVersion, LOGGING_ABI, unavailableErrno } from './landlock-syscalls.ts';

/** Linux 6.15 brought the audit records 1423 and 1424. */
const KERNEL_MIN = [6, 15] as const;

/** What the checks look at; replaced in tests. */
export interface Surroundings {
  readonly kernelRelease: string;
  readonly landlockAbi: number | undefined;
  readonly landlockErrno: string;
}

/** Of this machine. */
export function readSurroundings(): Surroundings {
  const landlockAbi = abiVersion();
  return {
    kernelRelease: release(),
    landlockAbi,
    landlockErrno: landlockAbi === undefined ? unavailableErrno() : 'OK',
  };
}

/** The Landlock ABI. Throws an OperatingError for the first thing that stands in the way. */
export function checkKernel(surroundings: Surroundings): number {
  const { kernelRelease, landlockAbi, landlockErrno } = surroundings;
  if (isOlder(kernelRelease)) {
    throw new OperatingError(
      'kernel-too-old',
      `Linux ${kernelRelease} does not log Landlock denials`,
      'boot Linux 6.15 or later; logs from other machines can be read with trespass decode and import',
    );
  }
  if (landlockAbi === undefined) {
    const isBuiltIn = landlockErrno === 'EOPNOTSUPP';
    throw new OperatingError(
      'landlock-absent',
      `Landlock is ${isBuiltIn ? 'not enabled' : 'not built into this kernel'} (${landlockErrno})`,
      isBuiltIn
        ? 'add landlock to lsm= on the kernel command line and reboot'
        : 'boot a kernel with CONFIG_SECURITY_LANDLOCK=y',
    );
  }
  if (landlockAbi < LOGGING_ABI) {
    throw new OperatingError(
      'landlock-too-old',
      `this kernel's Landlock has ABI ${landlockAbi}, and denials are logged from ABI ${LOGGING_ABI} on`,
      'boot Linux 6.15 or later',
    );
  }
  return landlockAbi;
}

function isOlder(kernelRelease: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [majorMin, minorMin] = KERNEL_MIN;
  return Number(major) < majorMin || (Number(major) === majorMin && Number(minor) < minorMin);
}
