// The C library's calls that Node does not offer, as plain functions: numbers and byte arrays in, a number out, and
// the errno where it failed. Numbers of constants are those of Linux on 64-bit machines. No policy here.
// A byte array that the kernel keeps an address of must be referenced by the caller for as long as it does.
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

/** A call's outcome: `value` ≥ 0, or the errno. */
export type CallOutcome =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly errno: number; readonly name: string };

export const AF_NETLINK = 16;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const NETLINK_AUDIT = 9;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_RCVBUFFORCE = 33;
export const SO_DOMAIN = 39;
export const SO_PROTOCOL = 38;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const POLLIN = 1;
export const EPERM = 1;
export const EINTR = 4;
export const EAGAIN = 11;
export const EEXIST = 17;
export const EAFNOSUPPORT = 97;
export const EPROTONOSUPPORT = 93;
export const ENOBUFS = 105;
export const ECONNREFUSED = 111;

const libc = koffi.load(null);
const nativeSocket = libc.func('int socket(int, int, int)');
const nativeBind = libc.func('int bind(int, const void *, uint32_t)');
const nativeSetsockopt = libc.func('int setsockopt(int, int, int, const void *, uint32_t)');
const nativeGetsockopt = libc.func('int getsockopt(int, int, int, void *, void *)');
const nativePoll = libc.func('int poll(void *, ulong, int)');
const nativeRecvmmsg = libc.func('int recvmmsg(int, void *, uint, int, void *)');
const nativeRecv = libc.func('intptr_t recv(int, void *, size_t, int)');
const nativeSend = libc.func('intptr_t send(int, const void *, size_t, int)');
const nativeClose = libc.func('int close(int)');
const nativeEventfd = libc.func('int eventfd(uint, int)');
const nativeWrite = libc.func('intptr_t write(int, const void *, size_t)');
const nativePrctl = libc.func('int prctl(int, ulong, ulong, ulong, ulong)');
const nativeCapset = libc.func('int capset(const void *, const void *)');
const nativeFcntl = libc.func('int fcntl(int, int, long)');
const nativeFlock = libc.func('int flock(int, int)');
const nativeExecve = libc.func('int execve(const char *, void *, void *)');

function outcome(returned: unknown): CallOutcome {
  const errno = koffi.errno();
  const value = Number(returned);
  return value >= 0 ? { ok: true, value } : { ok: false, errno, name: errnoName(errno) };
}

/** `EPERM` for 1. */
export function errnoName(errno: number): string {
  return errno > 0 ? getSystemErrorName(-errno) : 'OK';
}

/** A CLOEXEC socket of family netlink, protocol audit. */
export function auditSocket(): CallOutcome {
  return outcome(nativeSocket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT));
}

/** bind(2) to struct sockaddr_nl with a port of the kernel's choice; `groups` is the old-style bit mask. */
export function bindNetlink(fd: number, groups: number): CallOutcome {
  const address = new DataView(new ArrayBuffer(12));
  address.setUint16(0, AF_NETLINK, true);
  address.setUint32(8, groups, true);
  return outcome(nativeBind(fd, new Uint8Array(address.buffer), 12));
}

export function setSocketOption(fd: number, option: number, value: number): CallOutcome {
  return outcome(nativeSetsockopt(fd, SOL_SOCKET, option, Int32Array.of(value), 4));
}

export function getSocketOption(fd: number, option: number): CallOutcome {
  const value = Int32Array.of(0);
  const answer = outcome(nativeGetsockopt(fd, SOL_SOCKET, option, value, Uint32Array.of(4)));
  return answer.ok ? { ok: true, value: value[0] ?? 0 } : answer;
}

/** Joins a netlink multicast group by number. */
export function addMembership(fd: number, group: number): CallOutcome {
  const SOL_NETLINK = 270;
  const NETLINK_ADD_MEMBERSHIP = 1;
  return outcome(nativeSetsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, Int32Array.of(group), 4));
}

/** Leaves a netlink multicast group. */
export function dropMembership(fd: number, group: number): CallOutcome {
  const SOL_NETLINK = 270;
  const NETLINK_DROP_MEMBERSHIP = 2;
  return outcome(nativeSetsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, Int32Array.of(group), 4));
}

/** poll(2) on an array of struct pollfd (8 bytes each); blocks the thread. */
export function poll(descriptors: Uint8Array, count: number, timeoutMs: number): CallOutcome {
  return outcome(nativePoll(descriptors, count, timeoutMs));
}

/** recvmmsg(2) without waiting; the arrays behind the headers' pointers must be alive. */
export function recvmmsg(fd: number, headers: Uint8Array, count: number): CallOutcome {
  return outcome(nativeRecvmmsg(fd, headers, count, MSG_DONTWAIT, null));
}

export function recv(fd: number, into: Uint8Array, flags: number): CallOutcome {
  return outcome(nativeRecv(fd, into, into.byteLength, flags));
}

export function send(fd: number, bytes: Uint8Array): CallOutcome {
  return outcome(nativeSend(fd, bytes, bytes.byteLength, 0));
}

export function closeDescriptor(fd: number): void {
  nativeClose(fd);
}

/** A CLOEXEC eventfd at zero. */
export function eventDescriptor(): CallOutcome {
  return outcome(nativeEventfd(0, SOCK_CLOEXEC));
}

/** Makes an eventfd readable. */
export function signalEvent(fd: number): CallOutcome {
  return outcome(nativeWrite(fd, BigUint64Array.of(1n), 8));
}

/** The address of a byte array's memory, which V8 does not move. */
export function addressOf(bytes: Uint8Array): bigint {
  return koffi.address(bytes);
}

export function prctl(option: number, argument: number | bigint): CallOutcome {
  return outcome(nativePrctl(option, argument, 0, 0, 0));
}

/** capset(2) of the calling thread; the three sets as bit masks. */
export function capset(sets: { effective: bigint; permitted: bigint; inheritable: bigint }): CallOutcome {
  const VERSION_3 = 0x20080522;
  const halves = [0n, 32n].flatMap((shift) =>
    [sets.effective, sets.permitted, sets.inheritable].map((set) => Number((set >> shift) & 0xffffffffn)),
  );
  return outcome(nativeCapset(Uint32Array.of(VERSION_3, 0), Uint32Array.from(halves)));
}

/** flock(2), exclusive and without waiting; ends with the descriptor. */
export function lockExclusive(fd: number): CallOutcome {
  const LOCK_EX_NB = 6;
  return outcome(nativeFlock(fd, LOCK_EX_NB));
}

/** Lets an open descriptor survive execve. */
export function keepAcrossExec(fd: number): CallOutcome {
  const F_SETFD = 2;
  return outcome(nativeFcntl(fd, F_SETFD, 0));
}

/** Replaces the program of this process; returns only when that failed. */
export function execve(path: string, args: readonly string[], env: readonly string[]): CallOutcome {
  const strings: Uint8Array[] = [];
  const vector = (items: readonly string[]) => {
    const addresses = items.map((item) => {
      const bytes = Buffer.from(`${item}\0`);
      strings.push(bytes);
      return addressOf(bytes);
    });
    return BigUint64Array.from([...addresses, 0n]);
  };
  const [argv, envp] = [vector(args), vector(env)];
  const answer = outcome(nativeExecve(path, argv, envp));
  // Only to keep the strings referenced until the call has come back.
  return strings.length > 0 ? answer : answer;
}
