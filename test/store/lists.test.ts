import { describe, expect, it } from 'vitest';
import type { Heartbeat } from '../../src/delivery/batch.ts';
import { fingerprintOf } from '../../src/landlock/fingerprint.ts';
import { createView } from '../../src/store/access/views.ts';
import type { DomainAnswer, HostAnswer } from '../../src/store/answers.ts';
import { getHost, HOST_SORTS, listHosts } from '../../src/store/counts/hosts.ts';
import { listPrograms, type ProgramSort } from '../../src/store/counts/programs.ts';
import { storeFacts } from '../../src/store/counts/store-facts.ts';
import type { Database } from '../../src/store/database/open.ts';
import { getDenial, listDenials } from '../../src/store/denials/denials.ts';
import { DOMAIN_SORTS, type DomainSort } from '../../src/store/families/domain-sorts.ts';
import { domainTree } from '../../src/store/families/domain-tree.ts';
import { getDomain, listDomains } from '../../src/store/families/domains.ts';
import { listCollectors, saveHeartbeat } from '../../src/store/fleets/agents.ts';
import { FLEET_SORTS, type FleetSort, listFleets } from '../../src/store/fleets/fleets.ts';
import { READERS } from '../../src/store/reader-table.ts';
import { isRefused } from '../../src/store/refused.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, gap, malformed, T0, time } from './support/documents.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

function store(db: Database, ...docs: readonly unknown[]): void {
  const result = new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  expect(result.rejected).toEqual([]);
}

function page<T>(answer: T): Exclude<T, { kind: 'refused' }> {
  if (isRefused(answer)) throw new Error(answer.message);
  return answer as Exclude<T, { kind: 'refused' }>;
}

const heartbeat: Heartbeat = {
  host: {
    id: 'host-1',
    name: 'web-1',
    boot_id: 'boot-9',
    kernel: '6.18.44',
    arch: 'x86_64',
    landlock_abi: 7,
    distribution: 'Debian 12',
  },
  version: '0.1.0',
  pid: 1,
  started_at: time(T0),
  source: 'netlink',
  privileges: { uid: 0, capabilities: ['CAP_AUDIT_READ'] },
  canary: { state: 'seen', latency_ms: 12 },
  counts: { records: 1, events: 1, denials: 1, malformed: 0, lost: [] },
  spool: { documents: 0, bytes: 0, bytes_max: 1 },
};

describe('listDenials', () => {
  it('pages through all of them, newest first, each once, also while more arrive', () => {
    const db = temporaryDatabase();
    const docs = Array.from({ length: 25 }, (_, n) => denial({ n, ms: T0 + Math.floor(n / 3) }));
    store(db, ...docs);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const answer = page(listDenials(db, { scope: {}, limit: 7, cursor }));
      seen.push(...answer.data.map((doc) => doc.event.sequence));
      cursor = answer.next_cursor ?? undefined;
      store(db, denial({ n: 1_000 + seen.length, ms: T0 + 60_000 }));
    } while (cursor !== undefined);
    expect(seen).toEqual(docs.map((doc) => doc.event.sequence).reverse());
  });

  it('leaves out the canary unless it is asked for', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), denial({ n: 2, tags: ['canary'] }));
    expect(page(listDenials(db, { scope: {} })).data).toHaveLength(1);
    expect(page(listDenials(db, { scope: { includeCanary: true } })).data).toHaveLength(2);
  });

  it('narrows by time, host and fleet', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), denial({ n: 2, host: 'host-2' }), denial({ n: 3, host: 'host-2' }));
    const found = (scope: object) => page(listDenials(db, { scope })).data.map((doc) => doc.event.sequence);
    expect([
      found({ fromMs: T0 + 2 }),
      found({ toMs: T0 + 2 }),
      found({ fromMs: T0 + 2, toMs: T0 + 3 }),
      found({ host: 'host-2' }),
      found({ host: 'name of host-1' }),
      found({ fleet: 'default', query: 'host:host-1' }),
      found({ fleet: 'none' }),
      found({ fromMs: -1e300, toMs: 1e300 }),
    ]).toEqual([[3, 2], [1], [2], [3, 2], [1], [1], [], [3, 2, 1]]);
  });

  it.each(['', 'x', '!', 'ZGVuaWFsczp4', Buffer.from('domains:1').toString('base64url'), 'A'.repeat(200)])(
    'refuses the cursor %j',
    (cursor) => {
      expect(listDenials(temporaryDatabase(), { scope: {}, cursor })).toMatchObject({
        kind: 'refused',
        code: 'invalid-cursor',
      });
    },
  );

  it('draws a limit in to what it allows', () => {
    const db = temporaryDatabase();
    store(db, ...Array.from({ length: 600 }, (_, n) => denial({ n })));
    const lengths = [0, -5, 1_000, Number.NaN, undefined].map(
      (limit) => page(listDenials(db, { scope: {}, limit })).data.length,
    );
    expect(lengths).toEqual([1, 1, 500, 100, 100]);
  });
});

