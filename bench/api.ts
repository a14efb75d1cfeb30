// The API under load: 200 readers at once on a database that is full already, while denials go on coming in.
// Server, readers and the collector's side are processes of their own, so that none waits for another's thread. Shows
// how long answers took, whether any request failed, and by how much a batch was late.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createToken } from '../src/store/access/tokens.ts';
import { closeDatabase, openDatabase } from '../src/store/database/open.ts';
import type { DeliveryPlan, DeliveryResult } from './api-delivery.ts';
import type { ReadersPlan, ReadersResult } from './api-readers.ts';
import { END_MS } from './generate-denials.ts';
import { table } from './measure.ts';
import { fillStore } from './store.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;
const READERS = 200;
const INGEST_RATE = 2_000;
const BATCHES_PER_SECOND = 4;
/** So many go through the writer, the others are copies of them. */
const WRITTEN_MAX = 100_000;
/** What a batch may be later than it is due, or take. */
const LATE_MS_MAX = 250;
const DAY_MS = 86_400_000;
const TICKS_PER_SECOND = 100;
const STOP_MS_MAX = 10_000;

const span = `from=${time(END_MS - DAY_MS)}&to=${time(END_MS + DAY_MS)}`;
const QUESTIONS: readonly (readonly [name: string, path: string])[] = [
  ['overview', `/api/v1/stats/summary?${span}`],
  ['time series', `/api/v1/stats/timeseries?${span}&interval=1h`],
  ['issues', '/api/v1/issues?limit=50'],
  ['denials', '/api/v1/denials?limit=50'],
  ['denials of a host', '/api/v1/denials?limit=50&host=web-20'],
  ['hosts', '/api/v1/hosts?limit=50'],
  ['status', '/api/v1/status'],
];

function time(ms: number): string {
  return new Date(ms).toISOString();
}

/** Answers a table. `npm run build` first. */
export async function benchApi(denials: number, seconds: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-bench-api-'));
  const databasePath = join(directory, 'trespass.db');
  const times = Math.max(1, Math.round(denials / WRITTEN_MAX));
  fillStore(databasePath, Math.round(denials / times), times);
  const server = await startServer(directory, databasePath);
  try {
    const plan = {
      socketPath: server.ingestSocket,
      spool: '1'.repeat(32),
      perSecond: INGEST_RATE,
      batchesPerSecond: BATCHES_PER_SECOND,
      seconds,
    };
    const idle = await startProcess<DeliveryResult>('api-delivery', {
      ...plan,
      startMs: END_MS,
    } satisfies DeliveryPlan);
    const idleResult = await idle.go();
    const tokens = makeTokens(databasePath);
    const reading = await startProcess<readonly ReadersResult[]>('api-readers', {
      address: server.address,
      tokens,
      seconds,
      questions: QUESTIONS,
    } satisfies ReadersPlan);
    const delivering = await startProcess<DeliveryResult>('api-delivery', {
      ...plan,
      spool: '2'.repeat(32),
      startMs: END_MS + seconds * 1_000,
    } satisfies DeliveryPlan);
    const cpuBefore = cpuSecondsOf(server.child.pid);
    const [readers, busy] = await Promise.all([reading.go(), delivering.go()]);
    const serverCpu = cpuSecondsOf(server.child.pid) - cpuBefore;
    return report({ denials, idle: idleResult, busy, readers, serverCpu, seconds });
  } finally {
    await stop(server.child);
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly address: string;
  readonly ingestSocket: string;
}

async function startServer(directory: string, databasePath: string): Promise<Server> {
  const runtime = join(directory, 'run');
  mkdirSync(runtime);
  const argv = ['serve', '--db', databasePath, '--runtime-dir', runtime, '--listen', '127.0.0.1:0'];
  // Each reader asks as often as it is answered.
  const settings = ['--set', 'server.requests_per_minute=1000000', '--set', `server.user=${userInfo().username}`];
  const child = spawn(process.execPath, [MAIN, ...argv, ...settings, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`trespass serve ended with ${code}: ${said}`)));
  });
  return { child, address, ingestSocket: join(runtime, 'ingest.sock') };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await gone;
  clearTimeout(timer);
}

/** One for each reader: the limit of requests is each caller's own. */
function makeTokens(databasePath: string): readonly string[] {
  const db = openDatabase(databasePath);
  const tokens = Array.from({ length: READERS }, (_, n) => {
    const made = createToken(db, { name: `reader ${n}`, scopes: ['read'] }, Date.now());
    if (made === 'too-many') throw new Error('too many tokens');
    return made.text;
  });
  closeDatabase(db);
  return tokens;
}

/** A process of this folder that has prepared itself; `go` lets it begin, and answers what it printed. */
async function startProcess<T>(name: string, plan: object): Promise<{ go(): Promise<T> }> {
  const module = new URL(`./${name}.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', module, JSON.stringify(plan)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
  });
  const ended = new Promise<T>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(said) as T) : reject(new Error(`${name} ended with ${code}`)),
    );
  });
  await Promise.race([new Promise((resolve) => child.once('message', resolve)), ended]);
  return {
    go() {
      child.send('go');
      return ended;
    },
  };
}

/** User and system time of a process and its threads. */
function cpuSecondsOf(pid: number | undefined): number {
  const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ', 2);
  const fields = rest.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

interface Measured {
  readonly denials: number;
  readonly seconds: number;
  readonly idle: DeliveryResult;
  readonly busy: DeliveryResult;
  readonly readers: readonly ReadersResult[];
  readonly serverCpu: number;
}

function report({ denials, seconds, idle, busy, readers, serverCpu }: Measured): string {
  const failed = readers.reduce((sum, one) => sum + one.failed, 0);
  const everyOne = readers.flatMap(({ timesMs }) => timesMs);
  const all = { name: 'all', readers: READERS, failed, seconds, timesMs: everyOne };
  const rows = [...readers, all].map((one) => [
    one.name,
    String(one.readers),
    (one.timesMs.length / one.seconds).toFixed(0),
    ...[0.5, 0.95, 0.99, 1].map((part) => percentile(one.timesMs, part).toFixed(0)),
    String(one.failed),
  ]);
  const delays = ({ delaysMs }: DeliveryResult) =>
    [0.5, 0.95, 0.99, 1].map((part) => percentile(delaysMs, part).toFixed(0));
  const batches = [
    ['without readers', String(idle.delaysMs.length), ...delays(idle), percentile(idle.lateMs, 1).toFixed(0)],
    ['with readers', String(busy.delaysMs.length), ...delays(busy), percentile(busy.lateMs, 1).toFixed(0)],
  ];
  const beyond = busy.delaysMs.filter((ms) => ms > LATE_MS_MAX).length;
  return (
    `${READERS} readers on ${denials} denials for ` +
    `${seconds} s while ${INGEST_RATE}/s come in, each side a process of its own: ${failed} requests failed; ` +
    `${beyond} of ${busy.delaysMs.length} batches were committed more than ${LATE_MS_MAX} ms after they were due. ` +
    `The server used ${(serverCpu / seconds).toFixed(2)} cores; load of the machine ${loadavg()[0]?.toFixed(1)}.\n\n` +
    table(['question', 'readers', 'answers/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'failed'], rows) +
    `\n\n${table(['batches', 'count', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'sender late, max ms'], batches)}`
  );
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
