import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineWriter } from '../../src/cli/line-writer.ts';

/** A reader that takes one block at a time, when it is told to. */
function slowStream(): { stream: Writable; blocks: string[]; take: () => void } {
  const blocks: string[] = [];
  let pending: (() => void) | undefined;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      blocks.push(String(chunk));
      pending = done;
    },
  });
  return { stream, blocks, take: () => pending?.() };
}

describe('LineWriter', () => {
  it('gathers lines into large blocks and writes the rest at the end', async () => {
    const blocks: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        blocks.push(String(chunk));
        done();
      },
    });
    const writer = new LineWriter(stream);
    const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(40)}`);
    for (const line of lines) writer.write(line);
    await writer.end();
    expect(blocks.join('')).toBe(`${lines.join('\n')}\n`);
    expect(blocks.length).toBeLessThan(5);
  });

  it('gives every character its own bytes in UTF-8, whatever stands around it', async () => {
    const bytes: Buffer[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        bytes.push(Buffer.from(chunk));
        done();
      },
    });
    const writer = new LineWriter(stream);
    // ASCII alone, latin1, three and four bytes, a lone surrogate; some longer than a block.
    const odd = ['a', '\u007f', 'é', 'ÿ', '€', '\ufffd', '😀', '\ud800', '\u0000'];
    const lines = Array.from({ length: 4000 }, (_, i) => `${i} ${'x'.repeat(i % 97)}${odd[i % odd.length]}`);
    lines.push('é'.repeat(300_000), 'plain', `${'x'.repeat(131_071)}€`, '');
    for (const line of lines) writer.write(line);
    await writer.end();
    expect(Buffer.concat(bytes).equals(Buffer.from(`${lines.join('\n')}\n`, 'utf8'))).toBe(true);
  });

  it('asks to wait while the reader is behind', async () => {
    const { stream, blocks, take } = slowStream();
    const writer = new LineWriter(stream);
    expect(writer.room()).toBeUndefined();
    writer.write('y'.repeat(300_000));
    const room = writer.room();
    expect(room).toBeInstanceOf(Promise);
    take();
    await room;
    expect(writer.room()).toBeUndefined();
    expect(blocks).toHaveLength(1);
  });

  it('ends quietly when nobody reads any more', async () => {
    const { stream } = slowStream();
    const writer = new LineWriter(stream);
    writer.write('z'.repeat(300_000));
    const room = writer.room();
    stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await room;
    expect(writer.isClosed).toBe(true);
    writer.write('into nothing');
    await writer.end();
  });

  it('reports every other failure', async () => {
    const { stream } = slowStream();
    const writer = new LineWriter(stream);
    writer.write('z'.repeat(300_000));
    stream.destroy(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    await new Promise((resolve) => setImmediate(resolve));
    await expect(writer.end()).rejects.toThrow('no space');
  });
});
