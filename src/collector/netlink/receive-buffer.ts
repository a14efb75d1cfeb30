// Makes a socket's receive buffer as large as it was asked for: by the right to exceed the limit, else by lifting the
// limit for the moment of the call, else up to the limit. What came of it is read back, not assumed.
import { readFileSync, writeFileSync } from 'node:fs';
import * as libc from './libc.ts';

/** The largest buffer that a process without CAP_NET_ADMIN may ask for, in bytes as asked (man 7 socket). */
const RMEM_MAX = '/proc/sys/net/core/rmem_max';

/**
 * The size that the kernel reports afterwards: twice what was asked, where it was granted. The limit is the whole
 * machine's, so it is put back before this returns; a buffer keeps its size. Never throws.
 */
export function growReceiveBuffer(fd: number, askedBytes: number, limitPath = RMEM_MAX): number {
  if (!libc.setSocketOption(fd, libc.SO_RCVBUFFORCE, askedBytes).ok) {
    withLimitOf(askedBytes, limitPath, () => libc.setSocketOption(fd, libc.SO_RCVBUF, askedBytes));
  }
  const got = libc.getSocketOption(fd, libc.SO_RCVBUF);
  return got.ok ? got.value : 0;
}

/** Root may set it without any capability, where /proc/sys is not mounted read-only. */
function withLimitOf(bytes: number, path: string, action: () => void): void {
  const before = readLimit(path);
  const isRaised = before !== undefined && before < bytes && writeLimit(path, bytes);
  try {
    action();
  } finally {
    // Left alone where somebody else has changed it meanwhile.
    if (isRaised && readLimit(path) === bytes) writeLimit(path, before);
  }
}

function readLimit(path: string): number | undefined {
  try {
    const limit = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(limit) ? limit : undefined;
  } catch {
    return undefined;
  }
}

function writeLimit(path: string, bytes: number): boolean {
  try {
    writeFileSync(path, `${bytes}\n`);
    return true;
  } catch {
    return false;
  }
}
