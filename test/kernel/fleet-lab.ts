// A server with TLS and agents as processes of their own: each a host in a network namespace that follows a log, or this
// machine, which reads its kernel. What is written into the logs is noted in a file first: the truth that the database is
// held to.
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { type RunningProgram, runProgramOnce, startProgram } from '../support/built-program.ts';
import { makeCertificate, pinOf, type TestCertificate } from '../support/certificate.ts';
import { eventually } from '../support/local-run.ts';
import { makeTestHost, type TestHost } from '../support/test-host.ts';

export const PATIENCE_MS = 90_000;
const IDS =
  'a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=1000 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=1';

export interface LabAgentOptions {
  /** Before the program, inside the host: `env …`. */
  readonly inside?: readonly string[];
  /** See SmallDisk.wrapper. */
  readonly disk?: readonly string[];
  /** Where the server is reached; default: at the gateway of its network. */
  readonly url?: (gateway: string) => string;
  /** This machine and its kernel's own audit, not a host that follows a log. */
  readonly isKernel?: boolean;
  /** How far its clock is ahead. */
  readonly aheadMs?: number;
  /** More flags of `collect`. */
  readonly argv?: readonly string[];
}

export class LabAgent {
  readonly spool: string;
  readonly log: string;
  /** undefined: this machine. */
  readonly host: TestHost | undefined;
  /** Serials of all denials that were written into the log, one a line. */
  readonly truth: string;
  readonly options: LabAgentOptions;
  /** Of its host, once it is enrolled. */
  hostId = '';
  process: RunningProgram | undefined;
  #serial = 0;

  constructor(directory: string, number: number, host: TestHost | undefined, options: LabAgentOptions) {
    this.spool = join(directory, `spool-${number}`);
    this.log = join(directory, `audit-${number}.log`);
    this.truth = join(directory, `truth-${number}`);
    this.host = host;
    this.options = options;
    mkdirSync(this.spool, { recursive: true, mode: 0o700 });
    writeFileSync(this.log, '');
    writeFileSync(this.truth, '');
  }

  get wrapper(): readonly string[] {
    const { disk = [], inside = [] } = this.options;
    return [...(this.host?.network ?? []), ...disk, ...(this.host?.machine ?? []), ...inside];
  }

  /** `more`: flags of this process alone. */
  start(...more: readonly string[]): void {
    const file = ['--set', 'collector.source=file', '--set', `collector.path=${this.log}`];
    const source = this.host === undefined ? [] : file;
    const places = ['--spool-dir', this.spool, '--runtime-dir', `${this.spool}-run`];
    const argv = ['collect', ...places, ...source, '--log-level', 'error', ...(this.options.argv ?? []), ...more];
    this.process = startProgram(argv, { wrapper: this.wrapper });
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.process?.process.kill(signal);
    await this.process?.ended;
    this.process = undefined;
  }

  /** Denials of its now, so that they are of this boot. */
  write(count: number): void {
    const seconds = Math.floor((Date.now() + (this.options.aheadMs ?? 0)) / 1_000);
    let [text, serials] = ['', ''];
    for (let i = 0; i < count; i++) {
      const stamp = `msg=audit(${seconds}.000:${++this.#serial})`;
      serials += `${this.#serial}\n`;
      text += `type=LANDLOCK_ACCESS ${stamp}: domain=1af495b55 blockers=fs.write_file path="/f${this.#serial}" dev="vda" ino=5\n`;
      text += `type=SYSCALL ${stamp}: arch=c000003e syscall=257 success=no exit=-13 ${IDS} comm="x" exe="/bin/x" key=(null)\n`;
      text += `type=PROCTITLE ${stamp}: proctitle="x"\n`;
    }
    appendFileSync(this.truth, serials);
    appendFileSync(this.log, text);
  }

  /** A record that is none. */
  writePoison(): void {
    const stamp = `msg=audit(${Math.floor(Date.now() / 1_000)}.000:${++this.#serial})`;
    appendFileSync(this.log, `type=LANDLOCK_ACCESS ${stamp}: domain=none blockers=\u0001"\n`);
  }

  get written(): readonly number[] {
    return readFileSync(this.truth, 'utf8').split('\n').filter(Boolean).map(Number);
  }
}

export interface Enrolled {
  readonly agent: string;
  readonly host: string;
}

export class FleetLab {
  readonly directory: string;
  readonly certificate: TestCertificate;
  readonly agents: LabAgent[] = [];
  server: RunningProgram | undefined;
  port = 0;
  readonly #databasePath: string;

