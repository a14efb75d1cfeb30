import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProcessAncestry } from '../../../src/collector/attribution/process-ancestry.ts';
import type { Denial, Document, DomainAllocated } from '../../../src/landlock/document.ts';

const HOST = { id: 'h', boot: { id: 'b' } };

const AT = '2026-03-01T10:00:00.000Z';

function denial(pid: number | undefined, domain = 'a', executable?: string, at = AT): Denial {
  return {
    kind: 'denial',
    '@timestamp': at,
    event: {
      id: 'a'.repeat(26),
      sequence: 1,
      action: 'violated-landlock-policy',
      outcome: 'failure',
      category: [],
      type: ['denied'],
      reason: '',
    },
    host: HOST,
    landlock: {
      domain: { id: domain },
      blockers: ['fs.read_file'],
      object: { kind: 'file' },
      actor_certainty: 'certain',
    },
    ...(pid !== undefined && { process: { pid, ...(executable !== undefined && { executable }) } }),
  };
}

const ancestryOf = (doc: Document) => (doc.kind === 'denial' ? doc.process?.ancestry : undefined);

describe('the ancestry of a live process', () => {
  it('is the chain up to the first process, with start times, programs and control groups', () => {
    const ancestry =
      ancestryOf(new ProcessAncestry().add(denial(process.pid, 'a', process.execPath, new Date().toISOString()))) ?? [];
    expect(ancestry[0]).toMatchObject({ pid: process.pid, executable: process.execPath });
    expect(ancestry[1]?.pid).toBe(process.ppid);
    expect(ancestry.length).toBeLessThanOrEqual(17);
    const starts = ancestry.map(({ start_ticks: ticks }) => ticks);
    expect(starts).toEqual([...starts].sort((x, y) => y - x));
    const uptimeMs = Date.now() - Date.parse(ancestry[0]?.started_at ?? '');
    expect(Math.abs(uptimeMs - process.uptime() * 1000)).toBeLessThan(5_000);
  });

  it('is not to be had when the process has gone', async () => {
    const child = spawn('true');
    await once(child, 'close');
    const ancestry = new ProcessAncestry();
    const doc = denial(child.pid);
    expect(ancestry.add(doc)).toBe(doc);
    expect(ancestry.counts).toEqual({ read: 0, gone: 1, skipped: 0 });
  });
});

