// Counts of all hosts over days, where whole days, parts of days and single denials are added up from different places.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import { fingerprintOf } from '../../../src/landlock/fingerprint.ts';
import type { TopKey } from '../../../src/store/answers.ts';
import { trends } from '../../../src/store/counts/trends.ts';
import { topValues } from '../../../src/store/counts/value-counts.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { answered } from '../support/answered.ts';
import { denial, T0 } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;

const KEYS: Readonly<Partial<Record<TopKey, (doc: Denial) => string>>> = {
  host: (doc) => doc.host.id,
  program: (doc) => doc.process?.executable ?? '',
  blocker: (doc) => doc.landlock.blockers[0] ?? '',
  issue: (doc) => fingerprintOf(doc).fingerprint,
};

const docs = fc.array(
  fc.record({
    hours: fc.integer({ min: -60, max: 60 }),
    host: fc.constantFrom('host-1', 'host-2', 'host-3'),
    program: fc.constantFrom('/usr/bin/a', '/usr/bin/b'),
    blockers: fc.constantFrom(['fs.read_file'], ['fs.write_file']),
    path: fc.constantFrom('/etc/passwd', '/etc/shadow'),
    isCanary: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

/** Mostly of whole hours, as pages ask. */
const edge = fc
  .tuple(fc.integer({ min: -62, max: 62 }), fc.constantFrom(0, 0, 1_800_000))
  .map(([hours, ms]) => T0 + hours * HOUR + ms);

function numberOf(map: ReadonlyMap<string, number>, key: string): number {
  return map.get(key) ?? 0;
}

it('are what counting the denials by hand gives, wherever in a day the span begins and ends', () => {
  fc.assert(
    fc.property(docs, fc.array(fc.tuple(edge, edge), { minLength: 5, maxLength: 5 }), (facts, spans) => {
      const db = temporaryDatabase();
      const all = facts.map(({ hours, isCanary, ...rest }, n) =>
        denial({ n, ms: T0 + hours * HOUR + n, ...rest, ...(isCanary ? { tags: ['canary'] } : {}) }),
      );
      new EventWriter(db).write(
        all.map((doc) => ({ doc })),
        T0,
      );
      for (const [one, other] of spans) {
        const [fromMs, toMs] = [Math.min(one, other), Math.max(one, other)];
        const within = all.filter((doc) => {
          const ms = Date.parse(doc['@timestamp']);
          return ms >= fromMs && ms < toMs && doc.tags?.includes('canary') !== true;
        });
        for (const [by, keyOf] of Object.entries(KEYS) as [TopKey, (doc: Denial) => string][]) {
          const expected = new Map<string, number>();
          for (const doc of within) expected.set(keyOf(doc), numberOf(expected, keyOf(doc)) + 1);
          const { data } = answered(topValues(db, { scope: { fromMs, toMs }, by }));
          const got = new Map(data.map(({ value, denials }) => [value, denials]));
          expect({ by, got: [...got].sort() }).toEqual({ by, got: [...expected].sort() });
        }
      }
    }),
    { numRuns: 25 },
  );
});

it('tell new issues of the span, of the one before and of its parts, without the canary', () => {
  const db = temporaryDatabase();
  const at = (n: number, hours: number, path: string, tags?: ['canary']) => ({
    doc: denial({ n, ms: T0 + hours * HOUR, path, ...(tags && { tags }) }),
  });
  const lines = [
    at(1, -30, '/etc/long-before'),
    at(2, -1, '/etc/before'),
    at(3, 2, '/etc/before'),
    at(4, 1, '/etc/one'),
    at(5, 23, '/etc/late'),
    at(6, 5, '/etc/canary', ['canary']),
  ];
  new EventWriter(db).write(lines, T0);
  const { new_issues: fresh } = answered(trends(db, { fromMs: T0, toMs: T0 + 24 * HOUR }));
  const points = new Array<number>(24).fill(0);
  points[1] = 1;
  points[23] = 1;
  expect(fresh).toEqual({ now: 2, before: 1, points });
});

it('tell hosts that were denied something again later, also in less than an hour', () => {
  const db = temporaryDatabase();
  const lines = [denial({ n: 1, ms: T0 + 300_000 }), denial({ n: 2, ms: T0 + 5 * HOUR })].map((doc) => ({ doc }));
  new EventWriter(db).write(lines, T0);
  const hostsOf = (fromMs: number, toMs: number) => answered(trends(db, { fromMs, toMs })).hosts_denied.now;
  expect(hostsOf(T0, T0 + 600_000)).toBe(1);
  expect(hostsOf(T0, T0 + HOUR)).toBe(1);
  expect(hostsOf(T0 + 600_000, T0 + 4 * HOUR)).toBe(0);
});
