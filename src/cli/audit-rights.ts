// Whether this process may do what the live sources need; asked before anything is started. Where it is comes first:
// being root in a container is of no use there.
import { checkNamespaces } from '../collector/kernel/namespaces.ts';
import type { Config } from '../runtime/config.ts';
import { EXIT, OperatingError } from '../runtime/operating-error.ts';
import { readPrivileges } from '../runtime/privileges.ts';

/**
 * Throws (exit code 4) where the source is the kernel and this process is in a namespace without audit, or lacks a
 * capability (`no-permission`).
 */
export function requireAuditRights(config: Config, command: string): void {
  if (config.collector.source !== 'netlink' && config.collector.source !== 'netlink-unicast') {
    return;
  }
  checkNamespaces();
  const { capabilities } = readPrivileges();
  const missing = ['audit_control', 'audit_read'].filter((name) => !capabilities.includes(name));
  if (missing.length > 0) {
    throw new OperatingError(
      'no-permission',
      `reading the kernel's audit needs ${missing.map((name) => `CAP_${name.toUpperCase()}`).join(' and ')}`,
      `start it as root (sudo trespass ${command})${command === 'check' ? '' : ', or read a log file with --source file --path FILE'}`,
      { exitCode: EXIT.permission },
    );
  }
}
