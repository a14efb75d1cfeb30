// Whether records can be listened to: joins the group of listeners as the collector does, and looks at the buffer.
import { OperatingError } from '../../runtime/operating-error.ts';
import { openMulticast } from '../netlink/audit-socket.ts';
import { closeDescriptor } from '../netlink/libc.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';

/** `noteDirectory`: see BufferLimit. */
export function socketFindings(askedBytes: number, noteDirectory: string | undefined): readonly Finding[] {
  const join = 'multicast-join';
  const buffer = 'receive-buffer';
  try {
    const socket = openMulticast(askedBytes, noteDirectory);
    closeDescriptor(socket.fd);
    // The kernel reports twice what it granted.
    const grantedBytes = Math.floor(socket.receiveBuffer.gotBytes / 2);
    const joined = ok(join, 'this process may listen to audit records');
    if (grantedBytes >= askedBytes) return [joined, ok(buffer, `${mebibytes(grantedBytes)}, as asked for`)];
    return [
      joined,
      warn(
        buffer,
        `only ${grantedBytes} of ${askedBytes} bytes are granted: a burst of more than some ${Math.floor((2 * grantedBytes) / 944 / 4)} denials is lost`,
        `start it with CAP_NET_ADMIN, or: sysctl -w net.core.rmem_max=${askedBytes}`,
      ),
    ];
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    const isPermission = error.code === 'no-permission' || error.code === 'user-namespace';
    const finding = fail(join, error.message, error.mend);
    return [isPermission ? { ...finding, isPermission } : finding, unknown(buffer, 'no socket to look at')];
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round((bytes / 1024 / 1024) * 10) / 10} MiB`;
}
