import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AggregateBuckets, peekAggregates } from '../../src/collector/aggregate-buckets.ts';
import type { Aggregate } from '../../src/landlock/privacy/aggregate.ts';
import { denial, gap, T0 } from '../store/support/documents.ts';

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

const open = () =>
  new AggregateBuckets({
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
