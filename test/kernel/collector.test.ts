import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readPackages } from '../../src/collector/attribution/package-records.ts';
import { type CanaryNews, CanaryWatch } from '../../src/collector/canary/canary-watch.ts';
import { type Collector, startCollector } from '../../src/collector/collector.ts';
import { restoreAudit } from '../../src/collector/kernel/audit-control.ts';
import { openMulticast } from '../../src/collector/netlink/audit-socket.ts';
import { closeDescriptor } from '../../src/collector/netlink/libc.ts';
import { forEachRecord } from '../../src/collector/netlink/record-batch.ts';
import { BatchedReader, type Missed } from '../../src/collector/netlink/record-stream.ts';
import type { Document } from '../../src/landlock/document.ts';
import type { ChildMessage } from '../../src/runtime/supervision.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { readAuditStatus, setAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { collectorConfig } from './collector-config.ts';

const DENY_CHILD = fileURLToPath(new URL('./deny-child.ts', import.meta.url));
const COLLECTOR = fileURLToPath(new URL('./collector-process.ts', import.meta.url));
const OFF = { enabled: 0, backlogLimit: 64 };

let directory: string;
let server: FakeServer;
let messages: ChildMessage[];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-collector-'));
  server = await FakeServer.listen(join(directory, 'ingest.sock'));
  messages = [];
  setAuditStatus(OFF);
});
afterEach(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const startHere = (source: 'netlink' | 'netlink-unicast' = 'netlink', where = directory): Promise<Collector> =>
  startCollector(collectorConfig(where, source), {
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    report: (message) => messages.push(message),
  });

/** A collector with a process of its own; resolves when it is ready. */
async function startProcess(source: 'netlink' | 'netlink-unicast'): Promise<ChildProcess> {
  const child = fork(COLLECTOR, [directory, source], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('message', (message: ChildMessage) => messages.push(message));
  while (!messages.some(({ kind }) => kind === 'collector-ready')) await once(child, 'message');
  return child;
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill(signal);
  const [code] = await exited;
  return code;
}

/** Provokes `count` denials of one path, in a domain of its own. */
function deny(path: string, count: number): void {
  const said = execFileSync(process.execPath, ['--import', 'tsx', DENY_CHILD, path, String(count)], {
    encoding: 'utf8',
  });
  expect(Number(said)).toBe(count);
}

const denialsOf = (documents: Document[], path: string) =>
  documents.flatMap((doc) => (doc.kind === 'denial' && doc.file?.path === path ? [doc] : []));

const audit = () => {
  const { enabled, backlogLimit } = readAuditStatus();
  return { enabled, backlogLimit };
};

describeKernel('the collector on this kernel', () => {
  it('turns audit on, delivers every denial of a program once, and puts audit back', async () => {
    const collector = await startHere();
    expect(audit()).toEqual({ enabled: 1, backlogLimit: 8192 });
    expect(messages[0]).toMatchObject({
      kind: 'collector-ready',
      auditEnabledBefore: 0,
      auditEnabled: 1,
      backlogLimitBefore: 64,
      backlogLimit: 8192,
      receiveBufferBytes: 32 * 1024 * 1024,
    });
    const path = join(directory, 'kept out');
    deny(path, 500);
    const documents = await server.until((all) => denialsOf(all, path).length >= 500);
    const denials = denialsOf(documents, path);
    expect(new Set(denials.map((doc) => doc.event.id)).size).toBe(500);
    const { ownerOf } = await readPackages();
    const owners = denials.map((doc) => [doc.process?.executable, doc.package]);
    expect(owners).toEqual(owners.map(([path]) => [path, ownerOf(String(path))]));
    const domain = denials[0]?.landlock.domain.id;
    await server.until((all) =>
      all.some(
        (doc) =>
          doc.kind === 'domain-deallocated' && doc.landlock.domain.id === domain && doc.landlock.domain.denials === 500,
      ),
    );
    await collector.stop();
    expect(denialsOf(server.documents, path)).toHaveLength(500);
    expect(audit()).toEqual(OFF);
    expect(existsSync(join(directory, 'audit-before.json'))).toBe(false);
  });

  it('sees its canary, tags what belongs to it, and says all of it in the heartbeat', async () => {
    const collector = await startHere();
    await server.until((all) => all.some((doc) => doc.kind === 'denial' && doc.tags?.includes('canary') === true));
    while (!messages.some(({ kind }) => kind === 'canary')) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(messages.find(({ kind }) => kind === 'canary')).toMatchObject({
      state: 'seen',
      latencyMs: expect.any(Number),
    });
    const canaries = server.documents.filter((doc) => doc.tags?.includes('canary') === true);
    expect(
      canaries
        .map(({ kind }) => kind)
        .sort()
        .slice(0, 2),
    ).toEqual(['denial', 'domain-allocated']);
    await collector.stop();
    expect(server.heartbeats.at(-1)).toMatchObject({
      pid: process.pid,
      source: 'netlink',
      audit: { enabled: 1, enabled_before: 0, backlog_limit: 8192, backlog_limit_before: 64 },
      receive_buffer: { asked_bytes: 16 * 1024 * 1024, got_bytes: 32 * 1024 * 1024 },
      canary: { state: 'seen' },
      counts: { malformed: 0 },
    });
  });

  it('leaves audit alone where somebody had turned it on, and never lowers the limit', async () => {
    setAuditStatus({ enabled: 1, backlogLimit: 20_000 });
    const collector = await startHere();
    expect(audit()).toEqual({ enabled: 1, backlogLimit: 20_000 });
    await collector.stop();
    expect(audit()).toEqual({ enabled: 1, backlogLimit: 20_000 });
  });

  it('puts back what was before the first start, also after it was killed and started again', async () => {
    const first = await startProcess('netlink');
    await end(first, 'SIGKILL');
    expect(audit()).toEqual({ enabled: 1, backlogLimit: 8192 });
    const second = await startHere();
    expect(messages.at(-1)).toMatchObject({ auditEnabledBefore: 0, backlogLimitBefore: 64 });
    await second.stop();
    expect(audit()).toEqual(OFF);
  });

  it('leaves a note by which its supervisor can put audit back after a crash, once', async () => {
    const child = await startProcess('netlink');
    await end(child, 'SIGKILL');
    expect(await restoreAudit(directory)).toBe(true);
    expect(audit()).toEqual(OFF);
    setAuditStatus({ enabled: 1, backlogLimit: 100 });
    expect(await restoreAudit(directory)).toBe(false);
    expect(audit()).toEqual({ enabled: 1, backlogLimit: 100 });
  });

  it('does not undo what somebody else has changed since', async () => {
    const child = await startProcess('netlink');
    await end(child, 'SIGKILL');
    setAuditStatus({ enabled: 1, backlogLimit: 30_000 });
    await restoreAudit(directory);
    expect(audit()).toEqual({ enabled: 0, backlogLimit: 30_000 });
  });

  it('gives up every right but audit in all of its threads, and keeps pid and channel', async () => {
    const child = await startProcess('netlink');
    const tasks = `/proc/${child.pid}/task`;
    const AUDIT_CONTROL_AND_READ = (1n << 30n) | (1n << 37n);
    const threads = readdirSync(tasks);
    expect(threads.length).toBeGreaterThan(5);
    for (const thread of threads) {
      const status = readFileSync(join(tasks, thread, 'status'), 'utf8');
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
        const held = BigInt(`0x${new RegExp(`^${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]}`);
        expect(held & ~AUDIT_CONTROL_AND_READ, `${set} of thread ${thread}`).toBe(0n);
      }
      expect(status).toMatch(/^NoNewPrivs:\s*1$/m);
    }
    expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^CapEff:\s*0000000040000000$/m);
    const path = join(directory, 'kept out');
    deny(path, 20);
    await server.until((all) => denialsOf(all, path).length === 20);
    expect(server.heartbeats.at(-1)?.privileges.capabilities).toEqual(['audit_control']);
    expect(await end(child, 'SIGTERM')).toBe(0);
    expect(audit()).toEqual(OFF);
    expect(statSync(join(directory, 'spool')).mode & 0o777).toBe(0o700);
  });

  it('keeps denials while there is no server, and delivers them when there is one', async () => {
    await server.close();
    const collector = await startHere();
    const path = join(directory, 'kept out');
    deny(path, 50);
    await collector.stop();
    server = await FakeServer.listen(join(directory, 'ingest.sock'));
    const again = await startHere();
    await server.until((all) => denialsOf(all, path).length >= 50);
    await again.stop();
    expect(denialsOf(server.documents, path)).toHaveLength(50);
  });

  it("takes the audit daemon's place, refuses a second one politely, and hands over to it when it asks", async () => {
    const child = await startProcess('netlink-unicast');
    expect(readAuditStatus().daemonPid).toBe(child.pid);
    const first = join(directory, 'first');
    deny(first, 50);
    await server.until((all) => denialsOf(all, first).length === 50);
    await expect(startHere('netlink')).rejects.toMatchObject({ code: 'spool-in-use' });
    const elsewhere = join(directory, 'elsewhere');
    await expect(startHere('netlink-unicast', elsewhere)).rejects.toMatchObject({ code: 'audit-daemon-present' });
    // The kernel told the child of the attempt: it made room and goes on in multicast.
    while (readAuditStatus().daemonPid !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const second = join(directory, 'second');
    deny(second, 50);
    await server.until((all) => denialsOf(all, second).length === 50);
    expect(await end(child, 'SIGTERM')).toBe(0);
  });

  it('counts the overruns of a buffer that was too small, and goes on after them', async () => {
    setAuditStatus({ enabled: 1, backlogLimit: 8192 });
    const socket = openMulticast(4_096);
    const path = join(directory, 'kept out');
    deny(path, 2_000);
    const overruns: Missed[] = [];
    let records = 0;
    const reader = new BatchedReader(socket.fd, 'wait');
    await reader.start({
      batch: (bytes) => {
        records += forEachRecord(bytes, () => {});
      },
      overrun: (missed) => overruns.push(missed),
      overflow: () => {},
      ended: () => {},
    });
    while (overruns.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = records;
    deny(path, 1);
    while (records === before) await new Promise((resolve) => setTimeout(resolve, 10));
    await reader.stop(1_000);
    closeDescriptor(socket.fd);
    expect(overruns[0]?.count).toBeGreaterThan(0);
  });

  it('says that a canary was missed when the kernel refused it and no record arrived', async () => {
    const news: CanaryNews[] = [];
    const watch = new CanaryWatch(directory, (now) => news.push(now));
    const running = watch.run();
    while (news.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    watch.stop();
    await running;
    expect(news[0]).toMatchObject({ state: 'missed', reason: expect.stringContaining('auditctl -l') });
    expect(watch.status.state).toBe('missed');
  });

  it('sleeps while nothing happens', async () => {
    setAuditStatus({ enabled: 0, backlogLimit: 64 });
    const socket = openMulticast(1024 * 1024);
    const reader = new BatchedReader(socket.fd, 'wait');
    await reader.start({ batch: () => {}, overrun: () => {}, overflow: () => {}, ended: () => {} });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const { user, system } = process.cpuUsage(before);
    await reader.stop(1_000);
    closeDescriptor(socket.fd);
    // A reader that asks again and again would take all of it.
    expect((user + system) / 2_000_000).toBeLessThan(0.4);
  });
});
