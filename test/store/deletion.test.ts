import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyDocument, SandboxCall } from '../../src/landlock/document.ts';
import type { Database } from '../../src/store/database/open.ts';
import { getDocument } from '../../src/store/denials/documents.ts';
import { saveHeartbeat } from '../../src/store/fleets/agents.ts';
import { takeHost } from '../../src/store/retention/retention-host.ts';
import { takeUser } from '../../src/store/retention/retention-selected.ts';
import type { Taken } from '../../src/store/retention/retention-step.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { allocated, audited, deallocated, denial, gap, hostOf, id, malformed, T0, time } from './support/documents.ts';
import { expectExactRollups } from './support/rollups.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

const DAY = 86_400_000;

function call(n: number, host: string, uid: string): SandboxCall {
  return {
    kind: 'sandbox-call',
    '@timestamp': time(T0 + n),
    event: { id: id(`call ${n}`), sequence: n, outcome: 'success' },
    host: hostOf({ host }),
    landlock: { call: 'restrict_self', makes_domain: true },
    process: { pid: 300 + n, name: `call-of-${host}`, executable: `/opt/${host}/caller` },
    user: { id: uid },
    syscall: { arch: 'x86_64', name: 'landlock_restrict_self', number: 446, exit: 0 },
  } as SandboxCall;
}

/** Documents of every kind, of hosts and users by turns, with a word in each that is the host's own. */
function documentsOf(host: string, uids: readonly string[], first: number): AnyDocument[] {
  const docs: AnyDocument[] = [];
  for (let i = 0; i < 120; i++) {
    const n = first + i * 4;
    const uid = uids[i % uids.length] ?? '0';
    const ms = T0 + (i % 3) * DAY + n;
    const domain = (0x1000 + n).toString(16);
    const facts = { n, ms, host, boot: `boot ${i % 2} of ${host}`, domain };
    const mine = { path: `/home/${host}-${uid}/file-${i % 5}`, program: `/opt/${i % 3}`, uid };
    docs.push(i % 2 === 0 ? denial({ ...facts, ...mine }) : audited(denial({ ...facts, ...mine })));
    if (i % 10 === 0) docs.push(allocated({ ...facts, n: n + 1 }), deallocated({ ...facts, n: n + 2, denials: 3 }));
    if (i % 30 === 0) docs.push(malformed({ ...facts, n: n + 3 }), call(n, host, uid));
    if (i % 40 === 0) docs.push(gap({ ...facts, n: first + 900_000 + i, cause: 'serial-gap', count: 2 }));
  }
  return docs;
}

/** Round after round a document of each, so that they share batches and blocks of text. */
function interleaved(...lists: readonly AnyDocument[][]): AnyDocument[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

function write(writer: EventWriter, docs: readonly AnyDocument[]) {
  const lines = docs.map((doc) => ({ doc, raw: `raw of ${doc.host.id} user ${userOf(doc)}: ${doc.event.id}` }));
  const sums = { stored: 0, duplicates: 0 };
  for (let i = 0; i < lines.length; i += 100) {
    const { stored, duplicates, rejected } = writer.write(lines.slice(i, i + 100), T0);
    expect(rejected).toEqual([]);
    sums.stored += stored;
    sums.duplicates += duplicates;
  }
  return sums;
}

function userOf(doc: AnyDocument): string {
  return 'user' in doc ? String(doc.user?.id) : '-';
}

function all(steps: Iterable<Taken>): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { kind, count } of steps) if (count > 0) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}

function hostRow(db: Database, hostId: string): number {
  return db.prepare<[string], { id: number }>('SELECT id FROM hosts WHERE host_id = ?').get(hostId)?.id ?? -1;
}

/** All that is in the file, once it is written anew: what is free is gone then. */
function bytesOf(db: Database): string {
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
  return readFileSync(db.name, 'latin1');
}

/** What statistics are made of, without the numbers of rows. */
function statistics(db: Database) {
  const read = (sql: string) => db.prepare(sql).all();
  return {
    issues: read('SELECT fingerprint, is_canary, denials, hosts, first_ms, last_ms FROM issues ORDER BY 1, 2'),
    hosts: read('SELECT host_id, denials, domains, malformed, unlogged FROM hosts ORDER BY 1'),
    hours: read(
      `SELECT hour, s.value, is_canary, denials FROM blocker_hours JOIN strings s ON s.id = blockers ORDER BY 1, 2`,
    ),
    days: read('SELECT kind, day, sum(denials) AS n FROM day_counts GROUP BY 1, 2 ORDER BY 1, 2'),
    programs: read(`SELECT hour, s.value, sum(denials) AS n FROM program_hours JOIN strings s ON s.id = program
      GROUP BY 1, 2 ORDER BY 1, 2`),
    usage: read('SELECT hour, sum(sandboxes) AS n, sum(domains) AS d FROM sandbox_hours GROUP BY 1 ORDER BY 1'),
  };
}

