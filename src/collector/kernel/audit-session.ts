// An audit session for one command: the kernel gives its number to every process and thread that descends from it,
// whatever becomes of their parents, groups and terminals, and writes it into their records (`ses=`). Setting the login
// uid is what begins one (kernel/audit.c, audit_set_loginuid); it is a property of a thread that children inherit.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const LOGIN_UID = '/proc/self/loginuid';
const SESSION_ID = '/proc/self/sessionid';
const UNSET = 4_294_967_295;

export interface AuditSession {
  readonly id: number;
  /** Ends it for this process; those that were started in it stay in it. */
  leave(): void;
}

/**
 * Puts the main thread into a new session. undefined: the kernel refuses (login uids are immutable here). The login uid
 * stays what it is; where it was unset, it is the user's for those that are started.
 */
export function enterAuditSession(): AuditSession | undefined {
  try {
    const before = Number(readFileSync(LOGIN_UID, 'utf8'));
    writeFileSync(LOGIN_UID, String(before === UNSET ? (process.getuid?.() ?? 0) : before));
    const id = Number(readFileSync(SESSION_ID, 'utf8'));
    if (!Number.isInteger(id) || id === UNSET) return undefined;
    return { id, leave: () => leave(before) };
  } catch {
    return undefined;
  }
}

function leave(before: number): void {
  try {
    writeFileSync(LOGIN_UID, String(before));
  } catch {
    // Then this process stays in the session as well: it is denied nothing.
  }
}

/** Whether a process lives and is in the session. */
export function isMemberOf(sessionId: number, pid: number | string): boolean {
  try {
    return Number(readFileSync(`/proc/${pid}/sessionid`, 'utf8')) === sessionId;
  } catch {
    return false;
  }
}

/** Where others start processes all the time, an empty list has to be believed some time. */
const emptyTriesMax = 100;

/** Processes that live in the session; of those born meanwhile one, if any. Only this host's, as /proc shows them. */
export function membersOf(sessionId: number): readonly number[] {
  let last = lastPid();
  let members = livingMembers(sessionId, readdirSync('/proc'));
  // One that ends while the list is read may leave a child that is not in it. Nobody was born: nobody is missed.
  for (let tries = 0; members.length === 0 && tries < emptyTriesMax; tries++) {
    const born = lastPid();
    if (born === last) break;
    members = livingMembers(sessionId, born > last ? numbersBetween(last, born) : readdirSync('/proc'));
    last = born;
  }
  return members;
}

/** The number that was given to a process last (proc_loadavg(5)). */
function lastPid(): number {
  return Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
}

/** Those after `first` up to `last`, as names. */
function numbersBetween(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first }, (_, n) => String(first + 1 + n));
}

function livingMembers(sessionId: number, names: readonly string[]): readonly number[] {
  return names
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => isMemberOf(sessionId, name) && !isZombie(name))
    .map(Number);
}

function isZombie(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
}
