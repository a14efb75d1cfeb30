import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileSource } from '../../../src/collector/sources/file.ts';
import type { RecordSink } from '../../../src/collector/sources/source.ts';
import { sourceHosts } from './support.ts';

let directory: string;
let path: string;
let source: FileSource | undefined;
let payloads: string[];
let malformed: string[];
let reasons: string[];
let ended: (Error | undefined)[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-follow-'));
  path = join(directory, 'audit.log');
  payloads = [];
  malformed = [];
  reasons = [];
  ended = [];
});
afterEach(async () => {
  await source?.stop();
  source = undefined;
  rmSync(directory, { recursive: true });
});

const sink: RecordSink = {
  record: (type, payload, node) => payloads.push(`${type} ${payload}${node ? ` ${node}` : ''}`),
  notice: () => undefined,
  malformed: ({ text, reason }) => {
    malformed.push(text);
    reasons.push(reason);
  },
  lost: () => undefined,
  room: () => undefined,
  ended: (error) => ended.push(error),
};

function line(serial: number): string {
  return `type=UNKNOWN[1423] msg=audit(1.002:${serial}): domain=1 blockers=ptrace\n`;
}

function seen(serials: readonly number[]): string[] {
  return serials.map((serial) => `1423 audit(1.002:${serial}): domain=1 blockers=ptrace`);
}

async function follow(into = sink): Promise<void> {
  source = new FileSource({ path, hosts: sourceHosts(), pollMs: 5 });
  await source.start(into);
}

async function sees(serials: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(payloads).toEqual(seen(serials)), { timeout: 5000, interval: 5 });
}

describe('FileSource', () => {
  it('reads the rotations and the file, oldest first, then what is appended', async () => {
    writeFileSync(`${path}.2.gz`, gzipSync(line(1)));
    writeFileSync(`${path}.1`, line(2));
    writeFileSync(path, line(3));
    await follow();
    await sees([1, 2, 3]);
    const whole = line(4);
    appendFileSync(path, whole.slice(0, 30));
    await new Promise((resolve) => setTimeout(resolve, 30));
    appendFileSync(path, whole.slice(30));
    await sees([1, 2, 3, 4]);
    expect(malformed).toEqual([]);
  });

  it('says which rotation it cannot read whole, and goes on with the next', async () => {
    const events = Array.from({ length: 400 }, (_, i) => line(i + 1)).join('');
    const packed = gzipSync(events);
    writeFileSync(`${path}.3.gz`, packed.subarray(0, packed.length - 100));
    writeFileSync(`${path}.2.gz`, Buffer.from('\xfd7zXZ\0rest', 'latin1'));
    writeFileSync(path, line(1000));
    await follow();
    await vi.waitFor(() => expect(payloads.at(-1)).toBe(seen([1000])[0]), { timeout: 5000, interval: 5 });
    expect(payloads.length).toBeGreaterThan(100);
    expect(payloads.slice(0, -1)).toEqual(seen(payloads.slice(0, -1).map((_, i) => i + 1)));
    expect(reasons).toEqual([
      expect.stringContaining('damaged or ends early'),
      expect.stringContaining(`${path}.2.gz is xz-compressed`),
    ]);
  });

  it('follows across rotation without losing what was written last', async () => {
    writeFileSync(path, line(1));
    await follow();
    await sees([1]);
    appendFileSync(path, line(2));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, line(3));
    writeFileSync(path, line(4));
    await sees([1, 2, 3, 4]);
  });

  it('follows when the log was rotated twice between two looks', async () => {
    writeFileSync(path, line(1));
    await follow();
    await sees([1]);
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, line(2));
    writeFileSync(path, line(3));
    await sees([1, 2, 3]);
  });

  it('waits for the new file, and begins again after truncation', async () => {
    writeFileSync(path, line(1) + line(2));
    await follow();
    await sees([1, 2]);
    truncateSync(path, 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(path, line(3));
    await sees([1, 2, 3]);
    rmSync(path);
    await new Promise((resolve) => setTimeout(resolve, 30));
    writeFileSync(path, line(4));
    await sees([1, 2, 3, 4]);
  });

  it('begins again when the log was truncated and written as far as before, or further, between two looks', async () => {
    writeFileSync(path, line(1));
    await follow();
    await sees([1]);
    writeFileSync(path, line(2));
    await sees([1, 2]);
    writeFileSync(path, line(3) + line(4));
    await sees([1, 2, 3, 4]);
    appendFileSync(path, line(5));
    await sees([1, 2, 3, 4, 5]);
  });

  it('begins again when that happens in the middle of a long read', async () => {
    // Many reads long.
    const before = Array.from({ length: 3000 }, (_, serial) => serial + 1);
    const after = before.map((serial) => serial + before.length);
    writeFileSync(path, before.map(line).join(''));
    let isTruncated = false;
    await follow({
      ...sink,
      room: () => {
        if (!isTruncated) writeFileSync(path, after.map(line).join(''));
        isTruncated = true;
        return undefined;
      },
    });
    await vi.waitFor(() => expect(payloads.at(-1)).toBe(seen(after).at(-1)), { timeout: 5000, interval: 5 });
    const read = payloads.slice(0, -after.length);
    expect(read.length).toBeLessThan(before.length);
    // The line that the truncation tore is handed on as far as it came.
    const torn = read.pop() ?? '';
    expect(seen(before)[read.length]?.startsWith(torn)).toBe(true);
    expect(read).toEqual(seen(before.slice(0, read.length)));
    expect(payloads.slice(-after.length)).toEqual(seen(after));
  });

  it('ends quietly when it is stopped, and says what is wrong with a missing file', async () => {
    await expect(follow()).rejects.toMatchObject({ code: 'no-such-file' });
    writeFileSync(path, line(1));
    await follow();
    await sees([1]);
    await source?.stop();
    expect(ended).toEqual([undefined]);
  });
});
