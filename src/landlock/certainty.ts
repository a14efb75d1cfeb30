// Whether the task of the SYSCALL record must be inside the domain that denied. It need not where Landlock checks a
// credential that is not the caller's: security/landlock/fs.c (a file's opener, for ftruncate and ioctl), task.c
// (TRACEME's tracer, the owner that F_SETOWN set), and io_uring with a registered personality.
import type { BlockerSet } from './blocker-set.ts';
import { findBlocker } from './blockers.ts';
import type { ActorCertainty } from './document.ts';

/** What the answer depends on. */
export interface CertaintyParts {
  readonly from: 'syscall' | 'io_uring' | 'none';
  readonly blockers: BlockerSet;
  readonly syscall: string | undefined;
  readonly pid: number | undefined;
  readonly targetPid: number | undefined;
}

/** The system calls that check the caller itself, where others check someone else, by blocker. */
const OWN_CALLS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['fs.truncate', new Set(['truncate', 'truncate64', 'open', 'openat', 'openat2', 'creat'])],
  ['fs.ioctl_dev', new Set<string>()],
  ['scope.signal', new Set(['kill', 'tkill', 'tgkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal'])],
]);

function mustBeInside(blocker: string, parts: CertaintyParts): boolean {
  const { syscall, pid, targetPid } = parts;
  // TRACEME: the domain is the tracer's, and the object is the caller itself.
  if (blocker === 'ptrace') return targetPid !== undefined && targetPid !== pid;
  const own = OWN_CALLS.get(blocker);
  if (own !== undefined) return syscall !== undefined && own.has(syscall);
  return findBlocker(blocker) !== undefined;
}

/** `certain` only where nothing known of the kernel speaks against it; a blocker that is not known is a doubt. */
export function certaintyOf(parts: CertaintyParts): ActorCertainty {
  if (parts.from === 'none') return 'absent';
  if (parts.from === 'io_uring' || parts.syscall?.startsWith('io_uring_')) return 'may_be_outside';
  if (!parts.blockers.isSubjectTrap) return 'certain';
  return parts.blockers.names.every((blocker) => mustBeInside(blocker, parts)) ? 'certain' : 'may_be_outside';
}
