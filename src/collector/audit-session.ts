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

/** Processes that live in the session. Only this host's, as /proc shows them. */
export function membersOf(sessionId: number): readonly number[] {
  return readdirSync('/proc')
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
