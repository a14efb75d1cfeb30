import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveHeartbeat } from '../../src/store/agents.ts';
import { EventWriter } from '../../src/store/event-writer.ts';
import { type Cell, suppress, suppressDivisions } from '../../src/store/k-anonymity.ts';
import { sharedMetrics } from '../../src/store/shared-metrics.ts';
import { testHeartbeat } from '../api/support/documents.ts';
import { denial } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const cell = (value: string, hosts: readonly number[], denials = hosts.length): Cell => ({
  value,
  denials,
  hosts: new Set(hosts),
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const names = (cells: readonly Cell[]) => cells.map(({ value }) => value).sort();
const union = (cells: readonly Cell[]) => new Set(cells.flatMap(({ hosts }) => [...hosts]));

describe('a table about so many hosts at least', () => {
  it('hides one more where a single hidden cell could be worked out from the total', () => {
    const safe = suppress([cell('a', range(0, 20)), cell('b', range(20, 27)), cell('c', [30, 31])], 5);
    expect(names(safe.shown)).toEqual(['a']);
    expect(safe.other).toEqual({ value: '(other)', denials: 9, hosts: new Set([...range(20, 27), 30, 31]) });
  });

  it('shows nothing where all of it is about too few', () => {
    expect(suppress([cell('a', [1, 2]), cell('b', [3])], 5)).toEqual({ shown: [], other: undefined });
  });

  it('hides what would tell of the rest of a cell in another table', () => {
    // Of the ten hosts with ABI 7 eight have the kernel 6.15; 6.16 is hidden with 6.14, but 7 less 6.15 would be it.
    const kernels = [cell('6.14', range(0, 9)), cell('6.15', range(10, 18)), cell('6.16', [18, 19])];
    const abis = [cell('6', range(0, 9)), cell('7', range(10, 20))];
    const [safe] = suppressDivisions([kernels, abis], 5);
    expect(names(safe?.shown ?? [])).toEqual(['6.14']);
  });

  it('never shows a cell, nor leaves a difference, that is about fewer', () => {
    const division = fc.array(fc.nat(4), { minLength: 30, maxLength: 30 });
    const toCells = (groups: readonly number[]) =>
      range(0, 5)
        .map((group) =>
          cell(
            `g${group}`,
            range(0, 30).filter((host) => groups[host] === group),
          ),
        )
        .filter(({ hosts }) => hosts.size > 0);
    fc.assert(
      fc.property(fc.array(division, { minLength: 1, maxLength: 3 }), fc.integer({ min: 2, max: 8 }), (groups, k) => {
        const tables = groups.map(toCells);
        const safe = suppressDivisions(tables, k);
        for (const [at, { shown, other }] of safe.entries()) {
          for (const one of other === undefined ? shown : [...shown, other])
            expect(one.hosts.size).toBeGreaterThanOrEqual(k);
          const hidden = (tables[at] ?? []).filter(({ value }) => !shown.some((one) => one.value === value));
          if (other === undefined) expect(hidden.length === 0 || shown.length === 0).toBe(true);
          else expect(hidden.length).toBeGreaterThan(1);
          for (const whole of other === undefined ? shown : [...shown, other]) {
            for (const { shown: parts } of safe.toSpliced(at, 1)) {
              const within = parts.filter(({ hosts }) => [...hosts].every((host) => whole.hosts.has(host)));
              const left = whole.hosts.size - union(within).size;
              expect(within.length === 0 || left === 0 || left >= k).toBe(true);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

it('tells of a fleet by whole weeks that are over, and withholds those with too few hosts', () => {
  const WEEK = 7 * 86_400_000;
  const monday = Date.UTC(2026, 2, 9);
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  let n = 0;
  for (const [week, hosts] of [3, 12].entries()) {
    for (const host of range(0, hosts)) {
      const about = { ...testHeartbeat().host, id: `h${host}`, name: `h${host}`, boot_id: `b${host}`, kernel: '6.18' };
      for (const day of [0, 1, 2])
        saveHeartbeat(db, { ...testHeartbeat(), host: about }, monday + week * WEEK + day * 86_400_000);
      n += 1;
      const program = host === 0 ? '/home/alice/bin/secret' : host < 6 ? '/usr/bin/a' : '/usr/bin/b';
      writer.write(
        [{ doc: denial({ n, ms: monday + week * WEEK + n, host: `h${host}`, boot: `b${host}`, program }) }],
        0,
      );
    }
  }
  const ask = (weeks: number) =>
    sharedMetrics(db, { fleet: 'default', weeks, nowMs: monday + 2 * WEEK + 86_400_000, hostsMin: 5 });
  const answer = ask(2);
  expect(answer).toMatchObject({ weeks: 2, weeks_withheld: 1, hosts_reporting: 12, hosts_affected: 12, denials: 12 });
  expect(answer?.from).toBe(new Date(monday).toISOString());
  expect(answer?.by_program).toEqual([
    { value: '/usr/bin/b', denials: 6, hosts: 6 },
    { value: '(other)', denials: 6, hosts: 6 },
  ]);
  expect(answer?.by_kernel).toEqual([{ value: '6.18', denials: 12, hosts: 12 }]);
  expect(JSON.stringify(ask(1))).not.toContain('alice');
  expect(sharedMetrics(db, { fleet: 'none', weeks: 1, nowMs: 0, hostsMin: 5 })).toBeUndefined();
});
