import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { parseRecord } from '../../src/audit/parse-record.ts';
import { Reassembler } from '../../src/audit/reassembler.ts';
import { startCollector } from '../../src/collector/collector.ts';
import { removeLeftovers } from '../../src/collector/kernel/leftovers.ts';
import {
  addSandboxRules,
  removeSandboxRules,
  SANDBOX_KEY,
  sandboxRules,
} from '../../src/collector/kernel/sandbox-rules.ts';
import { openMulticast } from '../../src/collector/netlink/audit-socket.ts';
import { closeDescriptor } from '../../src/collector/netlink/libc.ts';
import { forEachRecord } from '../../src/collector/netlink/record-batch.ts';
import { BatchedReader } from '../../src/collector/netlink/record-stream.ts';
import { RuleControl } from '../../src/collector/netlink/rule-control.ts';
import type { SandboxCall } from '../../src/landlock/document.ts';
import { readSandboxCall } from '../../src/landlock/sandbox-call.ts';
import { FakeServer } from '../collector/sending/fake-server.ts';
import { setAuditStatus } from '../support/audit-status.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { collectDuring } from './collect-during.ts';
import { collectorConfig } from './collector-config.ts';

const COLLECTOR = fileURLToPath(new URL('./collector-process.ts', import.meta.url));
const SANDBOX_CHILD = fileURLToPath(new URL('./sandbox-child.ts', import.meta.url));
const DENY_CHILD = fileURLToPath(new URL('./deny-child.ts', import.meta.url));

async function ourRules(): Promise<number> {
  const control = RuleControl.open();
  try {
    return (await control.list()).filter(({ key }) => key === SANDBOX_KEY).length;
  } finally {
    control.close();
  }
}

function never(): never {
  throw new Error('no rules are known for this architecture');
}

/** Resolves when it has done everything that it does at the start. */
async function startCollectorProcess(directory: string, rules: 'sandbox-rules' | 'none'): Promise<ChildProcess> {
  const argv = [directory, 'netlink', String(16 * 1024 * 1024), rules];
  const started = fork(COLLECTOR, argv, { execArgv: ['--import', 'tsx'] });
  await new Promise<void>((resolve, reject) => {
    started.on('message', (message: { readonly kind: string }) => {
      if (message.kind === 'collector-ready') resolve();
    });
    started.once('exit', (code) => reject(new Error(`the collector ended with ${code}`)));
  });
  return started;
}

async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

