// The small files beside a spool's segments: its id, how far it was acknowledged, and who uses it.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { lockExclusive } from '../netlink/libc.ts';

const ID_FILE = 'spool-id';
const SPOOL_ID = /^[0-9a-f]{32}$/;
const MARK_BYTES = 12;

/** 32 hex digits, made when the spool is new. */
export function readOrMakeSpoolId(directory: string): string {
  const path = join(directory, ID_FILE);
  try {
    const id = readFileSync(path, 'utf8').trim();
    if (SPOOL_ID.test(id)) return id;
  } catch {
    // Not there yet, or not readable: then the write below says so.
  }
  const id = randomBytes(16).toString('hex');
  writeFileSync(`${path}.new`, `${id}\n`, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
  return id;
}

/** Makes this process the directory's only user until the descriptor is closed; undefined: another one is. */
export function lockSpool(directory: string): number | undefined {
  const fd = openSync(join(directory, 'lock'), 'a', 0o600);
  if (lockExclusive(fd).ok) return fd;
  closeSync(fd);
  return undefined;
}

/** Whether a collector holds the spool in `directory`; false as well where that is not ours to look at. */
export function isSpoolInUse(directory: string): boolean {
  try {
    // Opened as it is: looking must not make one.
    const fd = openSync(join(directory, 'lock'), constants.O_RDWR);
    const isFree = lockExclusive(fd).ok;
    closeSync(fd);
    return !isFree;
  } catch {
    return false;
  }
}

/** The acknowledged sequence number, rewritten in place: u64 and the crc32 of its bytes, little-endian. */
export class AckMark {
  readonly #fd: number;

  constructor(directory: string) {
    this.#fd = openSync(join(directory, 'acked'), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /** 0 where nothing was acknowledged, or where the mark is damaged: then the server gets it once more. */
  read(): number {
    const mark = Buffer.alloc(MARK_BYTES);
    if (readSync(this.#fd, mark, 0, MARK_BYTES, 0) < MARK_BYTES) return 0;
    if (crc32(mark.subarray(0, 8)) !== mark.readUInt32LE(8)) return 0;
    return Number(mark.readBigUInt64LE());
  }

  write(seq: number): void {
    const mark = Buffer.alloc(MARK_BYTES);
    mark.writeBigUInt64LE(BigInt(seq));
    mark.writeUInt32LE(crc32(mark.subarray(0, 8)), 8);
    writeSync(this.#fd, mark, 0, MARK_BYTES, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
