import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_BYTES_MAX, LineSplitter } from '../../../src/collector/sources/line-splitter.ts';

interface Cut {
  readonly lines: [string, number][];
  readonly overlong: [string, number][];
}

function cut(chunks: readonly Buffer[], lineMax = LINE_BYTES_MAX): Cut {
  const result: Cut = { lines: [], overlong: [] };
  const splitter = new LineSplitter(
    {
      line: (text, start, end, lineNumber) => result.lines.push([text.slice(start, end), lineNumber]),
      overlong: (head, lineNumber) => result.overlong.push([head, lineNumber]),
    },
    lineMax,
  );
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return result;
}

function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const size of sizes) {
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  chunks.push(bytes.subarray(offset));
  return chunks;
}

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(
        fc
          .uint8Array({ maxLength: 400 })
          .map((bytes) => Buffer.from(bytes.map((byte) => (byte % 7 === 0 ? 10 : byte)))),
        fc.array(fc.nat(40)),
        fc.integer({ min: 1, max: 30 }),
        (bytes, sizes, lineMax) => {
          expect(cut(pieces(bytes, sizes), lineMax)).toEqual(cut([bytes], lineMax));
        },
      ),
    );
  });

  it('ends lines with LF, CRLF and the end of the input, and counts them from 1', () => {
    expect(cut([Buffer.from('a\nb\r\n\nc')]).lines).toEqual([
      ['a', 1],
      ['b', 2],
      ['', 3],
      ['c', 4],
    ]);
  });

  it('keeps NUL and every other byte as one character', () => {
    expect(cut([Buffer.from([0, 0xff, 0x80, 10])]).lines).toEqual([['\0\xff\x80', 1]]);
  });

  it('gives up a line over the bound with its beginning and goes on with the next', () => {
    const long = 'x'.repeat(LINE_BYTES_MAX + 1);
    expect(cut([Buffer.from(`before\n${long}\nafter\n`)])).toEqual({
      lines: [
        ['before', 1],
        ['after', 3],
      ],
      overlong: [['x'.repeat(4096), 2]],
    });
  });

  it('takes a line of just the bound', () => {
    const line = 'x'.repeat(LINE_BYTES_MAX);
    expect(cut([Buffer.from(line), Buffer.from('\r\n')])).toEqual({ lines: [[line, 1]], overlong: [] });
  });

  it('holds no more than the bound of a line of 100 MB', () => {
    const result: number[] = [];
    const splitter = new LineSplitter({ line: () => result.push(-1), overlong: (head) => result.push(head.length) });
    const chunk = Buffer.alloc(64 * 1024, 'y');
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 1600; i++) splitter.push(chunk);
    splitter.push(Buffer.from('\nlast'));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6);
    splitter.end();
    expect(result).toEqual([4096, -1]);
  });
});
