import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { type Cell, OTHER, suppress, suppressDivisions } from '../../../src/store/fleets/k-anonymity.ts';
import { suppressNested } from '../../../src/store/fleets/k-anonymity-nested.ts';
import { sharedMetrics } from '../../../src/store/fleets/shared-metrics.ts';
import { NO_PACKAGE } from '../../../src/store/fleets/shared-packages.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../../api/support/documents.ts';
import { denial } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

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

describe('versions of packages beside programs', () => {
  it('hides a version whose program would tell of the few that have another one', () => {
    // Twelve hosts run the program, ten with 1.0 and two with 1.1: the program less 1.0 would be those two.
    const of = (value: string, hosts: readonly number[]) => ({
      ...cell(value, hosts),
      parts: [{ row: 'x', hosts: new Set(hosts) }],
    });
    expect(suppressNested([of('x 1.0', range(0, 10)), of('x 1.1', [10, 11])], new Map(), undefined, 5)).toEqual({
      shown: [],
      other: { value: '(other)', denials: 12, hosts: new Set(range(0, 12)) },
    });
    const safe = suppressNested([of('x 1.0', range(0, 10)), of('x 1.1', range(10, 16))], new Map(), undefined, 5);
    expect([names(safe.shown), safe.other]).toEqual([['x 1.0', 'x 1.1'], undefined]);
  });

  it('leaves nothing about fewer, whatever rows and versions are added and taken from each other', () => {
    // What each of 24 hosts was denied: of which program, and of which version (0: of no package).
    const denied = fc
      .record({ host: fc.nat(23), program: fc.nat(3), other: fc.nat(8) })
      .map(({ host, program, other }) => ({ host, program, version: other > 4 ? program + 1 : other }));
    const hostsOf = (of: readonly { readonly host: number }[]) => new Set(of.map(({ host }) => host));
    let recovered = 0;
    fc.assert(
      fc.property(fc.array(denied, { maxLength: 150, size: 'max' }), fc.integer({ min: 2, max: 6 }), (all, k) => {
        const programs = suppress(
          range(0, 4).flatMap((program) => {
            const hosts = hostsOf(all.filter((one) => one.program === program));
            return hosts.size === 0 ? [] : [cell(`p${program}`, [...hosts])];
          }),
          k,
        );
        const rowOf = ({ program }: { readonly program: number }) =>
          programs.shown.some(({ value }) => value === `p${program}`) ? `p${program}` : OTHER;
        const cells = range(1, 5).flatMap((version) => {
          const own = all.filter((one) => one.version === version);
          const rows = [...new Set(own.map(rowOf))];
          const parts = rows.map((row) => ({ row, hosts: hostsOf(own.filter((one) => rowOf(one) === row)) }));
          return own.length === 0 ? [] : [{ ...cell(`v${version}`, [...hostsOf(own)], own.length), parts }];
        });
        const without = all.filter(({ version }) => version === 0);
        const left = new Map(
          [...new Set(without.map(rowOf))].map((row) => [row, hostsOf(without.filter((one) => rowOf(one) === row))]),
        );
        const rest = without.length === 0 ? undefined : cell(NO_PACKAGE, [...hostsOf(without)], without.length);
        const safe = suppressNested(cells, left, rest, k);
        const told = safe.other === undefined ? safe.shown : [...safe.shown, safe.other];
        for (const { hosts } of told) expect(hosts.size).toBeGreaterThanOrEqual(k);
        const isToldVersion = (version: number) => safe.shown.some(({ value }) => value === `v${version}`);
        // What somebody can work out: some rows, less the versions that lie wholly within them.
        const rows = [...programs.shown.map(({ value }) => value), ...(programs.other === undefined ? [] : [OTHER])];
        for (let chosen = 1; chosen < 1 << rows.length; chosen++) {
          const isChosen = (one: { readonly program: number }) => ((chosen >> rows.indexOf(rowOf(one))) & 1) === 1;
          const within = range(1, 5).filter(
            (version) => isToldVersion(version) && all.every((one) => one.version !== version || isChosen(one)),
          );
          for (let taken = 1; taken < 1 << within.length; taken++) {
            const versions = within.filter((_, at) => ((taken >> at) & 1) === 1);
            const remains = hostsOf(all.filter((one) => isChosen(one) && !versions.includes(one.version)));
            if (remains.size > 0) recovered += 1;
            expect(remains.size === 0 || remains.size >= k).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
    // It was tried indeed.
    expect(recovered).toBeGreaterThan(100);
  });
});

it('tells versions of packages in a fleet, and none that could be worked out from its programs', () => {
  const WEEK = 7 * 86_400_000;
  const monday = Date.UTC(2026, 2, 9);
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  for (const host of range(0, 30)) {
    const about = { ...testHeartbeat().host, id: `h${host}`, name: `h${host}`, boot_id: `b${host}` };
    for (const day of [0, 1, 2]) saveHeartbeat(db, { ...testHeartbeat(), host: about }, monday + day * 86_400_000);
    // nginx: 12 hosts have 1.0 and 8 have 1.1. curl: 9 have 8.0, and a single one has 8.1.
    const isNginx = host < 20;
    const version = isNginx ? (host < 12 ? '1.0' : '1.1') : host < 29 ? '8.0' : '8.1';
    const name = isNginx ? 'nginx' : 'curl';
    const doc = denial({ n: host, ms: monday + host, host: `h${host}`, boot: `b${host}`, program: `/usr/bin/${name}` });
    writer.write([{ doc: { ...doc, package: { name, version, type: 'dpkg' } } }], 0);
  }
  const answer = sharedMetrics(db, { fleet: 'default', weeks: 1, nowMs: monday + WEEK, hostsMin: 5 });
  expect(answer?.by_program).toEqual([
    { value: '/usr/bin/nginx', denials: 20, hosts: 20 },
    { value: '/usr/bin/curl', denials: 10, hosts: 10 },
  ]);
  expect(answer?.by_package).toEqual([
    { value: 'nginx 1.0', denials: 12, hosts: 12 },
    { value: 'nginx 1.1', denials: 8, hosts: 8 },
    { value: '(other)', denials: 10, hosts: 10 },
  ]);
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
  expect(sharedMetrics(db, { fleet: 'none', weeks: 1, nowMs: 0, hostsMin: 5 })).toMatchObject({
    weeks_withheld: 1,
    denials: 0,
  });
});
