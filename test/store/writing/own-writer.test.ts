import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyDocument, Denial } from '../../../src/landlock/document.ts';
import { closeDatabase, type Database, openDatabase } from '../../../src/store/database/open.ts';
import { getDocument } from '../../../src/store/denials/documents.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { OwnWriter } from '../../../src/store/writing/own-writer.ts';
import { denial, documentArbitrary, malformed, T0 } from '../support/documents.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const batch = fc.uniqueArray(documentArbitrary, { selector: (doc) => doc.event.id, maxLength: 12 });

/** As they are defined. */
function indexes(db: Database): readonly string[] {
  const find = db.prepare<[], string>("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL");
  return find.pluck().all().sort();
}

function numbers(db: Database): unknown {
  return {
    hours: db.prepare('SELECT hour, sum(denials) AS n FROM denial_hours GROUP BY hour').all(),
    logged: db.prepare('SELECT number, sum(logged) AS n FROM domains GROUP BY number ORDER BY number').all(),
    counts: db.prepare('SELECT sum(denials) AS d, sum(canaries) AS c, sum(malformed) AS m FROM hosts').get(),
  };
}

function addAll(db: Database, docs: readonly AnyDocument[], size = 1_000): OwnWriter {
  const writer = new OwnWriter(db);
  for (const doc of docs) {
    writer.add(doc, undefined, T0);
    if (writer.pending >= size) writer.commit();
  }
  writer.finish();
  return writer;
}

/** The same denial again and again, with the parts that do not differ as the same objects. */
function sharing(count: number, change: (n: number) => Partial<Denial>): Denial[] {
  const one = denial({ n: 0 });
  return Array.from({ length: count }, (_, n) => {
    const { id } = denial({ n }).event;
    return { ...one, ...change(n), event: { ...one.event, ...change(n).event, id, sequence: n } };
  });
}

describe('OwnWriter', () => {
  it('gives back exactly the documents that it was given, and counts them as EventWriter does', () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: 1, max: 5 }), (docs, size) => {
        const db = openDatabase(':memory:');
        const other = openDatabase(':memory:');
        const writer = addAll(db, docs, size);
        expect([writer.duplicates, writer.rejected]).toEqual([0, 0]);
        for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
        new EventWriter(other).write(
          docs.map((doc) => ({ doc })),
          T0,
        );
        expect(numbers(db)).toEqual(numbers(other));
        closeDatabase(db);
        closeDatabase(other);
      }),
      { numRuns: 60 },
    );
  });

  it('stores each document once, in whatever order and transactions they come', () => {
    fc.assert(
      fc.property(
        batch.chain((docs) => {
          const length = docs.length * 2;
          const twice = fc.shuffledSubarray([...docs, ...docs], { minLength: length, maxLength: length });
          return fc.tuple(fc.constant(docs.length), twice);
        }),
        fc.integer({ min: 1, max: 7 }),
        ([count, twice], size) => {
          const db = openDatabase(':memory:');
          expect(addAll(db, twice, size).duplicates).toBe(count);
          expect(addAll(db, twice, size).duplicates).toBe(count * 2);
          expectExactRollups(db);
          closeDatabase(db);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('knows the denials of one millisecond apart, more than it has room for and twice over', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 700 }, (_, n) => denial({ n, ms: T0 + (n > 350 ? 1 : 0) }));
    expect(addAll(db, [...docs, ...docs], 450).duplicates).toBe(700);
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('tells documents apart that share all but one part', () => {
    const db = temporaryDatabase();
    const base = denial({ n: 0 });
    const syscall = { arch: 'x86_64', name: 'openat', number: 257, exit: -13 };
    const docs = sharing(300, (n) => ({
      syscall,
      landlock: {
        ...base.landlock,
        object: n % 3 === 0 ? { kind: 'file', ioctl_command: `0x${n}` } : { kind: n % 2 === 0 ? 'file' : 'directory' },
        actor_certainty: n % 5 === 0 ? 'certain' : 'may_be_outside',
      },
      file: { path: '/a', device: `dev${n % 70}` },
      process: { ...base.process, tty: `pts${n % 50}`, args: ['cat', String(n % 60)] },
      event: { ...base.event, reason: n % 7 === 0 ? `Nobody opened /a, ${n}` : base.event.reason },
    }));
    addAll(db, docs);
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('gives arguments that come often a row of their own, and others none', () => {
    const db = temporaryDatabase();
    const docs = sharing(40, (n) => ({
      process: { executable: '/bin/cat', args: ['/bin/cat', n < 20 ? 'x' : `${n}`] },
    }));
    addAll(db, docs);
    for (const doc of docs) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
    expect(db.prepare("SELECT count(*) AS n FROM denials WHERE typeof(args) = 'integer'").get()).toEqual({ n: 16 });
    expect(db.prepare("SELECT count(*) AS n FROM denials WHERE typeof(args) = 'text'").get()).toEqual({ n: 24 });
  });

  it('refuses what cannot be stored and goes on', () => {
    const db = temporaryDatabase();
    const late: Denial = { ...denial({ n: 1 }), '@timestamp': '9999-01-01T00:00:00.000Z' };
    const odd: Denial = { ...denial({ n: 2 }), process: { pid: 0.5 } };
    const good = denial({ n: 3 });
    const writer = addAll(db, [late, odd, good]);
    expect([writer.rejected, writer.rejectedReason]).toEqual([2, 'document.@timestamp: cannot be stored']);
    expect(db.prepare('SELECT count(*) AS n FROM denials').get()).toEqual({ n: 1 });
    expect(getDocument(db, good.event.id)?.doc).toEqual(good);
  });

  it('loses what was not committed when a document fails, and nothing else', () => {
    const db = temporaryDatabase();
    const writer = new OwnWriter(db);
    const [first, second, third] = [denial({ n: 1 }), denial({ n: 2 }), denial({ n: 3 })];
    writer.add(first, 'x', T0);
    writer.commit();
    db.exec("CREATE TRIGGER refuse BEFORE INSERT ON malformed BEGIN SELECT raise(FAIL, 'refused'); END");
    writer.add(second, 'y', T0);
    expect(() => writer.add(malformed({ n: 9 }), undefined, T0)).toThrow('refused');
    writer.add(third, 'z', T0);
    writer.finish();
    const records = [first, second, third].map((doc) => getDocument(db, doc.event.id)?.records);
    expect(records).toEqual([['x'], undefined, ['z']]);
  });

  it('leaves indexes for the end where there is no denial yet, and opening mends what a crash left', () => {
    const db = temporaryDatabase();
    const all = indexes(db);
    const writer = new OwnWriter(db);
    writer.add(denial({ n: 1 }), undefined, T0);
    writer.commit();
    expect(all.filter((sql) => !indexes(db).includes(sql))).toHaveLength(5);
    closeDatabase(openDatabase(db.name));
    expect(indexes(db)).toEqual(all);
    const next = new OwnWriter(db);
    next.add(denial({ n: 2 }), undefined, T0);
    expect(indexes(db)).toEqual(all);
    next.finish();
    writer.finish();
    expect(indexes(db)).toEqual(all);
  });
});
