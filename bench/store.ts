// The store: how fast denials go in against a bare insert of as many rows, what each takes on disk, and how long the
// questions of the dashboard take, while nothing else happens and while more denials come in.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { startCheckpointer } from '../src/api/database/checkpointer.ts';
import { isLogBehind } from '../src/store/database/log-mover.ts';
import { closeDatabase, type Database, openDatabase } from '../src/store/database/open.ts';
import { isRefused } from '../src/store/refused.ts';
import { takeDenialsBefore } from '../src/store/retention/retention-denials.ts';
import { EventWriter } from '../src/store/writing/event-writer.ts';
import { DAYS, END_MS, generateDenials, START_MS } from './generate-denials.ts';
import { median, table } from './measure.ts';
import { multiplyDenials } from './multiply-denials.ts';
import { QUESTIONS, type Question } from './store-questions.ts';

const BATCH = 5_000;
const TIMES = 15;
const INGEST_RATE = 5_000;
const INGEST_SECONDS = 60;
/** A question that takes longer is asked once in so many rounds. */
const LONG_MS = 100;
const ROUNDS_OF_LONG = 10;
const HOUR_MS = 3_600_000;
const LOG_REST_MS = 50;

/** Answers tables for a database of so many denials. */
export async function benchStore(denials: number): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-bench-store-'));
  const path = join(directory, 'store.db');
  try {
    const times = TIMES_OF_BASE.find((n) => denials / n <= BASE_MAX) ?? DAYS;
    const base = Math.ceil(denials / times);
    const bare = bareInsert(join(directory, 'bare.db'), base);
    const full = fillStore(path, base, Math.round(denials / base));
    const sizes = sizesOf(path, denials, base);
    const reader = openDatabase(path, { readonly: true });
    const idle = timed(reader);
    const writing = spawn(process.execPath, [
      '--import',
      'tsx',
      INGEST,
      path,
      String(INGEST_RATE),
      String(INGEST_SECONDS),
    ]);
    const longest = outputOf(writing);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    const busy = await timedWhile(reader, writing, idle);
    closeDatabase(reader);
    const longestMs = await longest;
    return (
      `${denials} denials, of which ${base} by the writer in batches of ${BATCH} and the others copies of them at other times: ` +
      `${perSecond(base, full.seconds)} stored, ${perSecond(base, bare)} by a bare insert into one table without indexes (${(full.seconds / bare).toFixed(1)}x); ` +
      `peak RSS ${(process.resourceUsage().maxRSS / 1_000).toFixed(0)} MB. With ${INGEST_RATE} a second coming in, the longest ` +
      `batch took ${longestMs.trim()} ms. ${await retention(path, Math.min(1_000_000, denials / 2))}\n\n` +
      `${table(['bytes a denial', 'of'], sizes)}\n${table(['question', 'idle p50 / p95 ms', 'during ingest p50 / p95 ms'], rows(idle, busy))}`
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** More than these would take the writer too long for a benchmark. */
const BASE_MAX = 500_000;

/** So that the copies are whole days apart. */
const TIMES_OF_BASE = [1, 2, 3, 5, 6, 10, 15, DAYS];

const INGEST = fileURLToPath(new URL('store-ingest.ts', import.meta.url));

function perSecond(count: number, seconds: number): string {
  return `${Math.round(count / seconds / 100) / 10}k/s`;
}

/** As many rows of as many numbers in the same batches: what SQLite itself takes, called in the same way. */
function bareInsert(path: string, count: number): number {
  const db = openDatabase(path);
  const columns = Array.from({ length: 16 }, (_, i) => `c${i} INTEGER`).join(', ');
  db.exec(`CREATE TABLE bare (id INTEGER PRIMARY KEY, ${columns}) STRICT`);
  const insert = db.prepare(`INSERT INTO bare VALUES (${Array.from({ length: 17 }, () => '?').join(', ')})`);
  const values = Array.from({ length: 16 }, (_, i) => i * 1_000);
  const started = performance.now();
  for (let n = 0; n < count; n += BATCH) {
    db.transaction(() => {
      for (let i = n; i < Math.min(n + BATCH, count); i++) insert.run(i, ...values);
    })();
  }
  const seconds = (performance.now() - started) / 1_000;
  closeDatabase(db);
  return seconds;
}

/** The time of making the documents does not count. */
export function fillStore(path: string, count: number, times: number, endMs = END_MS): { readonly seconds: number } {
  const db = openDatabase(path);
  const writer = new EventWriter(db);
  const startMs = endMs - (END_MS - START_MS);
  const hours = Math.floor((endMs - startMs) / HOUR_MS / times);
  const lines = generateDenials(count, startMs, startMs + hours * HOUR_MS);
  let ms = 0;
  for (let left = count; left > 0; left -= BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, left) }, () => lines.next().value).filter(
      (line) => line !== undefined,
    );
    const started = performance.now();
    const { stored } = writer.write(batch, endMs);
    ms += performance.now() - started;
    if (stored !== batch.length) throw new Error(`${stored} of ${batch.length} were stored`);
  }
  if (times > 1) multiplyDenials(db, times, hours);
  closeDatabase(db);
  return { seconds: ms / 1_000 };
}

