// The live path under a flood of real denials: produced (the domain's own `denials=`), stored, lost by cause, and
// whether they add up. Flood on core 0, Trespass on core 1, the kernel's kauditd wherever the scheduler puts it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSecondsOf, median, table } from './measure.ts';

const MAIN = new URL('../dist/cli/main.js', import.meta.url).pathname;
const FLOOD_SOURCE = new URL('./flood.c', import.meta.url).pathname;
const SETTLE_TIMEOUT_MS = 120_000;
const WARM_SECONDS = 10;

interface Json {
  readonly [key: string]: unknown;
}

function get(socketPath: string, path: string): Promise<Json> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, headers: { host: 'localhost' } }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        body += chunk;
      });
      answer.on('end', () => resolve(JSON.parse(body)));
    });
    call.on('error', reject);
    call.end();
  });
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Running {
  readonly child: ChildProcess;
  readonly directory: string;
  readonly socket: string;
  /** Pids of the collector and the server. */
  readonly pids: readonly number[];
}

function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return [];
  }
}

async function startTrespass(source: string): Promise<Running> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-bench-live-'));
  execFileSync('chmod', ['755', directory]);
  const config = join(directory, 'trespass.toml');
  writeFileSync(
    config,
    `[server]\nlisten = "127.0.0.1:0"\n[store]\npath = "${join(directory, 'db', 'live.db')}"\n` +
      `[collector]\nsource = "${source}"\nspool_directory = "${join(directory, 'spool')}"\n` +
      `[runtime]\ndirectory = "${join(directory, 'run')}"\n`,
    { mode: 0o600 },
  );
  mkdirSync(join(directory, 'run'));
  const child = spawn('taskset', ['-c', '1', process.execPath, MAIN, 'run', '--config', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString('utf8');
      if (/canary/i.test(seen) && /sign-in|http:/i.test(seen)) resolve();
    });
    child.on('exit', (code) => reject(new Error(`trespass run ended with ${code}: ${seen}`)));
  });
  return { child, directory, socket: join(directory, 'run', 'api.sock'), pids: childrenOf(child.pid ?? 0) };
}

async function stopTrespass(running: Running): Promise<void> {
  const ended = new Promise((resolve) => running.child.on('exit', resolve));
  running.child.kill('SIGTERM');
  await ended;
  rmSync(running.directory, { recursive: true, force: true });
}

interface DomainRow {
  readonly id: string;
  readonly creator?: { readonly pid?: number };
  readonly denials: { readonly logged: number; readonly total?: number };
}

/** Waits until the flood's domain is deallocated and its numbers stand still. */
async function settledDomain(running: Running, pid: number): Promise<DomainRow> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  let before = -1;
  while (performance.now() < deadline) {
    const answer = await get(running.socket, '/api/v1/domains?limit=500');
    const domain = (answer.data as DomainRow[]).find((row) => row.creator?.pid === pid);
    if (domain?.denials.total !== undefined && domain.denials.logged === before) return domain;
    before = domain?.denials.logged ?? -1;
    await sleep(1_000);
  }
  throw new Error(`the domain of process ${pid} did not settle in ${SETTLE_TIMEOUT_MS} ms`);
}

