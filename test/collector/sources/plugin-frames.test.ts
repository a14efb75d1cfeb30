import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLine } from '../../../src/audit/parse-line.ts';
import { parseRecord } from '../../../src/audit/parse-record.ts';
import { PluginFrames } from '../../../src/collector/sources/plugin-frames.ts';

const FIXTURES = new URL('../../fixtures/plugin-stream/', import.meta.url).pathname;

type Seen = [version: number, type: number, text: string, index: number];

function frame(version: number, type: number, text: string, isBigEndian = false): Buffer {
  const header = Buffer.alloc(16);
  const values = [version, 16, type, Buffer.byteLength(text, 'latin1')];
  for (const [i, value] of values.entries()) {
    if (isBigEndian) header.writeUInt32BE(value, i * 4);
    else header.writeUInt32LE(value, i * 4);
  }
  return Buffer.concat([header, Buffer.from(text, 'latin1')]);
}

function read(chunks: readonly Buffer[]): { frames: Seen[]; broken: [string, number][] } {
  const frames: Seen[] = [];
  const broken: [string, number][] = [];
  const reader = new PluginFrames({
    frame: (version, type, text, index) => frames.push([version, type, text, index]),
    broken: (reason, _text, byte) => broken.push([reason, byte]),
  });
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return { frames, broken };
}

describe('PluginFrames', () => {
  it('reads versions 0 and 1 in both byte orders', () => {
    const bytes = Buffer.concat([
      frame(0, 1423, 'audit(1.002:3): domain=1 blockers=ptrace'),
      frame(1, 1424, 'node=a type=UNKNOWN[1424] msg=audit(1.002:3): x\n', true),
      frame(0, 1320, 'audit(1.002:3): '),
    ]);
    expect(read([bytes])).toEqual({
      frames: [
        [0, 1423, 'audit(1.002:3): domain=1 blockers=ptrace', 1],
        [1, 1424, 'node=a type=UNKNOWN[1424] msg=audit(1.002:3): x', 2],
        [0, 1320, 'audit(1.002:3): ', 3],
      ],
      broken: [],
    });
  });

  it.each([0, 1])('skips the padding that auditd 3 puts after each frame of version %i', (version) => {
    const padded = (text: string): Buffer =>
      Buffer.concat([frame(version, 1300, text), Buffer.alloc(8970 - text.length, 's')]);
    const bytes = Buffer.concat([padded('one'), padded('x'.repeat(8970)), padded('three')]);
    const { frames, broken } = read([bytes]);
    expect([frames.map(([, , text]) => text.length), broken]).toEqual([[3, 8970, 5], []]);
    const single = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect(read(single)).toEqual(read([bytes]));
    expect(read([padded('alone')])).toEqual({ frames: [[version, 1300, 'alone', 1]], broken: [] });
  });

  it('gives the same frames however the bytes are cut into chunks', () => {
    const bytes = Buffer.concat([frame(0, 1300, 'one'), frame(0, 1327, ''), frame(1, 1423, 'x'.repeat(500))]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 })), (sizes) => {
        const chunks: Buffer[] = [];
        let offset = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(offset, offset + size));
          offset += size;
        }
        chunks.push(bytes.subarray(offset));
        expect(read(chunks)).toEqual(read([bytes]));
      }),
    );
  });

  it('says once where the stream stops being frames, after everything before it', () => {
    const good = frame(1, 1423, 'good');
    expect(read([good, Buffer.from('random text that is no frame'), good])).toEqual({
      frames: [[1, 1423, 'good', 1]],
      broken: [['no frame of the binary plugin protocol', 20]],
    });
  });

  it('gives the records of auditd 3.0.9 alike in both of its formats', () => {
    const stream = gunzipSync(readFileSync(join(FIXTURES, 'auditd-3.0.9.binary.gz')));
    const lines = readFileSync(join(FIXTURES, 'auditd-3.0.9.string.log'), 'latin1').trimEnd().split('\n');
    const { frames, broken } = read([stream]);
    expect(broken).toEqual([]);
    expect(frames.map(([, type, text]) => parseRecord(type, text))).toEqual(lines.map((line) => parseLine(line)));
  });

  it('refuses a size beyond the bound instead of waiting for it', () => {
    const header = frame(0, 1423, '');
    header.writeUInt32LE(0xffff_ffff, 12);
    expect(read([header]).broken).toHaveLength(1);
  });

  it('says that the stream ended inside a frame', () => {
    const bytes = frame(0, 1423, 'cut off');
    expect(read([bytes.subarray(0, bytes.length - 2)]).broken).toEqual([['the stream ends inside a frame', 0]]);
  });

  it('never fails on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { frames, broken } = read([Buffer.from(bytes)]);
        expect(bytes.length === 0 || frames.length + broken.length > 0).toBe(true);
      }),
    );
  });
});
