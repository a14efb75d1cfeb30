import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { getDocument } from '../../../src/store/denials/documents.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import {
  allocated,
  audited,
  deallocated,
  denial,
  documentArbitrary,
  gap,
  malformed,
  T0,
} from '../support/documents.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const documents = fc.uniqueArray(documentArbitrary, { selector: (doc) => doc.event.id, maxLength: 12 });

/** Sums of greater totals are cut off at 2^53 - 1, and then their order matters. */
function isCountable(doc: AnyDocument): boolean {
  return doc.kind !== 'domain-deallocated' || Number(doc.landlock.domain.denials) < 2 ** 44;
}

function empty(db: Database): void {
  const tables = db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('fleets', 'migrations')",
    )
    .all();
  db.pragma('foreign_keys = 0');
  for (const { name } of tables) db.exec(`DELETE FROM ${name}`);
  db.pragma('foreign_keys = 1');
}

/** All that depends on which documents are stored, but not on row ids, which depend on their order. */
function contents(db: Database): unknown {
  const all = (sql: string) => db.prepare(sql).all();
  return {
    hosts: all(
      `SELECT host_id, is_replay, denials, canaries, domains, malformed, unlogged, last_denial_ms FROM hosts ORDER BY host_id`,
    ),
    domains: all(`SELECT m.number, b.boot_id, h.host_id, m.is_canary, m.logged, m.first_denial_ms, m.last_denial_ms,
      m.allocated_ms, m.deallocated_ms, m.total FROM domains m JOIN boots b ON b.id = m.boot JOIN hosts h ON h.id = m.host
      ORDER BY 1, 2, 3`),
    hours: all(`SELECT hour, h.host_id, s.value, is_canary, d.denials FROM denial_hours d JOIN hosts h ON h.id = d.host
      JOIN strings s ON s.id = d.blockers ORDER BY 1, 2, 3, 4`),
    programs: all(
      `SELECT hour, s.value, is_canary, denials FROM program_hours p JOIN strings s ON s.id = p.program ORDER BY 1, 2, 3`,
    ),
    counts: all(`SELECT (SELECT count(*) FROM denials) d, (SELECT count(*) FROM domain_events) e,
      (SELECT count(*) FROM malformed) m, (SELECT count(*) FROM gaps) g`),
  };
}