/** Landlock's calls that our rules report while `work` runs and `count` of one program have come. */
async function callsDuring(
  work: () => void,
  isEnough: (calls: readonly SandboxCall[]) => boolean,
): Promise<SandboxCall[]> {
  const calls: SandboxCall[] = [];
  const reassembler = new Reassembler({
    completesOn: 'eoe',
    isIndexed: () => false,
    isLone: () => false,
    onEvent: (event) => {
      const call = readSandboxCall(event, { host: { id: 'h', boot: { id: 'b' } }, key: SANDBOX_KEY });
      if (call !== undefined) calls.push(call);
    },
  });
  const socket = openMulticast(8 * 1024 * 1024);
  const reader = new BatchedReader(socket.fd, 'wait');
  await reader.start({
    batch: (bytes) => {
      forEachRecord(bytes, (type, payload) => {
        const parsed = parseRecord(type, payload);
        if (parsed.kind !== 'malformed') reassembler.push(parsed);
      });
    },
    overrun: () => {},
    overflow: () => {},
    ended: () => {},
  });
  try {
    work();
    for (let i = 0; i < 500 && !isEnough(calls); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    await reader.stop(1_000);
    closeDescriptor(socket.fd);
  }
  return calls;
}

describeKernel('the sandbox rules on this kernel', () => {
  afterEach(async () => {
    await removeSandboxRules();
  });

  it('are loaded for every kind of program, listed back as they were sent, and leave nothing behind', async () => {
    const before = await ourRules();
    expect(before).toBe(0);
    expect(await addSandboxRules()).toEqual({ state: 'on', rules: sandboxRules(process.arch).length });
    expect(await ourRules()).toBe(sandboxRules(process.arch).length);
    expect(await removeSandboxRules()).toBe(sandboxRules(process.arch).length);
    expect(await ourRules()).toBe(0);
    expect(await removeSandboxRules()).toBe(0);
  });

  it('are not doubled where a crash left them', async () => {
    await addSandboxRules();
    await addSandboxRules();
    expect(await ourRules()).toBe(sandboxRules(process.arch).length);
  });

  it('tell of a program that makes a sandbox, with or without denials', async () => {
    setAuditStatus({ enabled: 1, backlogLimit: 8192 });
    await addSandboxRules();
    const directory = mkdtempSync(join(tmpdir(), 'trespass-rules-'));
    const own = (all: readonly SandboxCall[]) => all.filter(({ process: actor }) => actor?.parent?.pid === process.pid);
    const calls = await callsDuring(
      () => {
        execFileSync(process.execPath, ['--import', 'tsx', DENY_CHILD, join(directory, 'x'), '0']);
      },
      (all) => own(all).some(({ landlock }) => landlock.call === 'restrict_self'),
    );
    rmSync(directory, { recursive: true });
    const made = own(calls).filter(({ landlock }) => landlock.is_probe !== true);
    expect(made.map(({ landlock, event }) => [landlock.call, landlock.makes_domain, event.outcome])).toEqual([
      ['create_ruleset', undefined, 'success'],
      ['restrict_self', true, 'success'],
    ]);
    expect(made[1]).toMatchObject({
      landlock: { ruleset_fd: made[0]?.landlock.ruleset_fd },
      process: { executable: process.execPath },
      syscall: { name: 'landlock_restrict_self' },
    });
  });

  it("are the collector's while it runs, where the configuration asks for them", async () => {
    const directory = mkdtempSync(join(tmpdir(), 'trespass-rules-'));
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    const config = collectorConfig(directory, 'netlink');
    const collector = await startCollector(
      { ...config, collector: { ...config.collector, canary: false, sandboxRules: true } },
      { version: '0.0.0', log: pino({ level: 'silent' }), report: () => {} },
    );
    expect(await ourRules()).toBe(sandboxRules(process.arch).length);
    const path = join(directory, 'x');
    const child = spawn(process.execPath, ['--import', 'tsx', DENY_CHILD, path, '1']);
    await once(child, 'close');
    const callsOfChild = () =>
      server.lines.flatMap(({ doc }) => (doc.kind === 'sandbox-call' && doc.process?.pid === child.pid ? [doc] : []));
    await server.until(() => callsOfChild().some(({ landlock }) => landlock.call === 'restrict_self'));
    await collector.stop();
    rmSync(directory, { recursive: true });
    await server.close();
    expect(await ourRules()).toBe(0);
    const calls = callsOfChild().map(({ landlock }) => landlock.call);
    expect(calls.slice(-2)).toEqual(['create_ruleset', 'restrict_self']);
    expect(server.heartbeats.at(-1)).toMatchObject({
      sandbox_rules: { state: 'on', rules: sandboxRules(process.arch).length },
      tracepoints: { state: expect.any(String), events: expect.any(Number) },
      ancestry: { skipped: 0 },
    });
  });

  it('tell each call of a sandbox that is made: its rules, what failed, and the log flags', async () => {
    let pid: number | undefined;
    const { lines } = await collectDuring(
      async (directory) => {
        const child = spawn(process.execPath, ['--import', 'tsx', SANDBOX_CHILD, directory], { stdio: 'inherit' });
        pid = child.pid;
        expect(await once(child, 'close')).toEqual([0, null]);
      },
      // The domain of the child is never denied anything: its calls are all that there is.
      () => true,
      { sandboxRules: true, canary: false },
    );
    const calls = lines.flatMap(({ doc }) => (doc.kind === 'sandbox-call' && doc.process?.pid === pid ? [doc] : []));
    const made = calls.filter(({ landlock }) => landlock.is_probe !== true);
    const fd = made[0]?.landlock.ruleset_fd ?? Number.NaN;
    const rule = (type: string) => ({ call: 'add_rule', flags: 0, ruleset_fd: fd, rule_type: type });
    expect(fd).toBeGreaterThan(2);
    expect(made.map(({ event, landlock }) => ({ ...landlock, outcome: event.outcome }))).toEqual([
      { call: 'create_ruleset', flags: 0, ruleset_fd: fd, outcome: 'success' },
      { ...rule('path_beneath'), outcome: 'success' },
      { ...rule('path_beneath'), outcome: 'success' },
      { ...rule('net_port'), outcome: 'success' },
      { ...rule('net_port'), outcome: 'failure' },
      { call: 'restrict_self', flags: 2, ruleset_fd: fd, makes_domain: true, outcome: 'success' },
      { call: 'restrict_self', flags: 4, ruleset_fd: -1, makes_domain: false, outcome: 'success' },
    ]);
    expect(calls.length).toBeGreaterThan(made.length);
    expect(new Set(made.map(({ process: actor }) => actor?.executable))).toEqual(new Set([process.execPath]));
    expect(await ourRules()).toBe(0);
  });

  it('stay after SIGKILL, are not doubled by the next start, and go with its end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'trespass-rules-'));
    const server = await FakeServer.listen(join(directory, 'ingest.sock'));
    const loaded = sandboxRules(process.arch).length;
    try {
      const killed = await startCollectorProcess(directory, 'sandbox-rules');
      expect(await ourRules()).toBe(loaded);
      await endProcess(killed, 'SIGKILL');
      expect(await ourRules()).toBe(loaded);
      const again = await startCollectorProcess(directory, 'sandbox-rules');
      expect(await ourRules()).toBe(loaded);
      await endProcess(again, 'SIGKILL');
      const without = await startCollectorProcess(directory, 'none');
      expect(await ourRules()).toBe(0);
      await endProcess(without, 'SIGTERM');
      const last = await startCollectorProcess(directory, 'sandbox-rules');
      expect(await ourRules()).toBe(loaded);
      await endProcess(last, 'SIGTERM');
      expect(await ourRules()).toBe(0);
    } finally {
      await server.close();
      rmSync(directory, { recursive: true });
    }
  });

  it("are ours alone: other people's rules stay", async () => {
    const control = RuleControl.open();
    const foreign = { ...(sandboxRules(process.arch)[0] ?? never()), key: 'trespass-test-foreign' };
    await control.add(foreign);
    try {
      await addSandboxRules();
      await removeSandboxRules();
      const left = (await control.list()).filter(({ key }) => key === foreign.key);
      expect(left).toHaveLength(1);
    } finally {
      for (const rule of await control.list()) if (rule.key === foreign.key) await control.delete(rule);
      control.close();
    }
  });

  it('that a killed collector left are removed by the next one, also where it does not want any', async () => {
    await addSandboxRules();
    const directory = mkdtempSync(join(tmpdir(), 'trespass-rules-'));
    const collector = await startCollector(collectorConfig(directory, 'netlink'), {
      version: '0.0.0',
      log: pino({ level: 'silent' }),
      report: () => {},
    });
    expect(await ourRules()).toBe(0);
    await collector.stop();
    rmSync(directory, { recursive: true });
  });

  it('go with everything else that a collector leaves when it is killed and not started again', async () => {
    await addSandboxRules();
    const directory = mkdtempSync(join(tmpdir(), 'trespass-rules-'));
    await removeLeftovers(directory);
    rmSync(directory, { recursive: true });
    expect(await ourRules()).toBe(0);
  });
});
