// Who has a database open: SQLite holds locks on the files of one in use, and the kernel lists all locks in /proc/locks
// (Documentation/filesystems/proc.rst). Also works for a file that SQLite itself refuses to open.
import { readFileSync, statSync } from 'node:fs';

/** `1: POSIX  ADVISORY  READ 1234 00:2f:5678 128 128`, with `->` before those that wait. */
const LOCK = /^\d+: (?:POSIX|OFDLCK)\s+\S+\s+\S+\s+(-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /;

/**
 * Ids of the processes that hold a lock on one of `files`; -1 where the kernel does not say which. Compares inodes
 * without their device, whose number is told differently on some file systems: one too many only refuses.
 */
export function lockHolders(files: readonly string[]): readonly number[] {
  const inodes = new Set(files.map((file) => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino.toString()));
  const holders = new Set<number>();
  for (const line of readLocks().split('\n')) {
    const [, pid, inode] = LOCK.exec(line) ?? [];
    if (inodes.has(inode) && inode !== undefined) holders.add(Number(pid));
  }
  return [...holders];
}

function readLocks(): string {
  try {
    return readFileSync('/proc/locks', 'utf8');
  } catch {
    return '';
  }
}
