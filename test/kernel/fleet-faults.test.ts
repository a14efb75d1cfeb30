// Three agents and a server, and everything that can go wrong between them, one after the other: a link is cut, both sides
// are killed, batches come twice and in the wrong order, the server is put back to an older state, a record and a document
// are poison, the disk of the server and of an agent is full, a key is revoked, and one host's clock is a day ahead. In the
// end every denial that a host wrote is stored exactly once, or is missing and counted in a gap.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, runProgramOnce } from '../support/built-program.ts';
import { eventually } from '../support/local-run.ts';
import { describeSmallDisk, makeOpenDisk, makeSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { FaultyProxy } from './faulty-proxy.ts';
import { type Enrolled, FleetLab, type LabAgent, PATIENCE_MS } from './fleet-lab.ts';

const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;

/** Makes a process believe that it is tomorrow. */
const CLOCK = `
const Real = Date;
globalThis.Date = class Date extends Real {
  constructor(...given) { if (given.length === 0) super(Real.now() + ${DAY_MS}); else super(...given); }
  static now() { return Real.now() + ${DAY_MS}; }
};
`;

describeSmallDisk('a fleet that everything happens to', () => {
  let directory: string;
  let lab: FleetLab;
  let proxy: FaultyProxy;
  let serverDisk: SmallDisk;
  let spoolDisk: SmallDisk;

  beforeAll(async () => {
    ensureBuilt();
    directory = mkdtempSync(join(tmpdir(), 'trespass-faults-'));
    const [db, spool, clock] = ['db', 'spool-1', 'clock.mjs'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(db);
    mkdirSync(spool);
    writeFileSync(clock, CLOCK);
    serverDisk = makeOpenDisk(db, 64 * MIB);
    spoolDisk = await makeSmallDisk(spool, 32 * MIB);
    lab = new FleetLab(directory);
    await lab.startServer();
    proxy = await FaultyProxy.listen(lab.certificate, () => lab.port);
    lab.addAgent({
      disk: spoolDisk.wrapper,
      url: (gateway) => `https://${gateway}:${proxy.port}`,
      // It is to meet the end of its disk, and not to make room before.
      argv: ['--set', 'collector.spool_min_free_bytes=0'],
    });
    lab.addAgent();
    lab.addAgent({ inside: ['env', `NODE_OPTIONS=--import=${clock}`], aheadMs: DAY_MS });
  }, 240_000);

  afterAll(async () => {
    await lab?.end();
    await proxy?.close();
    serverDisk?.remove();
    spoolDisk?.remove();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('stores every denial once, or counts it in a gap', async () => {
    const agents = lab.agents as [LabAgent, LabAgent, LabAgent];
    const [near, far, early] = agents;
    const token = await lab.run(
      'token',
      'create',
      '--name',
      'all',
      '--scope',
      'enroll',
      '--fleet',
      'lab',
      '--uses',
      '9',
    );
    const enrolled: Enrolled[] = [];
    for (const agent of agents) enrolled.push(await lab.enrol(agent, token));
    const [nearHost = '', farHost = '', earlyHost = ''] = enrolled.map(({ host }) => host);
    const hosts = [nearHost, farHost, earlyHost];
    expect(new Set(hosts).size).toBe(3);
    const writeAll = (count: number) => agents.forEach((agent) => void agent.write(count));
    const allStored = async () => {
      for (const agent of agents) await lab.expectAll(agent);
    };
    for (const agent of agents) agent.start();
    writeAll(60);
    await allStored();
    const copy = join(directory, 'copy.db');
    await lab.run('db', 'backup', copy);

    // The link is cut, and both sides are killed, while denials go on.
    far.host?.cut();
    writeAll(60);
    await near.kill('SIGKILL');
    await lab.killServer('SIGKILL');
    writeAll(60);
    near.start();
    await lab.startServer();
    far.host?.mend();
    writeAll(20);
    await allStored();

    // The server forgets.
    await lab.killServer('SIGTERM');
    lab.restore(copy);
    await lab.startServer();
    for (const host of hosts) expect(lab.storedOf(host).serials.length).toBeLessThanOrEqual(60);
    writeAll(20);
    await allStored();

    // A record that is none, and a document that is unreadable on the way.
    for (const agent of agents) agent.writePoison();
    proxy.isPoisoning = true;
    writeAll(20);
    await lab.expectAll(near, 1);
    await eventually('the gap', () => lab.storedOf(nearHost).gaps.get('undeliverable') === 1 || undefined, PATIENCE_MS);

    // The server's disk is full: it asks for patience, and what waits is stored once there is room.
    serverDisk.fill();
    const answered = proxy.statuses.length;
    writeAll(20);
    await eventually('a refusal', () => proxy.statuses.slice(answered).includes(503) || undefined, PATIENCE_MS);
    serverDisk.empty();
    await lab.expectAll(near, 1);

    // An agent's disk is full: what it cannot keep is counted, and told once there is room.
    spoolDisk.fill();
    near.write(30);
    const overflow = () => proxy.heartbeat?.counts.lost.find(({ cause }) => cause === 'spool-overflow')?.count;
    await eventually('the loss', () => ((overflow() ?? 0) > 0 ? true : undefined), PATIENCE_MS);
    spoolDisk.empty();
    await eventually('its gap', () => lab.storedOf(nearHost).gaps.has('spool-overflow') || undefined, PATIENCE_MS);

    // A key is revoked; the host keeps what it has until it is enrolled anew.
    await lab.run('agents', 'revoke', enrolled[1]?.agent ?? '');
    far.write(20);
    await eventually(
      'what it keeps',
      async () => {
        const { out } = await runProgramOnce(['telemetry', 'show', '--spool-dir', far.spool]);
        return out.split('\n').filter((line) => line.includes('"kind":"denial"')).length >= 20 || undefined;
      },
      PATIENCE_MS,
    );
    expect(lab.storedOf(farHost).serials.length).toBeLessThan(far.written.length);
    await far.kill('SIGTERM');
    expect((await lab.enrol(far, token)).host).toBe(farHost);
    far.start();
    writeAll(10);
    await lab.expectAll(far);
    await lab.expectAll(early);

    // The truth: nothing twice, nothing that was not written, and as many missing as are counted.
    for (const [at, agent] of agents.entries()) {
      const lost = (gaps: ReadonlyMap<string, number>) => [...gaps.values()].reduce((sum, count) => sum + count, 0);
      const written = new Set(agent.written);
      const { serials, gaps } = await eventually(
        `an account of ${agent.spool}`,
        () => {
          const stored = lab.storedOf(hosts[at] ?? '');
          return stored.serials.length + lost(stored.gaps) >= written.size ? stored : undefined;
        },
        PATIENCE_MS,
      );
      expect(new Set(serials).size).toBe(serials.length);
      expect(serials.filter((serial) => !written.has(serial))).toEqual([]);
      expect(written.size - serials.length).toBe(lost(gaps));
      expect([...gaps.keys()].sort()).toEqual(agent === near ? ['spool-overflow', 'undeliverable'] : []);
    }
    expect(proxy.poisoned).toBe(1);
    // Batches did come again, and late.
    expect(proxy.repeated.filter((status) => status === 200).length).toBeGreaterThan(5);
    const malformed = lab.query<{ n: number }>('SELECT count(*) AS n FROM malformed')[0]?.n;
    expect(malformed).toBe(3);
    // The clock is measured, and what it said is kept as it was.
    const [skew] = lab.query<{ ms: number }>('SELECT skew_ms AS ms FROM agents WHERE host_id = ?', earlyHost);
    expect(Math.abs((skew?.ms ?? 0) - DAY_MS)).toBeLessThan(60_000);
    const [latest] = lab.query<{ ms: number }>(
      'SELECT max(last_denial_ms) AS ms FROM hosts WHERE host_id = ?',
      earlyHost,
    );
    expect(Math.abs((latest?.ms ?? 0) - Date.now() - DAY_MS)).toBeLessThan(300_000);
  }, 400_000);
});
