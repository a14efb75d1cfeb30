import fc from 'fast-check';
import { expect, it } from 'vitest';
import { forEachHostCount } from '../../../src/store/counts/host-counts.ts';
import { countAdded } from '../../../src/store/rollups/count-changes.ts';
import { packCounts, scanLists } from '../../../src/store/rollups/packed-counts.ts';
import { HOURS_PER_DAY } from '../../../src/store/rollups/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const counts = fc.array(fc.tuple(fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), fc.integer({ min: 1, max: 2 ** 31 })));
const lists = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.uniqueArray(counts, { maxLength: 1 })));

it('scans from a text of many lists what was packed into each', () => {
  fc.assert(
    fc.property(lists, (all) => {
      const packed = all.map(([a, b, [list = []]]) => ({ a, b, list: new Map(list) }));
      const text = packed.map(({ a, b, list }) => `${a},${b}${packCounts(list)}`).join('');
      const found: number[][] = [];
      const head: number[] = [];
      scanLists(text, head, (code, count) => found.push([...head, code, count]));
      expect(found).toEqual(packed.flatMap(({ a, b, list }) => [...list].map(([code, count]) => [a, b, code, count])));
    }),
  );
});

it.each(['1', '1[', '1[2', '1[2,', '1[[2,3]', '1[x]', '1[2.5]', '1]', 'null'])(
  'ends at %s, which is no list',
  (text) => {
    expect(() => scanLists(text, [], () => {})).toThrow('a list of counts is damaged');
  },
);

it('reads as many rows as there are, of whole days by the day and of others by the hour', () => {
  const db = temporaryDatabase();
  const add = (table: string, at: number, hosts: number) => {
    const insert = db.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, '[]', '[7,[-9,2]]', '[]')`);
    for (let host = 1; host <= hosts; host++) for (const part of [0, 1]) insert.run(at, host, part);
  };
  const day = 20_000;
  for (const at of [day - 1, day, day + 1, day + 2]) add('host_days', at, 800);
  for (const hour of [day * HOURS_PER_DAY - 1, day * HOURS_PER_DAY, (day + 2) * HOURS_PER_DAY])
    add('host_hours', hour, 3);
  // Beside what is asked about, so that only the days that are named are whole.
  for (const hour of [(day - 1) * HOURS_PER_DAY, (day + 3) * HOURS_PER_DAY - 1]) {
    db.prepare('INSERT INTO blocker_hours VALUES (?, 1, 0, 1)').run(hour);
  }
  countAdded(
    db,
    [-1, 0, 24, 48].map((hour) => day * HOURS_PER_DAY + hour),
  );
  const sums = new Map<string, number>();
  const scope = { hosts: () => undefined, includeCanary: true };
  const wanted = { from: day * HOURS_PER_DAY - 1, to: (day + 2) * HOURS_PER_DAY + 1 };
  forEachHostCount(db, scope, { list: 'programs', ...wanted }, ({ key, denials, hour }) => {
    const name = `${hour - day * HOURS_PER_DAY} ${key}`;
    sums.set(name, (sums.get(name) ?? 0) + denials);
  });
  expect(Object.fromEntries(sums)).toEqual({
    '-1 7': 6,
    '-1 8': 12,
    '0 7': 1_600,
    '0 8': 3_200,
    '24 7': 1_600,
    '24 8': 3_200,
    '48 7': 6,
    '48 8': 12,
  });
});
