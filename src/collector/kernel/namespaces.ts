// Whether this process is where the kernel's audit can be reached: in the first user, PID and network namespace. The
// kernel refuses in the first two; in another network namespace it says yes and then never delivers a record.
import { readlinkSync } from 'node:fs';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';

/** The first namespaces' numbers are fixed (include/linux/proc_ns.h); the network's is not on all kernels. */
const INIT_USER_NAMESPACE = 'user:[4026531837]';
const INIT_PID_NAMESPACE = 'pid:[4026531836]';
/** Processes that are in the first network namespace: kthreadd, a thread of the kernel, for certain; init as a rule. */
const FIRST_NETWORK = ['/proc/2/ns/net', '/proc/1/ns/net'];

/** readlink(2) of a namespace; undefined where it may not be read. */
export type NamespaceReader = (path: string) => string | undefined;

/** Throws an OperatingError (exit code 4) where the kernel would refuse, or say nothing for ever. */
export function checkNamespaces(read: NamespaceReader = readNamespace): void {
  const user = read('/proc/self/ns/user');
  if (user !== undefined && user !== INIT_USER_NAMESPACE) throw elsewhere('user', 'the kernel refuses audit there');
  const pid = read('/proc/self/ns/pid');
  if (pid !== undefined && pid !== INIT_PID_NAMESPACE) throw elsewhere('PID', 'the kernel refuses audit control there');
  const own = read('/proc/self/ns/net');
  const first = FIRST_NETWORK.map(read).find((name) => name !== undefined);
  if (own !== undefined && first !== undefined && own !== first) {
    throw elsewhere('network', 'audit records are never delivered there');
  }
}

function elsewhere(kind: string, effect: string): OperatingError {
  return new OperatingError(
    `${kind.toLowerCase()}-namespace`,
    `this process is in a ${kind} namespace of its own: ${effect}`,
    'run the collector on the host (containers: host user, PID and network namespaces)',
    { exitCode: EXIT.permission },
  );
}

/** The default. */
export function readNamespace(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
