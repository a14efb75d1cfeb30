import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Denial } from '../../../src/landlock/document.ts';
import type { Scope } from '../../../src/store/answers.ts';
import { listUsers, USER_SORTS, type UserAnswer, type UserSort } from '../../../src/store/counts/users.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { testHeartbeat } from '../../api/support/documents.ts';
import { denial, T0, time } from '../support/documents.ts';
import { expectExactRollups } from '../support/rollups.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const HOUR = 3_600_000;

const facts = fc.record({
  offset: fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
  host: fc.constantFrom('host-1', 'host-2', 'host-3'),
  uid: fc.constantFrom('0', '1000', '1001', '4294967294', '9007199254740991', 'nobody'),
  tags: fc.constantFrom<Denial['tags']>(undefined, undefined, undefined, ['canary']),
});
const docs = fc
  .sample(facts, { numRuns: 300, seed: 3 })
  .map(({ offset, tags, ...rest }, n) =>
    denial({ n, ms: T0 + offset, ...rest, ...(tags === undefined ? {} : { tags }) }),
  );

function filled() {
  const db = temporaryDatabase();
  const writer = new EventWriter(db);
  for (let i = 0; i < docs.length; i += 60) {
    writer.write(
      docs.slice(i, i + 60).map((doc) => ({ doc })),
      T0,
    );
  }
  return db;
}

function naive(scope: Scope): UserAnswer[] {
  const inside = docs.filter((doc) => {
    const ms = Date.parse(doc['@timestamp']);
    return (
      ms >= (scope.fromMs ?? 0) &&
      ms < (scope.toMs ?? Number.MAX_SAFE_INTEGER) &&
      (scope.host === undefined || doc.host.id === scope.host) &&
      (scope.includeCanary === true || doc.tags === undefined) &&
      doc.user?.id !== 'nobody'
    );
  });
  const uids = [...new Set(inside.map((doc) => Number(doc.user?.id)))];
  return uids
    .map((uid) => {
      const own = inside.filter((doc) => Number(doc.user?.id) === uid);
      const last = Math.max(...own.map((doc) => Date.parse(doc['@timestamp'])));
      return {
        uid,
        hosts: new Set(own.map(({ host }) => host.id)).size,
        denials: own.length,
        last_seen: time(Math.floor(last / HOUR) * HOUR),
      };
    })
    .sort((a, b) => b.denials - a.denials || a.uid - b.uid);
}

describe('listUsers', () => {
  const pagesOf = (db: Database) => (scope: Scope, sort: UserSort, limit: number, cursor?: string) => {
    const answer = listUsers(db, { scope, sort, limit, cursor });
    if (isRefused(answer)) throw new Error(answer.message);
    return answer;
  };

  it('has rollups that are those of the denials, for ids of any size', () => {
    expectExactRollups(filled());
  });

  it('counts what is stored, whatever the span', () => {
    const page = pagesOf(filled());
    const instant = fc.oneof(
      fc.integer({ min: T0 - 4 * HOUR, max: T0 + 4 * HOUR }),
      fc.integer({ min: -4, max: 4 }).map((hours) => T0 + hours * HOUR),
    );
    const scopes = fc.record(
      { fromMs: instant, toMs: instant, host: fc.constantFrom('host-1', 'host-9'), includeCanary: fc.boolean() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(scopes, (asked) => {
        const { fromMs = 0, toMs = T0 + 9 * HOUR } = asked;
        const scope = { ...asked, fromMs: Math.min(fromMs, toMs), toMs: Math.max(fromMs, toMs) };
        expect(page(scope, 'denials', 500).data).toEqual(naive(scope));
      }),
      { numRuns: 60 },
    );
  });

  it('goes through all of them by pages, each once, in every order', () => {
    const db = filled();
    const page = pagesOf(db);
    for (const sort of USER_SORTS) {
      const found: UserAnswer[] = [];
      let cursor: string | undefined;
      do {
        const { data, next_cursor } = page({}, sort, 2, cursor);
        found.push(...data);
        cursor = next_cursor ?? undefined;
      } while (cursor !== undefined);
      expect(found).toEqual(page({}, sort, 500).data);
      expect(new Set(found.map(({ uid }) => uid)).size).toBe(5);
    }
    expect(page({}, 'uid', 500).data.map(({ uid }) => uid)).toEqual([0, 1000, 1001, 4294967294, 9007199254740991]);
    expect(listUsers(db, { scope: {}, sort: 'hosts', cursor: page({}, 'uid', 1).next_cursor ?? '' })).toMatchObject({
      kind: 'refused',
      code: 'invalid-cursor',
    });
  });

  it('says what the agents of the hosts call them, the last name of each', () => {
    const named = filled();
    const say = (id: string, users: { uid: number; name: string }[]) => {
      const heartbeat = testHeartbeat();
      saveHeartbeat(named, { ...heartbeat, host: { ...heartbeat.host, id }, users }, T0);
    };
    say('host-1', [{ uid: 1000, name: 'old' }]);
    say('host-1', [{ uid: 1000, name: 'ann' }]);
    say('host-2', [{ uid: 1000, name: 'bob' }]);
    say('host-3', [
      { uid: 1000, name: 'ann' },
      { uid: 0, name: 'root' },
    ]);
    const namesOf = (host?: string) => {
      const answer = listUsers(named, { scope: host === undefined ? {} : { host }, sort: 'uid', limit: 2 });
      return isRefused(answer) ? answer : answer.data.map(({ names }) => names);
    };
    expect(namesOf()).toEqual([
      [{ name: 'root', hosts: 1 }],
      [
        { name: 'ann', hosts: 2 },
        { name: 'bob', hosts: 1 },
      ],
    ]);
    expect(namesOf('host-2')).toEqual([undefined, [{ name: 'bob', hosts: 1 }]]);
    const heartbeat = named.prepare<[], { heartbeat: string }>('SELECT heartbeat FROM collectors LIMIT 1').get();
    expect(heartbeat?.heartbeat).not.toContain('users');
  });
});
