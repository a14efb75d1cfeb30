// Who this process is and what it may do, and how the server stops being root. Every change is read back: a
// process that only believes that it gave its rights away is worse than one that kept them.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { EXIT, OperatingError } from './operating-error.ts';

/** One line of the user database. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** What /proc/self/status says. `capabilities`: names of the effective ones, lower case without `cap_`. */
export interface Privileges {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly capabilities: readonly string[];
}

/** By bit number (include/uapi/linux/capability.h). */
const CAPABILITY_NAMES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct ' +
  'sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control ' +
  'setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ');

/** Names of the bits of a capability set as /proc prints it (hexadecimal). */
export function capabilityNames(hex: string): string[] {
  const names: string[] = [];
  let bits = BigInt(`0x${hex}`);
  for (let bit = 0; bits !== 0n; bit++, bits >>= 1n) {
    if ((bits & 1n) === 1n) {
      names.push(CAPABILITY_NAMES[bit] ?? `capability_${bit}`);
    }
  }
  return names;
}

function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
}

/** The effective rights of this process, as the kernel reports them. */
export function readPrivileges(): Privileges {
  const status = readFileSync('/proc/self/status', 'utf8');
  const numbers = (text: string) => text.split(/\s+/).filter(Boolean).map(Number);
  return {
    uid: numbers(statusField(status, 'Uid'))[1] ?? -1,
    gid: numbers(statusField(status, 'Gid'))[1] ?? -1,
    groups: numbers(statusField(status, 'Groups')),
    capabilities: capabilityNames(statusField(status, 'CapEff') || '0'),
  };
}

/** Whether this process started with root's user id (not: whether it holds a certain capability). */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The account of that name (or number); undefined where there is none. Asks /etc/passwd, then NSS by getent. */
export function findAccount(name: string): Account | undefined {
  const local = parseAccounts(readPasswd()).find((account) => account.name === name || String(account.uid) === name);
  if (local !== undefined || name.startsWith('-')) {
    return local;
  }
  const answer = spawnSync('getent', ['passwd', name], { encoding: 'utf8', timeout: 5_000 });
  return answer.status === 0 ? parseAccounts(answer.stdout)[0] : undefined;
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

function parseAccounts(text: string): Account[] {
  const accounts: Account[] = [];
  for (const line of text.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && uid && gid && /^\d+$/.test(uid) && /^\d+$/.test(gid)) {
      accounts.push({ name, uid: Number(uid), gid: Number(gid) });
    }
  }
  return accounts;
}

/** `findAccount`, or an OperatingError that says what to configure. */
export function requireAccount(name: string): Account {
  const account = findAccount(name);
  if (account === undefined) {
    throw new OperatingError(
      'no-such-user',
      `there is no user "${name}" for the server to run as`,
      'create it (useradd --system) or name another one as server.user in the configuration',
      { exitCode: EXIT.usage },
    );
  }
  return account;
}

/**
 * Becomes `account` for good, in every thread, and proves it: all user and group ids, no other group, and no
 * capability left. Does nothing when this process is not root. Throws OperatingError `privileges-kept`.
 */
export function dropPrivileges(account: Account): void {
  if (!isRoot() || account.uid === 0) {
    return;
  }
  process.setgroups?.([]);
  process.setgid?.(account.gid);
  process.setuid?.(account.uid);
  for (const thread of readdirSync('/proc/self/task')) {
    const kept = keptRights(readThreadStatus(thread), account);
    if (kept !== undefined) {
      throw new OperatingError(
        'privileges-kept',
        `cannot become user "${account.name}": thread ${thread} kept ${kept}`,
        'start it as that user instead (systemd: User=)',
        { exitCode: EXIT.permission },
      );
    }
  }
}

/** A thread may end between listing and reading. */
function readThreadStatus(thread: string): string | undefined {
  try {
    return readFileSync(`/proc/self/task/${thread}/status`, 'utf8');
  } catch {
    return undefined;
  }
}

function keptRights(status: string | undefined, account: Account): string | undefined {
  if (status === undefined) {
    return undefined;
  }
  for (const [field, id] of [
    ['Uid', account.uid],
    ['Gid', account.gid],
  ] as const) {
    if (
      statusField(status, field)
        .split(/\s+/)
        .some((value) => Number(value) !== id)
    ) {
      return `${field} ${statusField(status, field)}`;
    }
  }
  if (statusField(status, 'Groups') !== '') {
    return `groups ${statusField(status, 'Groups')}`;
  }
  for (const field of ['CapEff', 'CapPrm', 'CapAmb']) {
    if (/[1-9a-f]/.test(statusField(status, field))) {
      return `${field} ${statusField(status, field)}`;
    }
  }
  return undefined;
}