describe('getDenial', () => {
  it('knows nothing of an id that is none, or nobody’s', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }));
    expect([getDenial(db, 'x'), getDenial(db, 'a'.repeat(26)), getDenial(db, denial({ n: 2 }).event.id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('domains', () => {
  it('are told with creator, counts and status', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), allocated({ n: 2 }), denial({ n: 3 }), deallocated({ n: 9, denials: 5 }));
    const host = { id: 'host-1', name: 'name of host-1' };
    const domain = {
      host,
      boot: 'boot of host-1',
      id: '195ba459b',
      status: 'gone',
      mode: 'enforcing',
      creator: { pid: 280, uid: 0, executable: '/usr/bin/sandboxer', name: 'sandboxer' },
      denials: { logged: 2, total: 5, unlogged: 3 },
      allocated_at: time(T0 + 2),
      deallocated_at: time(T0 + 9),
      first_denial_at: time(T0 + 1),
      last_denial_at: time(T0 + 3),
      evidence: [],
      depth_min: 1,
    };
    expect(page(listDomains(db, { scope: {} })).data).toEqual([domain]);
    const whole = { ...domain, unlogged_because: [{ kind: 'unknown', text: expect.stringContaining('execve') }] };
    expect(getDomain(db, 'name of host-1', 'boot of host-1', '195ba459b')).toEqual(whole);
    expect(domainTree(db, 'host-1', 'boot of host-1', '195ba459b')).toEqual({ domains: [whole] });
    expect(getDomain(db, 'host-1', 'boot of host-1', 'ff')).toBeUndefined();
    expect(domainTree(db, 'host-1', 'another', '195ba459b')).toBeUndefined();
  });

  it('are told apart by boot and host', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), denial({ n: 2, boot: 'b2' }), denial({ n: 3, host: 'host-2' }));
    expect(page(listDomains(db, { scope: {} })).data).toHaveLength(3);
  });

  it('never have fewer than no unlogged denials', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), denial({ n: 2 }), deallocated({ n: 3, denials: 1 }));
    expect(page(listDomains(db, { scope: {} })).data[0]?.denials).toEqual({ logged: 2, total: 1, unlogged: 0 });
  });

  it('of a boot that another followed are presumed gone', () => {
    const db = temporaryDatabase();
    const derived = { ...denial({ n: 4, ms: T0 + 4 }), host: { id: 'host-1', boot: { id: 'd', derived: true } } };
    store(
      db,
      denial({ n: 1, boot: 'first' }),
      denial({ n: 2, boot: 'second' }),
      denial({ n: 3, host: 'host-2' }),
      derived,
    );
    const states = page(listDomains(db, { scope: {} })).data.map((domain) => [domain.boot, domain.status]);
    // A derived boot may be the second itself, so it ends nothing.
    expect(states).toEqual([
      ['d', 'live'],
      ['boot of host-2', 'live'],
      ['second', 'live'],
      ['first', 'presumed-gone'],
    ]);
  });

  it('are narrowed by time, host, canary and query', () => {
    const db = temporaryDatabase();
    store(
      db,
      denial({ n: 1, domain: 'a', ms: T0 }),
      denial({ n: 2, domain: 'a', ms: T0 + 10 }),
      denial({ n: 3, domain: 'b', ms: T0 + 20, host: 'host-2', path: '/srv/x' }),
      denial({ n: 4, domain: 'c', tags: ['canary'] }),
    );
    const found = (scope: object) => page(listDomains(db, { scope })).data.map((domain) => domain.id);
    expect([
      found({}),
      found({ includeCanary: true }),
      found({ fromMs: T0 + 5, toMs: T0 + 15 }),
      found({ host: 'host-2' }),
      found({ query: 'path:/srv/*' }),
      found({ toMs: T0 }),
    ]).toEqual([['b', 'a'], ['c', 'b', 'a'], ['a'], ['b'], ['b'], []]);
  });

  it('count the first of two allocations, in whatever order they come', () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const db = temporaryDatabase();
      for (const n of order) store(db, allocated({ n }));
      expect(page(listDomains(db, { scope: {} })).data[0]?.allocated_at).toBe(time(T0 + 1));
    }
  });

  it('are paged', () => {
    const db = temporaryDatabase();
    store(db, ...Array.from({ length: 5 }, (_, n) => denial({ n, domain: `a${n}` })));
    const first = page(listDomains(db, { scope: {}, limit: 3 }));
    const second = page(listDomains(db, { scope: {}, limit: 3, cursor: first.next_cursor ?? '' }));
    expect([first, second].map((answer) => answer.data.map((domain) => domain.id))).toEqual([
      ['a4', 'a3', 'a2'],
      ['a1', 'a0'],
    ]);
    expect(second.next_cursor).toBeNull();
  });

  it('are sorted by what is asked for, over pages, each sort with cursors of its own', () => {
    const db = temporaryDatabase();
    // Two have as many denials as each other, one tells of some that were not logged, one has none at all.
    for (const [n, domain] of ['c', 'a', 'a', 'b', 'b'].entries()) store(db, denial({ n, domain, ms: T0 + n }));
    store(db, allocated({ n: 50, domain: 'd', ms: T0 + 50 }), allocated({ n: 51, domain: 'a', ms: T0 + 51 }));
    store(db, deallocated({ n: 52, domain: 'c', denials: 9 }), deallocated({ n: 53, domain: 'b', denials: 2 }));
    const ms = (text: string | undefined) => (text === undefined ? -1 : Date.parse(text));
    const values: Readonly<Record<DomainSort, (domain: DomainAnswer) => number>> = {
      denials: ({ denials }) => Math.max(denials.logged, denials.total ?? 0),
      unlogged: ({ denials }) => denials.unlogged ?? -1,
      last_denial_at: (domain) => ms(domain.last_denial_at),
      allocated_at: (domain) => ms(domain.allocated_at),
      deallocated_at: (domain) => ms(domain.deallocated_at),
    };
    const known = page(listDomains(db, { scope: {} })).data;
    expect(known.map(({ id }) => id)).toEqual(['d', 'b', 'a', 'c']);
    for (const sort of DOMAIN_SORTS) {
      const found: DomainAnswer[] = [];
      let cursor: string | undefined;
      do {
        const { data, next_cursor } = page(listDomains(db, { scope: {}, sort, limit: 1, cursor }));
        found.push(...data);
        cursor = next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect([sort, found]).toEqual([sort, [...known].sort((a, b) => values[sort](b) - values[sort](a))]);
    }
    const filter = { status: 'gone' } as const;
    const gone = page(listDomains(db, { scope: {}, filter, sort: 'denials' })).data;
    expect(gone.map(({ id }) => id)).toEqual(['c', 'b']);
    const { next_cursor: cursor } = page(listDomains(db, { scope: {}, sort: 'denials', limit: 1 }));
    expect(listDomains(db, { scope: {}, sort: 'unlogged', cursor: cursor ?? '' })).toMatchObject({
      code: 'invalid-cursor',
    });
    expect(listDomains(db, { scope: {}, cursor: cursor ?? '' })).toMatchObject({ code: 'invalid-cursor' });
  });
});

