// The collector keeps only the rights that it uses. Capabilities belong to threads, and Node has started several
// before any line of ours runs; so a collector that was started with more than it needs opens its socket, limits what
// the process can ever hold, and then becomes itself again by execve(2): same pid, same open descriptors, every
// thread born with the few rights that are left.
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPrivileges } from '../../runtime/privileges.ts';
import { type AuditSocket, isAuditSocket } from '../netlink/audit-socket.ts';
import { capset, execve, keepAcrossExec, prctl } from '../netlink/libc.ts';

const CAP_AUDIT_CONTROL = 30;
const CAP_AUDIT_READ = 37;
const CAPABILITIES_MAX = 64;
const PR_CAPBSET_READ = 23;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;

/** `FD:ASKED:GOT` of a socket that was opened before the execve. */
const HANDED_OVER = 'TRESPASS_AUDIT_SOCKET';
/** Rights that survive the execve; the main thread then keeps what it polls with. */
const KEPT_CAPABILITIES = ['audit_control', 'audit_read'];
const AUDIT_RIGHTS = bits(CAP_AUDIT_CONTROL, CAP_AUDIT_READ);

function bits(...capabilities: readonly number[]): bigint {
  return capabilities.reduce((mask, capability) => mask | (1n << BigInt(capability)), 0n);
}

/** The socket that this process opened before it became itself again; undefined: it did not. */
export function takeHandedOverSocket(env: NodeJS.ProcessEnv = process.env): AuditSocket | undefined {
  const text = env[HANDED_OVER];
  delete env[HANDED_OVER];
  const [, fd, askedBytes, gotBytes] = /^(\d+):(\d+):(\d+)$/.exec(text ?? '') ?? [];
  if (fd === undefined || !isAuditSocket(Number(fd))) return undefined;
  return { fd: Number(fd), receiveBuffer: { askedBytes: Number(askedBytes), gotBytes: Number(gotBytes) } };
}

/** Whether there is anything to give up. */
export function holdsMoreThanNeeded(): boolean {
  return readPrivileges().capabilities.some((name) => !KEPT_CAPABILITIES.includes(name));
}

/**
 * Starts this program once more in place, limited to the audit capabilities, with `socket` handed over. Does not
 * return when it worked; otherwise says why it was not done, and nothing has changed.
 * `directories`: what the limited process must be able to write to; `server`: the Unix socket that it delivers to.
 */
export function restartLimited(
  socket: AuditSocket,
  needs: { readonly directories: readonly string[]; readonly server: string },
): string {
  const before = readPrivileges().capabilities;
  if (!before.includes('setpcap')) return 'CAP_SETPCAP is missing';
  const obstacle = findObstacle(needs.directories) ?? findServerObstacle(needs.server);
  if (obstacle !== undefined) return obstacle;
  const channelFd = channelDescriptor();
  for (const fd of [0, 1, 2, socket.fd, channelFd]) if (fd !== undefined) keepAcrossExec(fd);
  for (let capability = 0; capability < CAPABILITIES_MAX; capability++) {
    const isKept = capability === CAP_AUDIT_CONTROL || capability === CAP_AUDIT_READ;
    const held = prctl(PR_CAPBSET_READ, capability);
    if (!isKept && held.ok && held.value === 1) prctl(PR_CAPBSET_DROP, capability);
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1);
  const { askedBytes, gotBytes } = socket.receiveBuffer;
  const env = Object.entries({
    ...process.env,
    ...(channelFd !== undefined && { NODE_CHANNEL_FD: String(channelFd), NODE_CHANNEL_SERIALIZATION_MODE: 'json' }),
    [HANDED_OVER]: `${socket.fd}:${askedBytes}:${gotBytes}`,
  }).map(([name, value]) => `${name}=${value ?? ''}`);
  const answer = execve(process.execPath, [process.argv0, ...process.execArgv, ...process.argv.slice(1)], env);
  return answer.ok ? 'execve returned' : `execve: ${answer.name}`;
}

/** Limits the calling thread, and every thread that it starts from now on. */
export function limitThread(options: { readonly isDaemon: boolean }): void {
  const kept = (options.isDaemon ? AUDIT_RIGHTS : bits(CAP_AUDIT_CONTROL)) & permittedMask();
  capset({ effective: kept, permitted: kept, inheritable: 0n });
  prctl(PR_SET_NO_NEW_PRIVS, 1);
}

/** What the process could not do any more; tried with the rights that it would have. */
function findObstacle(directories: readonly string[]): string | undefined {
  const permitted = permittedMask();
  capset({ effective: AUDIT_RIGHTS & permitted, permitted, inheritable: 0n });
  let path = '';
  try {
    for (path of ownFiles()) closeSync(openSync(path, 'r'));
    for (path of directories) {
      const probe = join(path, `.probe-${process.pid}`);
      writeFileSync(probe, '', { flag: 'wx' });
      rmSync(probe);
    }
    return undefined;
  } catch (error) {
    return `${path} is out of reach without more rights (${error instanceof Error && 'code' in error ? error.code : 'error'})`;
  } finally {
    capset({ effective: permitted, permitted, inheritable: 0n });
  }
}

/** Without CAP_DAC_OVERRIDE even root needs the permission to write to a socket. One that is not there yet may do. */
function findServerObstacle(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const { uid, groups, gid } = readPrivileges();
  const mayWrite =
    stats.uid === uid
      ? (stats.mode & 0o200) !== 0
      : [gid, ...groups].includes(stats.gid)
        ? (stats.mode & 0o020) !== 0
        : (stats.mode & 0o002) !== 0;
  return mayWrite ? undefined : `${path} belongs to another account (uid ${stats.uid})`;
}

/** What the program reads when it starts: itself, a dependency, and every file that its arguments name. */
function ownFiles(): string[] {
  const dependency = createRequire(import.meta.url).resolve('koffi');
  const named = process.argv.slice(1).filter((argument) => argument.startsWith('/') && isFile(argument));
  return [process.execPath, fileURLToPath(import.meta.url), dependency, ...named];
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Of the main thread. */
function permittedMask(): bigint {
  const hex = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return BigInt(`0x${hex ?? '0'}`);
}

/** Node's own channel to a parent process; its number is not part of the documented interface. */
function channelDescriptor(): number | undefined {
  const channel: unknown = process.channel;
  if (typeof channel !== 'object' || channel === null || !('fd' in channel)) return undefined;
  return typeof channel.fd === 'number' && channel.fd >= 0 ? channel.fd : undefined;
}