/** Its steps are what a writer waits for: on the server they go between its batches, and a thread moves the log, too. */
async function retention(path: string, count: number): Promise<string> {
  const db = openDatabase(path, { checkpoints: 'elsewhere' });
  const stopCheckpointer = await startCheckpointer(db, pino({ level: 'warn' }));
  const steps: number[] = [];
  let taken = 0;
  let started = performance.now();
  for (const step of takeDenialsBefore(db, END_MS, 'all', END_MS)) {
    steps.push(performance.now() - started);
    taken += step.count;
    if (taken >= count) break;
    while (isLogBehind(db)) await sleep(LOG_REST_MS);
    started = performance.now();
  }
  await stopCheckpointer();
  closeDatabase(db);
  return `While retention takes ${taken} denials, a writer waits p50 / p95 ${percentiles(steps)} ms a step, ${Math.max(...steps).toFixed(0)} ms at most.`;
}

/** The text and the look-up by event.id are those of the denials that the writer stored. */
function sizesOf(path: string, count: number, base: number): string[][] {
  const db = openDatabase(path, { readonly: true });
  const objects = db
    .prepare<[], { name: string; bytes: number }>('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name')
    .all()
    .sort((a, b) => b.bytes - a.bytes);
  closeDatabase(db);
  const isOfBase = (name: string) => ['raw_blocks', 'id_runs', 'id_tails'].includes(name);
  const each = objects.map(({ name, bytes }) => ({ name, bytes: bytes / (isOfBase(name) ? base : count) }));
  const raw = each.find(({ name }) => name === 'raw_blocks')?.bytes ?? 0;
  const all = each.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    [(all - raw).toFixed(1), 'everything but the raw text'],
    [raw.toFixed(1), 'the raw text'],
    ...each
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 18)
      .map(({ name, bytes }) => [bytes.toFixed(1), `of it ${name}`]),
  ];
}

function timeOf(db: Database, ask: Question): number {
  const started = performance.now();
  const answer = ask(db);
  if (isRefused(answer)) throw new Error(answer.message);
  return performance.now() - started;
}

function timed(db: Database): Map<string, number[]> {
  const entries = Object.entries(QUESTIONS);
  return new Map(entries.map(([name, ask]) => [name, Array.from({ length: TIMES }, () => timeOf(db, ask))]));
}

/** In turn, as long as `child` writes; those that take long only now and then, lest the others are hardly asked at all. */
async function timedWhile(
  db: Database,
  child: ChildProcess,
  idle: ReadonlyMap<string, readonly number[]>,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  for (let round = 0; child.exitCode === null; round++) {
    for (const [name, ask] of Object.entries(QUESTIONS)) {
      if (round % ROUNDS_OF_LONG !== 0 && median(idle.get(name) ?? []) > LONG_MS) continue;
      times.set(name, [...(times.get(name) ?? []), timeOf(db, ask)]);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return times;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr?.pipe(process.stderr);
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the writing process ended with ${code}`);
  return text;
}

function rows(idle: ReadonlyMap<string, readonly number[]>, busy: ReadonlyMap<string, readonly number[]>): string[][] {
  return [...idle].map(([name, times]) => [name, percentiles(times), percentiles(busy.get(name) ?? [])]);
}

function percentiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  return `${at(0.5)} / ${at(0.95)}`;
}
