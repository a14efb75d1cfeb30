import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/store/database/open.ts';
import { listLosses, listMalformed, type NoticesRequest } from '../../../src/store/denials/notices.ts';
import { listBoots } from '../../../src/store/families/boots.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, gap, malformed, T0, time } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

function filled() {
  const db = temporaryDatabase();
  const gaps = Array.from({ length: 9 }, (_, n) =>
    // Three at each time, so that pages end among equals.
    gap({ n, ms: T0 + Math.floor(n / 3) * 1_000, host: n % 2 ? 'a' : 'b', cause: 'serial-gap', count: n + 1 }),
  );
  const others = [gap({ n: 50, ms: T0 + 9_000, host: 'a', cause: 'kernel-lost', count: 4 })];
  const broken = Array.from({ length: 5 }, (_, n) => malformed({ n: 100 + n, ms: T0 + n, host: 'a' }));
  new EventWriter(db).write(
    [...gaps, ...others, ...broken].map((doc) => ({ doc })),
    T0,
  );
  return { db, gaps: [...gaps, ...others], broken };
}

function all<T>(db: Database, list: (db: Database, request: NoticesRequest) => unknown, request: NoticesRequest): T[] {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = list(db, { ...request, limit: 2, cursor }) as { data: T[]; next_cursor: string | null };
    if (isRefused(page)) throw new Error(page.message);
    found.push(...page.data);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

describe('what is missing or was not understood', () => {
  it('is listed as it was told, the last first, each once', () => {
    const { db, gaps, broken } = filled();
    const found = all<{ event: { id: string }; '@timestamp': string }>(db, listLosses, { scope: {} });
    expect(found).toHaveLength(gaps.length);
    expect([...found].sort(byId)).toEqual([...gaps].sort(byId));
    const times = found.map((doc) => doc['@timestamp']);
    expect(times).toEqual([...times].sort().reverse());
    expect(all(db, listMalformed, { scope: {} })).toEqual([...broken].reverse());
  });

  it('is narrowed by time, host, fleet and cause', () => {
    const { db, gaps } = filled();
    const ids = (request: NoticesRequest) =>
      all<{ event: { id: string } }>(db, listLosses, request)
        .map(({ event }) => event.id)
        .sort();
    const wanted = (test: (doc: (typeof gaps)[number]) => boolean) =>
      gaps
        .filter(test)
        .map(({ event }) => event.id)
        .sort();
    expect(ids({ scope: { fromMs: T0 + 1_000, toMs: T0 + 2_000 } })).toEqual(
      wanted((doc) => doc['@timestamp'] === time(T0 + 1_000)),
    );
    expect(ids({ scope: { host: 'name of b', fleet: 'default' } })).toEqual(wanted(({ host }) => host.id === 'b'));
    expect(ids({ scope: { fleet: 'no such' } })).toEqual([]);
    expect(ids({ scope: {}, cause: 'kernel-lost' })).toEqual(wanted(({ cause }) => cause === 'kernel-lost'));
    expect(ids({ scope: {}, cause: "' OR 1=1 --" })).toEqual([]);
  });

  it('takes no cursor of another list', () => {
    const { db } = filled();
    const page = listLosses(db, { scope: {}, limit: 1 });
    const cursor = isRefused(page) ? '' : (page.next_cursor ?? '');
    expect(cursor).not.toBe('');
    for (const wrong of [cursor, 'x', '', Buffer.from('malformed:1:2:3').toString('base64url')]) {
      expect(listMalformed(db, { scope: {}, cursor: wrong })).toMatchObject({ code: 'invalid-cursor' });
    }
  });
});

it("boots are listed the latest first, with what is known of each one's domains", () => {
  const db = temporaryDatabase();
  const on = (boot: string) => ({ host: 'a', boot });
  const docs = [
    allocated({ n: 1, ms: T0, ...on('first'), domain: 'aa' }),
    denial({ n: 2, ms: T0 + 1_000, ...on('first'), domain: 'aa' }),
    denial({ n: 3, ms: T0 + 2_000, ...on('first'), domain: 'ab' }),
    deallocated({ n: 4, ms: T0 + 3_000, ...on('first'), domain: 'aa', denials: 5 }),
    denial({ n: 5, ms: T0 + 9_000, ...on('second'), domain: 'aa' }),
    denial({ n: 6, ms: T0 + 9_500, ...on('second'), domain: 'ca', tags: ['canary'] }),
    gap({ n: 7, ms: T0 + 9_900, ...on('second'), cause: 'torn-event', count: 3 }),
    denial({ n: 8, ms: T0, host: 'other', boot: 'first' }),
  ];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  const first = {
    id: 'first',
    current: false,
    first_seen: time(T0),
    last_seen: time(T0 + 3_000),
    domains: { total: 2, live: 0 },
    denials: 2,
    unlogged: 4,
    lost: [],
  };
  const second = {
    id: 'second',
    current: true,
    first_seen: time(T0 + 9_000),
    last_seen: time(T0 + 9_900),
    domains: { total: 1, live: 1 },
    denials: 1,
    unlogged: 0,
    lost: [{ cause: 'torn-event', count: 3 }],
  };
  expect(listBoots(db, { host: 'name of a' })).toEqual({ data: [second, first], next_cursor: null });
  const page = listBoots(db, { host: 'a', limit: 1 });
  const cursor = page === undefined || isRefused(page) ? '' : (page.next_cursor ?? '');
  expect(listBoots(db, { host: 'a', limit: 1, cursor })).toEqual({ data: [first], next_cursor: null });
  expect(listBoots(db, { host: 'nobody' })).toBeUndefined();
});

function byId(a: { event: { id: string } }, b: { event: { id: string } }): number {
  return a.event.id < b.event.id ? -1 : 1;
}
