import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool, type SpoolLine } from '../../../src/collector/spool/spool.ts';
import type { KeptLine } from '../../../src/collector/spool/spool-kept.ts';
import type { Gap } from '../../../src/landlock/document.ts';
import { gapLine } from './spool-writer.ts';

const LIMITS = { lines: 5_000, bytes: 16 * 1024 * 1024 };
const MIB = 1024 * 1024;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (bytesMax = 64 * MIB) => Spool.open({ directory, bytesMax });
const lines = (from: number, to: number, pad = 0): SpoolLine[] =>
  Array.from({ length: to - from + 1 }, (_, i) => gapLine(from + i, pad));

/** The `count` of each gap that is still to be had, and its sequence number. */
function readAll(spool: Spool, limits = LIMITS): { seq: number; count: number }[] {
  const found: { seq: number; count: number }[] = [];
  for (let batch = spool.read(limits); batch !== undefined; batch = spool.read(limits)) {
    let seq = batch.firstSeq;
    for (const text of batch.body.toString().trimEnd().split('\n')) {
      const line: { seq: number; doc: { count: number } } = JSON.parse(text);
      expect(line.seq).toBe(seq++);
      found.push({ seq: line.seq, count: line.doc.count });
    }
    expect(seq).toBe(batch.lastSeq + 1);
  }
  return found;
}

/** Documents of no special kind. */
const plain = (from: number, to: number, pad = 0): SpoolLine[] =>
  lines(from, to, pad).map(({ doc, ...rest }) => ({ ...rest, doc: { ...doc, kind: 'malformed' } as never }));

const segments = () => readdirSync(directory).filter((name) => name.endsWith('.seg'));

