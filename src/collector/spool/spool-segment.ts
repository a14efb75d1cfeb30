// One file of the spool: frames of encoded lines, appended and never changed. A frame is
//   u32 magic, u32 length of the body, u32 crc32 of the body, u32 number of lines, u64 first sequence number, body
// little-endian; the body is lines of NDJSON. A file that was cut in the middle of a frame ends before that frame.
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const MAGIC = 0x54525331;
export const FRAME_HEADER_BYTES = 24;
/** One append of the spool is cut into frames of about this size; a batch is made of whole frames. */
export const FRAME_BYTES_TARGET = 512 * 1024;
export const FRAME_LINES_MAX = 500;
/** A frame that claims more is damage. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export interface FrameHeader {
  readonly bodyBytes: number;
  readonly crc: number;
  readonly lines: number;
  readonly firstSeq: number;
}

/** `body`: `lines` lines of NDJSON, each with its newline. */
export function encodeFrame(firstSeq: number, lines: number, body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + bodyBytes);
  frame.write(body, FRAME_HEADER_BYTES, 'utf8');
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(bodyBytes, 4);
  frame.writeUInt32LE(crc32(frame.subarray(FRAME_HEADER_BYTES)), 8);
  frame.writeUInt32LE(lines, 12);
  frame.writeBigUInt64LE(BigInt(firstSeq), 16);
  return frame;
}

/** undefined: these bytes begin no frame. */
export function decodeFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < FRAME_HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const header = {
    bodyBytes: bytes.readUInt32LE(4),
    crc: bytes.readUInt32LE(8),
    lines: bytes.readUInt32LE(12),
    firstSeq: Number(bytes.readBigUInt64LE(16)),
  };
  const isSane = header.bodyBytes <= FRAME_BYTES_MAX && header.lines > 0 && Number.isSafeInteger(header.firstSeq);
  return isSane ? header : undefined;
}

export interface Frame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly body: Buffer;
  /** Where the next frame begins. */
  readonly end: number;
}

/** The frame at `offset`, checked; undefined at the end of the file or where it is damaged. */
export function readFrame(fd: number, offset: number): Frame | undefined {
  const head = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  if (readSync(fd, head, 0, head.length, offset) < head.length) return undefined;
  const header = decodeFrameHeader(head);
  if (header === undefined) return undefined;
  const body = Buffer.allocUnsafe(header.bodyBytes);
  const start = offset + FRAME_HEADER_BYTES;
  if (readSync(fd, body, 0, body.length, start) < body.length || crc32(body) !== header.crc) return undefined;
  return {
    firstSeq: header.firstSeq,
    lastSeq: header.firstSeq + header.lines - 1,
    body,
    end: start + header.bodyBytes,
  };
}

/** What a file of the spool holds, after a torn tail was cut off. */
export interface RecoveredSegment {
  readonly firstSeq: number;
  /** firstSeq - 1: empty. */
  readonly lastSeq: number;
  readonly bytes: number;
  /** Cut off because no whole frame was there. */
  readonly tornBytes: number;
}

/** Reads the whole file once and cuts off what is no frame. `firstSeq` comes from the file's name. */
export function recoverSegment(path: string, firstSeq: number): RecoveredSegment {
  const fd = openSync(path, 'r+');
  try {
    const { size } = fstatSync(fd);
    let bytes = 0;
    let lastSeq = firstSeq - 1;
    for (;;) {
      const frame = readFrame(fd, bytes);
      // Numbers go up without a hole within a file: anything else was not written by us.
      if (frame === undefined || frame.firstSeq !== lastSeq + 1) break;
      bytes = frame.end;
      lastSeq = frame.lastSeq;
    }
    if (bytes < size) ftruncateSync(fd, bytes);
    return { firstSeq, lastSeq, bytes, tornBytes: size - bytes };
  } finally {
    closeSync(fd);
  }
}
