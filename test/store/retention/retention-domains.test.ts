// Domains that are over go by age and where there is no room; whatever comes again of them is not counted anew.
import { describe, expect, it } from 'vitest';
import type { AnyDocument } from '../../../src/landlock/document.ts';
import type { Database } from '../../../src/store/database/open.ts';
import { listDomains } from '../../../src/store/families/domains.ts';
import { isRefused } from '../../../src/store/refused.ts';
import { retain, takeOlderThan } from '../../../src/store/retention/retention.ts';
import { readRemovals } from '../../../src/store/retention-marks.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { allocated, audited, deallocated, denial, T0 } from '../support/documents.ts';
import { FOR_EVER } from '../support/for-ever.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const DAY = 86_400_000;

let n = 0;
/** A domain's three documents, from `ms` on; without an end it has two. */
function life(domain: string, ms: number, { boot = 'boot-1', ends = true, host = 'host-1' } = {}): AnyDocument[] {
  const facts = { domain, boot, host };
  n += 10;
  return [
    audited(denial({ ...facts, n: n + 1, ms, pid: n })),
    allocated({ ...facts, n: n + 2, ms }),
    ...(ends ? [deallocated({ ...facts, n: n + 3, ms: ms + 1_000, denials: 1 })] : []),
  ];
}

const write = (db: Database, docs: readonly AnyDocument[]) =>
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );

function domainsOf(db: Database): readonly string[] {
  const page = listDomains(db, { scope: {} });
  if (isRefused(page)) throw new Error(page.message);
  return page.data.map(({ id }) => id).sort();
}

const numberOf = (db: Database, sql: string) => db.prepare(sql).pluck().get();
const removed = (db: Database) => Object.fromEntries(readRemovals(db).map(({ kind, count }) => [kind, count]));

describe('retention of domains', () => {
  it('takes those that are over, with their records and processes, and counts them', () => {
    const db = temporaryDatabase();
    const old = T0 - 200 * DAY;
    const docs = [
      ...life('a1', old),
      ...life('a2', old - DAY, { boot: 'boot-0', ends: false }),
      // Nobody said that it ended, and the host has not booted since.
      ...life('b1', old + DAY, { ends: false, host: 'host-2' }),
      ...life('b2', T0 - 20 * DAY),
      ...life('b3', T0),
    ];
    write(db, docs);
    write(db, life('c1', T0 - 100 * DAY));
    const policy = { ...FOR_EVER, denialsMs: 90 * DAY, domainsMs: 180 * DAY };
    for (const _ of retain(db, policy, T0 + 1));
    expect(domainsOf(db)).toEqual(['b1', 'b2', 'b3', 'c1']);
    expect(removed(db)).toMatchObject({ denials: 4, domains: 2, domain_events: 3 });
    expect(numberOf(db, 'SELECT count(*) FROM domain_events')).toBe(7);
    expect(numberOf(db, 'SELECT count(*) FROM domain_processes WHERE domain NOT IN (SELECT id FROM domains)')).toBe(0);
    expect(numberOf(db, 'SELECT total(domains) FROM hosts')).toBe(6);
    expect(db.pragma('foreign_key_check')).toEqual([]);
    // What comes again is refused or known, and counted once.
    const again = write(db, docs);
    expect([again.stored, again.duplicates + again.rejected.length]).toEqual([0, docs.length]);
    expect(numberOf(db, 'SELECT total(domains) FROM hosts')).toBe(6);
  });

  it('leaves a domain that has denials, or that one that is left descends from', () => {
    const db = temporaryDatabase();
    const created = (domain: string, parent: string): AnyDocument => ({
      kind: 'domain-created',
      '@timestamp': new Date(T0 - DAY).toISOString(),
      event: { id: audited(denial({ n: ++n, ms: T0 - DAY, domain })).event.id, provider: 'tracepoint' },
      host: { id: 'host-1', boot: { id: 'boot-1' } },
      landlock: { domain: { id: domain, parent: { id: parent }, creator: { pid: 9 } } },
    });
    write(db, [...life('a1', T0 - 10 * DAY), ...life('a2', T0 - 10 * DAY), created('b1', 'a1'), ...life('c1', T0)]);
    for (const _ of retain(db, { ...FOR_EVER, domainsMs: 5 * DAY }, T0 + 1));
    expect(domainsOf(db)).toEqual(['a1', 'a2', 'b1', 'c1']);
    for (const _ of takeOlderThan(db, T0 - 5 * DAY, T0 + 1));
    expect(domainsOf(db)).toEqual(['a1', 'b1', 'c1']);
  });

  it('takes domains with their denials where there is no room', () => {
    const db = temporaryDatabase();
    for (let i = 0; i < 12; i++) {
      write(
        db,
        Array.from({ length: 50 }, (_, j) => life((0x1000 + i * 50 + j).toString(16), T0 - DAY + i * 60_000)).flat(),
      );
    }
    for (const _ of retain(db, { ...FOR_EVER, bytesMax: 100_000 }, T0 + 1));
    expect(domainsOf(db).length).toBeLessThan(300);
    expect(removed(db).domains).toBeGreaterThan(300);
    expect(numberOf(db, 'SELECT count(*) FROM domain_processes')).toBeLessThan(700);
    expect(numberOf(db, 'SELECT total(domains) FROM hosts')).toBe(600);
  });
});
