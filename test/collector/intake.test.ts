import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Intake } from '../../src/collector/intake.ts';
import { Spool, type SpoolLine } from '../../src/collector/spool/spool.ts';
import type { Document } from '../../src/landlock/document.ts';

const HOST = { id: 'h'.repeat(32), name: 'box', boot: { id: 'boot' } };

let directory: string;
let spool: Spool;
let tagged: Document[];
let spooled: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-intake-'));
  spool = Spool.open({ directory, bytesMax: 1024 * 1024 });
  tagged = [];
  spooled = 0;
});
afterEach(() => {
  spool.close();
  rmSync(directory, { recursive: true });
});

function openIntake(into = spool, mayLeave?: (seq: number) => boolean): Intake {
  return new Intake({
    source: { completesOn: 'eoe', serialGaps: true },
    spool: into,
    host: HOST,
    tag: (doc) => {
      tagged.push(doc);
      return doc;
    },
    mayLeave,
    onSpooled: () => spooled++,
    onEnded: () => {},
  });
}

function pushDenial(intake: Intake, serial: number): void {
  const head = `audit(1700000000.123:${serial}): `;
  intake.record(1423, `${head}domain=1af495b55 blockers=fs.write_file path="/etc/passwd" dev="vda1" ino=5`);
  intake.record(
    1300,
    `${head}arch=c000003e syscall=257 success=no exit=-13 items=0 ppid=1 pid=2 comm="sh" exe="/bin/sh"`,
  );
  intake.record(1327, `${head}proctitle="sh"`);
  intake.record(1320, head);
}

function spooledDocuments(): Document[] {
  const body = spool.read({ lines: 5_000, bytes: 16 * 1024 * 1024 })?.body.toString() ?? '';
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line).doc);
}

