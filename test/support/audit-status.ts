// Reads and sets the kernel's audit status for tests, synchronously, so that it also works in an exit handler.
// It shares no code with the collector on purpose: what a test restores must not depend on what it tests.
import koffi from 'koffi';

/** The part of struct audit_status that the tests change (include/uapi/linux/audit.h). */
export interface AuditStatus {
  readonly enabled: number;
  readonly daemonPid: number;
  readonly backlogLimit: number;
}

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 0x80003;
const NETLINK_AUDIT = 9;
const AUDIT_GET = 1000;
const AUDIT_SET = 1001;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST_ACK = 5;
const HEADER_BYTES = 16;
const STATUS_BYTES = 44;
const REPLIES_MAX = 64;

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int, int, int)');
const send = libc.func('intptr_t send(int, const void *, size_t, int)');
const recv = libc.func('intptr_t recv(int, void *, size_t, int)');
const close = libc.func('int close(int)');
const flockCall = libc.func('int flock(int, int)');

/** `flock(2)`: true when the lock is ours now. Ends with the file descriptor, also when the process is killed. */
export function tryLock(fd: number): boolean {
  const LOCK_EX = 2;
  const LOCK_NB = 4;
  return flockCall(fd, LOCK_EX | LOCK_NB) === 0;
}

function request(type: number, payload: Buffer): Buffer[] {
  const fd: number = socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_AUDIT);
  if (fd < 0) {
    throw new Error('cannot open an audit socket');
  }
  try {
    const message = Buffer.alloc(HEADER_BYTES + payload.length);
    message.writeUInt32LE(message.length, 0);
    message.writeUInt16LE(type, 4);
    message.writeUInt16LE(NLM_F_REQUEST_ACK, 6);
    message.writeUInt32LE(1, 8);
    payload.copy(message, HEADER_BYTES);
    send(fd, message, message.length, 0);
    const replies: Buffer[] = [];
    for (let i = 0; i < REPLIES_MAX; i++) {
      const buffer = Buffer.alloc(9000);
      const length = Number(recv(fd, buffer, buffer.length, 0));
      if (length < HEADER_BYTES) {
        throw new Error('the audit socket answered nothing');
      }
      replies.push(buffer.subarray(0, length));
      const isAck = buffer.readUInt16LE(4) === NLMSG_ERROR;
      if (isAck && buffer.readInt32LE(HEADER_BYTES) !== 0) {
        throw new Error(`audit request ${type} refused: errno ${-buffer.readInt32LE(HEADER_BYTES)}`);
      }
      if (isAck && (type !== AUDIT_GET || replies.length > 1)) {
        return replies;
      }
      if (!isAck && type === AUDIT_GET && replies.length > 1) {
        return replies;
      }
    }
    throw new Error('the audit socket never acknowledged');
  } finally {
    close(fd);
  }
}

/** The struct audit_status. */
function getStatus(): Buffer {
  for (const reply of request(AUDIT_GET, Buffer.alloc(0))) {
    if (reply.readUInt16LE(4) === AUDIT_GET) return reply.subarray(HEADER_BYTES);
  }
  throw new Error('AUDIT_GET got no status');
}

/** AUDIT_GET. Throws where this process may not ask. */
export function readAuditStatus(): AuditStatus {
  const status = getStatus();
  return {
    enabled: status.readUInt32LE(4),
    daemonPid: status.readUInt32LE(12),
    backlogLimit: status.readUInt32LE(20),
  };
}

/** Records that the kernel dropped because its queue was full, since boot or the last reset. */
export function readLost(): number {
  return getStatus().readUInt32LE(24);
}

/** AUDIT_SET of `enabled` and the backlog limit. */
export function setAuditStatus(status: { readonly enabled: number; readonly backlogLimit: number }): void {
  const ENABLED = 0x0001;
  const BACKLOG_LIMIT = 0x0010;
  const payload = Buffer.alloc(STATUS_BYTES);
  payload.writeUInt32LE(ENABLED | BACKLOG_LIMIT, 0);
  payload.writeUInt32LE(status.enabled, 4);
  payload.writeUInt32LE(status.backlogLimit, 20);
  request(AUDIT_SET, payload);
}
