// Three agents and a server with real TLS: one reads this kernel's audit, two are hosts in network namespaces of their own
// that follow a log. Links are cut, processes killed, the server is put back to an older state, and an agent is revoked; in
// the end every denial is stored once or counted in a gap.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/open.ts';
import { type RunningProgram, runProgramOnce, startProgram } from '../support/built-program.ts';
import { makeCertificate, pinOf, type TestCertificate } from '../support/certificate.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { eventually } from '../support/local-run.ts';
import { makeTestHost, type TestHost } from '../support/test-host.ts';

const PATIENCE_MS = 90_000;
const IDS =
  'a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=1000 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1';

interface AgentProcess {
  readonly spool: string;
  readonly log: string;
  readonly host: TestHost | undefined;
  written: number;
  process: RunningProgram | undefined;
}

describeKernel('a fleet', () => {
  let directory: string;
  let certificate: TestCertificate;
  let server: RunningProgram;
  let port = 0;
  let hosts: TestHost[] = [];
  let agents: AgentProcess[] = [];

  const path = (name: string) => join(directory, name);
  const databasePath = () => path('db/fleet.db');

  async function startServer(): Promise<void> {
    const settings = [`tls_certificate=${certificate.certificate}`, `tls_key=${certificate.key}`, 'user=root'];
    const argv = ['serve', '--db', databasePath(), '--listen', `0.0.0.0:${port}`, '--runtime-dir', path('run')];
    server = startProgram([...argv, '--log-level', 'error', ...settings.flatMap((one) => ['--set', `server.${one}`])]);
    const [, text] = await server.waitForLine(/^dashboard https:\S+:(\d+)/);
    port = Number(text);
  }

  function argvOf(agent: AgentProcess): string[] {
    const source =
      agent.host === undefined ? [] : ['--set', 'collector.source=file', '--set', `collector.path=${agent.log}`];
    return ['--spool-dir', agent.spool, '--runtime-dir', `${agent.spool}-run`, ...source];
  }

  const wrapperOf = (agent: AgentProcess) => (agent.host === undefined ? {} : { wrapper: agent.host.wrapper });

  function startAgent(agent: AgentProcess): void {
    agent.process = startProgram(['collect', ...argvOf(agent), '--log-level', 'error'], wrapperOf(agent));
  }

  async function kill(agent: AgentProcess, signal: NodeJS.Signals): Promise<void> {
    agent.process?.process.kill(signal);
    await agent.process?.ended;
  }

  async function enrol(agent: AgentProcess, token: string): Promise<void> {
    const trust = agent.host === undefined ? ['--ca-file', certificate.certificate] : ['--pin', pinOf(certificate)];
    const url = `https://${agent.host?.gateway ?? '127.0.0.1'}:${port}`;
    const enrolled = await runProgramOnce(
      ['enroll', url, '--token', token, ...trust, '--spool-dir', agent.spool],
      wrapperOf(agent),
    );
    expect([enrolled.exitCode, enrolled.err]).toEqual([0, '']);
  }

  /** Denials of now, so that they are of this boot. */
  function write(agent: AgentProcess, count: number): void {
    const seconds = Math.floor(Date.now() / 1000);
    let text = '';
    for (let i = 0; i < count; i++) {
      const stamp = `msg=audit(${seconds}.000:${++agent.written})`;
      text += `type=LANDLOCK_ACCESS ${stamp}: domain=1af495b55 blockers=fs.write_file path="/f${agent.written}" dev="vda" ino=5\n`;
      text += `type=SYSCALL ${stamp}: arch=c000003e syscall=257 success=no exit=-13 ${IDS} comm="x" exe="/bin/x" key=(null)\n`;
      text += `type=PROCTITLE ${stamp}: proctitle="x"\n`;
    }
    appendFileSync(agent.log, text);
  }

  function query<T>(sql: string): T[] {
    const db = openDatabase(databasePath(), { readonly: true });
    try {
      return db.prepare<[], T>(sql).all();
    } finally {
      closeDatabase(db);
    }
  }

  const hostIdOf = async (agent: AgentProcess) => {
    const { agent: id } = JSON.parse(readFileSync(join(agent.spool, 'agent.json'), 'utf8'));
    return query<{ host: string }>(`SELECT host_id AS host FROM agents WHERE agent_id = '${id}'`)[0]?.host ?? '';
  };

  /** Waits until the agent's denials are all stored or counted as lost by the server, and none twice. */
  async function expectAll(agent: AgentProcess, lost: number): Promise<void> {
    const host = await hostIdOf(agent);
    await eventually(
      `all of ${agent.spool}`,
      () => {
        const [{ n = 0 } = {}] = query<{ n: number }>(
          `SELECT count(*) AS n FROM denials d JOIN hosts h ON h.id = d.host WHERE h.host_id = '${host}'`,
        );
        return n === agent.written - lost || undefined;
      },
      PATIENCE_MS,
    );
    const sums = query<{ rows: number; serials: number }>(
      `SELECT count(*) AS rows, count(DISTINCT serial) AS serials FROM denials d JOIN hosts h ON h.id = d.host
       WHERE h.host_id = '${host}'`,
    );
    expect(sums).toEqual([{ rows: agent.written - lost, serials: agent.written - lost }]);
  }

  const gapsOf = (host: string) =>
    query<{ cause: string; count: number }>(
      `SELECT cause, count FROM gaps g JOIN hosts h ON h.id = g.host WHERE h.host_id = '${host}' ORDER BY g.id`,
    );

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'trespass-fleet-'));
    mkdirSync(path('db'));
    certificate = makeCertificate(directory, 'server');
    hosts = [makeTestHost(directory, 1), makeTestHost(directory, 2)];
    agents = [undefined, ...hosts].map((host, i) => ({
      spool: path(`spool-${i}`),
      log: path(`audit-${i}.log`),
      host,
      written: 0,
      process: undefined,
    }));
    for (const { log } of agents) writeFileSync(log, '');
    await startServer();
  }, 60_000);

  afterAll(async () => {
    for (const agent of agents) await kill(agent, 'SIGKILL');
    server?.process.kill('SIGKILL');
    await server?.ended;
    for (const host of hosts) host.remove();
    rmSync(directory, { recursive: true });
  }, 60_000);

  it('enrols by one line each, knows them apart, and stores what they deliver', async () => {
    const made = await runProgramOnce([
      ...['token', 'create', '--db', databasePath(), '--name', 'all', '--scope', 'enroll'],
      ...['--fleet', 'lab', '--uses', '3'],
    ]);
    const [kernel, near, far] = agents as [AgentProcess, AgentProcess, AgentProcess];
    for (const agent of agents) await enrol(agent, made.out.trim());
    expect(new Set(await Promise.all(agents.map(hostIdOf))).size).toBe(3);
    for (const agent of agents) startAgent(agent);
    await kernel.process?.waitForLine(/^canary seen/, PATIENCE_MS);
    const child = await startDenyingChild(path('denied'), 20);
    await child.begin();
    const host = await hostIdOf(kernel);
    await eventually(
      'the denials of this kernel',
      () => {
        const [{ n = 0 } = {}] = query<{ n: number }>(
          `SELECT count(*) AS n FROM denials d JOIN hosts h ON h.id = d.host
           WHERE h.host_id = '${host}' AND d.pid = ${child.pid}`,
        );
        return n === 20 || undefined;
      },
      PATIENCE_MS,
    );
    await kill(kernel, 'SIGTERM');
    write(near, 100);
    write(far, 100);
    await expectAll(near, 0);
    await expectAll(far, 0);
  }, 180_000);

  it('goes on where it was when a link was cut and both sides were killed', async () => {
    const [, near, far] = agents as [AgentProcess, AgentProcess, AgentProcess];
    far.host?.cut();
    write(near, 500);
    write(far, 500);
    await kill(near, 'SIGKILL');
    server.process.kill('SIGKILL');
    await server.ended;
    write(near, 500);
    startAgent(near);
    await startServer();
    far.host?.mend();
    write(far, 500);
    await expectAll(near, 0);
    await expectAll(far, 0);
  }, 240_000);

  it('counts what a server forgot that was put back to an older state', async () => {
    const [, near] = agents as [AgentProcess, AgentProcess, AgentProcess];
    const copy = path('copy.db');
    expect((await runProgramOnce(['db', 'backup', copy, '--db', databasePath()])).exitCode).toBe(0);
    const before = near.written;
    write(near, 300);
    await expectAll(near, 0);
    // Its spool keeps the last megabyte of what was acknowledged, and its log may still be there: as if both were gone.
    await kill(near, 'SIGTERM');
    writeFileSync(near.log, '');
    for (const name of readdirSync(near.spool)) if (name.endsWith('.seg')) rmSync(join(near.spool, name));
    server.process.kill('SIGTERM');
    await server.ended;
    for (const end of ['', '-wal', '-shm']) rmSync(`${databasePath()}${end}`, { force: true });
    copyFileSync(copy, databasePath());
    await startServer();
    startAgent(near);
    write(near, 50);
    await expectAll(near, 300);
    expect(near.written).toBe(before + 350);
    expect(gapsOf(await hostIdOf(near))).toEqual([{ cause: 'server-restored', count: 300 }]);
  }, 240_000);

  it('lets a revoked agent keep what it has, and nobody else notices', async () => {
    const [, near, far] = agents as [AgentProcess, AgentProcess, AgentProcess];
    const { agent } = JSON.parse(readFileSync(join(far.spool, 'agent.json'), 'utf8'));
    expect((await runProgramOnce(['agents', 'revoke', agent, '--db', databasePath()])).exitCode).toBe(0);
    const { written } = far;
    write(far, 10);
    write(near, 10);
    await expectAll(near, 300);
    const kept = await eventually('the spool', async () => {
      const shown = await runProgramOnce(['telemetry', 'show', '--spool-dir', far.spool]);
      return shown.out.split('\n').filter((line) => line.includes('"kind":"denial"')).length >= 10 || undefined;
    });
    expect(kept).toBe(true);
    far.written = written;
    await expectAll(far, 0);
  }, 120_000);
});
