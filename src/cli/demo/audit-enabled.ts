// Whether the kernel's audit is on, for the one sentence of the demo that depends on it. Changing it is the
// collector's business.
import koffi from 'koffi';

const AF_NETLINK = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 0x80803;
const NETLINK_AUDIT = 9;
const AUDIT_GET = 1000;
const NLM_F_REQUEST = 1;
const HEADER_BYTES = 16;
const ENABLED_OFFSET = HEADER_BYTES + 4;
const REPLIES_MAX = 4;

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const send = libc.func('intptr_t send(int, const void *, size_t, int)');
const recv = libc.func('intptr_t recv(int, void *, size_t, int)');
const close = libc.func('int close(int)');

/** undefined where this process may not ask (it takes CAP_AUDIT_CONTROL), or where the kernel has no audit. */
export function isAuditEnabled(): boolean | undefined {
  const fd: number = socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_AUDIT);
  if (fd < 0) {
    return undefined;
  }
  try {
    // struct nlmsghdr in the machine's byte order: length, type and flags, sequence, port.
    const request = Uint32Array.of(HEADER_BYTES, 0, 1, 0);
    new Uint16Array(request.buffer).set([AUDIT_GET, NLM_F_REQUEST], 2);
    if (Number(send(fd, request, HEADER_BYTES, 0)) !== HEADER_BYTES) {
      return undefined;
    }
    // The kernel answers during send(2), so that nothing has to wait.
    for (let i = 0; i < REPLIES_MAX; i++) {
      const reply = new ArrayBuffer(1024);
      const length = Number(recv(fd, new Uint8Array(reply), reply.byteLength, 0));
      if (length < 0) {
        return undefined;
      }
      if (new DataView(reply).byteLength >= ENABLED_OFFSET + 4 && new Uint16Array(reply)[2] === AUDIT_GET) {
        return new Uint32Array(reply)[ENABLED_OFFSET / 4] !== 0;
      }
    }
    return undefined;
  } finally {
    close(fd);
  }
}
