import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AggregateBuckets } from '../../../src/collector/sending/aggregate-buckets.ts';
import { AggregateStore, peekAggregates, peekSettledSeq } from '../../../src/collector/sending/aggregate-store.ts';
import type { Aggregate } from '../../../src/landlock/privacy/aggregate.ts';
import { denial, gap, T0 } from '../../store/support/documents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let directory: string;
let sent: Aggregate[];
let nowMs: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-aggregate-'));
  sent = [];
  nowMs = T0;
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (options: { readonly readsAgain?: boolean } = {}) =>
  new AggregateBuckets({
    ...options,
    directory,
    isPackaged: (path) => path.startsWith('/usr/bin/'),
    emit: (docs) => sent.push(...docs),
    nowMs: () => nowMs,
    randomBelow: (max) => max / 2,
  });

it('sends an hour once it is over, at a random time, also after the process was started anew', () => {
  const buckets = open();
  for (let n = 0; n < 5; n++) buckets.add(denial({ n, ms: T0 + n, program: '/usr/bin/curl', path: '/home/a/b' }));
  buckets.add(gap({ n: 9, ms: T0, cause: 'serial-gap', count: 7 }));
  nowMs = T0 + HOUR + 4 * MINUTE;
  buckets.tick();
  expect(peekAggregates(directory)).toEqual([]);
  buckets.stop();
  const again = open();
  again.add(denial({ n: 6, ms: T0 + 6, program: '/usr/bin/curl', path: '/home/c' }));
  nowMs = T0 + HOUR + 5 * MINUTE;
  again.tick();
  again.stop();
  const waiting = peekAggregates(directory);
  expect(waiting).toHaveLength(2);
  nowMs += 29 * MINUTE;
  const third = open();
  third.tick();
  expect(sent).toEqual([]);
  nowMs += MINUTE;
  third.tick();
  third.tick();
  expect(sent).toEqual(waiting);
  expect(sent.map(({ of, count, cause }) => [of, count, cause])).toEqual([
    ['denials', 6, undefined],
    ['lost', 7, 'serial-gap'],
  ]);
  expect(new Set(sent.map(({ '@timestamp': at }) => at))).toEqual(new Set([new Date(T0).toISOString()]));
  expect(peekAggregates(directory)).toEqual([]);
});

it('has one id for the hours of a day, and another the next', () => {
  const buckets = open();
  for (const hours of [0, 1, 24]) buckets.add(denial({ n: hours, ms: T0 + hours * HOUR }));
  nowMs = T0 + 48 * HOUR;
  buckets.tick();
  nowMs += HOUR;
  buckets.tick();
  const [first, second, third] = sent.map(({ reporter }) => reporter.id);
  expect([first === second, first === third, sent.length]).toEqual([true, false, 3]);
});

/** Of hours that are open or wait for their time, as whoever opens it next finds them. */
function countsOf(buckets: AggregateBuckets): number {
  buckets.stop();
  const { state, entries } = new AggregateStore(directory);
  expect(entries).toEqual([]);
  const counts = [...state.hours.flatMap(([, open]) => open), ...state.waiting.flatMap(({ docs }) => docs)];
  return counts.reduce((sum, { count }) => sum + count, 0);
}

it('has every count that was made in an earlier turn when it is killed', async () => {
  const writer = fileURLToPath(new URL('aggregate-writer.ts', import.meta.url));
  let least = 0;
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      // More of it each time, so that the kill falls into other places.
      if (said.split('\n').length > 300 + round * 700) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const last = Number(said.trimEnd().split('\n').at(-1));
    expect(last).toBeGreaterThan(1_000);
    least += last;
    const counted = countsOf(open());
    // What it had counted and not said yet is one turn's at most.
    expect(counted).toBeGreaterThanOrEqual(least);
    expect(counted).toBeLessThanOrEqual(least + 40);
    least = counted;
  }
});

it('goes on where it was after the journal was cut at any byte', async () => {
  const buckets = open();
  const sizes: number[] = [];
  const journal = () => join(directory, readdirSync(directory).find((name) => name.endsWith('.journal')) ?? '');
  for (let n = 0; n < 5; n++) {
    buckets.add(denial({ n, ms: T0 }));
    buckets.flush();
    sizes.push(readFileSync(journal()).length);
  }
  const path = journal();
  const whole = readFileSync(path);
  for (let length = 0; length <= whole.length; length += 7) {
    writeFileSync(path, whole.subarray(0, length));
    const { entries } = new AggregateStore(directory);
    expect(entries).toHaveLength(sizes.filter((size) => size <= length).length);
  }
  writeFileSync(path, whole);
  appendFileSync(path, 'torn');
  const again = open();
  again.add(denial({ n: 5, ms: T0 }));
  again.flush();
  expect(countsOf(open())).toBe(6);
});

it('keeps a file that is none of ours under another name, and says so', () => {
  writeFileSync(join(directory, 'aggregate.json'), '{"hours":');
  const buckets = open();
  expect(buckets.isDamaged).toBe(true);
  buckets.add(denial({ n: 1, ms: T0 }));
  expect(countsOf(buckets)).toBe(1);
  expect(readFileSync(join(directory, 'aggregate.json.damaged'), 'utf8')).toBe('{"hours":');
});

it('sends the same counts under the same ids where it was killed between the spool and its own note', () => {
  const buckets = open();
  buckets.add(denial({ n: 1, ms: T0 }));
  nowMs = T0 + 2 * HOUR;
  buckets.tick();
  const noted = readFileSync(join(directory, 'aggregate.json'));
  nowMs += HOUR;
  buckets.tick();
  expect(sent).toHaveLength(1);
  writeFileSync(join(directory, 'aggregate.json'), noted);
  open().tick();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});

it('counts a log that is read again at each start once, however much of it there is', () => {
  const log = Array.from({ length: 12_000 }, (_, n) => denial({ n, ms: T0 + n }));
  const malformed = {
    kind: 'malformed',
    event: { id: 'b'.repeat(26) },
    host: log[0]!.host,
    reason: 'r',
    text: 't',
  } as const;
  const readUpTo = (end: number) => {
    const buckets = open({ readsAgain: true });
    for (const [at, doc] of log.slice(0, end).entries()) {
      buckets.add(doc);
      if (at === 10) buckets.add(malformed);
    }
    buckets.flush();
    return buckets;
  };
  // Not stopped: as if it had been killed.
  readUpTo(100);
  readUpTo(10_000);
  readUpTo(10_000);
  const last = readUpTo(12_000);
  // Something is lost while it reads: that is not in the log, and counted.
  last.add(gap({ n: 1, ms: T0, cause: 'spool-overflow', count: 5 }));
  last.add(gap({ n: 1, ms: T0, cause: 'spool-overflow', count: 5 }));
  expect(countsOf(last)).toBe(12_000 + 1 + 5);
});

it('notes in one write what it counts of a spool and up to where', () => {
  const buckets = open();
  buckets.settle([{ doc: denial({ n: 1, ms: T0 }), isReduced: false }], 7);
  expect([buckets.settledSeq, peekSettledSeq(directory), open().settledSeq]).toEqual([7, 7, 7]);
  open().settle([], 9);
  expect([peekSettledSeq(directory), countsOf(open())]).toEqual([9, 1]);
});
