// The limit of receive buffers is the machine's. These use a file in its place; test/kernel uses the real one.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { growReceiveBuffer, restoreBufferLimit } from '../../src/collector/netlink/receive-buffer.ts';

const NOTE = 'rmem-max-before.json';
const BOOT_ID = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-limit-'));
  path = join(directory, 'rmem_max');
  writeFileSync(path, '212992\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

const limit = () => Number(readFileSync(path, 'utf8'));
const note = (content: object) => writeFileSync(join(directory, NOTE), JSON.stringify(content));
const CRASHED = { boot_id: BOOT_ID, rmem_max_before: 212_992, rmem_max_set: 64_000_000 };

describe('the limit of receive buffers', () => {
  it('is back after it was lifted for a call, and the note gone', () => {
    // No descriptor of a socket: both calls fail, and the way back is the same.
    expect(growReceiveBuffer(-1, 64_000_000, { noteDirectory: directory, path })).toBe(0);
    expect(limit()).toBe(212_992);
    expect(readdirSync(directory)).toEqual(['rmem_max']);
  });

  it('is put back from the note of a process that was killed', () => {
    note(CRASHED);
    writeFileSync(path, '64000000\n');
    expect(restoreBufferLimit(directory, path)).toBe(true);
    expect([limit(), existsSync(join(directory, NOTE))]).toEqual([212_992, false]);
    expect(restoreBufferLimit(directory, path)).toBe(false);
  });

  it.each([
    ['somebody else has set it since', CRASHED],
    ['the note is of another boot', { ...CRASHED, boot_id: 'other', rmem_max_set: 1_000_000 }],
    ['the note is none', { boot_id: BOOT_ID, rmem_max_before: '1; reboot', rmem_max_set: 1_000_000 }],
  ])('is left alone where %s', (_, content) => {
    note(content);
    writeFileSync(path, '1000000\n');
    expect(restoreBufferLimit(directory, path)).toBe(false);
    expect(limit()).toBe(1_000_000);
  });

  it('stays where what it was cannot be noted', () => {
    growReceiveBuffer(-1, 64_000_000, { noteDirectory: join(directory, 'missing'), path });
    growReceiveBuffer(-1, 64_000_000, { path });
    expect(limit()).toBe(212_992);
    expect(readdirSync(directory)).toEqual(['rmem_max']);
  });
});
