// Takes away domains that are over, with what came of them: no denial of theirs is left, nothing was stored of them since,
// and no domain that is left descends from them. What counts them (hosts, use by the hour) is history and stays.

import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { BOOT_SUPERSEDED_SQL } from '../query/domain-status.ts';
import { countRemoved, type Origins, RetentionMarks, raiseMark } from '../retention-marks.ts';
import { type Taken, take } from './retention-step.ts';

/** Rows that are looked at together, whether they go or not. */
const CHUNK = 1_000;
/** So that not all domains are looked at each time. */
const UNIT_MS = 3_600_000;

/**
 * Domains of replays are of a host of their own; by age they stay, as all of a replay. The newest row stays: its number
 * must not come again, as the processes of a domain are taken after it.
 */
export function oldDomainsSql(origins: Origins): string {
  return `
  SELECT m.id
  FROM domains m
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = m.host
  WHERE m.id > ? AND m.id <= ? AND m.last_ms < ? AND m.id < (SELECT max(id) FROM domains)
    AND (m.deallocated_ms IS NOT NULL OR ${BOOT_SUPERSEDED_SQL})
    AND ${origins === 'all' ? '1' : 'h.is_replay = 0'}
    AND NOT EXISTS (SELECT 1 FROM denials d WHERE d.domain = m.id)
    AND NOT EXISTS (SELECT 1 FROM domains child WHERE child.boot = m.boot AND child.parent = m.number)`;
}

/** Up to when domains may go: never before their denials, or one that comes late would make and count them anew. */
export function domainsUntil(db: Database, untilMs: number, origins: Origins): number {
  const until = Math.min(untilMs, new RetentionMarks(db).sinceMs('denials', origins === 'all'));
  return Math.floor(until / UNIT_MS) * UNIT_MS;
}

/** Takes those of which the last was stored before `untilMs`; yields after each transaction. */
export function* takeDomainsBefore(db: Database, untilMs: number, origins: Origins, nowMs: number): Generator<Taken> {
  const until = domainsUntil(db, untilMs, origins);
  if (new RetentionMarks(db).sinceMs('domains', origins === 'all') >= until) return;
  const last = statement<{ id: number | null }>(db, 'SELECT max(id) AS id FROM domains').get()?.id ?? 0;
  const old = statement<{ id: number }>(db, oldDomainsSql(origins));
  let count = 0;
  for (let from = 0; from < last; ) {
    const taken = take(db, 'domains', nowMs, (budget) => {
      // Before the first is gone, so that nothing of them can come again in between.
      raiseMark(db, 'domains', origins, until);
      const end = from + CHUNK;
      const rows = old.all(from, end, until);
      for (const [i, { id }] of rows.entries()) {
        removeDomain(db, id, nowMs);
        from = id;
        if (budget.isSpent(4)) return i + 1;
      }
      from = end;
      return rows.length;
    });
    count += taken.count;
    yield taken;
  }
  if (count > 0) yield* forgetProcesses(db, nowMs);
}

function removeDomain(db: Database, id: number, nowMs: number): void {
  const events = statement(db, 'DELETE FROM domain_events WHERE domain = ?').run(id).changes;
  const creations = statement(db, 'DELETE FROM domain_creations WHERE domain = ?').run(id).changes;
  statement(db, 'DELETE FROM domains WHERE id = ?').run(id);
  countRemoved(db, 'domain_events', events + creations, nowMs);
}

interface ProcessRow {
  readonly boot: number;
  readonly pid: number;
  readonly domain: number;
}

export const NEXT_PROCESSES_SQL = `
  SELECT boot, pid, domain
  FROM domain_processes
  WHERE (boot, pid, domain) > (?, ?, ?)
  ORDER BY boot, pid, domain
  LIMIT ${CHUNK}`;

/** They are by boot and number, so all are looked through after domains went; those of what is gone lead nowhere. */
function* forgetProcesses(db: Database, nowMs: number): Generator<Taken> {
  const next = statement<ProcessRow>(db, NEXT_PROCESSES_SQL);
  const isThere = statement(db, 'SELECT 1 FROM domains WHERE id = ?');
  const remove = statement(db, 'DELETE FROM domain_processes WHERE boot = ? AND pid = ? AND domain = ?');
  let last: ProcessRow | undefined = { boot: 0, pid: -1, domain: 0 };
  while (last !== undefined) {
    yield take(db, 'rollup_rows', nowMs, () => {
      if (last === undefined) return 0;
      const rows = next.all(last.boot, last.pid, last.domain);
      const gone = rows.filter(({ domain }) => isThere.get(domain) === undefined);
      for (const { boot, pid, domain } of gone) remove.run(boot, pid, domain);
      last = rows.length < CHUNK ? undefined : rows.at(-1);
      return gone.length;
    });
  }
}