describe('the intake', () => {
  it('tells how many documents a full disk took, once there is room, and asks for none of the time meanwhile', async () => {
    let isFull = true;
    let tries = 0;
    const full: Spool = Object.create(spool, {
      nextSeq: { get: () => spool.nextSeq },
      bytes: { get: () => spool.bytes },
      append: {
        value: (lines: readonly SpoolLine[]) => {
          tries++;
          if (isFull) lost += lines.length;
          else spool.append(lines);
        },
      },
      takeLost: {
        value: () => {
          const taken = lost;
          lost = 0;
          return taken;
        },
      },
      takeKept: { value: () => [] },
    });
    let lost = 0;
    const intake = openIntake(full);
    for (let serial = 10; serial < 15; serial++) pushDenial(intake, serial);
    intake.flush();
    pushDenial(intake, 15);
    intake.flush();
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    // Not once a turn: that would be a whole core for as long as the disk is full.
    expect(tries).toBeLessThan(10);
    expect(intake.lostByCause).toEqual([{ cause: 'spool-overflow', count: 6 }]);
    isFull = false;
    intake.sweep();
    intake.sweep();
    expect(spooledDocuments()).toMatchObject([{ kind: 'gap', cause: 'spool-overflow', count: 6 }]);
  });

  it('spools what it decodes, many documents with one write at the end of the turn', async () => {
    const intake = openIntake();
    for (let serial = 1; serial <= 100; serial++) pushDenial(intake, serial);
    expect(spool.documents).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(spool.documents).toBe(100);
    expect(spooled).toBe(1);
    expect(intake.counts).toMatchObject({ records: 400, events: 100, denials: 100, malformed: 0 });
    expect(spooledDocuments()[0]).toMatchObject({ kind: 'denial', host: HOST, file: { path: '/etc/passwd' } });
    expect(tagged).toHaveLength(100);
  });

  it('never keeps more than a bound in memory', () => {
    const intake = openIntake();
    for (let serial = 1; serial <= 2_000; serial++) pushDenial(intake, serial);
    expect(spool.documents).toBeGreaterThan(0);
  });

  it('turns each loss into a gap of its own cause, with its interval', () => {
    const intake = openIntake();
    intake.lost({ cause: 'kernel-lost', count: 7, sinceMs: 1_000, untilMs: 2_000 });
    intake.lost({ cause: 'kernel-lost', count: 1, sinceMs: 2_000, untilMs: 3_000 });
    intake.lost({ cause: 'socket-overrun', count: 2, sinceMs: 2_000, untilMs: 3_000 });
    intake.flush();
    const gaps = spooledDocuments();
    expect(gaps[0]).toEqual({
      kind: 'gap',
      '@timestamp': '1970-01-01T00:00:02.000Z',
      event: { id: expect.stringMatching(/^[a-z2-7]{26}$/) },
      host: HOST,
      count: 7,
      cause: 'kernel-lost',
      since: '1970-01-01T00:00:01.000Z',
    });
    expect(new Set(gaps.map((gap) => gap.event.id)).size).toBe(3);
    expect(intake.lostByCause).toEqual([
      { cause: 'kernel-lost', count: 8 },
      { cause: 'socket-overrun', count: 2 },
    ]);
  });

  it('reports what the spool gave up as a gap, and the two together are all that came', () => {
    const intake = openIntake();
    for (let serial = 1; serial <= 6_000; serial++) pushDenial(intake, serial);
    intake.end();
    const lost = intake.lostByCause.find(({ cause }) => cause === 'spool-overflow')?.count ?? 0;
    expect(lost).toBeGreaterThan(0);
    // Every overflow is reported by one more document, which is spooled itself.
    intake.flush();
    const gapsMade = tagged.filter((doc) => doc.kind === 'gap').length;
    expect(spool.documents + lost).toBe(6_000 + gapsMade);
  });

  it('spools again what says more than others and was given up, unless it may not leave as it is', async () => {
    const mayLeave: number[] = [];
    const intake = openIntake(spool, (seq) => {
      mayLeave.push(seq);
      return seq === 1;
    });
    intake.lost({ cause: 'kernel-lost', count: 7, sinceMs: 1_000, untilMs: 2_000 });
    intake.lost({ cause: 'socket-overrun', count: 5, sinceMs: 1_000, untilMs: 2_000 });
    intake.flush();
    for (let serial = 1; mayLeave.length === 0; serial++) {
      pushDenial(intake, serial);
      intake.flush();
    }
    expect(mayLeave).toEqual([1, 2]);
    await new Promise((resolve) => setImmediate(resolve));
    intake.flush();
    const docs: Document[] = [];
    for (let more = spooledDocuments(); more.length > 0; more = spooledDocuments()) docs.push(...more);
    const counts = new Map(docs.flatMap((doc) => (doc.kind === 'gap' ? [[doc.cause, doc.count] as const] : [])));
    const denials = docs.filter(({ kind }) => kind === 'denial').length;
    // Of the second gap what it stands for, of a denial one.
    const lost = 5 + intake.counts.denials - denials;
    expect(counts).toEqual(
      new Map([
        ['kernel-lost', 7],
        ['spool-overflow', lost],
      ]),
    );
    expect(docs).toHaveLength(denials + counts.size);
  });

  it('keeps a source that can wait waiting while the spool is nearly full', async () => {
    const intake = openIntake();
    expect(intake.room()).toBeUndefined();
    for (let serial = 1; intake.room() === undefined; serial++) pushDenial(intake, serial);
    expect(intake.lostByCause).toEqual([]);
    const last = spool.read({ lines: 1_000_000, bytes: 1e9 })?.lastSeq ?? 0;
    const room = intake.room();
    spool.ack(last);
    await room;
    expect(intake.room()).toBeUndefined();
  });

  it('completes an event without its last record when nothing more comes for it', () => {
    const intake = openIntake();
    intake.record(1423, 'audit(1700000000.123:1): domain=1af495b55 blockers=fs.write_file path="/x" dev="vda1" ino=5');
    for (let i = 0; i < 10; i++) intake.sweep();
    intake.flush();
    expect(spooledDocuments().map(({ kind }) => kind)).toContain('denial');
  });
});
