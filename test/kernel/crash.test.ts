// SIGKILL at any moment loses no document that was acknowledged or spooled and stores none twice. Collector and server
// run side by side and both are killed ten times while denials go on; then the counts must be exact.
import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AggregateStore } from '../../src/collector/sending/aggregate-store.ts';
import type { Denial } from '../../src/landlock/document.ts';
import type { DomainAnswer } from '../../src/store/answers.ts';
import { type AuditStatus, readAuditStatus } from '../support/audit-status.ts';
import { ensureBuilt, type RunningProgram, runProgramOnce, startProgram } from '../support/built-program.ts';
import { startDenyingChild } from '../support/deny.ts';
import { describeKernel } from '../support/kernel-lock.ts';
import { eventually, makePlace, type RunPlace } from '../support/local-run.ts';

const ROUNDS = 10;
const SIDES = ['serve', 'collect'] as const;
type Side = (typeof SIDES)[number];

/** Server and collector without a supervisor: this test is one, and starts again what it killed. */
class BothSides {
  readonly #place: RunPlace;
  readonly #argv: readonly string[];
  readonly #running = new Map<Side, RunningProgram>();

  constructor(place: RunPlace, argv: readonly string[]) {
    this.#place = place;
    this.#argv = argv;
  }

  start(side: Side): RunningProgram {
    const program = startProgram([side, ...this.#place.argv, '--set', 'collector.canary=false', ...this.#argv]);
    this.#running.set(side, program);
    return program;
  }

  async startBoth(): Promise<void> {
    await this.start('serve').waitForLine(/^dashboard /);
    await this.start('collect').waitForLine(/^Landlock ABI /);
  }

  /** Now one side, now the other, now both; also while they are still starting. */
  async killAndStart(round: number): Promise<void> {
    const sides = SIDES.filter((_, index) => round % 3 === 2 || round % 3 === index);
    for (const side of sides) {
      this.#running.get(side)?.process.kill('SIGKILL');
    }
    for (const side of sides) {
      await this.#running.get(side)?.ended;
      this.start(side);
    }
  }

  /** The collector first, so that it delivers what it has. */
  async stop(): Promise<(number | string | undefined)[]> {
    const ends: (number | string | undefined)[] = [];
    for (const side of ['collect', 'serve'] as const) {
      const program = this.#running.get(side);
      program?.process.kill('SIGTERM');
      ends.push(await program?.ended);
    }
    return ends;
  }

  kill(): void {
    for (const program of this.#running.values()) {
      program.process.kill('SIGKILL');
    }
  }
}

let place: RunPlace;
let sides: BothSides | undefined;

beforeAll(ensureBuilt);
beforeEach(() => {
  place = makePlace();
});

afterEach(() => {
  sides?.kill();
  sides = undefined;
  place.remove();
});

async function storedRows<Row>(resource: 'denials' | 'domains', query: string): Promise<Row[]> {
  const { out } = await runProgramOnce([resource, '--db', place.databasePath, '--json', '--query', query]);
  return out === ''
    ? []
    : out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Row);
}

const pathsOf = (denials: readonly Denial[]) => denials.map(({ file }) => file?.path).sort();

/** One denial as auditd writes it; its path is its number. */
function logLines(n: number, secondsMs: string): string {
  const stamp = `msg=audit(${secondsMs}:${1_000 + n}):`;
  const domain =
    n === 0
      ? `type=LANDLOCK_DOMAIN ${stamp} domain=1a2b3c status=allocated mode=enforcing pid=77 uid=0 exe="/bin/x" comm="x"\n`
      : '';
  return `type=LANDLOCK_ACCESS ${stamp} domain=1a2b3c blockers=fs.write_file path="/srv/denied-${n}" dev="vda" ino=${n + 10}
${domain}type=SYSCALL ${stamp} arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=0 a2=2 a3=0 items=0 ppid=1 pid=77 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="x" exe="/bin/x" key=(null)
type=PROCTITLE ${stamp} proctitle="x"
`;
}

describe('killing both sides ten times while a log grows', () => {
  it('stores every denial of the log exactly once', async () => {
    const log = join(place.directory, 'audit.log');
    writeFileSync(log, '');
    sides = new BothSides(place, ['--source', 'file', '--path', log]);
    await sides.startBoth();
    let written = 0;
    const write = (count: number) => {
      const seconds = (Date.now() / 1_000).toFixed(3);
      appendFileSync(log, Array.from({ length: count }, (_, i) => logLines(written + i, seconds)).join(''));
      written += count;
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (let burst = 0; burst < 4; burst++) {
        write(50);
        await sleep(30 + ((round * 37) % 250));
      }
      await sides.killAndStart(round);
    }
    write(1);
    await eventually(
      'all denials',
      async () => {
        return (await storedRows<Denial>('denials', 'pid:77')).length >= written ? true : undefined;
      },
      30_000,
    );
    expect(await sides.stop()).toEqual([0, 0]);
    const denials = await storedRows<Denial>('denials', 'pid:77');
    expect(pathsOf(denials)).toEqual(Array.from({ length: written }, (_, n) => `/srv/denied-${n}`).sort());
    expect(new Set(denials.map(({ event }) => event.id)).size).toBe(written);
  });
});

/** Of a collector's spool, without disturbing it: it may be running. */
function countedIn(spool: string, scratch: string): number {
  rmSync(scratch, { recursive: true, force: true });
  cpSync(spool, scratch, { recursive: true });
  const { state, entries } = new AggregateStore(scratch);
  const counts = [
    ...state.hours.flatMap(([, open]) => open.map(({ count }) => count)),
    ...state.waiting.flatMap(({ docs }) => docs.map(({ count }) => count)),
    ...entries.flatMap((entry) => entry.counts.map(([, , count]) => count)),
  ];
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('killing a collector that only counts, while its log grows', () => {
  it('counts every denial of the log exactly once, also those that it reads again', async () => {
    const log = join(place.directory, 'audit.log');
    const spool = join(place.directory, 'spool');
    const scratch = join(place.directory, 'scratch');
    writeFileSync(log, '');
    const argv = ['--source', 'file', '--path', log, '--set', 'collector.privacy=aggregate', '--spool-dir', spool];
    sides = new BothSides(place, argv);
    let written = 0;
    const write = (count: number) => {
      const seconds = (Date.now() / 1_000).toFixed(3);
      appendFileSync(log, Array.from({ length: count }, (_, i) => logLines(written + i, seconds)).join(''));
      written += count;
    };
    // The first line of the log also tells of a domain.
    const isAllCounted = () => countedIn(spool, scratch) === written + 1 || undefined;
    const collector = sides.start('collect');
    await collector.waitForLine(/^Landlock ABI /);
    for (let round = 0; round < 4; round++) {
      write(300);
      // Somewhere in the middle of it, or just behind.
      await eventually('some of it', () => countedIn(spool, scratch) > written - 300 || undefined, 30_000);
      await sides.killAndStart(1);
    }
    await eventually('all of it', isAllCounted, 30_000);
    await sides.stop();
    expect(countedIn(spool, scratch)).toBe(written + 1);
  });
});

describeKernel('killing both sides ten times under real denials', () => {
  let before: AuditStatus;
  beforeEach(() => {
    before = readAuditStatus();
  });

  it('stores none twice, loses none that it had, and accounts for the rest', async () => {
    const count = 5_000;
    sides = new BothSides(place, []);
    await sides.startBoth();
    const folder = join(place.directory, 'work');
    const child = await startDenyingChild(folder, count, 4);
    const denying = child.begin();
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(600 + ((round * 137) % 500));
      await sides.killAndStart(round);
    }
    expect(await denying).toBe(count);
    const domain = await eventually(
      'the end of the domain',
      async () => {
        const [denial] = await storedRows<Denial>('denials', `pid:${child.pid}`);
        const domains = await storedRows<DomainAnswer>('domains', `domain:${denial?.landlock.domain.id}`);
        return domains.find(({ status }) => status === 'gone');
      },
      30_000,
    );
    expect(await sides.stop()).toEqual([0, 0]);

    const denials = await storedRows<Denial>('denials', `pid:${child.pid}`);
    const paths = pathsOf(denials);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((path) => path?.startsWith(join(folder, 'denied-')))).toEqual(paths);
    // The kernel has nobody to send to while the collector is down: those denials are missing, and counted as that.
    expect(domain.denials).toEqual({ logged: denials.length, total: count, unlogged: count - denials.length });
    expect(denials.length).toBeGreaterThan(count / 4);
    // While the collector lives, a killed server loses nothing: after the last kill of a collector all is there.
    expect(paths).toContain(join(folder, `denied-${count - 1}`));
    expect(readAuditStatus()).toEqual(before);
  });
});
