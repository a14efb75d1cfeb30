import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventRecordsMax, idleSweeps, Reassembler, type ReassemblerOptions } from '../../src/audit/reassembler.ts';
import type { AuditEvent, AuditRecord } from '../../src/audit/record.ts';

const ACCESS = 1423;
const DOMAIN = 1424;
const SYSCALL = 1300;
const PROCTITLE = 1327;
const EOE = 1320;

function record(type: number, serial: number, ms = 0, text = `${type}`, node = ''): AuditRecord {
  return { kind: 'record', type, node, seconds: 1000 + Math.floor(ms / 1000), millis: ms % 1000, serial, text };
}

function run(options: Partial<ReassemblerOptions> = {}): { reassembler: Reassembler; events: AuditEvent[] } {
  const events: AuditEvent[] = [];
  const reassembler = new Reassembler({
    completesOn: 'eoe',
    isIndexed: (type) => type === ACCESS || type === DOMAIN,
    isLone: ({ type, text }) => type === DOMAIN && text === 'freed',
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { reassembler, events };
}

function shapes(events: readonly AuditEvent[]): unknown[] {
  return events.map(({ serial, records, completion }) => [serial, completion, records.map(({ type }) => type)]);
}

describe('an event', () => {
  it('is complete with its EOE', () => {
    const { reassembler, events } = run();
    for (const type of [ACCESS, DOMAIN, SYSCALL, PROCTITLE, EOE]) reassembler.push(record(type, 7));
    expect(shapes(events)).toEqual([[7, 'eoe', [ACCESS, DOMAIN, SYSCALL, PROCTITLE, EOE]]]);
  });

  it('is complete with its PROCTITLE where no EOE comes', () => {
    const { reassembler, events } = run({ completesOn: 'proctitle' });
    for (const type of [ACCESS, SYSCALL, PROCTITLE]) reassembler.push(record(type, 7));
    expect(shapes(events)).toEqual([[7, 'proctitle', [ACCESS, SYSCALL, PROCTITLE]]]);
  });

  it('that begins with PROCTITLE (ausearch prints backwards) waits for the rest', () => {
    const { reassembler, events } = run({ completesOn: 'proctitle' });
    for (const type of [PROCTITLE, SYSCALL, DOMAIN, ACCESS]) reassembler.push(record(type, 7));
    reassembler.end();
    expect(shapes(events)).toEqual([[7, 'end', [PROCTITLE, SYSCALL, DOMAIN, ACCESS]]]);
  });

  it('that always is alone is complete at once', () => {
    const { reassembler, events } = run();
    reassembler.push(record(ACCESS, 6));
    reassembler.push(record(DOMAIN, 7, 0, 'freed'));
    reassembler.push(record(1200, 9079));
    expect(shapes(events)).toEqual([
      [7, 'lone', [DOMAIN]],
      [9079, 'lone', [1200]],
    ]);
  });

  it('without an end is complete when the time of the records has moved on', () => {
    const { reassembler, events } = run();
    reassembler.push(record(ACCESS, 7));
    reassembler.push(record(ACCESS, 8, 1900));
    expect(events).toEqual([]);
    reassembler.push(record(ACCESS, 9, 2300));
    expect(shapes(events)).toEqual([[7, 'window', [ACCESS]]]);
  });

  it('with an old time (a call that blocked for long) still gets the time it needs', () => {
    const { reassembler, events } = run();
    reassembler.push(record(ACCESS, 9, 60_000));
    reassembler.push(record(EOE, 9, 60_000));
    reassembler.push(record(ACCESS, 5, 0));
    reassembler.push(record(ACCESS, 10, 60_300));
    reassembler.push(record(SYSCALL, 5, 0));
    reassembler.push(record(EOE, 5, 0));
    expect(shapes(events).at(-1)).toEqual([5, 'eoe', [ACCESS, SYSCALL, EOE]]);
  });

  it('of a live source is complete after some idle sweeps', () => {
    const { reassembler, events } = run();
    reassembler.push(record(ACCESS, 7));
    for (let sweep = 1; sweep < idleSweeps; sweep++) reassembler.sweep();
    expect(events).toEqual([]);
    reassembler.sweep();
    expect(shapes(events)).toEqual([[7, 'idle', [ACCESS]]]);
  });

  it('is told apart by node, time and serial', () => {
    const { reassembler, events } = run();
    for (const key of [record(ACCESS, 7), record(ACCESS, 7, 1), record(ACCESS, 7, 0, '', 'b'), record(ACCESS, 8)]) {
      reassembler.push(key);
    }
    for (const key of [record(EOE, 7), record(EOE, 7, 1), record(EOE, 7, 0, '', 'b'), record(EOE, 8)]) {
      reassembler.push(key);
    }
    expect(shapes(events)).toEqual(Array.from({ length: 4 }, (_, at) => [at === 3 ? 8 : 7, 'eoe', [ACCESS, EOE]]));
  });
});

describe('a record that comes after its event', () => {
  it('is an event of its own, numbered on, if it is indexed', () => {
    const { reassembler, events } = run();
    for (const type of [ACCESS, SYSCALL, EOE]) reassembler.push(record(type, 7));
    reassembler.push(record(ACCESS, 7, 0, 'other'));
    reassembler.push(record(EOE, 7));
    expect(events[1]).toMatchObject({ completion: 'late', indexBase: 1, serial: 7 });
    expect(reassembler.counts).toEqual({ late: 1, repeated: 0, evicted: 0 });
  });

  it('is counted and let go if it is not', () => {
    const { reassembler, events } = run({ completesOn: 'proctitle' });
    for (const type of [ACCESS, SYSCALL, PROCTITLE, 1302, EOE]) reassembler.push(record(type, 7));
    expect(events).toHaveLength(1);
    expect(reassembler.counts.late).toBe(1);
  });

  it('is not taken twice if the input is read twice', () => {
    const { reassembler, events } = run();
    for (let round = 0; round < 2; round++) {
      for (const type of [ACCESS, DOMAIN, SYSCALL, EOE]) reassembler.push(record(type, 7));
      reassembler.push(record(DOMAIN, 8, 0, 'freed'));
    }
    expect(events).toHaveLength(2);
    expect(reassembler.counts.repeated).toBe(3);
  });
});

describe('what is in flight', () => {
  it('is bounded by number, and the oldest goes first', () => {
    const { reassembler, events } = run({ inFlightMax: 3 });
    for (let serial = 1; serial <= 5; serial++) reassembler.push(record(ACCESS, serial));
    expect(reassembler.size).toBe(3);
    expect(shapes(events)).toEqual([
      [1, 'evicted', [ACCESS]],
      [2, 'evicted', [ACCESS]],
    ]);
    expect(reassembler.counts.evicted).toBe(2);
  });

  it('is bounded by the records of one event', () => {
    const { reassembler, events } = run();
    for (let count = 0; count < eventRecordsMax + 5; count++) reassembler.push(record(1302, 7, 0, `${count}`));
    expect(events).toHaveLength(1);
    expect(events[0]?.records).toHaveLength(eventRecordsMax);
    expect(reassembler.counts.late).toBe(5);
  });

  it('is bounded by its size', () => {
    const { reassembler } = run();
    const text = 'x'.repeat(1024 * 1024);
    for (let serial = 1; serial <= 100; serial++) reassembler.push(record(ACCESS, serial, 0, text));
    expect(reassembler.size).toBeLessThanOrEqual(33);
  });

  it('never exceeds its bound, and nothing is lost, whatever comes', () => {
    const any = fc.record({
      type: fc.constantFrom(ACCESS, DOMAIN, SYSCALL, PROCTITLE, EOE, 1302, 1200),
      serial: fc.integer({ min: 0, max: 12 }),
      ms: fc.integer({ min: 0, max: 6000 }),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 200 }), fc.integer({ min: 1, max: 6 }), (pushes, inFlightMax) => {
        const { reassembler, events } = run({ inFlightMax });
        pushes.forEach(({ type, serial, ms }, at) => {
          reassembler.push(record(type, serial, ms, `${at}`));
          expect(reassembler.size).toBeLessThanOrEqual(inFlightMax);
        });
        reassembler.end();
        const out = events.flatMap((event) => event.records).length;
        const eoes = pushes.filter(({ type }) => type === EOE).length;
        expect(out).toBeGreaterThanOrEqual(pushes.length - reassembler.counts.late - eoes);
        const indexed = events
          .flatMap((event) => event.records)
          .filter(({ type }) => type === ACCESS || type === DOMAIN);
        expect(indexed).toHaveLength(pushes.filter(({ type }) => type === ACCESS || type === DOMAIN).length);
      }),
    );
  });
});

describe('any interleaving', () => {
  it('gives the same events', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.infiniteStream(fc.nat()), (paths, choices) => {
        const queues = paths.map((count, at) => {
          const middle = Array.from({ length: count }, (_, path) => record(1302, at + 1, at, `${path}`));
          return [record(ACCESS, at + 1, at), record(SYSCALL, at + 1, at), ...middle, record(EOE, at + 1, at)];
        });
        const whole = queues.map((queue) => queue.map(({ type, text }) => `${type}${text}`));
        const { reassembler, events } = run();
        for (let left = queues.filter((queue) => queue.length > 0); left.length > 0; ) {
          const next = left[(choices.next().value ?? 0) % left.length]?.shift();
          if (next !== undefined) reassembler.push(next);
          left = left.filter((queue) => queue.length > 0);
        }
        const got = events.toSorted((a, b) => a.serial - b.serial);
        expect(got.map(({ records }) => records.map(({ type, text }) => `${type}${text}`))).toEqual(whole);
      }),
    );
  });
});
