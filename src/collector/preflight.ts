// Whether this machine can show Landlock denials to this process at all; asked before anything is changed.
import { readlinkSync } from 'node:fs';
import { release } from 'node:os';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { abiVersion, LOGGING_ABI, unavailableErrno } from './landlock-syscalls.ts';

/** Linux 6.15 brought the audit records 1423 and 1424. */
const KERNEL_MIN = [6, 15] as const;
/** The first namespaces' numbers are fixed (include/linux/proc_ns.h); the network's is not. */
const INIT_USER_NAMESPACE = 'user:[4026531837]';
const INIT_PID_NAMESPACE = 'pid:[4026531836]';

/** What the checks look at; replaced in tests. */
export interface Surroundings {
  readonly kernelRelease: string;
  readonly landlockAbi: number | undefined;
  readonly landlockErrno: string;
  /** readlink of a namespace; undefined where it may not be read. */
  readonly namespace: (path: string) => string | undefined;
}

/** Of this process. */
export function readSurroundings(): Surroundings {
  const landlockAbi = abiVersion();
  return {
    kernelRelease: release(),
    landlockAbi,
    landlockErrno: landlockAbi === undefined ? unavailableErrno() : 'OK',
    namespace: readNamespace,
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

/** Throws an OperatingError where the kernel would refuse, or say nothing for ever. */
export function checkNamespaces({ namespace }: Surroundings): void {
  const fail = (kind: string, effect: string) => {
    throw new OperatingError(
      `${kind}-namespace`,
      `this process is in a ${kind === 'pid' ? 'PID' : kind} namespace of its own: ${effect}`,
      'run the collector on the host (containers: host user, PID and network namespaces)',
      { exitCode: EXIT.permission },
    );
  };
  const user = namespace('/proc/self/ns/user');
  if (user !== undefined && user !== INIT_USER_NAMESPACE) fail('user', 'the kernel refuses audit there');
  const pid = namespace('/proc/self/ns/pid');
  if (pid !== undefined && pid !== INIT_PID_NAMESPACE) fail('pid', 'the kernel refuses audit control there');
  const [own, first] = [namespace('/proc/self/ns/net'), namespace('/proc/1/ns/net')];
  if (own !== undefined && first !== undefined && own !== first) {
    fail('network', 'audit records are never delivered there');
  }
}

function isOlder(kernelRelease: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
  if (major === undefined || minor === undefined) return false;
  const [majorMin, minorMin] = KERNEL_MIN;
  return Number(major) < majorMin || (Number(major) === majorMin && Number(minor) < minorMin);
}

function readNamespace(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
