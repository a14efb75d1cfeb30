// Three agents and a server with real TLS: one reads this kernel's audit, two are hosts in network namespaces of their own
// that follow a log. Links are cut, processes killed, the server is put back to an older state, an agent is revoked, and a
// spool is too small; in the end every denial is stored once or counted in a gap.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgramOnce } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { eventually } from '../support/local-run.ts';
import { FleetLab, type LabAgent, PATIENCE_MS } from './fleet-lab.ts';

/** More than fit into the spool of `SPOOL_BYTES`, and fewer than the kernel's queue holds at once. */
const FLOOD = 1_500;
const SPOOL_BYTES = 1024 * 1024;

describeKernel('a fleet', () => {
  let directory: string;
  let lab: FleetLab;
  let kernel: LabAgent;
  let near: LabAgent;
  let far: LabAgent;
  let token: string;
  const agentIds = new Map<LabAgent, string>();

  /** Of a process on this kernel. */
  const storedOf = (pid: number) =>
    lab.query<{ n: number }>(
      `SELECT count(*) AS n FROM denials d JOIN hosts h ON h.id = d.host WHERE h.host_id = ? AND d.pid = ${pid}`,
      kernel.hostId,
    )[0]?.n ?? 0;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-fleet-'));
    mkdirSync(join(directory, 'db'));
    lab = new FleetLab(directory);
    kernel = lab.addAgent({ isKernel: true });
    near = lab.addAgent();
    far = lab.addAgent();
    await lab.startServer();
    token = await lab.run('token', 'create', '--name', 'all', '--scope', 'enroll', '--fleet', 'lab', '--uses', '3');
  }, 120_000);

  afterAll(async () => {
    await lab.end();
    rmSync(directory, { recursive: true });
  }, 60_000);

  it('enrols by one line each, knows them apart, and stores what they deliver', async () => {
    for (const agent of lab.agents) agentIds.set(agent, (await lab.enrol(agent, token)).agent);
    expect(new Set(lab.agents.map(({ hostId }) => hostId)).size).toBe(3);
    for (const agent of lab.agents) agent.start();
    await kernel.process?.waitForLine(/^canary seen/, PATIENCE_MS);
    const child = await startDenyingChild(join(directory, 'denied'), 20);
    await child.begin();
    await eventually('the denials of this kernel', () => storedOf(child.pid) === 20 || undefined, PATIENCE_MS);
    await kernel.kill('SIGTERM');
    near.write(100);
    far.write(100);
    await lab.expectAll(near);
    await lab.expectAll(far);
  }, 180_000);

  it('goes on where it was when a link was cut and both sides were killed', async () => {
    far.host?.cut();
    near.write(500);
    far.write(500);
    await near.kill('SIGKILL');
    await lab.killServer('SIGKILL');
    near.write(500);
    near.start();
    await lab.startServer();
    far.host?.mend();
    far.write(500);
    await lab.expectAll(near);
    await lab.expectAll(far);
  }, 240_000);

  it('counts what a server forgot that was put back to an older state', async () => {
    const copy = join(directory, 'copy.db');
    await lab.run('db', 'backup', copy);
    near.write(300);
    await lab.expectAll(near);
    // Its spool keeps the last megabyte of what was acknowledged, and its log may still be there: as if both were gone.
    await near.kill('SIGTERM');
    writeFileSync(near.log, '');
    for (const name of readdirSync(near.spool)) if (name.endsWith('.seg')) rmSync(join(near.spool, name));
    await lab.killServer('SIGTERM');
    lab.restore(copy);
    await lab.startServer();
    near.start();
    near.write(50);
    await lab.expectAll(near, 300);
    expect([...lab.storedOf(near.hostId).gaps]).toEqual([['server-restored', 300]]);
  }, 240_000);

  it('lets a revoked agent keep what it has, and nobody else notices', async () => {
    await lab.run('agents', 'revoke', agentIds.get(far) ?? '');
    far.write(10);
    near.write(10);
    await lab.expectAll(near, 300);
    await eventually(
      'the spool',
      async () => {
        const shown = await runProgramOnce(['telemetry', 'show', '--spool-dir', far.spool]);
        return shown.out.split('\n').filter((line) => line.includes('"kind":"denial"')).length >= 10 || undefined;
      },
      PATIENCE_MS,
    );
    await lab.expectAll(far, 10);
  }, 180_000);

  it('counts exactly what a spool gave up that was too small while the server was away', async () => {
    kernel.start('--set', `collector.spool_max_bytes=${SPOOL_BYTES}`, '--set', 'collector.canary=false');
    await kernel.process?.waitForLine(/^Landlock ABI/, PATIENCE_MS);
    await lab.killServer('SIGTERM');
    const child = await startDenyingChild(join(directory, 'flooded'), FLOOD);
    expect(await child.begin()).toBe(FLOOD);
    await lab.startServer();
    const { stored, gaps } = await eventually(
      'an account of the flood',
      () => {
        const account = { stored: storedOf(child.pid), gaps: lab.storedOf(kernel.hostId).gaps };
        return account.stored + (account.gaps.get('spool-overflow') ?? 0) >= FLOOD ? account : undefined;
      },
      PATIENCE_MS,
    );
    const lost = gaps.get('spool-overflow') ?? 0;
    expect(lost).toBeGreaterThan(0);
    expect(stored).toBeGreaterThan(0);
    // Nothing was lost on the way to the spool, so that the one gap tells all.
    expect([stored + lost, [...gaps]]).toEqual([FLOOD, [['spool-overflow', lost]]]);
    await kernel.kill('SIGTERM');
  }, 240_000);
});
