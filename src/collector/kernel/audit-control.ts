// Makes the kernel's audit fit to listen to, and puts it back: turns it on where it was off and raises the backlog
// limit. What it was before is written to a file before the first change, so that whoever comes next, this process
// or its supervisor, can mend what a crash left behind.
import { join } from 'node:path';
import { EXIT, OperatingError } from '../../runtime/operating-error.ts';
import type { AuditChange, AuditStatus } from '../netlink/audit-status.ts';
import { AuditControl } from '../netlink/control.ts';
import { readStateNote, removeStateNote, writeStateNote } from '../state-note.ts';
import { isWantedByOthers, markWanted, unmarkWanted } from './audit-wanters.ts';

/** In `runtime.directory`. */
const STATE_FILE = 'audit-before.json';
const ENABLED_LOCKED = 2;

/** What was found, and what was made of it, in one boot. */
export interface AuditBefore {
  readonly boot_id: string;
  readonly enabled_before: number;
  readonly backlog_limit_before: number;
  /** The daemon that was content with audit as it was; absent where there was none. */
  readonly daemon_pid_before?: number;
  /** As we set them; absent where nothing had to be changed. */
  readonly enabled_set?: number;
  readonly backlog_limit_set?: number;
}

/** The part of AuditControl that is needed here. */
export type StatusControl = Pick<AuditControl, 'status' | 'set' | 'close'>;

export interface AppliedAudit {
  readonly before: { readonly enabled: number; readonly backlogLimit: number };
  readonly now: AuditStatus;
}

/**
 * Turns audit on and raises the backlog limit to at least `backlogLimit` (0: leave it). Notes what was before in
 * `directory`; where such a note of this boot exists, its values stay the ones to go back to.
 * Throws OperatingError `audit-locked`, or what the kernel refuses.
 */
export async function applyAudit(
  control: StatusControl,
  directory: string,
  backlogLimit: number,
): Promise<AppliedAudit> {
  // Before we look: whoever ends meanwhile leaves audit to us.
  markWanted(directory);
  const found = await control.status();
  if (found.enabled === ENABLED_LOCKED) {
    // Records flow, and the limit is what it is: only a machine that would need a change cannot be served well.
    if (isEnough(found.backlogLimit, backlogLimit)) {
      return { before: { enabled: found.enabled, backlogLimit: found.backlogLimit }, now: found };
    }
    throw lockedError(found, backlogLimit);
  }
  const note = readNote(directory);
  const before = {
    enabled: note?.enabled_before ?? found.enabled,
    backlogLimit: note?.backlog_limit_before ?? found.backlogLimit,
  };
  const change: AuditChange = {
    ...(found.enabled === 0 && { enabled: 1 }),
    ...(!isEnough(found.backlogLimit, backlogLimit) && { backlogLimit }),
  };
  if (change.enabled === undefined && change.backlogLimit === undefined) return { before, now: found };
  const toNote: Omit<AuditBefore, 'boot_id'> = {
    enabled_before: before.enabled,
    backlog_limit_before: before.backlogLimit,
    ...pick('daemon_pid_before', note === undefined ? found.daemonPid || undefined : note.daemon_pid_before),
    ...pick('enabled_set', change.enabled ?? note?.enabled_set),
    ...pick('backlog_limit_set', change.backlogLimit ?? note?.backlog_limit_set),
  };
  writeStateNote(join(directory, STATE_FILE), 'the audit status', toNote);
  // The limit first: with audit on, the default of 64 loses a burst at once.
  if (change.backlogLimit !== undefined) await control.set({ backlogLimit: change.backlogLimit });
  if (change.enabled !== undefined) await control.set({ enabled: change.enabled });
  const now = await control.status();
  if (now.enabled === 0 || !isEnough(now.backlogLimit, backlogLimit)) {
    throw new OperatingError(
      'audit-unchanged',
      `the kernel acknowledged, but audit is enabled=${now.enabled} backlog_limit=${now.backlogLimit}`,
      'look for another program that sets the audit status (auditctl -s)',
    );
  }
  return { before, now };
}

/**
 * Puts audit back as the note in `directory` says, and removes the note. Does nothing without a note of this boot.
 * A value that somebody else has changed since is left alone, and audit stays on for a daemon that has come since. While
 * another of us wants it to be on, nothing is done: the last one puts it back.
 * May be called at any time and by several processes; answers whether something was changed.
 */
export async function restoreAudit(
  directory: string,
  open: () => StatusControl = () => AuditControl.open(),
): Promise<boolean> {
  unmarkWanted(directory);
  if (isWantedByOthers(directory)) return false;
  const note = readNote(directory);
  if (note === undefined) {
    removeStateNote(join(directory, STATE_FILE));
    return false;
  }
  const control = open();
  try {
    const found = await control.status();
    const known = [0, process.pid, note.daemon_pid_before];
    const isUsedByOthers = !known.includes(found.daemonPid) && isAlive(found.daemonPid);
    const change: AuditChange = {
      ...(note.enabled_set !== undefined &&
        found.enabled === note.enabled_set &&
        !isUsedByOthers && { enabled: note.enabled_before }),
      ...(note.backlog_limit_set !== undefined &&
        found.backlogLimit === note.backlog_limit_set && { backlogLimit: note.backlog_limit_before }),
    };
    // Off before the small limit returns: the last records are on their way.
    if (change.enabled !== undefined) await control.set({ enabled: change.enabled });
    if (change.backlogLimit !== undefined) await control.set({ backlogLimit: change.backlogLimit });
    removeStateNote(join(directory, STATE_FILE));
    return change.enabled !== undefined || change.backlogLimit !== undefined;
  } finally {
    control.close();
  }
}

/** 0 is unlimited, on either side. */
function isEnough(limit: number, wanted: number): boolean {
  return limit === 0 || wanted === 0 || limit >= wanted;
}

function lockedError(found: AuditStatus, wanted: number): OperatingError {
  return new OperatingError(
    'audit-locked',
    `audit is locked until the next boot (enabled=2) with a backlog limit of ${found.backlogLimit}, below ${wanted}`,
    `set collector.backlog_limit = ${found.backlogLimit}, or put -b ${wanted} before -e 2 in the audit rules and reboot`,
    { exitCode: EXIT.failed },
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function pick<K extends string>(key: K, value: number | undefined): { readonly [key in K]?: number } {
  // `as`: an object with one computed key is that type; TypeScript widens it to a string index.
  return value === undefined ? {} : ({ [key]: value } as { readonly [key in K]: number });
}

/** undefined: none, of another boot, or not readable as one. */
function readNote(directory: string): AuditBefore | undefined {
  const note = readStateNote(join(directory, STATE_FILE));
  return note !== undefined && isNote(note) ? note : undefined;
}

function isNote(value: object): value is AuditBefore {
  const isNumber = (key: string) => key in value && Number.isInteger(Reflect.get(value, key));
  const isAbsent = (key: string) => !(key in value);
  return (
    typeof Reflect.get(value, 'boot_id') === 'string' &&
    isNumber('enabled_before') &&
    isNumber('backlog_limit_before') &&
    (isAbsent('daemon_pid_before') || isNumber('daemon_pid_before')) &&
    (isAbsent('enabled_set') || isNumber('enabled_set')) &&
    (isAbsent('backlog_limit_set') || isNumber('backlog_limit_set'))
  );
}
