// Writes audit.log from the kernel's records as auditd does: no EOE, no trailing blanks, and the numbers of types that
// it does not know. A second listener beside the collector; it shares the socket's code, and no decoding.
import { appendFileSync } from 'node:fs';
import { openMulticast } from '../../src/collector/netlink/audit-socket.ts';
import { closeDescriptor } from '../../src/collector/netlink/libc.ts';
import { forEachRecord } from '../../src/collector/netlink/record-batch.ts';
import { BatchedReader } from '../../src/collector/netlink/record-stream.ts';

const EOE = 1320;
/** What auditd up to 4.2.1 has names for, of what Landlock's events are made of. */
const NAMES = new Map([
  [1300, 'SYSCALL'],
  [1302, 'PATH'],
  [1305, 'CONFIG_CHANGE'],
  [1307, 'CWD'],
  [1327, 'PROCTITLE'],
  [1335, 'EVENT_LISTENER'],
]);

export interface AuditLogWriter {
  /** Writes what has come; nothing more afterwards. Rejects where records were lost on the way. */
  close(): Promise<void>;
}

/** Starts writing to `path`. The caller holds the kernel lock. */
export async function writeAuditLog(path: string): Promise<AuditLogWriter> {
  const { fd } = openMulticast(16 * 1024 * 1024);
  const reader = new BatchedReader(fd, 'wait');
  let lost = 0;
  await reader.start({
    batch: (bytes) => {
      const lines: string[] = [];
      forEachRecord(bytes, (type, payload) => {
        if (type === EOE) return;
        lines.push(`type=${NAMES.get(type) ?? `UNKNOWN[${type}]`} msg=${payload.trimEnd()}\n`);
      });
      appendFileSync(path, lines.join(''), 'latin1');
    },
    overrun: ({ count }) => {
      lost += count;
    },
    overflow: ({ count }) => {
      lost += count;
    },
    ended: () => {},
  });
  return {
    close: async () => {
      await reader.stop(2_000);
      closeDescriptor(fd);
      if (lost > 0) throw new Error('the log writer was too slow');
    },
  };
}