describe('EventWriter', () => {
  it('begins another part of an hour, or day, whose list has become long, and all parts add up', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    const dayMs = Math.floor(T0 / 86_400_000) * 86_400_000;
    for (let batch = 0; batch < 4; batch++) {
      const docs = Array.from({ length: 600 }, (_, i) => {
        const n = batch * 600 + i;
        // Half of them are programs of the batch before, on one host in one hour; the others one issue on many in all hours.
        const program = `/usr/bin/p${batch * 75 + (i % 300)}`;
        const common = { n, uid: String(i % 7), ...(i % 50 === 0 && { tags: ['canary'] as const }) };
        if (i < 300) return denial({ ...common, ms: dayMs, program });
        return denial({
          ...common,
          ms: dayMs + ((batch * 7 + Math.floor(i / 30)) % 24) * 3_600_000,
          host: `of-${i % 30}`,
          program: '/usr/bin/one',
        });
      });
      writer.write(
        docs.map((doc) => ({ doc })),
        T0,
      );
    }
    const parts = (table: string) => db.prepare(`SELECT max(part) AS last FROM ${table}`).get();
    expect([parts('host_hours'), parts('issue_days')]).toEqual([{ last: 1 }, { last: 1 }]);
    expectExactRollups(db);
  });

  it('gives back exactly the documents that it was given', () => {
    const db = temporaryDatabase();
    fc.assert(
      fc.property(documents, (docs) => {
        empty(db);
        const result = new EventWriter(db).write(
          docs.map((doc) => ({ doc })),
          T0,
        );
        expect(result).toMatchObject({ stored: docs.length, duplicates: 0, rejected: [] });
        for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
      }),
      { numRuns: 200 },
    );
  });

  it('stores each document once in whatever order, batches and repetitions they come', () => {
    const once = temporaryDatabase();
    const often = temporaryDatabase();
    const shuffledTwice = (docs: readonly AnyDocument[]) =>
      fc.shuffledSubarray([...docs, ...docs], { minLength: docs.length * 2, maxLength: docs.length * 2 });
    fc.assert(
      fc.property(
        documents
          .map((docs) => docs.filter(isCountable))
          .chain((docs) => fc.tuple(fc.constant(docs), shuffledTwice(docs), fc.integer({ min: 1, max: 7 }))),
        ([docs, repeated, size]) => {
          empty(once);
          empty(often);
          new EventWriter(once).write(
            docs.map((doc) => ({ doc })),
            T0,
          );
          const writer = new EventWriter(often);
          let stored = 0;
          for (let i = 0; i < repeated.length; i += size) {
            stored += writer.write(
              repeated.slice(i, i + size).map((doc) => ({ doc })),
              T0,
            ).stored;
          }
          expect(stored).toBe(docs.length);
          expectExactRollups(often);
          expect(contents(often)).toEqual(contents(once));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says which documents are new, in their order', () => {
    const writer = new EventWriter(temporaryDatabase());
    const [a, b, c] = [denial({ n: 1 }), allocated({ n: 2 }), gap({ n: 3, cause: 'serial-gap', count: 4 })];
    writer.write([{ doc: b }], T0);
    expect(writer.write([{ doc: a }, { doc: b }, { doc: c }, { doc: a }], T0)).toEqual({
      stored: 2,
      duplicates: 2,
      rejected: [],
      inserted: [a, c],
    });
  });

  it('rejects what is no document and stores the rest', () => {
    const db = temporaryDatabase();
    const good = denial({ n: 1 });
    const bad = { ...denial({ n: 2 }), host: { id: '', boot: { id: 'b' } } };
    const result = new EventWriter(db).write([{ doc: bad }, { doc: good }, { doc: null }, { doc: good, raw: 7 }], T0);
    expect(result).toEqual({
      stored: 1,
      duplicates: 0,
      rejected: [
        { index: 0, reason: 'document.host.id: empty' },
        { index: 2, reason: 'document: not an object' },
        { index: 3, reason: 'raw: not a string' },
      ],
      inserted: [good],
    });
  });

  it('rejects a document with too much in members that it does not know', () => {
    const doc = { ...denial({ n: 1 }), future: Array.from({ length: 10 }, () => 'x'.repeat(10_000)) };
    expect(new EventWriter(temporaryDatabase()).write([{ doc }], T0).rejected).toEqual([
      { index: 0, reason: 'document: more than 65536 characters in members without a column' },
    ]);
  });

  it('keeps the records of an event and finds them from each of its documents', () => {
    const db = temporaryDatabase();
    const raw = 'type=LANDLOCK_ACCESS msg=audit(1.000:7): one\ntype=SYSCALL msg=audit(1.000:7): two é';
    const first = { ...denial({ n: 1, ms: T0 }), event: { ...denial({ n: 1 }).event, sequence: 7 } };
    const second = { ...denial({ n: 2, ms: T0 }), event: { ...denial({ n: 2 }).event, sequence: 7 } };
    const third = { ...allocated({ n: 3, ms: T0 }), event: { ...allocated({ n: 3 }).event, sequence: 7 } };
    const other = denial({ n: 4, ms: T0 });
    const writer = new EventWriter(db);
    writer.write([{ doc: second }, { doc: other }], T0);
    writer.write([{ doc: first, raw }, { doc: third }], T0);
    const records = (doc: AnyDocument) => getDocument(db, doc.event.id)?.records;
    expect([first, second, third, other].map(records)).toEqual([raw.split('\n'), raw.split('\n'), raw.split('\n'), []]);
  });

  it('finds the records of each of many events', () => {
    const db = temporaryDatabase();
    const lines = Array.from({ length: 700 }, (_, n) => ({ doc: denial({ n }), raw: `event ${n}\n${'x'.repeat(n)}` }));
    new EventWriter(db).write(lines, T0);
    for (const { doc, raw } of lines) expect(getDocument(db, doc.event.id)?.records.join('\n')).toBe(raw);
  });

  it('stores more denials of one millisecond than it has room for, in their order and with their time', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 1_000 }, (_, n) => denial({ n, ms: T0 }));
    const writer = new EventWriter(db);
    writer.write(
      docs.slice(0, 300).map((doc) => ({ doc })),
      T0,
    );
    writer.write([{ doc: denial({ n: 5_000, ms: T0 + 1 }) }], T0);
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    const serials = db
      .prepare<[], { serial: number }>('SELECT serial FROM denials WHERE serial < 1000 ORDER BY id')
      .all();
    expect(serials.map((row) => row.serial)).toEqual(docs.map((doc) => doc.event.sequence));
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('counts what is unlogged for the host, in whatever order it is learnt', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    const unlogged = () => db.prepare<[], { unlogged: number }>('SELECT unlogged FROM hosts').get()?.unlogged;
    writer.write([{ doc: deallocated({ n: 9, denials: 3 }) }], T0);
    expect(unlogged()).toBe(3);
    writer.write([{ doc: denial({ n: 1 }) }, { doc: denial({ n: 2 }) }], T0);
    expect(unlogged()).toBe(1);
    writer.write([{ doc: denial({ n: 3 }) }, { doc: denial({ n: 4 }) }], T0);
    expect(unlogged()).toBe(0);
  });

  it('is not stopped by totals and counts that no machine can have', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 1_500 }, (_, n) => [
      deallocated({ n: 2 * n, domain: (n + 1).toString(16), denials: '18446744073709551615' }),
      gap({ n: 2 * n + 1, cause: 'kernel-lost', count: Number.MAX_SAFE_INTEGER }),
    ]).flat();
    expect(
      new EventWriter(db).write(
        docs.map((doc) => ({ doc })),
        T0,
      ).stored,
    ).toBe(3_000);
    expect(db.prepare('SELECT unlogged FROM hosts').get()).toEqual({ unlogged: Number.MAX_SAFE_INTEGER });
  });

  it('stores made-up ids that all begin alike', () => {
    const db = temporaryDatabase();
    const alike = Array.from({ length: 80 }, (_, n) => {
      const doc = denial({ n });
      return { doc: { ...doc, event: { ...doc.event, id: `aaaaaaa${doc.event.id.slice(7)}` } } };
    });
    expect(new EventWriter(db).write(alike, T0).stored).toBe(80);
    expect(new EventWriter(db).write(alike, T0).duplicates).toBe(80);
    for (const { doc } of alike) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('stores denials of one millisecond once that audit numbered, also where they find no room in it', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 1_200 }, (_, n) => audited(denial({ n, ms: T0 + (n % 2) }), n % 3));
    const lines = docs.map((doc) => ({ doc }));
    const writer = new EventWriter(db);
    expect(writer.write(lines.slice(0, 700), T0)).toMatchObject({ stored: 700, duplicates: 0 });
    expect(writer.write(lines, T0)).toMatchObject({ stored: 500, duplicates: 700 });
    expect(new EventWriter(db).write(lines, T0)).toMatchObject({ stored: 0, duplicates: 1_200 });
    expect(db.prepare('SELECT count(*) AS n FROM foreign_ids').get()).toEqual({ n: 0 });
    expectExactRollups(db);
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('finds each of very many by its id, and each record of an event apart', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 70_000 }, (_, n) => audited(denial({ n: n >> 1, ms: T0 + n }), n & 1));
    const writer = new EventWriter(db);
    for (let i = 0; i < docs.length; i += 3_000) {
      writer.write(
        docs.slice(i, i + 3_000).map((doc) => ({ doc })),
        T0,
      );
    }
    expect(db.prepare('SELECT count(*) AS n FROM id_runs').get()).toEqual({ n: 256 });
    expectExactRollups(db);
    for (let i = 0; i < docs.length; i += 97) {
      const doc = docs[i] ?? denial({ n: 0 });
      expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
    }
    expect(getDocument(db, audited(denial({ n: 1, ms: T0 }), 9).event.id)).toBeUndefined();
  });

  it('stores nothing of a batch that fails, and all of it when it is written again', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    const lines = [denial({ n: 1, host: 'h' }), malformed({ n: 2, host: 'h' })].map((doc) => ({ doc, raw: 'x' }));
    db.exec("CREATE TRIGGER refuse BEFORE INSERT ON malformed BEGIN SELECT raise(FAIL, 'refused'); END");
    expect(() => writer.write(lines, T0)).toThrow('refused');
    expect(db.prepare('SELECT count(*) AS n FROM strings').get()).toEqual({ n: 0 });
    db.exec('DROP TRIGGER refuse');
    expect(writer.write(lines, T0).stored).toBe(2);
    expectExactRollups(db);
    for (const { doc } of lines) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  });
});
