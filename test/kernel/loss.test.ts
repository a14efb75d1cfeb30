// What was lost on the way adds up with what was denied: each missing denial under one cause. An overrun is no further
// loss, but the reason for gaps in the serials: whoever adds it to them counts twice.
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { GapCause } from '../../src/landlock/document.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { setAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';

const DENY_CHILD = fileURLToPath(new URL('./deny-child.ts', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('./collector-process.ts', import.meta.url));
const DENIALS = 3_000;
/** Holds some hundred records: far less than the flood. */
const SMALL_BUFFER_BYTES = 64 * 1024;
/** Whose serials may be among the missing: what the listeners, the canary and the domains' ends log. */
const OTHER_EVENTS = 10;

function deny(path: string, count: number): void {
  execFileSync(process.execPath, ['--import', 'tsx', DENY_CHILD, path, String(count)]);
}

/** Held still during the flood, a collector has an overrun for certain. */
async function floodWhileStopped(directory: string, server: FakeServer): Promise<void> {
  const collector = fork(COLLECTOR, [directory, 'netlink', String(SMALL_BUFFER_BYTES)], {
    execArgv: ['--import', 'tsx'],
  });
  try {
    await server.until((all) => all.some((doc) => doc.kind === 'denial' && doc.tags?.includes('canary') === true));
    collector.kill('SIGSTOP');
    deny(join(directory, 'flooded'), DENIALS);
    collector.kill('SIGCONT');
    // Something must follow: a gap shows by what comes after it. It may meet a buffer that is still full.
    await server.until((all) => {
      if (all.some((doc) => doc.kind === 'denial' && doc.file?.path === join(directory, 'after'))) return true;
      deny(join(directory, 'after'), 1);
      return false;
    });
  } finally {
    const ended = once(collector, 'exit');
    collector.kill('SIGCONT');
    collector.kill('SIGTERM');
    await ended;
  }
}

describeKernel('a collector whose buffer is too small', () => {
  it('knows how many denials it has not seen, and does not count them twice', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'trespass-loss-'));
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    setAuditStatus({ enabled: 0, backlogLimit: 64 });
    try {
      await floodWhileStopped(directory, server);
    } finally {
      await server.close();
      rmSync(directory, { recursive: true });
    }
    const { documents } = server;
    const counts = server.heartbeats.at(-1)?.counts;
    const lost = counts?.lost ?? [];
    const count = (cause: GapCause) => lost.find((one) => one.cause === cause)?.count ?? 0;
    const seen = documents.filter(
      (doc) => doc.kind === 'denial' && doc.file?.path?.endsWith('/flooded') === true,
    ).length;
    const overruns = count('socket-overrun');
    expect(overruns).toBeGreaterThan(0);
    expect(count('serial-gap')).toBeGreaterThan(DENIALS / 2);
    // The kernel took no serial for what it dropped itself. Of an event that was cut in two by an overrun, the serial
    // was seen and the denial perhaps not: one an overrun at most.
    const known = count('serial-gap') + count('kernel-lost');
    const slack = overruns + count('torn-event') + OTHER_EVENTS;
    const figures = JSON.stringify({ seen, ...counts });
    expect(Math.abs(DENIALS - seen - known), figures).toBeLessThanOrEqual(slack);
    process.stdout.write(`${DENIALS} denials: ${figures}\n`);
    // Each as an interval of its own, so that a chart can show when.
    const gaps = documents.flatMap((doc) => (doc.kind === 'gap' ? [doc] : []));
    expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(lost.map(({ cause }) => cause)));
  });
});
