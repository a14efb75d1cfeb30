import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Denial } from '../../src/landlock/document.ts';
import { topValues } from '../../src/store/counts/value-counts.ts';
import type { Database } from '../../src/store/database/open.ts';
import { eventIdOfDenial, listDenials } from '../../src/store/denials/denials.ts';
import { type FilterContext, matchesFilter } from '../../src/store/query/filter-match.ts';
import { parseFilter, TEXT_FIELDS } from '../../src/store/query/filter-parse.ts';
import { QueryCancelled, setCancellation } from '../../src/store/query/scan.ts';
import { isRefused } from '../../src/store/refused.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { allocated, anyDenial, denial, T0 } from './support/documents.ts';
import { queriesAbout } from './support/queries.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

function contextOf(db: Database): FilterContext {
  const rows = db
    .prepare<[], { id: string; name: string | null; fleet: string }>(
      'SELECT h.host_id AS id, h.name, f.name AS fleet FROM hosts h JOIN fleets f ON f.id = h.fleet',
    )
    .all();
  const hosts = new Map(rows.map((row) => [row.id, row]));
  return {
    hostName: (id) => hosts.get(id)?.name ?? undefined,
    fleet: (id) => hosts.get(id)?.fleet,
    issue: (doc) => issueOf(db, doc.event.id),
  };
}

const issues = new Map<string, string | undefined>();

/** As it was stored: there are so many denials of a kind that some are gathered. */
function issueOf(db: Database, eventId: string): string | undefined {
  const known = issues.get(eventId);
  if (known !== undefined) return known;
  for (const { id, fingerprint } of db
    .prepare<[], { id: number; fingerprint: string }>(
      'SELECT d.id, i.fingerprint FROM denials d JOIN issues i ON i.id = d.issue',
    )
    .all()) {
    issues.set(eventIdOfDenial(db, id) ?? '', fingerprint);
  }
  return issues.get(eventId);
}

function found(db: Database, text: string): readonly string[] {
  const page = listDenials(db, { scope: { query: text, includeCanary: true }, limit: 500 });
  if (isRefused(page)) throw new Error(`${text}: ${page.message}`);
  return page.data.map((doc) => doc.event.id).sort();
}

function countHosts(docs: readonly Denial[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { host } of docs) counts.set(host.id, (counts.get(host.id) ?? 0) + 1);
  return counts;
}

