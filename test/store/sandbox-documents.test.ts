import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/landlock/decoder.ts';
import type { AnyDocument, DomainCreated, DomainDeallocated, SandboxCall } from '../../src/landlock/document.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { parseTraceLine } from '../../src/landlock/trace/parse-trace-line.ts';
import { TraceInterpreter } from '../../src/landlock/trace/trace-interpreter.ts';
import { getHost } from '../../src/store/counts/hosts.ts';
import type { Database } from '../../src/store/database/open.ts';
import { getDocument } from '../../src/store/denials/documents.ts';
import { knownBoot } from '../../src/store/denials/known-boot.ts';
import { getDomain } from '../../src/store/families/domains.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, hostOf, id, T0, time } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const HOST = { id: 'h', name: 'lab', boot: { id: 'b' } };

function store(db: Database, docs: readonly unknown[]) {
  return new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
}

function created(n: number, domain: string, parent?: string): DomainCreated {
  return {
    kind: 'domain-created',
    '@timestamp': time(T0 + n),
    event: { id: id(`created ${n}`), provider: 'tracepoint' },
    host: hostOf({}),
    landlock: {
      domain: {
        id: domain,
        ...(parent !== undefined && { parent: { id: parent } }),
        ruleset: { id: '1f', version: '2', handled: { fs: ['read_file'], net: [], scopes: ['signal'] }, rules: 3 },
        creator: { pid: 70, thread: { id: 71 }, name: 'traced' },
      },
    },
  };
}

function traced(doc: DomainDeallocated): DomainDeallocated {
  return { ...doc, event: { id: id(`${doc.event.id} traced`), sequence: 0, provider: 'tracepoint' } };
}

function call(n: number, facts: Partial<SandboxCall['landlock']> & { program?: string; tags?: SandboxCall['tags'] }) {
  const { program = '/usr/bin/box', tags, ...landlock } = facts;
  const doc: SandboxCall = {
    kind: 'sandbox-call',
    '@timestamp': time(T0 + n),
    event: { id: id(`call ${n}`), sequence: n, outcome: 'success' },
    host: hostOf({}),
    ...(tags !== undefined && { tags }),
    landlock: { call: 'restrict_self', ...landlock },
    process: { pid: 70, parent: { pid: 7 }, name: 'box', executable: program },
  };
  return doc;
}

function usage(db: Database): unknown[] {
  return db
    .prepare(
      `SELECT s.value AS program, sandboxes, failed, rulesets, rules, log_new_exec_on AS newExec, domains
       FROM sandbox_hours JOIN strings s ON s.id = program ORDER BY 1`,
    )
    .all();
}

const domain = (db: Database, number: string) => getDomain(db, 'host-1', 'boot of host-1', number);

