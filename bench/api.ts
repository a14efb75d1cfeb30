// The API under load: 200 readers at once over loopback TCP, each with a token of its own and a question of the
// dashboard, on a database that was filled through ingest, while denials go on coming in. Shows how long answers took,
// whether any request failed, and by how much a batch was late.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { encodeBatch, encodeLine } from '../src/delivery/encode-batch.ts';
import { closeDatabase, openDatabase } from '../src/store/open.ts';
import { createToken } from '../src/store/tokens.ts';
import { END_MS, type GeneratedLine, generateDenials } from './generate-denials.ts';
import { table } from './measure.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;
const READERS = 200;
const INGEST_RATE = 2_000;
const BATCHES_PER_SECOND = 4;
const FILL_BATCH = 5_000;
/** What a batch may be later than it is due, or take. */
const LATE_MS_MAX = 250;
const DAY_MS = 86_400_000;

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
  chmodSync(directory, 0o711);
  const server = await startServer(directory);
  try {
    const started = performance.now();
    const delivery = new Delivery(server.ingestSocket);
    const lines = generateDenials(denials);
    for (let left = denials; left > 0; left -= FILL_BATCH) await delivery.send(take(lines, Math.min(left, FILL_BATCH)));
    const fillSeconds = (performance.now() - started) / 1_000;
    const idle = await ingestFor(delivery, Math.min(seconds, 5), END_MS);
    const load = startReaders(server.address, makeTokens(server.databasePath), seconds);
    const busy = await ingestFor(delivery, seconds, END_MS + 60_000);
    return report({ denials, fillSeconds, idle, busy, results: await load });
  } finally {
    server.child.kill('SIGTERM');
    await new Promise((resolve) => server.child.once('exit', resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly address: string;
  readonly ingestSocket: string;
  readonly databasePath: string;
}

async function startServer(directory: string): Promise<Server> {
  const runtime = join(directory, 'run');
  mkdirSync(runtime);
  const databasePath = join(directory, 'store', 'trespass.db');
  const argv = ['serve', '--db', databasePath, '--runtime-dir', runtime, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [MAIN, ...argv, '--log-level', 'error'], {
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
  return { child, address, ingestSocket: join(runtime, 'ingest.sock'), databasePath };
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

function take(lines: Generator<GeneratedLine>, count: number): readonly GeneratedLine[] {
  return Array.from({ length: count }, () => lines.next().value).filter((line) => line !== undefined);
}

/** A collector's side of delivery, over ingest.sock. */
class Delivery {
  readonly #socketPath: string;
  #seq = 0;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async send(lines: readonly GeneratedLine[]): Promise<void> {
    const firstSeq = this.#seq + 1;
    const body = lines.map(({ doc, raw }) => encodeLine(++this.#seq, doc, raw)).join('');
    const batch = { spool: '0'.repeat(32), firstSeq, lastSeq: this.#seq, body: Buffer.from(body) };
    const answer = await this.#post(Buffer.concat(encodeBatch(batch)));
    if (!answer.includes(`"stored":${lines.length},`)) throw new Error(`a batch was answered: ${answer.slice(0, 300)}`);
  }

  #post(body: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
      const socketPath = this.#socketPath;
      const call = request({ socketPath, method: 'POST', path: '/api/v1/ingest', headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

/** How long each batch took from when it was due until it was committed, in milliseconds. */
async function ingestFor(delivery: Delivery, seconds: number, startMs: number): Promise<readonly number[]> {
  const batches = seconds * BATCHES_PER_SECOND;
  const perBatch = INGEST_RATE / BATCHES_PER_SECOND;
  const lines = generateDenials(perBatch * batches, startMs, startMs + seconds * 1_000, startMs % 100_000);
  const prepared = Array.from({ length: batches }, () => take(lines, perBatch));
  const started = performance.now();
  const times: number[] = [];
  for (const [index, batch] of prepared.entries()) {
    const dueMs = started + (index * 1_000) / BATCHES_PER_SECOND;
    await sleep(Math.max(0, dueMs - performance.now()));
    await delivery.send(batch);
    times.push(performance.now() - dueMs);
  }
  return times;
}

interface ReaderResult {
  readonly name: string;
  readonly result: autocannon.Result;
}

/** All at once; each reader asks the next question when it has its answer. */
async function startReaders(address: string, tokens: readonly string[], seconds: number): Promise<ReaderResult[]> {
  const share = Math.floor(tokens.length / QUESTIONS.length);
  return Promise.all(
    QUESTIONS.map(async ([name, path], index) => {
      const isLast = index === QUESTIONS.length - 1;
      const own = tokens.slice(index * share, isLast ? tokens.length : (index + 1) * share);
      let next = 0;
      const result = await autocannon({
        url: `${address}${path}`,
        connections: own.length,
        duration: seconds,
        timeout: 30,
        setupClient: (client) => client.setHeaders({ authorization: `Bearer ${own[next++ % own.length]}` }),
      });
      return { name, result };
    }),
  );
}

interface Measured {
  readonly denials: number;
  readonly fillSeconds: number;
  readonly idle: readonly number[];
  readonly busy: readonly number[];
  readonly results: readonly ReaderResult[];
}

function report({ denials, fillSeconds, idle, busy, results }: Measured): string {
  const failed = results.reduce((sum, { result }) => sum + result.non2xx + result.errors + result.timeouts, 0);
  const worst = Math.max(...busy);
  const rows = results.map(({ name, result }) => [
    name,
    String(result.connections),
    String(result.requests.total),
    result.latency.p50.toFixed(0),
    result.latency.p97_5.toFixed(0),
    result.latency.max.toFixed(0),
    String(result.non2xx + result.errors + result.timeouts),
  ]);
  return (
    `${READERS} readers on ${denials} denials (stored through ingest at ${Math.round(denials / fillSeconds)}/s) while ` +
    `${INGEST_RATE}/s come in: ${failed} requests failed; a batch was committed at most ${worst.toFixed(0)} ms after it ` +
    `was due (${percentile(busy, 0.95).toFixed(0)} ms p95; without readers ${Math.max(...idle).toFixed(0)} ms), ` +
    `budget ${LATE_MS_MAX} ms.\n\n` +
    table(['question', 'readers', 'answers', 'p50 ms', 'p97.5 ms', 'max ms', 'failed'], rows)
  );
}

function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
