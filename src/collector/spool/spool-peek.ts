// What waits in a spool, byte for byte as it will travel, without disturbing the collector that uses it: nothing is
// written, locked or cut off.
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { SEGMENT_NAME } from './spool-files.ts';
import { type Frame, readFrame } from './spool-segment.ts';

/** Frames with a line that is not acknowledged, oldest first. Throws where the directory cannot be read. */
export function* peekSpool(directory: string): Generator<Frame> {
  const ackedSeq = readAcked(directory);
  for (const name of readdirSync(directory).sort()) {
    if (!SEGMENT_NAME.test(name)) continue;
    const fd = openSync(join(directory, name), 'r');
    try {
      for (let frame = readFrame(fd, 0); frame !== undefined; frame = readFrame(fd, frame.end)) {
        if (frame.lastSeq > ackedSeq) yield frame;
      }
    } finally {
      closeSync(fd);
    }
  }
}

/** As AckMark writes it; 0 where there is none. */
function readAcked(directory: string): number {
  try {
    const mark = readFileSync(join(directory, 'acked'));
    return mark.length >= 12 && crc32(mark.subarray(0, 8)) === mark.readUInt32LE(8)
      ? Number(mark.readBigUInt64LE())
      : 0;
  } catch {
    return 0;
  }
}
