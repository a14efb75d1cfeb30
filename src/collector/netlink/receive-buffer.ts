// Makes a socket's receive buffer as large as it was asked for: by the right to exceed the limit, else by lifting the
// limit for the moment of the call, else up to the limit. What came of it is read back, not assumed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStateNote, removeStateNote, writeStateNote } from '../state-note.ts';
import * as libc from './libc.ts';

/** The largest buffer that a process without CAP_NET_ADMIN may ask for, in bytes as asked (man 7 socket). */
const RMEM_MAX = '/proc/sys/net/core/rmem_max';
/** In `runtime.directory`, for as long as the limit is lifted. */
const STATE_FILE = 'rmem-max-before.json';

export interface BufferLimit {
  /** Where to note what the limit was. Absent: the limit stays. */
  readonly noteDirectory?: string | undefined;
  /** For tests. */
  readonly path?: string;
}

/**
 * The size that the kernel reports afterwards: twice what was asked, where it was granted. The limit is the whole
 * machine's, so it is put back before this returns; a buffer keeps its size. Never throws.
 */
export function growReceiveBuffer(fd: number, askedBytes: number, limit: BufferLimit = {}): number {
  if (!libc.setSocketOption(fd, libc.SO_RCVBUFFORCE, askedBytes).ok) {
    withLimitOf(askedBytes, limit, () => libc.setSocketOption(fd, libc.SO_RCVBUF, askedBytes));
  }
  const got = libc.getSocketOption(fd, libc.SO_RCVBUF);
  return got.ok ? got.value : 0;
}

/**
 * Puts the limit back where a process was killed while it had lifted it. Left alone where somebody else has changed it
 * since. May be called at any time; answers whether something was changed.
 */
export function restoreBufferLimit(noteDirectory: string, path = RMEM_MAX): boolean {
  const notePath = join(noteDirectory, STATE_FILE);
  const note = readStateNote(notePath);
  const before = note && Reflect.get(note, 'rmem_max_before');
  const isOurs = note !== undefined && readLimit(path) === Reflect.get(note, 'rmem_max_set');
  const isRestored = isOurs && isSize(before) && writeLimit(path, before);
  // One that may not be written by us is left to the supervisor.
  if (isRestored || !isOurs) removeStateNote(notePath);
  return isRestored;
}

/** Root may set it without any capability, where /proc/sys is not mounted read-only. */
function withLimitOf(bytes: number, { noteDirectory, path = RMEM_MAX }: BufferLimit, action: () => void): void {
  const isRaised = noteDirectory !== undefined && raiseLimit(bytes, noteDirectory, path);
  try {
    action();
  } finally {
    if (isRaised) restoreBufferLimit(noteDirectory, path);
  }
}

function raiseLimit(bytes: number, noteDirectory: string, path: string): boolean {
  const before = readLimit(path);
  if (before === undefined || before >= bytes) return false;
  try {
    const note = { rmem_max_before: before, rmem_max_set: bytes };
    writeStateNote(join(noteDirectory, STATE_FILE), 'the limit of receive buffers', note);
  } catch {
    return false;
  }
  if (writeLimit(path, bytes)) return true;
  removeStateNote(join(noteDirectory, STATE_FILE));
  return false;
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function readLimit(path: string): number | undefined {
  try {
    const limit = Number(readFileSync(path, 'utf8'));
    return isSize(limit) ? limit : undefined;
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
