// Whether this process is where audit can be reached, and may: namespaces and capabilities.
import { OperatingError } from '../../runtime/operating-error.ts';
import { type Privileges, readPrivileges } from '../../runtime/privileges.ts';
import { checkNamespaces, type NamespaceReader, readNamespace } from '../kernel/namespaces.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

/** One each for the user, the PID and the network namespace. */
export function namespaceFindings(read: NamespaceReader = readNamespace): readonly Finding[] {
  return (['user', 'pid', 'net'] as const).map((kind) => {
    const check = `${kind === 'net' ? 'network' : kind}-namespace`;
    // The others are left out, so that each line tells of its own.
    const only: NamespaceReader = (path) => (path.endsWith(`/${kind}`) ? read(path) : undefined);
    try {
      checkNamespaces(only);
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error;
      const finding = fail(check, error.message, error.mend);
      // In another network namespace every call is allowed; nothing ever arrives.
      return kind === 'net' ? finding : { ...finding, isPermission: true };
    }
    const isKnown =
      read(`/proc/self/ns/${kind}`) !== undefined &&
      (kind !== 'net' || ['/proc/2/ns/net', '/proc/1/ns/net'].some((path) => read(path) !== undefined));
    return isKnown
      ? ok(check, 'the first one')
      : unknown(check, `which one it is cannot be read in /proc`, 'run as root');
  });
}

/** `isKernelRead`: the configured source is the kernel itself. */
export function capabilityFinding(isKernelRead: boolean, { capabilities }: Privileges = readPrivileges()): Finding {
  const check = 'capabilities';
  const missing = ['audit_control', 'audit_read'].filter((name) => !capabilities.includes(name));
  if (missing.length > 0) {
    const text = `this process lacks ${missing.map((name) => `CAP_${name.toUpperCase()}`).join(' and ')}`;
    if (!isKernelRead) return warn(check, text, 'run doctor as root: what follows of audit cannot be learned without');
    return { ...fail(check, text, 'run as root (sudo trespass doctor)'), isPermission: true };
  }
  if (!capabilities.includes('net_admin')) {
    return warn(check, 'CAP_NET_ADMIN is missing: the receive buffer may stay small', 'start it with CAP_NET_ADMIN');
  }
  return ok(check, 'CAP_AUDIT_CONTROL, CAP_AUDIT_READ, CAP_NET_ADMIN');
}
