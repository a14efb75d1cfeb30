import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyAudit, restoreAudit, type StatusControl } from '../../../src/collector/kernel/audit-control.ts';
import type { AuditChange, AuditStatus } from '../../../src/collector/netlink/audit-status.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-audit-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const NOTE = 'audit-before.json';
const note = () => JSON.parse(readFileSync(join(directory, NOTE), 'utf8'));

/** A kernel that does what it is told, unless `isDeaf`; notes whether the way back was written before each change. */
class FakeKernel implements StatusControl {
  readonly changes: AuditChange[] = [];
  readonly notedBefore: boolean[] = [];
  isDeaf = false;
  #status: AuditStatus;

  constructor(status: Partial<AuditStatus>) {
    this.#status = {
      enabled: 0,
      failure: 1,
      daemonPid: 0,
      rateLimit: 0,
      backlogLimit: 64,
      lost: 0,
      backlog: 0,
      ...status,
    };
  }

  async status(): Promise<AuditStatus> {
    return this.#status;
  }

  async set(change: AuditChange): Promise<void> {
    this.changes.push(change);
    this.notedBefore.push(readdirSync(directory).includes(NOTE));
    if (!this.isDeaf) this.#status = { ...this.#status, ...change };
  }

  close(): void {}
}

describe('audit', () => {
  it('is turned on with the limit first, after the way back was noted', async () => {
    const kernel = new FakeKernel({});
    const applied = await applyAudit(kernel, directory, 8192);
    expect(kernel.changes).toEqual([{ backlogLimit: 8192 }, { enabled: 1 }]);
    expect(kernel.notedBefore).toEqual([true, true]);
    expect(applied.before).toEqual({ enabled: 0, backlogLimit: 64 });
    expect(applied.now).toMatchObject({ enabled: 1, backlogLimit: 8192 });
    expect(await restoreAudit(directory, () => kernel)).toBe(true);
    expect(await kernel.status()).toMatchObject({ enabled: 0, backlogLimit: 64 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('stays on while another of us lives that wants it, and goes back with the last one', async () => {
    const kernel = new FakeKernel({});
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      const started = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19];
      writeFileSync(join(directory, `audit-wanted-by-${other.pid}`), `${started}\n`);
      await applyAudit(kernel, directory, 8192);
      expect(await restoreAudit(directory, () => kernel)).toBe(false);
      expect(await kernel.status()).toMatchObject({ enabled: 1, backlogLimit: 8192 });
      // Another process has the number by now: its mark says nothing.
      writeFileSync(join(directory, `audit-wanted-by-${other.pid}`), '1\n');
      expect(await restoreAudit(directory, () => kernel)).toBe(true);
    } finally {
      other.kill('SIGKILL');
    }
    expect(await kernel.status()).toMatchObject({ enabled: 0, backlogLimit: 64 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is not touched, and nothing noted, where it is as wanted', async () => {
    const kernel = new FakeKernel({ enabled: 1, backlogLimit: 0 });
    await applyAudit(kernel, directory, 8192);
    expect(kernel.changes).toEqual([]);
    expect(readdirSync(directory)).toEqual([`audit-wanted-by-${process.pid}`]);
    expect(await restoreAudit(directory, () => kernel)).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('goes back to what was before the first of several starts', async () => {
    const kernel = new FakeKernel({});
    await applyAudit(kernel, directory, 1_000);
    const second = await applyAudit(kernel, directory, 8192);
    expect(second.before).toEqual({ enabled: 0, backlogLimit: 64 });
    await restoreAudit(directory, () => kernel);
    expect(await kernel.status()).toMatchObject({ enabled: 0, backlogLimit: 64 });
  });

  it('stays on for another daemon that uses it by now', async () => {
    const kernel = new FakeKernel({});
    await applyAudit(kernel, directory, 8192);
    await kernel.set({ daemonPid: process.ppid });
    await restoreAudit(directory, () => kernel);
    expect(await kernel.status()).toMatchObject({ enabled: 1, backlogLimit: 64 });
  });

  it('goes off again under a daemon that was there before, and content with that', async () => {
    const kernel = new FakeKernel({ daemonPid: process.ppid });
    await applyAudit(kernel, directory, 8192);
    expect(note()).toMatchObject({ daemon_pid_before: process.ppid });
    await restoreAudit(directory, () => kernel);
    expect(await kernel.status()).toMatchObject({ enabled: 0, backlogLimit: 64 });
  });

  it('may be locked where nothing has to be changed, and is an error where something has', async () => {
    await applyAudit(new FakeKernel({ enabled: 2, backlogLimit: 8192 }), directory, 8192);
    const locked = new FakeKernel({ enabled: 2, backlogLimit: 64 });
    await expect(applyAudit(locked, directory, 8192)).rejects.toMatchObject({
      code: 'audit-locked',
      mend: expect.stringContaining('backlog_limit = 64'),
    });
    expect(locked.changes).toEqual([]);
  });

  it('is read back, since the kernel ignores politely', async () => {
    const kernel = new FakeKernel({});
    kernel.isDeaf = true;
    await expect(applyAudit(kernel, directory, 8192)).rejects.toMatchObject({ code: 'audit-unchanged' });
  });

  it.each([
    ['of another boot', { boot_id: 'other', enabled_before: 0, backlog_limit_before: 64, enabled_set: 1 }],
    ['that is none', { boot_id: 5 }],
  ])('is left alone by a note %s', async (_, content) => {
    writeFileSync(join(directory, NOTE), JSON.stringify(content));
    const kernel = new FakeKernel({ enabled: 1 });
    expect(await restoreAudit(directory, () => kernel)).toBe(false);
    expect(kernel.changes).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is not changed when the way back cannot be noted', async () => {
    const kernel = new FakeKernel({});
    await expect(applyAudit(kernel, join(directory, 'missing'), 8192)).rejects.toMatchObject({
      code: 'runtime-directory',
    });
    expect(kernel.changes).toEqual([]);
  });

  it('has its limit noted as it was before the change', async () => {
    await applyAudit(new FakeKernel({ enabled: 1, backlogLimit: 320 }), directory, 8192);
    expect(note()).toEqual({
      boot_id: expect.any(String),
      enabled_before: 1,
      backlog_limit_before: 320,
      backlog_limit_set: 8192,
    });
  });
});
