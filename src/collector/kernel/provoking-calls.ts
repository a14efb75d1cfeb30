// System calls that the demo is refused. They run on the thread that Landlock restricts; Node does not offer them, or
// makes elsewhere. Each answers the errno as a name, or `OK` where the kernel let it pass. No policy here.
import koffi from 'koffi';
import { errnoName } from './landlock-syscalls.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 0x80001;
const PTRACE_SEIZE = 0x4206;
const LOOPBACK = [127, 0, 0, 1];

const libc = koffi.load(null);
const socket = libc.func('int socket(int, int, int)');
const bind = libc.func('int bind(int, const void *, uint32_t)');
const connect = libc.func('int connect(int, const void *, uint32_t)');
const listen = libc.func('int listen(int, int)');
const close = libc.func('int close(int)');
const execve = libc.func('int execve(const char *, void *, void *)');
const ptrace = libc.func('ptrace', 'long', ['long', 'int', 'ulong', 'ulong']);

/** The name of the errno of the call just made, or `OK`. */
function outcome(returned: number | bigint): string {
  return Number(returned) >= 0 ? 'OK' : errnoName(koffi.errno());
}

/** execve(2) without arguments and environment. Where it is not refused, it never comes back. */
export function execute(path: string): string {
  // Both lists hold nothing but their terminating null pointer.
  const empty = new BigUint64Array(1);
  return outcome(execve(path, empty, empty));
}

/** Attaches to a process without stopping it; this process's end lets go of it. */
export function seize(pid: number): string {
  return outcome(ptrace(PTRACE_SEIZE, pid, 0, 0));
}

/** bind(2) or connect(2) of a TCP socket on 127.0.0.1. */
export function tcpOnLoopback(call: 'bind' | 'connect', port: number): string {
  const address = Buffer.alloc(16);
  address.set(new Uint8Array(Uint16Array.of(AF_INET).buffer));
  address.writeUInt16BE(port, 2);
  address.set(LOOPBACK, 4);
  return withSocket(AF_INET, (fd) => (call === 'bind' ? bind : connect)(fd, address, address.length));
}

/** Listens on the abstract Unix socket `name` until this process ends. */
export function listenAbstract(name: string): string {
  const fd: number = socket(AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
  const address = abstractAddress(name);
  const bound = outcome(bind(fd, address, address.length));
  return bound === 'OK' ? outcome(listen(fd, 1)) : bound;
}

/** connect(2) to the abstract Unix socket `name`. */
export function connectAbstract(name: string): string {
  const address = abstractAddress(name);
  return withSocket(AF_UNIX, (fd) => connect(fd, address, address.length));
}

/** struct sockaddr_un with a name that starts with NUL: it lives in no directory. */
function abstractAddress(name: string): Buffer {
  return Buffer.concat([new Uint8Array(Uint16Array.of(AF_UNIX).buffer), Buffer.from(`\0${name}`)]);
}

function withSocket(family: number, use: (fd: number) => number): string {
  const fd: number = socket(family, SOCK_STREAM_CLOEXEC, 0);
  if (fd < 0) {
    return outcome(fd);
  }
  try {
    return outcome(use(fd));
  } finally {
    close(fd);
  }
}
