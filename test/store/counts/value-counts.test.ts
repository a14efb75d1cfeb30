import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import type { Scope, TopKey, ValueField } from '../../../src/store/answers.ts';
import { summary } from '../../../src/store/counts/summary.ts';
import { listValues, topValues } from '../../../src/store/counts/value-counts.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { listDenials } from '../../../src/store/denials/denials.ts';
import { QueryCancelled, setCancellation } from '../../../src/store/query/scan.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { anyDenial, denial, T0 } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;
const LIMIT = 500;

function answered<T>(answer: T): Exclude<T, { kind: 'refused' }> {
  if (isRefused(answer)) throw new Error(answer.message);
  return answer as Exclude<T, { kind: 'refused' }>;
}

/** Plain denials around T0, and some that are as odd as documents can be. */
function someDenials(): Denial[] {
  const facts = fc.record({
    offset: fc.integer({ min: -30 * HOUR, max: 30 * HOUR }),
    host: fc.constantFrom('host-1', 'host-2', 'host-3'),
    domain: fc.constantFrom('195ba459b', '195ba45a0', '1'),
    blockers: fc.constantFrom<readonly string[]>(['fs.read_file'], ['fs.make_reg', 'fs.refer'], ['net.bind_tcp'], []),
    program: fc.constantFrom('/usr/bin/a', '/usr/bin/b', '/usr/lib/c'),
    path: fc.constantFrom('/etc/passwd', '/etc/shadow', '/srv/a*b', '/srv/ä'),
    uid: fc.constantFrom('0', '1000', 'unset'),
    port: fc.constantFrom(80, 443, 8080),
    pid: fc.integer({ min: 1, max: 20 }),
    tags: fc.constantFrom<NonNullable<Denial['tags']>>([], [], ['canary'], ['replay']),
  });
  const plain = fc.sample(facts, { numRuns: 250, seed: 11 });
  const odd = fc.sample(fc.uniqueArray(anyDenial, { minLength: 80, maxLength: 80, selector: (doc) => doc.event.id }), {
    numRuns: 1,
    seed: 5,
  })[0] as Denial[];
  return [...plain.map(({ offset, ...rest }, n) => denial({ n, ms: T0 + offset, ...rest })), ...odd];
}

function filled(): Database {
  const db = temporaryDatabase();
  const docs = someDenials();
  const { stored } = new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  expect(stored).toBe(docs.length);
  return db;
}

function countOf(db: Database, scope: Scope, term: string): number {
  const query = scope.query === undefined ? term : `(${scope.query}) and ${term}`;
  return answered(listDenials(db, { scope: { ...scope, query }, limit: LIMIT })).data.length;
}