describe('hosts and fleets', () => {
  it('are told with their counts', () => {
    const db = temporaryDatabase();
    store(
      db,
      denial({ n: 1 }),
      denial({ n: 2, tags: ['canary'], domain: 'c' }),
      deallocated({ n: 3, denials: 4 }),
      gap({ n: 4, cause: 'kernel-lost', count: 2 }),
      malformed({ n: 5 }),
      denial({ n: 6, host: 'host-2', tags: ['replay'] }),
    );
    const one = {
      id: 'host-1',
      name: 'name of host-1',
      fleet: 'default',
      replay: false,
      first_seen: time(T0 + 1),
      last_seen: time(T0 + 5),
      boots: 1,
      denials: 1,
      domains: 1,
      malformed: 1,
      lost: [{ cause: 'kernel-lost', count: 2 }],
      unlogged: 3,
      last_denial_at: time(T0 + 1),
    };
    const { data } = page(listHosts(db, {}));
    expect(data[0]).toEqual(one);
    expect([data[1]?.id, data[1]?.replay]).toEqual(['host-2', true]);
    expect([getHost(db, 'host-1'), getHost(db, 'name of host-1'), getHost(db, 'x')]).toEqual([one, one, undefined]);
    expect(page(listHosts(db, { fleet: 'none' })).data).toEqual([]);
    expect(page(listHosts(db, { scope: { host: 'host-2' } })).data.map((host) => host.id)).toEqual(['host-2']);
    expect(page(listFleets(db, {})).data).toEqual([
      { name: 'default', hosts: 2, denials: 2, domains: 2, unlogged: 3, last_denial_at: time(T0 + 6) },
    ]);
  });

  it('are sorted by what is asked for, over pages, each sort with cursors of its own', () => {
    const db = temporaryDatabase();
    const hosts = ['c', 'a', 'b', 'd'];
    // Two have as many denials as each other, and one has none.
    for (const [n, host] of ['c', 'a', 'a', 'b', 'b'].entries()) store(db, denial({ n, host, ms: T0 + n }));
    store(db, allocated({ n: 50, host: 'd', ms: T0 - 5 }));
    const values = {
      denials: (host: HostAnswer) => host.denials,
      unlogged: (host: HostAnswer) => host.unlogged,
      last_seen: (host: HostAnswer) => Date.parse(host.last_seen),
      first_seen: (host: HostAnswer) => Date.parse(host.first_seen),
      last_denial_at: (host: HostAnswer) => Date.parse(host.last_denial_at ?? '1970-01-01T00:00:00Z'),
    };
    for (const sort of HOST_SORTS) {
      const found: HostAnswer[] = [];
      let cursor: string | undefined;
      do {
        const { data, next_cursor } = page(listHosts(db, { sort, limit: 1, cursor }));
        found.push(...data);
        cursor = next_cursor ?? undefined;
      } while (cursor !== undefined);
      const known = page(listHosts(db, {})).data;
      expect(known.map(({ id }) => id)).toEqual(hosts);
      expect(found).toEqual([...known].sort((a, b) => values[sort](b) - values[sort](a)));
    }
    const { next_cursor: cursor } = page(listHosts(db, { sort: 'denials', limit: 1 }));
    expect(listHosts(db, { sort: 'unlogged', cursor: cursor ?? '' })).toMatchObject({ code: 'invalid-cursor' });
    expect(listHosts(db, { cursor: cursor ?? '' })).toMatchObject({ code: 'invalid-cursor' });
  });

  it('fleets too', () => {
    const db = temporaryDatabase();
    for (const [n, host] of ['a', 'b', 'b', 'c'].entries()) store(db, denial({ n, host, ms: T0 + n }));
    store(db, deallocated({ n: 50, host: 'a', denials: 9 }));
    for (const name of ['one', 'none', 'two'])
      db.prepare('INSERT INTO fleets (name, created_ms) VALUES (?, 1)').run(name);
    const place = db.prepare('UPDATE hosts SET fleet = (SELECT id FROM fleets WHERE name = ?) WHERE host_id = ?');
    for (const [host, fleet] of Object.entries({ a: 'one', b: 'two', c: 'two' })) place.run(fleet, host);
    const names = (sort?: FleetSort) => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const { data, next_cursor } = page(listFleets(db, { sort, limit: 1, cursor }));
        found.push(...data.map(({ name }) => name));
        cursor = next_cursor ?? undefined;
      } while (cursor !== undefined);
      return found;
    };
    expect(names()).toEqual(['default', 'one', 'none', 'two']);
    // What is as great as another comes in the order in which it was made.
    expect(Object.fromEntries(FLEET_SORTS.map((sort) => [sort, names(sort)]))).toEqual({
      hosts: ['two', 'one', 'default', 'none'],
      denials: ['two', 'one', 'default', 'none'],
      domains: ['two', 'one', 'default', 'none'],
      unlogged: ['one', 'default', 'none', 'two'],
      last_denial_at: ['two', 'one', 'default', 'none'],
    });
    const { next_cursor: cursor } = page(listFleets(db, { sort: 'hosts', limit: 1 }));
    expect(listFleets(db, { sort: 'denials', cursor: cursor ?? '' })).toMatchObject({ code: 'invalid-cursor' });
    expect(listFleets(db, { cursor: cursor ?? '' })).toMatchObject({ code: 'invalid-cursor' });
  });

  it('without a name go by their id', () => {
    const db = temporaryDatabase();
    store(db, { ...denial({ n: 1 }), host: { id: 'abc', boot: { id: 'b' } } });
    expect(page(listHosts(db, {})).data[0]?.name).toBe('abc');
  });

  it('carry what their collector says of the machine', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1, tags: ['replay'] }));
    saveHeartbeat(db, heartbeat, T0 + 5);
    saveHeartbeat(db, { ...heartbeat, pid: 2 }, T0 + 6);
    expect(getHost(db, 'host-1')).toMatchObject({
      name: 'web-1',
      replay: false,
      kernel: '6.18.44',
      arch: 'x86_64',
      distribution: 'Debian 12',
      landlock_abi: 7,
      boots: 2,
      last_seen: time(T0 + 6),
    });
    expect(listCollectors(db)).toEqual([{ host: 'host-1', contactMs: T0 + 6, heartbeat: { ...heartbeat, pid: 2 } }]);
  });
});