describe('a spool', () => {
  it('hands out what was appended, once, in order, and forgets it when it is acknowledged', () => {
    const spool = open();
    spool.append(lines(1, 3));
    spool.append(lines(4, 5));
    expect(readAll(spool).map(({ count }) => count)).toEqual([1, 2, 3, 4, 5]);
    expect(spool.hasUnread).toBe(false);
    expect(spool.documents).toBe(5);
    spool.ack(5);
    expect(spool.documents).toBe(0);
    spool.rewind();
    expect(readAll(spool)).toEqual([]);
    spool.close();
  });

  it('hands out again after rewind whatever was not acknowledged', () => {
    const spool = open();
    spool.append(lines(1, 2));
    spool.append(lines(3, 4));
    readAll(spool);
    spool.ack(2);
    spool.rewind();
    expect(readAll(spool).map(({ seq }) => seq)).toEqual([3, 4]);
    spool.close();
  });

  it('keeps its id, its numbers and what is not acknowledged across a restart', () => {
    const first = open();
    first.append(lines(1, 1_200));
    first.ack(1_000);
    first.close();
    const second = open();
    expect(second.id).toBe(first.id);
    second.append(lines(1_201, 1_201));
    expect(readAll(second).filter(({ seq }) => seq > 1_000)).toEqual(
      lines(1_001, 1_201).map((_, i) => ({ seq: 1_001 + i, count: 1_001 + i })),
    );
    second.close();
  });

  it('goes on counting after everything was acknowledged and deleted', () => {
    const first = open(MIB);
    first.append(lines(1, 3_000, 2_000));
    first.ack(3_000);
    first.close();
    rmSync(join(directory, segments().at(-1) ?? 'none'), { force: true });
    const second = open(MIB);
    second.append(lines(1, 1));
    expect(readAll(second).map(({ seq }) => seq)).toEqual([3_001]);
    second.close();
  });

  it('respects the limits of a batch, but always makes progress', () => {
    const spool = open();
    for (let i = 1; i <= 10; i++) spool.append(lines(i, i));
    expect(spool.read({ lines: 3, bytes: MIB })).toMatchObject({ firstSeq: 1, lastSeq: 3 });
    expect(spool.read({ lines: 3, bytes: 1 })).toMatchObject({ firstSeq: 4, lastSeq: 4 });
    expect(readAll(spool)).toHaveLength(6);
    spool.close();
  });

  it.each([1, 23, 24, 25, 200])('cuts off a tail that was torn %i bytes before its end', (missing) => {
    const spool = open();
    spool.append(lines(1, 2));
    spool.append(lines(3, 4));
    spool.close();
    const path = join(directory, segments()[0] ?? '');
    truncateSync(path, statSync(path).size - missing);
    const again = open();
    expect(again.tornBytes).toBeGreaterThan(0);
    expect(readAll(again).map(({ seq }) => seq)).toEqual([1, 2]);
    again.append(lines(5, 5));
    expect(readAll(again)).toEqual([{ seq: 3, count: 5 }]);
    again.close();
  });

  it('cuts off bytes that were never a frame, and a frame whose checksum is wrong', () => {
    const spool = open();
    spool.append(lines(1, 2));
    spool.append(lines(3, 4));
    spool.close();
    const path = join(directory, segments()[0] ?? '');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    writeFileSync(path, bytes);
    appendFileSync(path, Buffer.alloc(100));
    const again = open();
    expect(readAll(again).map(({ seq }) => seq)).toEqual([1, 2]);
    again.close();
  });

  it('gives everything again when the acknowledgement mark is damaged', () => {
    const spool = open();
    spool.append(lines(1, 4));
    spool.ack(2);
    spool.close();
    writeFileSync(join(directory, 'acked'), Buffer.alloc(12, 7));
    const again = open();
    expect(readAll(again).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    again.close();
  });

  it('gives up the oldest at its bound, keeps below it, and counts exactly', () => {
    const spool = open(MIB);
    let lost = 0;
    for (let i = 0; i < 40; i++) {
      spool.append(plain(i * 50 + 1, i * 50 + 50, 1_000));
      lost += spool.takeLost();
      expect(spool.bytes).toBeLessThanOrEqual(MIB);
    }
    const kept = readAll(spool);
    expect(lost).toBeGreaterThan(0);
    expect(kept.length + lost).toBe(2_000);
    expect(kept.at(-1)).toEqual({ seq: 2_000, count: 2_000 });
    expect(spool.documents).toBe(kept.length);
    spool.close();
  });

  it('does not give up what is on its way to the server', () => {
    const spool = open(MIB);
    spool.append(plain(1, 50, 1_000));
    const underWay = spool.read({ lines: 50, bytes: MIB });
    expect(underWay).toMatchObject({ firstSeq: 1, lastSeq: 50 });
    for (let i = 1; i < 40; i++) spool.append(plain(i * 50 + 1, i * 50 + 50, 1_000));
    const lost = spool.takeLost();
    spool.ack(50);
    expect(readAll(spool).length + lost).toBe(1_950);
    spool.close();
  });

  it('gives back what says more than others, where the rest of it goes', () => {
    const spool = open(MIB);
    let lost = 0;
    const kept: KeptLine[] = [];
    for (let i = 0; i < 40; i++) {
      const [first, ...rest] = lines(i * 50 + 1, i * 50 + 50, 1_000);
      spool.append([...(first === undefined ? [] : [first]), ...plain(i * 50 + 2, i * 50 + 1 + rest.length, 1_000)]);
      lost += spool.takeLost();
      kept.push(...spool.takeKept());
    }
    const left = readAll(spool);
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.map(({ doc, raw }) => [doc.kind, (doc as Gap).count, raw?.length])).toEqual(
      kept.map(({ seq }) => ['gap', seq, 1_000]),
    );
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, i) => i * 50 + 1));
    expect(left.length + lost + kept.length).toBe(2_000);
    spool.close();
  });

  it('knows what says more by its kind, wherever that stands, and not by what a record says', () => {
    const spool = open(MIB);
    const { kind, ...head } = gapLine(1).doc as Gap;
    const text = '"kind":"gap"';
    spool.append([{ doc: { ...head, kind } }, { doc: { ...head, kind: 'malformed', text } as never }]);
    while (spool.takeLost() === 0) spool.append(plain(1, 50, 1_000));
    expect(spool.takeKept().map(({ seq }) => seq)).toEqual([1]);
    spool.close();
  });

  it('counts for a gap that it has no room for what the gap stands for', () => {
    const spool = open(MIB);
    let sum = 0;
    let lost = 0;
    for (let i = 0; i < 40; i++) {
      spool.append(lines(i * 50 + 1, i * 50 + 50, 1_000));
      lost += spool.takeLost();
      for (const { doc } of spool.takeKept()) sum += (doc as Gap).count;
    }
    expect(sum).toBeGreaterThan(0);
    for (const { count } of readAll(spool)) sum += count;
    expect(sum + lost).toBe((2_000 * 2_001) / 2);
    spool.close();
  });

  it('gives up what is too old, and counts it', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
    try {
      const spool = Spool.open({ directory, bytesMax: MIB, ageMaxMs: 86_400_000 });
      spool.append(plain(1, 7));
      vi.advanceTimersByTime(60_000);
      expect([spool.documents, spool.takeLost()]).toEqual([7, 0]);
      vi.setSystemTime(Date.now() + 86_400_000);
      vi.advanceTimersByTime(60_000);
      expect([spool.documents, spool.takeLost()]).toEqual([0, 7]);
      spool.append(plain(8, 8));
      expect(readAll(spool)).toEqual([{ seq: 8, count: 8 }]);
      spool.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it('makes its directory for its owner alone', () => {
    const spool = open();
    spool.append(lines(1, 1));
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, segments()[0] ?? '')).mode & 0o777).toBe(0o600);
    spool.close();
  });

  it('says what to do when its directory cannot be used', () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(() => Spool.open({ directory: join(file, 'spool'), bytesMax: MIB })).toThrowError(
      expect.objectContaining({ code: 'spool-directory', mend: expect.stringContaining('spool_directory') }),
    );
  });

  it('never loses a line that it said to have, when its process is killed in the middle of writing', async () => {
    const writer = fileURLToPath(new URL('./spool-writer.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', writer, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.length > 2_000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const promised = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    const spool = open();
    const kept = readAll(spool);
    expect(promised).toBeGreaterThan(100);
    expect(kept.length).toBeGreaterThanOrEqual(promised);
    expect(kept).toEqual(kept.map((_, i) => ({ seq: i + 1, count: i + 1 })));
    spool.close();
  });

  it('loses nothing and repeats only what was not acknowledged, whatever happens to it', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('append' as const), count: fc.integer({ min: 1, max: 1_100 }) }),
      fc.record({ kind: fc.constant('read' as const), lines: fc.integer({ min: 1, max: 2_000 }) }),
      fc.constant({ kind: 'ack' as const }),
      fc.constant({ kind: 'rewind' as const }),
      fc.constant({ kind: 'restart' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        rmSync(directory, { recursive: true });
        let spool = open();
        let appended = 0;
        let acked = 0;
        let read = 0;
        for (const action of steps) {
          if (action.kind === 'append') {
            spool.append(lines(appended + 1, appended + action.count));
            appended += action.count;
          } else if (action.kind === 'read') {
            const batch = spool.read({ lines: action.lines, bytes: MIB });
            if (batch !== undefined) {
              expect(batch.firstSeq).toBe(read + 1);
              read = batch.lastSeq;
            } else expect(read).toBe(appended);
          } else if (action.kind === 'ack') {
            spool.ack(read);
            acked = read;
          } else {
            if (action.kind === 'restart') {
              spool.close();
              spool = open();
            } else spool.rewind();
            read = acked;
          }
          expect(spool.documents).toBe(appended - acked);
        }
        spool.close();
      }),
      { numRuns: 60 },
    );
  });
});
