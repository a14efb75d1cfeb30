import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Denial } from '../../src/landlock/document.ts';
import { eventIdOfDenial, listDenials } from '../../src/store/denials.ts';
import { EventWriter } from '../../src/store/event-writer.ts';
import { type FilterContext, matchesFilter } from '../../src/store/filter-match.ts';
import { parseFilter } from '../../src/store/filter-parse.ts';
import type { Database } from '../../src/store/open.ts';
import { isRefused } from '../../src/store/refused.ts';
import { allocated, anyDenial, denial, T0 } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const words = [
  'fs.read_file',
  'fs.make_reg',
  'net.bind_tcp',
  '/etc/passwd',
  '/etc/[x]',
  '/usr/lib/x.so',
  '/tmp/a b',
  '/home/ä/ö',
  '/usr/bin/bash',
  'sh',
  '__proto__',
  '%_*?[',
  '0',
  '1000',
  '007',
  'host-1',
  'web-1',
  'web-2',
  'default',
  '195ba459b',
  'file',
  'denial',
  'socket',
  'ETC',
  'x',
  '😀',
];
/** Whole characters of a word. */
const part = (word: string, from: number, to?: number) => [...word].slice(from, to).join('');
const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const escaped = (text: string) => text.replace(/[*]/g, '\\*');
const value = fc
  .constantFrom(...words)
  .chain((word) =>
    fc.constantFrom(
      quoted(word).replace(/\*/g, '\\*'),
      `"${escaped(part(word, 0, 3).replace(/["\\]/g, ''))}*"`,
      `"*${escaped(part(word, -3).replace(/["\\]/g, ''))}"`,
      `"*${escaped(part(word, 1, 4).replace(/["\\]/g, ''))}*"`,
      '*',
    ),
  );
const fields = [
  'blocker',
  'path',
  'program',
  'comm',
  'user',
  'host',
  'fleet',
  'domain',
  'kind',
  'issue',
  'unit',
  'package',
];
const term = fc.oneof(
  value.filter((text) => text !== '""'),
  fc.tuple(fc.constantFrom(...fields), value).map(([field, text]) => `${field}:${text}`),
  fc
    .tuple(
      fc.constantFrom('pid', 'uid', 'port'),
      fc.constantFrom(':', '>', '>=', '<', '<='),
      fc.constantFrom(0, 1, 80, 289, 1000, 65_535, 4_294_967_295),
    )
    .map(([field, operator, n]) => `${field}${operator}${n}`),
);
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    term,
    tie('query').map((inner) => `not (${inner})`),
    fc.tuple(tie('query'), fc.constantFrom(' ', ' and ', ' or '), tie('query')).map(([a, op, b]) => `(${a}${op}${b})`),
  ),
}));

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
    const stored = [...docs, ...plain];
    expect(
      new EventWriter(db).write(
        stored.map((doc) => ({ doc })),
        T0,
      ).stored,
    ).toBe(stored.length);
    const context = contextOf(db);
    let matched = 0;
    fc.assert(
      fc.property(query, (text) => {
        const filter = parseFilter(text);
        if (filter.kind === 'mistake') throw new Error(`${text}: ${filter.message}`);
        const inMemory = stored.filter((doc) => matchesFilter(filter, doc, context)).map((doc) => doc.event.id);
        matched += inMemory.length > 0 && inMemory.length < stored.length ? 1 : 0;
        expect(found(db, text), text).toEqual(inMemory.sort());
      }),
      { numRuns: 300 },
    );
    // A property over queries that all find nothing would prove nothing.
    expect(matched).toBeGreaterThan(60);
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
