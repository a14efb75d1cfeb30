// A full disk stops nothing for good: batches are refused with a time to come back, the collector keeps them, reading
// goes on, and once there is room all of it is stored. With real processes on a small real file system.
import { mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { ensureBuilt, type RunningProgram, runProgramOnce, startProgram } from '../support/built-program.ts';
import { childrenOf, eventually, makePlace, type RunPlace } from '../support/local-run.ts';
import { describeSmallDisk, makeSmallDisk, type SmallDisk } from '../support/small-disk.ts';
import { expectWhole } from './support/whole-database.ts';
import { type Answer, deliver, LINES_OF_BATCH } from './support/wire-batches.ts';

const DISK_BYTES = 24 * 1024 * 1024;
/** More batches than the disk can ever take. */
const BATCHES_MAX = 2_000;
const DENIALS_OF_BATCH = LINES_OF_BATCH - 2;

let place: RunPlace;
let disk: SmallDisk;
let running: RunningProgram[] = [];

beforeAll(ensureBuilt, 120_000);
beforeEach(async () => {
  place = makePlace();
  mkdirSync(dirname(place.databasePath));
  disk = await makeSmallDisk(dirname(place.databasePath), DISK_BYTES);
});
afterEach(() => {
  for (const program of running) program.process.kill('SIGKILL');
  running = [];
  disk.remove();
  place.remove();
});

function start(command: string, ...argv: string[]): RunningProgram {
  const program = startProgram([command, ...place.argv, ...argv], { wrapper: disk.wrapper });
  running.push(program);
  return program;
}

async function startServer(): Promise<{ readonly server: RunningProgram; readonly address: string }> {
  const server = start('serve');
  const [, address = ''] = await server.waitForLine(/^dashboard (http\S+)/);
  return { server, address };
}

function trespass(...argv: string[]) {
  return runProgramOnce([...argv, '--db', place.databasePath], { wrapper: disk.wrapper });
}

const ingest = (batch: number) => deliver(join(place.runtimeDirectory, 'ingest.sock'), batch);

/** Delivers from batch `first` on until one is refused. */
async function deliverUntilRefused(
  first: number,
): Promise<{ readonly acknowledged: number; readonly refusal: Answer }> {
  for (let batch = first; batch < BATCHES_MAX; batch++) {
    const answer = await ingest(batch);
    if (answer === undefined) throw new Error('the server went away');
    if (answer.status !== 200) return { acknowledged: batch, refusal: answer };
  }
  throw new Error(`${BATCHES_MAX} batches went to a full disk`);
}

describeSmallDisk('a full disk', () => {
  it('refuses batches with a time to come back, lets everybody read, and takes them when there is room', async () => {
    const { address } = await startServer();
    const tokens: string[] = [];
    for (const name of ['one', 'two']) {
      tokens.push((await trespass('token', 'create', '--name', name, '--scope', 'read')).out.trim());
    }
    expect((await ingest(0))?.status).toBe(200);
    disk.fill();
    const { acknowledged, refusal } = await deliverUntilRefused(1);
    expect(refusal.status).toBe(503);
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
    expect(refusal.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(refusal.body)).toMatchObject({
      type: 'urn:trespass:problem:store-unavailable',
      status: 503,
      detail: `the disk is full (${place.databasePath})`,
      hint: 'free some space; work resumes by itself',
    });

    // Neither token was ever used, so noting their use would be a write.
    const get = (path: string, token = tokens[0]) =>
      fetch(`${address}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    for (const path of ['/denials?limit=5', '/issues', '/domains', '/hosts', '/stats/summary']) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
    const status = await (await get('/status', tokens[1])).json();
    expect(status).toMatchObject({
      database: { denials: acknowledged * DENIALS_OF_BATCH },
      problems: expect.arrayContaining([expect.objectContaining({ code: 'disk-full', severity: 'fail' })]),
    });
    expect((await ingest(acknowledged))?.status).toBe(503);

    disk.empty();
    for (let batch = acknowledged; batch < acknowledged + 5; batch++) expect((await ingest(batch))?.status).toBe(200);
    expect(await (await get('/status')).text()).not.toContain('"disk-full"');
    await expectStored(acknowledged + 5);
  });

  it('leaves what came meanwhile with the collector, also when server and collector start again', async () => {
    const log = join(place.directory, 'audit.log');
    writeFileSync(log, '');
    const { server } = await startServer();
    const collect = () => start('collect', '--set', 'collector.canary=false', '--source', 'file', '--path', log);
    const collector = collect();
    const { acknowledged } = await fillUp();
    await collector.waitForLine(/^Landlock ABI /);
    const spoolBytes = bytesBelow(place.spoolDirectory);
    writeFileSync(log, logOf(3_000), { flag: 'a' });
    await eventually('the collector has spooled the log', async () => {
      const before = bytesBelow(place.spoolDirectory);
      await sleep(700);
      return before > spoolBytes + 100_000 && bytesBelow(place.spoolDirectory) === before ? true : undefined;
    });
    collector.process.kill('SIGTERM');
    expect(await collector.ended).toBe(0);
    // From here on the spool alone has them.
    truncateSync(log, 0);
    server.process.kill('SIGKILL');
    await server.ended;
    const refused = start('serve');
    expect(await refused.ended).toBe(1);
    expect(refused.err()).toBe(
      `trespass: the disk is full (${place.databasePath}): free some space; work resumes by itself\n`,
    );

    disk.empty();
    await startServer();
    collect();
    const all = acknowledged * DENIALS_OF_BATCH + 3_000;
    await eventually('all denials', async () => ((await countDenials()) === all ? true : undefined));
    expect((await trespass('db', 'check')).out).toBe(`${place.databasePath} is sound\n`);
  });

  it('does not end the collector where the server cannot start again for it', async () => {
    const log = join(place.directory, 'audit.log');
    writeFileSync(log, logOf(1));
    const run = start('run', '--set', 'collector.canary=false', '--source', 'file', '--path', log);
    const collectorPid = await eventually('a collector', () => childrenOf(run.pid).collector);
    await eventually('the first denial', async () => ((await countDenials()) === 1 ? true : undefined));
    disk.fill();
    process.kill(childrenOf(run.pid).server ?? 0, 'SIGKILL');
    await run.waitForLine(/^trespass: the disk is full \(/);
    writeFileSync(log, logOf(500), { flag: 'a' });
    expect(childrenOf(run.pid).collector).toBe(collectorPid);
    disk.empty();
    // The pause before each start doubles, up to 10 seconds.
    await eventually('all denials', async () => ((await countDenials()) === 501 ? true : undefined), 30_000);
    expect(childrenOf(run.pid).collector).toBe(collectorPid);
    run.process.kill('SIGTERM');
    expect(await run.ended).toBe(0);
  }, 60_000);

  it('refuses a backup that has no room, and leaves no half of one', async () => {
    await startServer();
    expect((await ingest(0))?.status).toBe(200);
    disk.fill();
    const target = join(dirname(place.databasePath), 'copy.db');
    const { exitCode, err } = await trespass('db', 'backup', target);
    expect(exitCode).toBe(1);
    expect(err).toMatch(
      /^trespass: no room for a copy of the database: \S+copy\.db needs \d+ bytes, 0 are free: [^\n]+\n$/,
    );
    expect((await trespass('db', 'backup', join(place.directory, 'work', 'copy.db'))).err).toBe('');
    disk.empty();
    expect(await trespass('db', 'backup', target)).toMatchObject({ exitCode: 0, out: `${target}\n` });
  });
});

/** undefined: there is no answer yet. */
async function countDenials(): Promise<number | undefined> {
  const { exitCode, out } = await trespass('db', 'stats');
  return exitCode === 0 ? JSON.parse(out).denials : undefined;
}

/** A first batch while there is room, then as many as fit. */
async function fillUp() {
  expect((await ingest(0))?.status).toBe(200);
  disk.fill();
  return await deliverUntilRefused(1);
}

/** By a backup: the disk itself is out of this process's sight. */
async function expectStored(acknowledged: number): Promise<void> {
  expect((await trespass('db', 'check')).out).toBe(`${place.databasePath} is sound\n`);
  const copy = join(place.directory, 'work', 'copy.db');
  expect((await trespass('db', 'backup', copy)).exitCode).toBe(0);
  const db = openDatabase(copy, { readonly: true });
  try {
    expectWhole(db, { acknowledged, sent: acknowledged }, acknowledged);
  } finally {
    closeDatabase(db);
  }
}

function bytesBelow(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

/** Denials as auditd writes them, one an event. */
function logOf(count: number): string {
  const seconds = (Date.now() / 1_000).toFixed(3);
  const lines = Array.from({ length: count }, (_, n) => {
    const stamp = `msg=audit(${seconds}:${n + 1}):`;
    return `type=LANDLOCK_ACCESS ${stamp} domain=1a2b3c blockers=fs.write_file path="/srv/denied-${n}" dev="vda" ino=${n}
type=SYSCALL ${stamp} arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=0 a2=2 a3=0 items=0 ppid=1 pid=77 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="x" exe="/bin/x" key=(null)
type=PROCTITLE ${stamp} proctitle="x"
`;
  });
  return lines.join('');
}