describe('deletion of a host', () => {
  const gone = documentsOf('host-gone', ['0', '1000'], 10_000);
  const kept = documentsOf('host-kept', ['0', '1000'], 20_000);

  it('leaves a database as if the host had never been there', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    write(writer, interleaved(gone, kept));
    saveHeartbeat(db, { host: { id: 'host-gone', name: 'host-gone', boot_id: 'boot 0 of host-gone' } } as never, T0);
    const taken = all(takeHost(db, hostRow(db, 'host-gone'), T0));
    expect(taken).toMatchObject({ denials: 120, sandbox_calls: 4, malformed: 4, gaps: 3, domain_events: 24, hosts: 1 });
    const without = temporaryDatabase();
    write(new EventWriter(without), kept);
    expect(statistics(db)).toEqual(statistics(without));
    expectExactRollups(db);
    expect([db.pragma('integrity_check', { simple: true }), db.pragma('foreign_key_check')]).toEqual(['ok', []]);
    for (const doc of gone) expect(getDocument(db, doc.event.id)).toBeUndefined();
    for (const doc of kept) {
      const raw = `raw of host-kept user ${userOf(doc)}: ${doc.event.id}`;
      expect(getDocument(db, doc.event.id)).toMatchObject({ doc, records: [raw] });
    }
    expect(bytesOf(db)).not.toMatch(/host-gone/);
  });

  it('takes what a writer had at hand: the host may come again', () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    write(writer, interleaved(gone, kept));
    all(takeHost(db, hostRow(db, 'host-gone'), T0));
    expect(write(writer, interleaved(gone, kept))).toEqual({ stored: gone.length, duplicates: kept.length });
    expectExactRollups(db);
    for (const doc of gone) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
  });

  it('can be interrupted anywhere, while the host goes on writing, and completed', () => {
    for (const interruptions of [1, 3, 8, 20]) {
      const db = temporaryDatabase();
      const writer = new EventWriter(db);
      write(writer, interleaved(gone, kept));
      let left = interruptions;
      for (const _ of takeHost(db, hostRow(db, 'host-gone'), T0)) {
        write(writer, [denial({ n: 50_000 + left, host: 'host-gone', boot: 'boot 0 of host-gone', domain: 'abc' })]);
        if (--left === 0) break;
      }
      expectExactRollupsOf(db, 'host-kept');
      all(takeHost(db, hostRow(db, 'host-gone'), T0));
      expect(hostRow(db, 'host-gone')).toBe(-1);
      expectExactRollups(db);
    }
  });
});

/** While a host is being taken its own counts may lag; those of others must not. */
function expectExactRollupsOf(db: Database, hostId: string): void {
  const host = hostRow(db, hostId);
  expect(db.prepare('SELECT sum(denials) AS n FROM denial_hours WHERE host = ?').get(host)).toEqual(
    db.prepare('SELECT count(*) AS n FROM denials WHERE host = ?').get(host),
  );
}

describe('deletion of a user', () => {
  it('takes denials, calls, makers of domains and their records, and leaves counts', () => {
    const db = temporaryDatabase();
    const docs = interleaved(documentsOf('host-1', ['1000', '1001'], 10_000), documentsOf('host-2', ['1001'], 20_000));
    const writer = new EventWriter(db);
    write(writer, docs);
    const before = statistics(db);
    const taken = all(takeUser(db, 1001, T0));
    const mine = docs.filter((doc) => userOf(doc) === '1001');
    expect((taken.denials ?? 0) + (taken.sandbox_calls ?? 0)).toBe(mine.length);
    for (const doc of mine) expect(getDocument(db, doc.event.id)).toBeUndefined();
    for (const doc of docs) if (!mine.includes(doc)) expect(getDocument(db, doc.event.id)?.doc).toEqual(doc);
    // Of issues those are left that others have a part in.
    const { issues, ...counts } = statistics(db);
    expect({ ...before, issues }).toEqual({ issues, ...counts });
    expect(issues.length).toBeGreaterThan(0);
    expect(before.issues.length - issues.length).toBe(taken.issues ?? 0);
    const bytes = bytesOf(db);
    expect([bytes.includes('user 1001'), bytes.includes('-1001/'), bytes.includes('"1001"')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.prepare('SELECT count(*) AS n FROM user_hours WHERE uid = 1001').get()).toEqual({ n: 0 });
    const ofDays =
      'SELECT count(*) AS n FROM host_days h, json_each(h.users) j WHERE j.value = 1001 OR j.value ->> 0 = 1001';
    expect(db.prepare(ofDays).get()).toEqual({ n: 0 });
    // Who made the domains.
    expect(all(takeUser(db, 0, T0))).toMatchObject({ domain_events: 24 });
    expect(db.prepare('SELECT count(allocation) AS n, count(allocated_ms) AS ms FROM domains').get()).toEqual({
      n: 0,
      ms: 24,
    });
    expect(write(writer, [denial({ n: 77_000, uid: '1001' })]).stored).toBe(1);
  });
});
