// The collector as the kernel's audit daemon: there is room for one. Whoever holds the place keeps it unless it gives
// way itself; ours gives way when it is asked, and leaves nothing behind.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openUnicast, registerDaemon } from '../../src/collector/netlink/audit-socket.ts';
import { AuditControl } from '../../src/collector/netlink/control.ts';
import { closeDescriptor } from '../../src/collector/netlink/libc.ts';
import { forEachRecord } from '../../src/collector/netlink/record-batch.ts';
import { BatchedReader } from '../../src/collector/netlink/record-stream.ts';
import type { Document } from '../../src/landlock/document.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { eventually } from '../support/local-run.ts';
import { runWrapped } from '../support/source-program.ts';

const COLLECTOR = fileURLToPath(new URL('./collector-process.ts', import.meta.url));
const REFUSAL =
  'trespass: another audit daemon is registered with the kernel (EEXIST): ' +
  'stop it first, or use the source "netlink", which works beside it\n';
const LANDLOCK_ACCESS = 1423;
const OFF = { enabled: 0, backlogLimit: 64 };

let directory: string;
let server: FakeServer;
let child: ChildProcess | undefined;

/** A collector of ours that is the daemon, once it is ready. */
async function startDaemon(where: string): Promise<ChildProcess> {
  const started = fork(COLLECTOR, [where, 'netlink-unicast'], { execArgv: ['--import', 'tsx'] });
  child = started;
  await new Promise<void>((resolve, reject) => {
    started.on('message', (message: { readonly kind: string }) => {
      if (message.kind === 'collector-ready') resolve();
    });
    started.once('exit', (code) => reject(new Error(`the collector ended with ${code}`)));
  });
  return started;
}

async function end(process: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  const exited = once(process, 'exit');
  process.kill(signal);
  const [code] = await exited;
  return code;
}

/** The command, as a second daemon; in a directory of its own. */
const collectAsDaemon = () =>
  runWrapped(
    [],
    [
      ...['collect', '--source', 'netlink-unicast', '--runtime-dir', join(directory, 'second', 'run')],
      ...['--spool-dir', join(directory, 'second', 'spool'), '--log-level', 'warn'],
    ],
  );

async function deny(name: string, count: number): Promise<number> {
  const denying = await startDenyingChild(join(directory, name), count);
  expect(await denying.begin()).toBe(count);
  return denying.pid;
}

const countOf = (documents: readonly Document[], pid: number) =>
  documents.filter((doc) => doc.kind === 'denial' && doc.process?.pid === pid).length;

describeKernel('the collector as audit daemon', () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-unicast-'));
    mkdirSync(join(directory, 'second'));
    server = await FakeServer.listen(join(directory, 'ingest.sock'));
    setAuditStatus(OFF);
  });
  afterEach(async () => {
    if (child?.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
    child = undefined;
    await server.close();
    rmSync(directory, { recursive: true });
  });

  it('receives every denial, and leaves the place empty and audit as it was', async () => {
    const daemon = await startDaemon(directory);
    expect(readAuditStatus()).toEqual({ enabled: 1, daemonPid: daemon.pid, backlogLimit: 8192 });
    const pid = await deny('work', 100);
    await server.until((documents) => countOf(documents, pid) >= 100);
    expect(await end(daemon, 'SIGTERM')).toBe(0);
    expect(countOf(server.documents, pid)).toBe(100);
    expect(server.heartbeats.at(-1)).toMatchObject({
      source: 'netlink-unicast',
      counts: { malformed: 0, lost: [] },
    });
    expect(readAuditStatus()).toEqual({ ...OFF, daemonPid: 0 });
  });

  it('refuses in one line where another daemon lives, which goes on undisturbed', async () => {
    const control = AuditControl.open();
    const { fd } = openUnicast(1024 * 1024);
    registerDaemon(fd);
    let denials = 0;
    const reader = new BatchedReader(fd, 'drop');
    await reader.start({
      batch: (bytes) =>
        forEachRecord(bytes, (type) => {
          if (type === LANDLOCK_ACCESS) denials++;
        }),
      overrun: () => {},
      overflow: () => {},
      ended: () => {},
    });
    try {
      expect(await collectAsDaemon()).toEqual({ exitCode: 1, out: '', err: REFUSAL });
      expect(readAuditStatus()).toEqual({ ...OFF, daemonPid: process.pid });
      await control.set({ enabled: 1 });
      await deny('work', 10);
      await eventually('ten denials with the first daemon', () => (denials >= 10 ? true : undefined));
    } finally {
      await control.set({ daemonPid: 0 });
      await reader.stop(1_000);
      closeDescriptor(fd);
      control.close();
    }
    expect(readAuditStatus().daemonPid).toBe(0);
  });

  it('gives way to whoever asks, goes on in multicast, and does not ask again', async () => {
    const first = await startDaemon(directory);
    expect(await collectAsDaemon()).toEqual({ exitCode: 1, out: '', err: REFUSAL });
    await eventually('the place is empty', () => (readAuditStatus().daemonPid === 0 ? true : undefined));
    const fd = openUnicast(1024 * 1024).fd;
    registerDaemon(fd);
    expect(readAuditStatus().daemonPid).toBe(process.pid);
    const pid = await deny('work', 50);
    await server.until((documents) => countOf(documents, pid) >= 50);
    expect(await end(first, 'SIGTERM')).toBe(0);
    // Audit stays on for the daemon that uses it now.
    expect(readAuditStatus()).toMatchObject({ enabled: 1, daemonPid: process.pid });
    closeDescriptor(fd);
    expect(countOf(server.documents, pid)).toBe(50);
  });

  it('takes the place of a daemon that was killed', async () => {
    const killed = await startDaemon(directory);
    await end(killed, 'SIGKILL');
    const daemon = await startDaemon(directory);
    expect(readAuditStatus().daemonPid).toBe(daemon.pid);
    expect(await end(daemon, 'SIGTERM')).toBe(0);
    expect(readAuditStatus()).toEqual({ ...OFF, daemonPid: 0 });
  });
});
