import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WatchedMark } from '../../../src/collector/kernel/watched-mark.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-watched-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const earlier = (bootId = 'boot') => new WatchedMark(directory, bootId).earlier;

it('tells the next process of the boot how far this one saw, also where it was killed', () => {
  const mark = new WatchedMark(directory, 'boot');
  expect(mark.earlier).toBeUndefined();
  mark.write(0);
  expect(earlier()).toBeUndefined();
  mark.see(7, 1_000);
  mark.write(3);
  mark.see(12, 2_000);
  mark.see(10, 3_000);
  mark.write(3);
  mark.see(13, 4_000);
  expect(earlier()).toEqual({ serial: 12, timeMs: 2_000, lost: 3 });
  expect(earlier('another boot')).toBeUndefined();
});

it('counts what its own end made the kernel log as seen', () => {
  const mark = new WatchedMark(directory, 'boot');
  mark.see(4_294_967_295, 1_000);
  mark.close(0, 2);
  expect(earlier()).toMatchObject({ serial: 1, lost: 0 });
});

it('goes on from the earlier process where nothing came', () => {
  const first = new WatchedMark(directory, 'boot');
  first.see(7, 1_000);
  first.close(5, 0);
  new WatchedMark(directory, 'boot').close(6, 1);
  expect(earlier()).toMatchObject({ serial: 8, lost: 6 });
});

it('takes a mark that is none for none', () => {
  new WatchedMark(directory, 'boot').close(0, 0);
  for (const text of ['', '{"boot_id":"boot"', '{"boot_id":"boot","serial":"x","timeMs":1,"lost":0}', 'null', '[]']) {
    writeFileSync(join(directory, 'watched'), text);
    expect(earlier()).toBeUndefined();
  }
  expect(readFileSync(join(directory, 'watched'), 'utf8')).toBe('[]');
});