describe('programs', () => {
  it('are sorted by what is asked for, over pages, each sort with cursors of its own', () => {
    const db = temporaryDatabase();
    const seen = { '/bin/often': ['a', 'a', 'a'], '/bin/wide': ['a', 'b'], '/bin/rare': ['c'] };
    let n = 0;
    for (const [program, hosts] of Object.entries(seen)) {
      for (const host of hosts) store(db, denial({ n: ++n, program, host }));
    }
    const sorted = (sort: ProgramSort) => {
      const names: string[] = [];
      let cursor: string | undefined;
      do {
        const { data, next_cursor } = page(listPrograms(db, { scope: {}, sort, limit: 1, cursor }));
        names.push(...data.map(({ program }) => program));
        cursor = next_cursor ?? undefined;
      } while (cursor !== undefined);
      return names;
    };
    expect(sorted('denials')).toEqual(['/bin/often', '/bin/wide', '/bin/rare']);
    expect(sorted('hosts')).toEqual(['/bin/wide', '/bin/often', '/bin/rare']);
    expect(sorted('sandboxes')).toEqual(['/bin/often', '/bin/wide', '/bin/rare']);
    const { next_cursor } = page(listPrograms(db, { scope: {}, sort: 'hosts', limit: 1 }));
    const other = listPrograms(db, { scope: {}, cursor: next_cursor ?? '' });
    expect(other).toMatchObject({ code: 'invalid-cursor' });
  });
});

