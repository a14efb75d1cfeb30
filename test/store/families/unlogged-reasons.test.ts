import { describe, expect, it } from 'vitest';
import type { AnyDocument, SandboxCall } from '../../../src/landlock/document.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { getDomain } from '../../../src/store/families/domains.ts';
import { saveHeartbeat } from '../../../src/store/fleets/agents.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { allocated, deallocated, denial, gap, hostOf, id, T0, time } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

/** The creator of `allocated`. */
const CREATOR = 280;

function restriction(n: number, flags: number, makesDomain = true): SandboxCall {
  return {
    kind: 'sandbox-call',
    '@timestamp': time(T0 + n),
    event: { id: id(`restriction ${n}`), sequence: n, outcome: 'success' },
    host: hostOf({}),
    landlock: { call: 'restrict_self', flags, ruleset_fd: makesDomain ? 3 : -1, makes_domain: makesDomain },
    process: { pid: CREATOR },
  };
}

/** A domain that was made at 100 ms, of whose five denials one was logged, beside `others`. */
function reasonsWith(...others: readonly AnyDocument[]): readonly string[] {
  return kindsOf(stored(...others));
}

function stored(...others: readonly AnyDocument[]): Database {
  const db = temporaryDatabase();
  const life = [denial({ n: 101 }), allocated({ n: 102 }), deallocated({ n: 900, denials: 5 })];
  const docs = [...others, ...life].map((doc) => ({ doc }));
  expect(new EventWriter(db).write(docs, T0).rejected).toEqual([]);
  return db;
}

function kindsOf(db: Database): readonly string[] {
  const domain = getDomain(db, 'host-1', 'boot of host-1', '195ba459b');
  expect(domain?.denials).toMatchObject({ total: 5, unlogged: 4 });
  for (const { text } of domain?.unlogged_because ?? []) expect(text).toMatch(/^[A-Z].*\.$/);
  return domain?.unlogged_because?.map(({ kind }) => kind) ?? [];
}

describe('why denials were not logged', () => {
  it('is said to be unknown where nothing tells', () => {
    expect(reasonsWith()).toEqual(['unknown']);
  });

  it('follows from the log flags of the one restriction that can have made the domain', () => {
    expect(reasonsWith(restriction(100, 0))).toEqual(['log-new-exec-off']);
    expect(reasonsWith(restriction(100, 2))).toEqual(['unknown']);
    expect(reasonsWith(restriction(100, 3))).toEqual(['log-same-exec-off']);
    expect(reasonsWith(restriction(100, 6))).toEqual(['unknown']);
  });

  it('is not taken from later restrictions, and from several only with a doubt', () => {
    expect(reasonsWith(restriction(100, 2), restriction(500, 1))).toEqual(['unknown']);
    const db = stored(restriction(50, 1), restriction(100, 2));
    expect(kindsOf(db)).toEqual(['log-same-exec-off']);
    const [reason] = getDomain(db, 'host-1', 'boot of host-1', '195ba459b')?.unlogged_because ?? [];
    expect(reason?.text).toContain('One of the restrictions');
  });

  it('follows from what the creator had asked for its later domains', () => {
    expect(reasonsWith(restriction(90, 4, false), restriction(100, 2))).toEqual(['log-subdomains-off']);
  });

  it('may be a loss during its life, but none before, after, or of trace events', () => {
    const lost = (n: number, cause: 'serial-gap' | 'trace-lost' = 'serial-gap') => gap({ n, cause, count: 3 });
    expect(reasonsWith(lost(400))).toEqual(['lost']);
    expect(reasonsWith(lost(50), lost(950), lost(400, 'trace-lost'))).toEqual(['unknown']);
    expect(reasonsWith({ ...lost(950), since: time(T0 + 850) })).toEqual(['lost']);
  });

  it('may be that audit was off', () => {
    const db = stored();
    const beat = (enabledBefore: number, startedMs: number) =>
      saveHeartbeat(
        db,
        {
          host: { id: 'host-1', name: 'web', boot_id: 'boot of host-1', kernel: '6.18', arch: 'x64' },
          version: '0',
          pid: 1,
          started_at: time(startedMs),
          source: 'netlink',
          privileges: { uid: 0, capabilities: [] },
          audit: {
            enabled: 1,
            enabled_before: enabledBefore,
            backlog_limit: 1,
            backlog_limit_before: 1,
            backlog: 0,
            lost: 0,
            daemon_pid: 0,
            rate_limit: 0,
          },
          canary: { state: 'waiting' },
          counts: { records: 0, events: 0, denials: 0, malformed: 0, lost: [] },
          spool: { documents: 0, bytes: 0, bytes_max: 0 },
        },
        T0,
      );
    beat(1, T0 + 500);
    expect(kindsOf(db)).toEqual(['unknown']);
    beat(0, T0 + 500);
    expect(kindsOf(db)).toEqual(['audit-off']);
    beat(0, T0);
    expect(kindsOf(db)).toEqual(['unknown']);
  });
});
