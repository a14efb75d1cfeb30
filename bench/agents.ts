// Ten thousand agents that come back at once after an outage: each enrols and delivers what gathered, over connections of
// its own, and does what the law of delivery says about every answer. Their sessions are real, their kernels are not.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Pool } from 'undici';
import { encodeBatch, encodeLine } from '../src/delivery/encode-batch.ts';
import { judgeAnswer } from '../src/delivery/verdict.ts';
import { eventId } from '../src/landlock/event-id.ts';
import { closeDatabase, openDatabase } from '../src/store/database/open.ts';
import { type GeneratedLine, generateDenials } from './generate-denials.ts';
import { cpuSecondsOf, table } from './measure.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;
const DOCUMENTS_OF_AGENT = 20;
const CONNECTIONS = 200;
const RETRY_MS = 500;
/** A prime, so that times of two hosts seldom meet. */
const APART_MS = 37;

interface Server {
  readonly child: ChildProcess;
  readonly address: string;
  readonly databasePath: string;
  readonly token: string;
}

async function startServer(directory: string): Promise<Server> {
  const databasePath = join(directory, 'fleet.db');
  const settings = [`runtime.directory=${join(directory, 'run')}`, 'server.user=root', 'log.level=error'];
  const argv = [
    MAIN,
    'serve',
    '--db',
    databasePath,
    '--listen',
    '127.0.0.1:0',
    ...settings.flatMap((s) => ['--set', s]),
  ];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    if (said.includes('sign in once')) break;
  }
  const address = /dashboard (http\S+)/.exec(said)?.[1] ?? '';
  const create = [MAIN, 'token', 'create', '--db', databasePath, '--name', 'bench', '--scope', 'enroll'];
  const token = execFileSync(process.execPath, create, { encoding: 'utf8' }).trim();
  return { child, address, databasePath, token };
}

/** One agent's life; answers how long each of its accepted requests took, and how often it was told to wait. */
async function live(pool: Pool, token: string, number: number, lines: readonly GeneratedLine[]) {
  const host = { id: number.toString(16).padStart(32, '0'), name: `host-${number}`, boot_id: `boot-${number}` };
  const enrol = { host: { ...host, kernel: '6.18', arch: 'x64' }, version: '0' };
  const times: number[] = [];
  let waits = 0;
  const post = async (path: string, secret: string, type: string, body: Buffer): Promise<string> => {
    for (;;) {
      const start = performance.now();
      const isBatch = type === 'application/x-ndjson';
      const encoding = isBatch ? { 'content-encoding': 'gzip' } : {};
      const headers = { authorization: `Bearer ${secret}`, 'content-type': type, ...encoding };
      const answer = await pool.request({ method: 'POST', path, headers, body: isBatch ? gzipSync(body) : body });
      const text = await answer.body.text();
      if (answer.statusCode === 200 || answer.statusCode === 201) {
        times.push(performance.now() - start);
        return text;
      }
      const after = answer.headers['retry-after'];
      const raw = { status: answer.statusCode, body: text, ...(typeof after === 'string' && { retryAfter: after }) };
      const verdict = judgeAnswer(raw, { firstSeq: 1, lastSeq: lines.length }, Date.now());
      if (verdict.kind !== 'retry') throw new Error(`agent ${number}: ${answer.statusCode} ${text}`);
      waits++;
      await sleep((verdict.afterMs ?? 0) + Math.random() * RETRY_MS);
    }
  };
  const enrolled = await post('/api/v1/agents/enroll', token, 'application/json', Buffer.from(JSON.stringify(enrol)));
  const { key } = JSON.parse(enrolled);
  const own = lines.map(({ doc, raw }, i) => {
    // Hosts are refused things at times of their own, not all in the same millisecond under the same serial.
    const at = new Date(Date.parse(doc['@timestamp']) + number * APART_MS).toISOString();
    const stamp = `${Math.floor(Date.parse(at) / 1000)}.${at.slice(20, 23)}`;
    const id = eventId(host.id, host.boot_id, stamp, doc.event.sequence, 0);
    const from = { id: host.id, name: host.name, boot: { id: host.boot_id } };
    return encodeLine(i + 1, { ...doc, '@timestamp': at, event: { ...doc.event, id }, host: from }, raw);
  });
  const spool = number.toString(16).padStart(32, '0');
  const batch = encodeBatch({ spool, firstSeq: 1, lastSeq: own.length, body: Buffer.from(own.join('')), ackedSeq: 0 });
  await post('/api/v1/ingest', key, 'application/x-ndjson', Buffer.concat(batch));
  return { times, waits };
}

/** `agents` of them; a table of how fast the server took them in, and whether it took everything. */
export async function benchAgents(agents: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-bench-agents-'));
  const server = await startServer(directory);
  const pool = new Pool(server.address, { connections: CONNECTIONS });
  try {
    const denials = [...generateDenials(DOCUMENTS_OF_AGENT)];
    const start = performance.now();
    const lives = await Promise.all(
      Array.from({ length: agents }, (_, number) => live(pool, server.token, number, denials)),
    );
    const seconds = (performance.now() - start) / 1000;
    const times = lives.flatMap((one) => one.times).sort((a, b) => a - b);
    const at = (share: number) => `${Math.round(times[Math.floor(times.length * share)] ?? 0)} ms`;
    const pid = server.child.pid ?? 0;
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
    const waits = lives.reduce((sum, one) => sum + one.waits, 0);
    return table(
      ['what', 'figure'],
      [
        ['agents enrolled and served', `${agents} in ${seconds.toFixed(1)} s (${Math.round(agents / seconds)}/s)`],
        ['documents sent / stored', `${agents * DOCUMENTS_OF_AGENT} / ${stored(server.databasePath)}`],
        ['documents a second', String(Math.round((agents * DOCUMENTS_OF_AGENT) / seconds))],
        ['an accepted request, p50 / p95', `${at(0.5)} / ${at(0.95)}`],
        ['told to wait', `${waits} times`],
        ['server: CPU, peak memory', `${cpuSecondsOf(pid).toFixed(1)} s, ${Math.round(peakKb / 1024)} MiB`],
      ],
    );
  } finally {
    await pool.close();
    server.child.kill('SIGTERM');
    await new Promise((resolve) => server.child.once('exit', resolve));
    rmSync(directory, { recursive: true, force: true });
  }
}

function stored(path: string): number {
  const db = openDatabase(path, { readonly: true });
  try {
    return db.prepare<[], { n: number }>('SELECT count(*) AS n FROM denials').get()?.n ?? 0;
  } finally {
    closeDatabase(db);
  }
}