const instant = fc.oneof(
  fc.integer({ min: T0 - 40 * HOUR, max: T0 + 40 * HOUR }),
  fc.integer({ min: -40, max: 40 }).map((hours) => T0 + hours * HOUR),
);
const scopes: fc.Arbitrary<Scope> = fc
  .record(
    {
      fromMs: instant,
      toMs: instant,
      host: fc.constantFrom('host-1', 'host-9'),
      fleet: fc.constantFrom('default', 'other'),
      query: fc.constantFrom(
        'program:/usr/bin/*',
        'not program:/usr/bin/a',
        'blocker:fs.*',
        'not blocker:fs.refer and host:host-*',
        'program:/usr/bin/a or host:host-2',
        'program:/usr/bin/a and host:host-2',
        'path:/etc/*',
        'port>=443 kind:denial',
        'issue:*',
        'kind:denial',
      ),
      includeCanary: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map(({ fromMs, toMs, ...scope }) =>
    fromMs === undefined || toMs === undefined
      ? scope
      : { ...scope, fromMs: Math.min(fromMs, toMs), toMs: Math.max(fromMs, toMs) },
  );

const TOP_KEYS: readonly TopKey[] = ['program', 'path', 'host', 'user', 'blocker', 'issue', 'port', 'package', 'unit'];
const FIELDS: readonly ValueField[] = [...TOP_KEYS, 'domain', 'comm', 'pid', 'uid', 'fleet', 'kind'];

/** The value as a term of the query language; undefined where no term can have it. */
function termOf(field: ValueField, value: string): string | undefined {
  // Pieces of characters and nulls are in no query; an empty value is none.
  if (value === '' || /[\0\p{Surrogate}]/u.test(value)) return undefined;
  return `${field}:"${value.replace(/["\\*]/g, '\\$&')}"`;
}

describe('the top of a field', () => {
  it('counts for each value what a query for it finds, whatever the scope and wherever it is counted', () => {
    const db = filled();
    const sources = new Set<string>();
    let checked = 0;
    fc.assert(
      fc.property(scopes, fc.constantFrom(...TOP_KEYS), (scope, by) => {
        const answer = answered(topValues(db, { scope, by, limit: LIMIT }));
        sources.add(answer.counted_from);
        expect([answer.values, answer.others]).toEqual([answer.data.length, 0]);
        expect(answer.data.map(({ denials }) => denials)).toEqual(
          answer.data.map(({ denials }) => denials).sort((a, b) => b - a),
        );
        for (const { value, denials } of answer.data.slice(0, 12)) {
          const term = termOf(by, value);
          if (term === undefined) continue;
          checked += 1;
          expect([by, value, denials]).toEqual([by, value, countOf(db, scope, term)]);
        }
      }),
      { numRuns: 250 },
    );
    expect([...sources].sort()).toEqual(['denials', 'rollups', 'rollups-and-denials']);
    expect(checked).toBeGreaterThan(300);
  });

  it('has all values: together they are all denials that have such a field', () => {
    const db = filled();
    for (const by of ['program', 'path', 'host', 'issue', 'package'] as const) {
      const { data } = answered(topValues(db, { scope: {}, by, limit: LIMIT }));
      expect([by, data.reduce((sum, { denials }) => sum + denials, 0)]).toEqual([by, countOf(db, {}, `${by}:*`)]);
    }
  });

  it('shows as many as asked for and sums up the others', () => {
    const db = filled();
    fc.assert(
      fc.property(scopes, fc.constantFrom(...TOP_KEYS), fc.integer({ min: 1, max: 6 }), (scope, by, limit) => {
        const all = answered(topValues(db, { scope, by, limit: LIMIT }));
        const some = answered(topValues(db, { scope, by, limit }));
        expect([by, some.data, some.values, some.others]).toEqual([
          by,
          all.data.slice(0, limit),
          all.values,
          all.data.slice(limit).reduce((sum, { denials }) => sum + denials, 0),
        ]);
      }),
      { numRuns: 150 },
    );
  });

  it('tells domains of the same number apart by host and boot', () => {
    const db = temporaryDatabase();
    const docs = [
      denial({ n: 1, host: 'host-1', domain: 'aa' }),
      denial({ n: 2, host: 'host-2', domain: 'aa' }),
      denial({ n: 3, host: 'host-2', domain: 'aa' }),
    ];
    new EventWriter(db).write(
      docs.map((doc) => ({ doc })),
      T0,
    );
    expect(answered(topValues(db, { scope: {}, by: 'domain' })).data).toEqual([
      { value: 'aa', denials: 2, host: 'name of host-2', boot: 'boot of host-2' },
      { value: 'aa', denials: 1, host: 'name of host-1', boot: 'boot of host-1' },
    ]);
    expect(answered(listValues(db, { scope: {}, field: 'domain' })).data).toEqual([{ value: 'aa', denials: 3 }]);
  });

  it('says what people call a host and an issue', () => {
    const db = temporaryDatabase();
    new EventWriter(db).write([{ doc: denial({ n: 1 }) }], T0);
    const labels = (['host', 'issue'] as const).map((by) => answered(topValues(db, { scope: {}, by })).data[0]?.label);
    expect(labels).toEqual(['name of host-1', 'bash is refused to read /etc/passwd']);
  });
});

describe('the values of a field', () => {
  it('are those that begin with the prefix, with the counts that a query for each finds', () => {
    const db = filled();
    let checked = 0;
    const place = fc.tuple(fc.nat(400), fc.nat(6));
    const others = fc.constantFrom('*', '%', '__proto__', 'name', 'fs.');
    fc.assert(
      fc.property(scopes, fc.constantFrom(...FIELDS), fc.oneof(place, place, others), (scope, field, asked) => {
        const whole = answered(listValues(db, { scope, field, limit: LIMIT }));
        const picked = typeof asked === 'string' ? undefined : whole.data[asked[0] % (whole.data.length || 1)];
        const prefix = typeof asked === 'string' ? asked : [...(picked?.value ?? '')].slice(0, asked[1]).join('');
        const answer = answered(listValues(db, { scope, field, prefix, limit: LIMIT }));
        expect(answer.complete).toBe(true);
        for (const { value, denials, label } of answer.data.slice(0, 8)) {
          expect(value.startsWith(prefix) || label?.startsWith(prefix)).toBe(true);
          const term = termOf(field, value);
          if (term === undefined) continue;
          checked += 1;
          expect([field, value, denials]).toEqual([field, value, countOf(db, scope, term)]);
        }
        if (field === 'host') return;
        expect(answer.data).toEqual(whole.data.filter(({ value }) => value.startsWith(prefix)));
      }),
      { numRuns: 400 },
    );
    expect(checked).toBeGreaterThan(100);
  });
});

describe('a scan', () => {
  it('ends when nobody waits for its answer any more', () => {
    const db = filled();
    let asked = 0;
    setCancellation(db, () => {
      asked += 1;
      return asked > 1;
    });
    expect(() => topValues(db, { scope: {}, by: 'path' })).toThrow(QueryCancelled);
    expect(asked).toBe(2);
    setCancellation(db, () => false);
    expect(answered(topValues(db, { scope: {}, by: 'path' })).values).toBeGreaterThan(0);
  });
});

describe('counts up to now', () => {
  it('take the hour whole where nothing that is stored is later, and are exact where something is', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    const at = (...minutes: number[]) =>
      writer.write(
        minutes.map((n) => ({ doc: denial({ n, ms: T0 + n * 60_000 }) })),
        T0,
      );
    const count = (from: number, to: number) => {
      const scope = { fromMs: T0 + from * 60_000, toMs: T0 + to * 60_000 };
      const { data, counted_from } = answered(topValues(db, { scope, by: 'program' }));
      const { denials, programs } = answered(summary(db, scope));
      return [data[0]?.denials ?? 0, denials, programs, counted_from];
    };
    at(1, 70, 80);
    expect([count(0, 90), count(75, 90), count(0, 80)]).toEqual([
      [3, 3, 1, 'rollups'],
      [1, 1, 1, 'rollups-and-denials'],
      [2, 2, 1, 'rollups-and-denials'],
    ]);
    at(95);
    expect([count(0, 90), count(0, 96), count(90, 95)]).toEqual([
      [3, 3, 1, 'rollups-and-denials'],
      [4, 4, 1, 'rollups'],
      [0, 0, 0, 'rollups-and-denials'],
    ]);
    // As many before as there were.
    const { denials, denials_before: before } = answered(
      summary(db, { fromMs: T0 + 75 * 60_000, toMs: T0 + 150 * 60_000 }),
    );
    expect([denials, before]).toEqual([2, 2]);
  });
});
