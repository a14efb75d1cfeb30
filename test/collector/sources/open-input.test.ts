import { execFileSync } from 'node:child_process';
import { appendFileSync, createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInput, totalSize } from '../../../src/collector/sources/open-input.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-input-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const TEXT = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${(i * 7919) % 104_729}\n`).join('');

async function read(path: string, stdin: Readable = Readable.from([])): Promise<{ text: string; damage: unknown }> {
  const input = await openInput(path, stdin);
  const chunks: Buffer[] = [];
  for await (const chunk of input.chunks) chunks.push(Buffer.from(chunk));
  await input.close();
  return { text: Buffer.concat(chunks).toString(), damage: input.damage() };
}

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('openInput', () => {
  it('gives a file, its size and how far it has been read', async () => {
    const path = file('log', TEXT);
    expect(await read(path)).toEqual({ text: TEXT, damage: undefined });
    const input = await openInput(path, Readable.from([]));
    expect([input.sizeBytes, await totalSize([path, path])]).toEqual([TEXT.length, 2 * TEXT.length]);
    await input.close();
  });

  it('gives an empty file and an empty standard input as nothing', async () => {
    expect(await read(file('empty', ''))).toEqual({ text: '', damage: undefined });
    expect(await read('-')).toEqual({ text: '', damage: undefined });
  });

  it('decompresses gzip, also from standard input and in several members', async () => {
    const half = TEXT.length >> 1;
    const members = Buffer.concat([zlib.gzipSync(TEXT.slice(0, half)), zlib.gzipSync(TEXT.slice(half))]);
    expect(await read(file('log.gz', members))).toEqual({ text: TEXT, damage: undefined });
    expect(await read('-', Readable.from([members.subarray(0, 100), members.subarray(100)]))).toMatchObject({
      text: TEXT,
    });
  });

  it('gives everything before the end of a truncated gzip file, and says that it is damaged', async () => {
    const whole = zlib.gzipSync(TEXT);
    const { text, damage } = await read(file('log.gz', whole.subarray(0, whole.length - 2000)));
    expect(TEXT.startsWith(text)).toBe(true);
    expect(text.length).toBeGreaterThan(TEXT.length * 0.9);
    expect(damage).toContain('damaged or ends early');
  });

  it('says that gzip data is damaged in the middle and gives what came before', async () => {
    const bytes = zlib.gzipSync(TEXT);
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 64);
    const { text, damage } = await read(file('log.gz', bytes));
    expect(text.length).toBeGreaterThan(TEXT.length / 4);
    expect(TEXT.startsWith(text.slice(0, TEXT.length / 4))).toBe(true);
    expect(damage).toContain('damaged');
  });

  it('reads zstd where Node.js can and otherwise names the way round', async () => {
    // A frame of one raw block (RFC 8878): single segment, one byte of size, the block's 3 bytes of header.
    const text = 'one line\nanother one\n';
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length, (text.length << 3) | 1, 0, 0]);
    const path = file('log.zst', Buffer.concat([header, Buffer.from(text)]));
    if ('createZstdDecompress' in zlib) {
      expect(await read(path)).toEqual({ text, damage: undefined });
      return;
    }
    await expect(read(path)).rejects.toMatchObject({
      code: 'cannot-decompress',
      message: expect.stringContaining(`${path} is zstd-compressed`),
      mend: `zstd -dc ${path} | trespass decode - (or import -)`,
    });
    const bytes = Readable.from([Buffer.concat([header, Buffer.from(text)])]);
    await expect(read('-', bytes)).rejects.toMatchObject({ mend: 'zstd -dc | trespass decode - (or import -)' });
  });

  it('names the way round for xz and bzip2', async () => {
    await expect(read(file('a', Buffer.from('\xfd7zXZ\0rest', 'latin1')))).rejects.toMatchObject({
      mend: expect.stringContaining('xz -dc'),
    });
    await expect(read(file('b', Buffer.from('BZh91AY&SYrest')))).rejects.toMatchObject({
      mend: expect.stringContaining('bzip2 -dc'),
    });
  });

  it('refuses a directory and a missing file with one clear error', async () => {
    await expect(read(directory)).rejects.toMatchObject({ code: 'is-directory' });
    await expect(read(join(directory, 'none'))).rejects.toMatchObject({ code: 'no-such-file' });
    await expect(totalSize([join(directory, 'none')])).rejects.toMatchObject({ code: 'no-such-file' });
  });

  it('reads a FIFO until its writer closes it', async () => {
    const path = join(directory, 'fifo');
    execFileSync('mkfifo', [path]);
    const reading = read(path);
    createWriteStream(path).end('one\ntwo');
    expect(await reading).toEqual({ text: 'one\ntwo', damage: undefined });
    expect(await totalSize([path])).toBeUndefined();
  });

  it('reads a regular file at once, to the byte, and lets other work have its turn meanwhile', async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000_001 }, (_, i) => (i * 7919 + (i >> 8)) & 0xff));
    // The head must look like no compression.
    bytes.write('text');
    const input = await openInput(file('bytes', bytes), Readable.from([]));
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns++;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    const chunks: Buffer[] = [];
    const positions: number[] = [];
    for await (const chunk of input.chunks) {
      chunks.push(Buffer.from(chunk));
      positions.push(input.position());
    }
    isReading = false;
    await input.close();
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(positions.at(-1)).toBe(bytes.length);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(turns).toBeGreaterThan(1);
  });

  it('reads what is appended to a regular file until its end is met, and says why reading failed', async () => {
    const path = file('growing', 'one\n');
    const input = await openInput(path, Readable.from([]));
    appendFileSync(path, 'two\n');
    const chunks: Buffer[] = [];
    for await (const chunk of input.chunks) chunks.push(Buffer.from(chunk));
    await input.close();
    expect(Buffer.concat(chunks).toString()).toBe('one\ntwo\n');
    // A file that may be opened and not be read.
    await expect(read('/proc/self/mem')).rejects.toMatchObject({ code: 'EIO' });
  });

  it('can be left in the middle', async () => {
    const input = await openInput(file('log.gz', zlib.gzipSync(TEXT)), Readable.from([]));
    for await (const chunk of input.chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await expect(input.close()).resolves.toBeUndefined();
  });
});
