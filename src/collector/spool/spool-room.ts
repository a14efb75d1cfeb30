// What bounds a spool beside its bytes: the room on its disk, and the age of what waits.
import { statfsSync, statSync } from 'node:fs';

/** Of a small disk no more than this share is left to others. */
const FREE_SHARE_MAX = 0.1;

/** Bytes that the disk has for the spool when `freeBytesMin` are left to others; where nobody can say, the next write does. */
export function roomOnDisk(directory: string, freeBytesMin: number): number {
  if (freeBytesMin === 0) return Number.POSITIVE_INFINITY;
  try {
    const { bavail, blocks, bsize } = statfsSync(directory);
    return Math.max(0, bavail * bsize - Math.min(freeBytesMin, blocks * bsize * FREE_SHARE_MAX));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Whether the file was last written to more than `ageMaxMs` ago. */
export function isOlder(path: string, ageMaxMs: number): boolean {
  const nowMs = Date.now();
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: nowMs };
  return nowMs - mtimeMs > ageMaxMs;
}