describe('the creation of a domain, told by the kernel', () => {
  it('gives its parent as a proof, its ruleset, and its creator where audit tells none', () => {
    const db = temporaryDatabase();
    expect(store(db, [created(1, 'a1'), created(2, 'a2', 'a1')])).toMatchObject({ stored: 2, rejected: [] });
    expect(domain(db, 'a1')).toMatchObject({
      traced: true,
      created_at: time(T0 + 1),
      status: 'live',
      ruleset: { id: '1f', version: '2', handled: { fs: ['read_file'], net: [], scopes: ['signal'] }, rules: 3 },
      creator: { pid: 70, thread: { id: 71 }, name: 'traced' },
      evidence: [],
    });
    expect(domain(db, 'a1')).not.toHaveProperty('parent');
    expect(domain(db, 'a2')).toMatchObject({
      parent: 'a1',
      depth_min: 2,
      evidence: [{ kind: 'tracepoint', strength: 'proof', records: [id('created 2')] }],
    });
    store(db, [allocated({ n: 9, domain: 'a2' })]);
    expect(domain(db, 'a2')?.creator).toEqual({
      pid: 280,
      uid: 0,
      executable: '/usr/bin/sandboxer',
      name: 'sandboxer',
      thread: { id: 71 },
    });
  });

  it('is stored once, whatever the order', () => {
    const docs = [
      created(1, 'a1'),
      created(2, 'a2', 'a1'),
      allocated({ n: 9, domain: 'a2' }),
      denial({ n: 8, domain: 'a2' }),
    ];
    const answers = [docs, docs.toReversed(), [...docs, ...docs]].map((order) => {
      const db = temporaryDatabase();
      store(db, order);
      return [domain(db, 'a1'), domain(db, 'a2'), getHost(db, 'host-1')];
    });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});

describe('the end of a domain, told by audit and by the tracepoint', () => {
  it('counts once, with the greater total', () => {
    const ends = [
      deallocated({ n: 20, domain: 'a1', denials: 5 }),
      traced(deallocated({ n: 19, domain: 'a1', denials: 7 })),
      traced(deallocated({ n: 18, domain: 'a1', denials: 6 })),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(ends, { minLength: 3 }), fc.boolean(), (order, inOneBatch) => {
        const db = temporaryDatabase();
        store(db, [denial({ n: 1, domain: 'a1' })]);
        if (inOneBatch) store(db, order);
        else for (const doc of order) store(db, [doc, doc]);
        expect(domain(db, 'a1')).toMatchObject({
          denials: { logged: 1, total: 7, unlogged: 6 },
          deallocated_at: time(T0 + 18),
        });
        expect(getHost(db, 'host-1')).toMatchObject({ unlogged: 6, domains: 1 });
      }),
      { numRuns: 6 },
    );
  });
});

describe('a denial that only the tracepoints tell of', () => {
  it('is kept whole, and is none that was logged', () => {
    const db = temporaryDatabase();
    const whole = denial({ n: 2, domain: 'a1' });
    const silent: AnyDocument = {
      ...whole,
      event: { ...whole.event, sequence: 0, provider: 'tracepoint' },
      landlock: {
        ...whole.landlock,
        target: { process: { pid: 1 }, domain: { id: 'b1' } },
        logged: false,
        same_exec: false,
      },
      process: { ...whole.process, thread: { id: 290 }, ancestry: [{ pid: 289, start_ticks: 5 }] },
    };
    store(db, [
      denial({ n: 1, domain: 'a1' }),
      silent,
      // Of the same millisecond, with records: serial 0 is nobody's event.
      { ...denial({ n: 3, ms: T0 + 2, domain: 'a1' }), event: { ...denial({ n: 3 }).event, sequence: 0 } },
      deallocated({ n: 9, domain: 'a1', denials: 4 }),
    ]);
    const issue = fingerprintOf(silent).fingerprint;
    expect(getDocument(db, silent.event.id)).toEqual({ doc: silent, records: [], issue });
    expect(domain(db, 'a1')?.denials).toMatchObject({ logged: 2, total: 4, unlogged: 2, traced: 1 });
    expect(getHost(db, 'host-1')).toMatchObject({ denials: 3, unlogged: 2 });
    expect(knownBoot(db, 'host-1', T0 + 2, 0)).toBeUndefined();
  });

  it('never lends the records of another one without a serial', () => {
    const db = temporaryDatabase();
    const base = denial({ n: 2, domain: 'a1' });
    const silent = { ...base, event: { ...base.event, sequence: 0, provider: 'tracepoint' } };
    const other = { ...silent, event: { ...silent.event, id: id('other') } };
    new EventWriter(db).write([{ doc: silent, raw: 'a record' }, { doc: other }], T0);
    expect(getDocument(db, other.event.id)?.records).toEqual([]);
    expect(getDocument(db, silent.event.id)?.records).toEqual(['a record']);
  });
});

describe("Landlock's system calls", () => {
  it('are given back as they were, and add up by program', () => {
    const db = temporaryDatabase();
    const docs = [
      call(1, { call: 'create_ruleset', is_probe: true, flags: 1 }),
      call(2, { call: 'create_ruleset', flags: 0, ruleset_fd: 3 }),
      call(3, { call: 'add_rule', ruleset_fd: 3, rule_type: 'path_beneath' }),
      call(4, { call: 'add_rule', ruleset_fd: 3, rule_type: 'net_port' }),
      call(5, { ruleset_fd: 3, flags: 2, makes_domain: true }),
      call(6, { ruleset_fd: -1, flags: 4, makes_domain: false }),
      { ...call(7, { ruleset_fd: 9 }), event: { ...call(7, {}).event, outcome: 'failure' as const } },
      call(8, { ruleset_fd: 3, makes_domain: true, program: '/opt/other' }),
      call(9, { ruleset_fd: 3, makes_domain: true, tags: ['canary'] }),
      { ...call(10, { ruleset_fd: 3, makes_domain: true }), process: { pid: 5, name: 'nameless' } },
    ];
    expect(store(db, docs)).toMatchObject({ stored: 10, rejected: [] });
    expect(store(db, docs)).toMatchObject({ stored: 0, duplicates: 10 });
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
    expect(usage(db)).toEqual([
      { program: '/opt/other', sandboxes: 1, failed: 0, rulesets: 0, rules: 0, newExec: 0, domains: 0 },
      { program: '/usr/bin/box', sandboxes: 1, failed: 1, rulesets: 1, rules: 2, newExec: 1, domains: 0 },
    ]);
  });

  it('of a real kernel are all taken', () => {
    const db = temporaryDatabase();
    const docs: AnyDocument[] = [];
    const decoder = new Decoder({
      hostFor: () => HOST,
      completesOn: 'eoe',
      serialGaps: false,
      onDocument: (doc) => docs.push(doc),
      sandbox: { key: 'lab', onCall: (doc) => docs.push(doc) },
    });
    for (const line of readFileSync(`${fixtures}sandbox-calls/linux-7.3.4.log`, 'latin1').split('\n'))
      decoder.pushLine(line);
    decoder.end();
    expect(docs.filter(({ kind }) => kind === 'sandbox-call').length).toBeGreaterThan(3);
    expect(store(db, docs)).toMatchObject({ stored: docs.length, rejected: [] });
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });
});

it.each(['linux-7.3.4', 'linux-7.3.4-second'])('the captured trace %s is taken whole', (name) => {
  const db = temporaryDatabase();
  const interpreter = new TraceInterpreter({ host: HOST, wallOffsetMs: () => T0 });
  const docs = readFileSync(`${fixtures}trace/${name}.trace`, 'latin1')
    .split('\n')
    .flatMap((line) => {
      const parsed = parseTraceLine(line);
      return parsed === null ? [] : (interpreter.interpret(parsed) ?? []);
    });
  expect(docs.length).toBeGreaterThan(5);
  expect(store(db, docs)).toMatchObject({ stored: docs.length, rejected: [] });
  for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
});

describe('domains by the program of their creator', () => {
  it('count once in the hour of the first allocation, and not for a canary', () => {
    const db = temporaryDatabase();
    const of = (n: number, ms: number, number: string) => allocated({ n, ms, domain: number });
    store(db, [of(1, T0 + 3_600_000, 'a1'), of(2, T0, 'a2')]);
    store(db, [of(3, T0, 'a1'), of(4, T0 + 7_200_000, 'a1')]);
    const hours = () => db.prepare('SELECT hour, domains FROM sandbox_hours WHERE domains <> 0 ORDER BY hour').all();
    expect(hours()).toEqual([{ hour: T0 / 3_600_000, domains: 2 }]);
    store(db, [{ ...denial({ n: 5, domain: 'a2' }), tags: ['canary'] }]);
    expect(hours()).toEqual([{ hour: T0 / 3_600_000, domains: 1 }]);
  });
});

describe('a malformed one', () => {
  it.each([
    [{ ...created(1, 'a1'), event: { id: id(1) } }, 'document.event.provider: missing'],
    [{ ...created(1, 'a1'), event: { id: id(1), provider: 'x' } }, 'document.event.provider: not "tracepoint"'],
    [created(1, '0x1'), 'document.landlock.domain.id: not a 64-bit number in hexadecimal'],
    [created(1, 'a1', 'g'), 'document.landlock.domain.parent.id: not a 64-bit number in hexadecimal'],
    [call(1, { call: 'restrict' as never }), 'document.landlock.call: not a call of Landlock'],
    [call(1, { makes_domain: 1 as never }), 'document.landlock.makes_domain: neither true nor false'],
    [
      { ...call(1, {}), event: { ...call(1, {}).event, outcome: 'maybe' } },
      'document.event.outcome: neither success nor failure',
    ],
  ])('is rejected with its reason (%#)', (doc, reason) => {
    expect(store(temporaryDatabase(), [doc]).rejected).toEqual([{ index: 0, reason }]);
  });
});
