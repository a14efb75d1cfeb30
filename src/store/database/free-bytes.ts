// How much room a file system has left.
import { statfsSync } from 'node:fs';

/** Bytes that an ordinary user may still write below `path`; undefined where this process cannot see it. */
export function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
