// What the kernel logs while no collector runs is no silence: the next collector counts it by its serials.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Denial, Gap } from '../../src/landlock/document.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { setAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';

const DENY_CHILD = fileURLToPath(new URL('./deny-child.ts', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('./collector-process.ts', import.meta.url));
const DENIALS = 40;
/** Ends of domains, and what else logs at the same time. */
const OTHER_EVENTS = 10;
const WAIT_MS = 60_000;

let directory: string;
let server: FakeServer;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-unwatched-'));
  server = await FakeServer.listen(join(directory, 'ingest.sock'));
});
afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

function deny(name: string, count: number): void {
  execFileSync(process.execPath, ['--import', 'tsx', DENY_CHILD, join(directory, name), String(count)]);
}

function denials(name: string): Denial[] {
  return server.documents.flatMap((doc) =>
    doc.kind === 'denial' && doc.file?.path === join(directory, name) ? [doc] : [],
  );
}

const gaps = (): Gap[] => server.documents.flatMap((doc) => (doc.kind === 'gap' ? [doc] : []));

/** A collector that sees a denial of its own, and ends. */
async function watchOnce(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const collector = fork(COLLECTOR, [directory, 'netlink'], { execArgv: ['--import', 'tsx'] });
  const ended = once(collector, 'exit');
  try {
    await once(collector, 'message');
    deny(name, 1);
    await server.until(() => denials(name).length > 0, WAIT_MS);
  } finally {
    collector.kill(signal);
    await ended;
  }
}

describeKernel('what went by while no collector ran', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('is a gap of its own after %s, where audit was on', async (signal) => {
    setAuditStatus({ enabled: 1, backlogLimit: 8192 });
    try {
      await watchOnce('before', signal);
      deny('unseen', DENIALS);
      await watchOnce('after', 'SIGTERM');
    } finally {
      setAuditStatus({ enabled: 0, backlogLimit: 64 });
    }
    const unwatched = gaps().filter(({ cause }) => cause === 'not-watched');
    const count = unwatched.reduce((sum, gap) => sum + gap.count, 0);
    expect(count, JSON.stringify(gaps())).toBeGreaterThanOrEqual(DENIALS);
    expect(count).toBeLessThanOrEqual(DENIALS + OTHER_EVENTS);
    const [last, next] = [denials('before').at(-1), denials('after')[0]];
    for (const gap of unwatched) {
      expect(gap.first).toBeGreaterThan(last?.event.sequence ?? Number.NaN);
      expect(gap.last).toBeLessThan(next?.event.sequence ?? Number.NaN);
      expect(gap.count).toBe((gap.last ?? 0) - (gap.first ?? 0) + 1);
      expect(String(gap.since) <= gap['@timestamp']).toBe(true);
    }
    expect(denials('unseen')).toEqual([]);
    expect(server.heartbeats.at(-1)?.counts.lost).toContainEqual({ cause: 'not-watched', count });
  });

  it('is none where the collector that ended turned audit off', async () => {
    setAuditStatus({ enabled: 0, backlogLimit: 64 });
    await watchOnce('before', 'SIGTERM');
    deny('unseen', DENIALS);
    await watchOnce('after', 'SIGTERM');
    expect(gaps()).toEqual([]);
  });
});
