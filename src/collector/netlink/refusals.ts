// What the kernel's refusals mean for the person who runs the program, and what to do about each.
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import { EAFNOSUPPORT, ECONNREFUSED, EEXIST, EPERM, EPROTONOSUPPORT, errnoName } from './libc.ts';

const AS_ROOT = 'run as root, or with CAP_AUDIT_CONTROL, CAP_AUDIT_READ and CAP_NET_ADMIN';

/** No permission: exit code 4. `what` completes "may not …". */
export function permissionRefusal(what: string, cause?: unknown): OperatingError {
  return new OperatingError('no-permission', `this process may not ${what} (EPERM)`, AS_ROOT, {
    exitCode: EXIT.permission,
    cause,
  });
}

/** socket(2) of the audit protocol failed. The sign of `errno` does not matter. */
export function socketRefusal(errno: number, cause?: unknown): OperatingError {
  const number = Math.abs(errno);
  if (number === EPROTONOSUPPORT || number === EAFNOSUPPORT) {
    return new OperatingError(
      'audit-absent',
      `this kernel has no audit (${errnoName(number)})`,
      'boot a kernel that was built with CONFIG_AUDIT, without audit=off on its command line',
      { cause },
    );
  }
  return refusal('open the audit socket', number, cause);
}

/** A request was answered by an error. `what`: "read the audit status". errno 0: no answer came, or an odd one. */
export function refusal(what: string, errno: number, cause?: unknown): OperatingError {
  if (errno === EPERM) return permissionRefusal(`${what} of the first PID and user namespace`, cause);
  if (errno === ECONNREFUSED) {
    return new OperatingError(
      'user-namespace',
      `cannot ${what}: audit does not exist in this user or network namespace (ECONNREFUSED)`,
      'run in the first user, PID and network namespace (containers: --privileged with the host namespaces)',
      { exitCode: EXIT.permission, cause },
    );
  }
  if (errno === EEXIST) {
    return new OperatingError(
      'audit-daemon-present',
      'another audit daemon is registered with the kernel (EEXIST)',
      'stop it first, or use the source "netlink", which works beside it',
      { cause },
    );
  }
  const detail = errno === 0 ? 'no answer' : errnoName(errno);
  return new OperatingError('audit-refused', `cannot ${what} (${detail})`, 'see the kernel log', { cause });
}