function flood(binary: string, directory: string, seconds: number, rate: number): Promise<Map<string, number>> {
  return new Promise((resolve, reject) => {
    const args = ['-c', '0', binary, String(seconds), '200', join(directory, 'flood'), String(rate)];
    const child = spawn('taskset', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    child.on('error', reject);
    child.on('close', () => {
      const pairs = text
        .trim()
        .split(' ')
        .map((pair) => pair.split('='));
      resolve(new Map(pairs.map(([name, value]) => [name ?? '', Number(value)])));
    });
  });
}

async function floodRow(running: Running, binary: string, seconds: number, rate: number): Promise<string[]> {
  // What is kept up with is measured once V8 has compiled it; a full flood finds it as it is.
  const warmSeconds = rate === 0 ? 0 : WARM_SECONDS;
  const flooding = flood(binary, running.directory, warmSeconds + seconds, rate);
  await sleep(warmSeconds * 1_000);
  const cpuBefore = running.pids.map(cpuSecondsOf);
  const made = await flooding;
  const produced = made.get('events') ?? 0;
  const floodEnd = performance.now();
  // A rate that is kept up with costs what it costs while it lasts; a full flood's work goes on after its end.
  const cpuAtEnd = running.pids.map(cpuSecondsOf);
  const domain = await settledDomain(running, made.get('pid') ?? 0);
  const settledMs = performance.now() - floodEnd;
  const cpuAfter = rate === 0 ? running.pids.map(cpuSecondsOf) : cpuAtEnd;
  const cpu = cpuAfter.map((seconds, i) => seconds - (cpuBefore[i] ?? 0));
  const summary = await get(running.socket, '/api/v1/stats/summary?from=now-1h');
  const lost = summary.lost as { cause: string; count: number }[];
  const countOf = (cause: string) => lost.find((entry) => entry.cause === cause)?.count ?? 0;
  const total = domain.denials.total ?? 0;
  const explained = domain.denials.logged + countOf('kernel-lost') + countOf('serial-gap') + countOf('queue-overflow');
  return [
    rate === 0 ? 'full' : String(rate),
    String(produced),
    String(total),
    String(domain.denials.logged),
    `${(((total - domain.denials.logged) / Math.max(1, total)) * 100).toFixed(3)} %`,
    lost.map((entry) => `${entry.cause} ${entry.count}`).join(', ') || 'none',
    explained === total ? 'yes' : `no (${total - explained})`,
    cpu.map((value) => `${((value / ((made.get('seconds') ?? 1) - warmSeconds)) * 100).toFixed(0)} %`).join(' / '),
    `${(settledMs / 1000).toFixed(1)} s`,
  ];
}

/** Milliseconds from each denial's own time stamp until its event arrives on the stream, at `rate` a second. */
async function streamLatency(running: Running, binary: string, rate: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const call = request({
    socketPath: running.socket,
    path: '/api/v1/denials/stream',
    headers: { host: 'localhost' },
  });
  call.on('response', (answer) => {
    answer.setEncoding('utf8');
    answer.on('error', () => undefined);
    let rest = '';
    answer.on('data', (chunk: string) => {
      const now = Date.now();
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const at = /"@timestamp":"([^"]+)"/.exec(line)?.[1];
        if (line.startsWith('data:') && line.includes('"kind":"denial"') && at !== undefined) {
          latencies.push(now - Date.parse(at));
        }
      }
    });
  });
  call.on('error', () => undefined);
  call.end();
  await sleep(300);
  await flood(binary, running.directory, seconds, rate);
  await sleep(2_000);
  call.destroy();
  return latencies.sort((a, b) => a - b);
}

async function benchSource(source: string, binary: string, seconds: number): Promise<string> {
  const running = await startTrespass(source);
  try {
    const idleBefore = running.pids.map(cpuSecondsOf);
    await sleep(5_000);
    const idle = running.pids.map(
      (pid, i) => `${(((cpuSecondsOf(pid) - (idleBefore[i] ?? 0)) / 5) * 100).toFixed(1)} %`,
    );
    const latencies = await streamLatency(running, binary, 1_000, seconds);
    const rows = [await floodRow(running, binary, seconds, 1_000), await floodRow(running, binary, seconds, 0)];
    const head = [
      'denials/s',
      'made',
      'denials=',
      'stored',
      'not stored',
      'lost',
      'adds up',
      'CPU of its two processes',
      'settled after',
    ];
    return (
      `### ${source}\n\nIdle CPU of its two processes: ${idle.join(' / ')}. At 1,000 denials/s a denial is on the stream after ` +
      `${median(latencies)} ms (median), ${latencies[Math.floor(latencies.length * 0.95)]} ms (p95), of ${latencies.length}.\n\n` +
      table(head, rows)
    );
  } finally {
    await stopTrespass(running);
  }
}

/** Answers a table for each live source; needs root and an audit that nobody else uses. */
export async function benchLive(seconds: number): Promise<string> {
  const binary = join(mkdtempSync(join(tmpdir(), 'trespass-bench-')), 'flood');
  execFileSync('gcc', ['-O2', '-Wall', '-o', binary, FLOOD_SOURCE]);
  const parts: string[] = [];
  for (const source of ['netlink', 'netlink-unicast']) parts.push(await benchSource(source, binary, seconds));
  return parts.join('\n');
}