  /** The database goes into the folder `db`, which is there. */
  constructor(directory: string) {
    this.directory = directory;
    this.#databasePath = join(directory, 'db/fleet.db');
    this.certificate = makeCertificate(directory, 'server');
  }

  addAgent(options: LabAgentOptions = {}): LabAgent {
    const number = this.agents.length + 1;
    const host = options.isKernel === true ? undefined : makeTestHost(this.directory, number + 100);
    const agent = new LabAgent(this.directory, number, host, options);
    this.agents.push(agent);
    return agent;
  }

  async startServer(): Promise<void> {
    const { certificate, key } = this.certificate;
    const settings = [`tls_certificate=${certificate}`, `tls_key=${key}`, 'user=root'];
    const places = ['--db', this.#databasePath, '--runtime-dir', join(this.directory, 'run')];
    const flags = ['--log-level', 'error', ...settings.flatMap((one) => ['--set', `server.${one}`])];
    const argv = ['serve', ...places, '--listen', `0.0.0.0:${this.port}`, ...flags];
    this.server = startProgram(argv);
    const [, text] = await this.server.waitForLine(/^dashboard https:\S+:(\d+)/, PATIENCE_MS);
    this.port = Number(text);
  }

  async killServer(signal: NodeJS.Signals): Promise<void> {
    this.server?.process.kill(signal);
    await this.server?.ended;
  }

  /** A command about the database. */
  async run(...argv: readonly string[]): Promise<string> {
    const done = await runProgramOnce([...argv, '--db', this.#databasePath]);
    expect([argv[0], done.exitCode, done.err]).toEqual([argv[0], 0, '']);
    return done.out.trim();
  }

  /** As which agent, of which host. */
  async enrol(agent: LabAgent, token: string): Promise<Enrolled> {
    const gateway = agent.host?.gateway ?? '127.0.0.1';
    const url = agent.options.url?.(gateway) ?? `https://${gateway}:${this.port}`;
    const trust =
      agent.host === undefined ? ['--ca-file', this.certificate.certificate] : ['--pin', pinOf(this.certificate)];
    const argv = ['enroll', url, '--token', token, ...trust, '--spool-dir', agent.spool];
    const enrolled = await runProgramOnce(argv, { wrapper: agent.wrapper });
    expect([enrolled.exitCode, enrolled.err]).toEqual([0, '']);
    const [newest] = this.query<Enrolled>(
      'SELECT agent_id AS agent, host_id AS host FROM agents ORDER BY id DESC LIMIT 1',
    );
    if (newest === undefined) throw new Error('nobody is enrolled');
    agent.hostId = newest.host;
    return newest;
  }

  /** Read beside the server. */
  query<T>(sql: string, ...params: readonly string[]): T[] {
    const db = openDatabase(this.#databasePath, { readonly: true });
    try {
      return db.prepare<string[], T>(sql).all(...params);
    } finally {
      closeDatabase(db);
    }
  }

  /** Puts a copy in the place of the database; the server is not running. */
  restore(copy: string): void {
    for (const end of ['', '-wal', '-shm']) rmSync(`${this.#databasePath}${end}`, { force: true });
    copyFileSync(copy, this.#databasePath);
  }

  /** Serials of what is stored of a host, with repetitions, and its losses. */
  storedOf(hostId: string) {
    const serials = this.query<{ serial: number }>(
      'SELECT serial FROM denials d JOIN hosts h ON h.id = d.host WHERE h.host_id = ? ORDER BY serial',
      hostId,
    ).map(({ serial }) => serial);
    const gaps = this.query<{ cause: string; count: number }>(
      'SELECT cause, sum(count) AS count FROM gaps g JOIN hosts h ON h.id = g.host WHERE h.host_id = ? GROUP BY cause',
      hostId,
    );
    return { serials, gaps: new Map(gaps.map(({ cause, count }) => [cause, count])) };
  }

  /** Waits until what was written of `agent` is stored but for so many that are counted as lost, and nothing twice. */
  async expectAll(agent: LabAgent, lost = 0): Promise<void> {
    const wanted = agent.written.length - lost;
    const { serials } = await eventually(
      `all of ${agent.spool}`,
      () => {
        const stored = this.storedOf(agent.hostId);
        return stored.serials.length >= wanted ? stored : undefined;
      },
      PATIENCE_MS,
    );
    expect([serials.length, new Set(serials).size]).toEqual([wanted, wanted]);
  }

  async end(): Promise<void> {
    for (const agent of this.agents) await agent.kill('SIGKILL');
    await this.killServer('SIGKILL');
    for (const { host } of this.agents) host?.remove();
  }
}