describe('storeFacts', () => {
  it('tells of the file', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), denial({ n: 2, tags: ['canary'] }));
    const { bytes, log_bytes, disk_free_bytes, ...facts } = storeFacts(db);
    expect(bytes).toBeGreaterThan(4_096);
    expect([log_bytes, disk_free_bytes]).toEqual([expect.any(Number), expect.any(Number)]);
    expect(facts).toEqual({
      path: db.name,
      schema_version: 1,
      denials: 2,
      oldest_denial_at: time(T0 + 1),
      removed: [],
    });
  });
});

describe('READERS', () => {
  it('answer by name what can be sent to another thread', () => {
    const db = temporaryDatabase();
    store(db, denial({ n: 1 }), allocated({ n: 2 }));
    saveHeartbeat(db, heartbeat, T0);
    createView(db, { key: 'me', name: 'me' }, { name: 'v', page: 'denials', shared: false, content: {} }, T0);
    const place = { host: 'host-1', boot: 'boot of host-1', id: '195ba459b' };
    const issue = fingerprintOf(denial({ n: 1 })).fingerprint;
    const span = { fromMs: T0, toMs: T0 + 9 };
    const answers = {
      listDenials: READERS.listDenials(db, { scope: {} }),
      getDenial: READERS.getDenial(db, { eventId: denial({ n: 1 }).event.id }),
      listDomains: READERS.listDomains(db, { scope: {} }),
      getDomain: READERS.getDomain(db, place),
      domainTree: READERS.domainTree(db, place),
      listIssues: READERS.listIssues(db, { scope: {} }),
      getIssue: READERS.getIssue(db, { issue }),
      explainDenial: READERS.explainDenial(db, { eventId: denial({ n: 1 }).event.id }),
      explainIssue: READERS.explainIssue(db, { issue }),
      explainDomain: READERS.explainDomain(db, place),
      suggestRules: READERS.suggestRules(db, { selection: { issue }, scope: {}, format: 'text' }),
      listHosts: READERS.listHosts(db, {}),
      getHost: READERS.getHost(db, { host: 'host-1' }),
      listPrograms: READERS.listPrograms(db, { scope: {} }),
      listFleets: READERS.listFleets(db, {}),
      getFleet: READERS.getFleet(db, { fleet: 'default' }),
      packageMetrics: READERS.packageMetrics(db, { fleet: 'default', scope: span }),
      getAgentConfig: READERS.getAgentConfig(db, { fleet: 'default' }),
      sharedMetrics: READERS.sharedMetrics(db, { fleet: 'default', weeks: 1, nowMs: span.toMs, hostsMin: 5 }),
      fleetMetrics: READERS.fleetMetrics(db, { fleet: 'default', scope: span }),
      listBoots: READERS.listBoots(db, { host: 'host-1' }),
      listUsers: READERS.listUsers(db, { scope: {} }),
      listLosses: READERS.listLosses(db, { scope: {} }),
      listMalformed: READERS.listMalformed(db, { scope: {} }),
      heatmap: READERS.heatmap(db, { scope: span }),
      summary: READERS.summary(db, { scope: {} }),
      trends: READERS.trends(db, { scope: span }),
      timeSeries: READERS.timeSeries(db, { scope: span, intervalMs: 1_000, groupBy: 'none' }),
      topValues: READERS.topValues(db, { scope: {}, by: 'path' }),
      listValues: READERS.listValues(db, { scope: {}, field: 'comm' }),
      storeFacts: READERS.storeFacts(db, {}),
      getCollector: READERS.getCollector(db, { host: 'host-1' }),
      listAgents: READERS.listAgents(db, {}),
      listTokens: READERS.listTokens(db, {}),
      listSessions: READERS.listSessions(db, {}),
      listAccounts: READERS.listAccounts(db, {}),
      listViews: READERS.listViews(db, { owner: 'me' }),
      getView: READERS.getView(db, { id: 1, owner: 'me' }),
      listAdminActs: READERS.listAdminActs(db, {}),
      fleetFacts: READERS.fleetFacts(db, { nowMs: 0 }),
      metricFacts: READERS.metricFacts(db, {}),
      listCollectors: READERS.listCollectors(db, {}),
    };
    expect(Object.keys(answers).sort()).toEqual(Object.keys(READERS).sort());
    for (const [name, answer] of Object.entries(answers)) {
      expect(answer, name).toBeDefined();
      expect(isRefused(answer), name).toBe(false);
      expect(structuredClone(answer), name).toEqual(answer);
    }
  });
});