describe('a filter', () => {
  it('finds in SQL what it matches in memory', () => {
    const db = temporaryDatabase();
    const docs = fc.sample(
      fc.uniqueArray(anyDenial, { minLength: 80, maxLength: 80, selector: (doc) => doc.event.id }),
      {
        numRuns: 1,
        seed: 20_260_301,
      },
    )[0] as Denial[];
    const plain = Array.from({ length: 40 }, (_, n) =>
      denial({
        n,
        port: n % 2 ? 80 : 4_000,
        uid: n % 3 ? '1000' : '0',
        path: n % 4 ? '/etc/passwd' : '/usr/lib/x.so',
        pid: 280 + n,
      }),
    );
    const odd = [
      'a\0b',
      '\0',
      'a\uffffb',
      '\ufffe',
      '\ufffd',
      'A%b',
      'a_b',
      'a*b',
      '[a-z]',
      '\u{10ffff}',
      'ß',
      'İ',
    ].flatMap((text, i) => [
      denial({ n: 100 + 10 * i, path: text }),
      denial({ n: 101 + 10 * i, program: text }),
      denial({ n: 102 + 10 * i, comm: text }),
      denial({ n: 103 + 10 * i, blockers: [text, 'fs.execute'] }),
      denial({ n: 104 + 10 * i, kind: text }),
      ...(text.includes('\0') ? [] : [denial({ n: 105 + 10 * i, host: `${text}-host`, name: text })]),
    ]);
    const stored = [...docs, ...plain, ...odd];
    expect(
      new EventWriter(db).write(
        stored.map((doc) => ({ doc })),
        T0,
      ).stored,
    ).toBe(stored.length);
    const context = contextOf(db);
    let matched = 0;
    let rolledUp = 0;
    fc.assert(
      fc.property(queriesAbout(stored), (text) => {
        const filter = parseFilter(text);
        if (filter.kind === 'mistake') throw new Error(`${text}: ${filter.message}`);
        const inMemory = stored.filter((doc) => matchesFilter(filter, doc, context)).map((doc) => doc.event.id);
        matched += inMemory.length > 0 && inMemory.length < stored.length ? 1 : 0;
        expect(found(db, text), text).toEqual(inMemory.sort());
        // The same by hosts, from the rollups where these know what the query asks.
        const counted = topValues(db, { scope: { query: text, includeCanary: true }, by: 'host', limit: 500 });
        if (isRefused(counted)) throw new Error(`${text}: ${counted.message}`);
        rolledUp += counted.counted_from === 'denials' ? 0 : 1;
        expect(new Map(counted.data.map(({ value, denials }) => [value, denials])), text).toEqual(
          countHosts(stored.filter((doc) => matchesFilter(filter, doc, context))),
        );
      }),
      { numRuns: 400 },
    );
    // What the odd texts begin, end and are, in every field: too rare to be left to chance.
    const values = [
      'a*',
      '*b',
      'a*b',
      '*',
      '*a*b*',
      'a_b',
      'A%b',
      'a\\*b',
      '[a-z]',
      '[a-z]*',
      '*-z]',
      'ß*',
      'i*',
    ].concat(
      ['\ufffd', '\ufffe', '\uffff'].flatMap((odd) => [odd, `a${odd}*`, `*${odd}*`, `*${odd}b`, `a${odd}b`, `${odd}*`]),
    );
    for (const field of [...TEXT_FIELDS, 'anywhere']) {
      for (const one of values) {
        const text = field === 'anywhere' ? `"${one}"` : `${field}:"${one}"`;
        const filter = parseFilter(text);
        if (filter.kind === 'mistake') throw new Error(`${text}: ${filter.message}`);
        const inMemory = stored.filter((doc) => matchesFilter(filter, doc, context)).map((doc) => doc.event.id);
        expect(found(db, text), text).toEqual(inMemory.sort());
      }
    }
    // A property over queries that all find nothing would prove nothing.
    expect(matched).toBeGreaterThan(60);
    expect(rolledUp).toBeGreaterThan(30);
  });

  it('does not find a denial by a field that it lacks, but finds it by the contrary', () => {
    const db = temporaryDatabase();
    const { process: _, ...without } = denial({ n: 1 });
    new EventWriter(db).write([{ doc: without }], T0);
    expect(
      ['pid>0', 'not pid>0', 'program:*', 'not program:*', 'port<9'].map((text) => found(db, text).length),
    ).toEqual([0, 1, 0, 1, 0]);
  });

  it('cannot be made to do anything else', () => {
    const db = temporaryDatabase();
    new EventWriter(db).write([{ doc: denial({ n: 1, path: "'; DROP TABLE denials; --" }) }], T0);
    expect(found(db, `path:"'; DROP TABLE denials; --"`)).toHaveLength(1);
    expect(found(db, `path:"') OR 1=1 --"`)).toHaveLength(0);
  });

  it('asks of documents that are no denials only what they have', () => {
    const context: FilterContext = { hostName: () => undefined, fleet: () => 'default' };
    const matches = (text: string) => {
      const filter = parseFilter(text);
      if (filter.kind === 'mistake') throw new Error(filter.message);
      return matchesFilter(filter, allocated({ n: 1 }), context);
    };
    expect(
      ['host:host-1', 'fleet:default', 'domain:195*', 'kind:domain-*', 'program:*', 'uid:0', 'sandboxer'].map(matches),
    ).toEqual([true, true, true, true, false, false, false]);
  });
});

it('ends a list of denials that nobody waits for any more, between two stretches of time', () => {
  const db = temporaryDatabase();
  new EventWriter(db).write(
    Array.from({ length: 40 }, (_, n) => ({ doc: denial({ n, ms: T0 + n * 3 * 3_600_000 }) })),
    T0,
  );
  let asked = 0;
  setCancellation(db, () => ++asked > 3);
  onTestFinished(() => setCancellation(db, () => false));
  expect(() => listDenials(db, { scope: { query: 'pid:12345678' } })).toThrow(QueryCancelled);
  expect(asked).toBe(4);
});