describe('the ancestry in a made-up /proc', () => {
  let root: string;
  let steadyMs: number;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'trespass-proc-'));
    writeFileSync(join(root, 'uptime'), '1000.00 2000.00\n');
    steadyMs = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function put(pid: number, parentPid: number, startTicks: number, name = 'x'): void {
    mkdirSync(join(root, String(pid)), { recursive: true });
    const fields = new Array(50).fill('0');
    fields[0] = 'S';
    fields[1] = String(parentPid);
    fields[19] = String(startTicks);
    writeFileSync(join(root, `${pid}/stat`), `${pid} (${name}) ${fields.join(' ')}\n`);
    writeFileSync(join(root, `${pid}/cgroup`), '0::/system.slice/a.service\n');
    rmSync(join(root, `${pid}/exe`), { force: true });
    symlinkSync('/usr/bin/x (deleted)', join(root, `${pid}/exe`));
  }

  const open = (more = {}) =>
    new ProcessAncestry({
      root,
      nowMs: () => Date.parse('2026-03-01T10:00:00.000Z'),
      steadyMs: () => steadyMs,
      ...more,
    });

  it('has the time of the records, and is read behind the last parenthesis', () => {
    put(7, 0, 50_000, 'a) S 1 (b');
    expect(ancestryOf(open().add(denial(7)))).toEqual([
      {
        pid: 7,
        start_ticks: 50_000,
        started_at: '2026-03-01T09:51:40.000Z',
        executable: '/usr/bin/x',
        cgroup: '/system.slice/a.service',
      },
    ]);
  });

  it('costs five reads at first, and one when the process is known', () => {
    put(7, 0, 50_000);
    const ancestry = open({ readsPerSecondMax: 5 + 49 });
    for (let i = 0; i < 51; i++) ancestry.add(denial(7, i.toString(16)));
    expect(ancestry.counts).toEqual({ read: 50, gone: 0, skipped: 1 });
  });

  it('comes once for each process of a domain, and for the creator of each domain', () => {
    put(7, 0, 50_000);
    const ancestry = open();
    expect(ancestryOf(ancestry.add(denial(7, 'a')))).toHaveLength(1);
    expect(ancestryOf(ancestry.add(denial(7, 'a')))).toBeUndefined();
    expect(ancestryOf(ancestry.add(denial(7, 'b')))).toHaveLength(1);
    const allocated: DomainAllocated = {
      kind: 'domain-allocated',
      '@timestamp': '2026-03-01T10:00:00.000Z',
      event: { id: 'a'.repeat(26), sequence: 1 },
      host: HOST,
      landlock: { domain: { id: 'c', creator: { pid: 7, executable: '/usr/bin/x' } } },
    };
    expect(ancestry.add(allocated)).toMatchObject({
      landlock: { domain: { creator: { pid: 7, ancestry: [{ pid: 7 }] } } },
    });
    expect(ancestry.add(allocated)).toBe(allocated);
    const told = { ...allocated, landlock: { domain: { id: 'b', creator: { pid: 7 } } } };
    expect(ancestry.add(told)).toBe(told);
  });

  it('ends after 16 parents, at a gap, at a circle, and where a number was used again', () => {
    for (let pid = 100; pid < 130; pid++) put(pid, pid - 1, pid);
    expect(ancestryOf(open().add(denial(129)))?.map(({ pid }) => pid)).toEqual(
      Array.from({ length: 17 }, (_, index) => 129 - index),
    );
    rmSync(join(root, '127'), { recursive: true });
    expect(ancestryOf(open().add(denial(129)))?.map(({ pid }) => pid)).toEqual([129, 128]);
    put(127, 129, 127);
    expect(ancestryOf(open().add(denial(129)))?.map(({ pid }) => pid)).toEqual([129, 128, 127]);
    put(128, 127, 200);
    expect(ancestryOf(open().add(denial(129)))?.map(({ pid }) => pid)).toEqual([129]);
  });

  it('is not that of another program which has the number by now', () => {
    put(7, 0, 50_000);
    const ancestry = open();
    expect(ancestryOf(ancestry.add(denial(7, 'a', '/usr/bin/y')))).toBeUndefined();
    expect(ancestry.counts).toEqual({ read: 0, gone: 1, skipped: 0 });
  });

  it('is not that of a younger process which has the number by now', () => {
    put(7, 0, 99_900);
    const ancestry = open();
    expect(ancestryOf(ancestry.add(denial(7, 'a', '/usr/bin/x', '2026-03-01T09:59:58.000Z')))).toBeUndefined();
    expect(ancestryOf(ancestry.add(denial(7, 'b', '/usr/bin/x')))).toHaveLength(1);
    expect(ancestry.counts).toEqual({ read: 1, gone: 1, skipped: 0 });
  });

  it('is skipped, and that is counted, where the second has no reads left', () => {
    for (let pid = 1; pid <= 20; pid++) put(pid, 0, pid);
    const ancestry = open({ readsPerSecondMax: 20 });
    for (let pid = 1; pid <= 20; pid++) ancestry.add(denial(pid));
    expect(ancestry.counts).toEqual({ read: 4, gone: 0, skipped: 16 });
    steadyMs = 1_000;
    ancestry.add(denial(1, 'b'));
    expect(ancestry.counts.read).toBe(5);
  });

  it('leaves other documents, and denials without a process, as they are', () => {
    const doc = denial(undefined);
    expect(open().add(doc)).toBe(doc);
  });
});
