// Deletion of a host: all of its documents, what was counted of them, and what is known of the host itself. Totals that it
// has a part in become smaller by that part. In small transactions; the host's own row goes last, so that a deletion
// that was interrupted is completed by the next one.
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { keyOfCode, packCounts, unpackCounts } from '../rollups/packed-counts.ts';
import { DAY_KINDS, HOURS_PER_DAY } from '../rollups/rollups.ts';
import { countDenials, type DenialRef, removeDenials } from './retention-denials.ts';
import { forgetAllGoneIds } from './retention-ids.ts';
import { type RawRef, takeRows } from './retention-selected.ts';
import { type StepBudget, type Taken, take } from './retention-step.ts';
import { takeUnusedTexts } from './retention-texts.ts';

/** Rows that are read at a time. */
const READ_MAX = 1_000;
/** Rows of one statement. */
const CHUNK = 250;

const DENIALS_SQL = `SELECT id, flags, host, raw FROM denials WHERE host = ? LIMIT ${READ_MAX}`;
/** Each takes the host. */
const DOCUMENTS = {
  sandbox_calls: `SELECT id, raw FROM sandbox_calls WHERE boot IN (SELECT id FROM boots WHERE host = ?) LIMIT ${READ_MAX}`,
  malformed: `SELECT id, raw FROM malformed WHERE host = ? LIMIT ${READ_MAX}`,
  gaps: `SELECT id, raw FROM gaps WHERE host = ? LIMIT ${READ_MAX}`,
  domain_creations: `
    SELECT e.id, e.raw FROM domains m CROSS JOIN domain_creations e ON e.domain = m.id WHERE m.host = ? LIMIT ${READ_MAX}`,
  domain_events: `
    SELECT e.id, e.raw FROM domains m CROSS JOIN domain_events e ON e.domain = m.id WHERE m.host = ? LIMIT ${READ_MAX}`,
} as const;

/** What there is of a host, without taking it. */
export function countOfHost(db: Database, host: number): readonly Taken[] {
  const count = (sql: string) =>
    statement<{ n: number }>(db, `SELECT count(*) AS n FROM (${sql.replace(/LIMIT \d+$/, '')})`).get(host)?.n ?? 0;
  return [
    { kind: 'denials', count: countDenials(db, 'd.host = ?', host) },
    { kind: 'sandbox_calls', count: count(DOCUMENTS.sandbox_calls) },
    { kind: 'malformed', count: count(DOCUMENTS.malformed) },
    { kind: 'gaps', count: count(DOCUMENTS.gaps) },
    { kind: 'domain_events', count: count(DOCUMENTS.domain_events) + count(DOCUMENTS.domain_creations) },
    { kind: 'domains', count: count('SELECT id FROM domains WHERE host = ?') },
    { kind: 'hosts', count: 1 },
  ];
}

/** Takes all that is stored of the host in the row `host`; yields after each transaction. */
export function* takeHost(db: Database, host: number, nowMs: number): Generator<Taken> {
  // While this goes on, more may come from there.
  do {
    yield* takeDocuments(db, host, nowMs);
    yield* takeRollups(db, host, nowMs);
    yield* takeIssues(db, host, nowMs);
  } while (hasAny(db, host));
  yield takeItself(db, host, nowMs);
  yield* forgetAllGoneIds(db, nowMs);
  yield takeUnusedTexts(db, nowMs);
}

function* takeDocuments(db: Database, host: number, nowMs: number): Generator<Taken> {
  for (;;) {
    const rows = statement<DenialRef & RawRef>(db, DENIALS_SQL).all(host);
    if (rows.length === 0) break;
    yield* takeRows(db, 'denials', rows, nowMs, (some) => removeDenials(db, some));
  }
  for (const [table, sql] of Object.entries(DOCUMENTS)) {
    const remove = statement(db, `DELETE FROM ${table} WHERE id = ?`);
    for (;;) {
      const rows = statement<RawRef>(db, sql).all(host);
      if (rows.length === 0) break;
      const kind =
        table === 'domain_creations' ? 'domain_events' : (table as Exclude<keyof typeof DOCUMENTS, 'domain_creations'>);
      yield* takeRows(db, kind, rows, nowMs, (some) => {
        for (const { id } of some) remove.run(id);
        return some.length;
      });
    }
  }
  const boots = statement<{ id: number }>(db, 'SELECT id FROM boots WHERE host = ?').all(host);
  for (const { id } of boots) {
    yield* takeChunks(db, 'rollup_rows', `DELETE FROM domain_processes WHERE boot = ? LIMIT ${CHUNK}`, id, nowMs);
  }
  // Those that nothing refers to, should more have come in between.
  const domains = `
    DELETE FROM domains
    WHERE id IN (
      SELECT m.id FROM domains m
      WHERE m.host = ? AND NOT EXISTS (SELECT 1 FROM denials d WHERE d.domain = m.id)
        AND NOT EXISTS (SELECT 1 FROM domain_events e WHERE e.domain = m.id)
        AND NOT EXISTS (SELECT 1 FROM domain_creations c WHERE c.domain = m.id)
      LIMIT ${CHUNK})`;
  yield* takeChunks(db, 'domains', domains, host, nowMs);
}

function* takeChunks(
  db: Database,
  kind: 'domains' | 'rollup_rows',
  sql: string,
  param: number,
  nowMs: number,
): Generator<Taken> {
  let isDone = false;
  while (!isDone) {
    yield take(db, kind, nowMs, (budget) => {
      let count = 0;
      while (!isDone) {
        const { changes } = statement(db, sql).run(param);
        count += changes;
        isDone = changes < CHUNK;
        if (budget.isSpent(changes)) break;
      }
      return count;
    });
  }
}

/** Rows with lists that are read together. */
const HOURS = 50;

interface HourRow {
  readonly hour: number;
  readonly part: number;
  readonly blockers: string;
  readonly programs: string;
}

/** The host's part of the coarser rollups goes with each row. */
function* takeRollups(db: Database, host: number, nowMs: number): Generator<Taken> {
  yield* takeHours(db, host, nowMs);
  yield* takeChunks(db, 'rollup_rows', `DELETE FROM host_days WHERE host = ? LIMIT ${CHUNK}`, host, nowMs);
  yield* takeChunks(db, 'rollup_rows', `DELETE FROM sandbox_hours WHERE host = ? LIMIT ${CHUNK}`, host, nowMs);
  yield* takeChunks(db, 'rollup_rows', `DELETE FROM package_days WHERE host = ? LIMIT ${CHUNK}`, host, nowMs);
}

function* takeHours(db: Database, host: number, nowMs: number): Generator<Taken> {
  const next = statement<HourRow>(
    db,
    `SELECT hour, part, blockers, programs FROM host_hours WHERE hour >= ? AND host = ? ORDER BY hour, part LIMIT ${HOURS}`,
  );
  const remove = statement(db, 'DELETE FROM host_hours WHERE hour = ? AND host = ? AND part = ?');
  let hour = 0;
  let isDone = false;
  while (!isDone) {
    yield take(db, 'rollup_rows', nowMs, (budget) => {
      const rows = next.all(hour, host);
      let count = 0;
      for (const row of rows) {
        remove.run(row.hour, host, row.part);
        const lessened = lessenHour(db, host, row);
        count += lessened;
        hour = row.hour;
        if (budget.isSpent(lessened)) return count;
      }
      isDone = rows.length < HOURS;
      return count;
    });
  }
}

/** Answers how many counts there were. */
function lessenHour(db: Database, host: number, { hour, blockers, programs }: HourRow): number {
  let count = 0;
  for (const [code, denials] of unpackCounts(blockers)) {
    const row = { hour, is_canary: code < 0 ? 1 : 0 };
    lessen(db, 'blocker_hours', { ...row, blockers: keyOfCode(code) }, denials);
    lessenDay(db, DAY_KINDS.host, host, { ...row, denials });
    lessenDay(db, DAY_KINDS.blockers, keyOfCode(code), { ...row, denials });
    count += 1;
  }
  for (const [code, denials] of unpackCounts(programs)) {
    const row = { hour, is_canary: code < 0 ? 1 : 0 };
    lessen(db, 'hour_programs', { ...row, program: keyOfCode(code) }, denials);
    lessenDay(db, DAY_KINDS.program, keyOfCode(code), { ...row, denials });
    count += 1;
  }
  return count;
}

interface HourCount {
  readonly hour: number;
  readonly is_canary: number;
  readonly denials: number;
}

function lessenDay(db: Database, kind: number, key: number, { hour, is_canary, denials }: HourCount): void {
  lessen(db, 'day_counts', { kind, day: Math.floor(hour / HOURS_PER_DAY), key, is_canary }, denials);
}

function lessen(
  db: Database,
  table: 'blocker_hours' | 'hour_programs' | 'day_counts',
  key: Readonly<Record<string, number>>,
  by: number,
): void {
  const where = Object.keys(key)
    .map((column) => `${column} = ?`)
    .join(' AND ');
  const values = Object.values(key);
  statement(db, `UPDATE ${table} SET denials = denials - ? WHERE ${where}`).run(by, ...values);
  statement(db, `DELETE FROM ${table} WHERE ${where} AND denials <= 0`).run(...values);
}

interface HostIssue {
  readonly issue: number;
  readonly denials: number;
}

/** Issues lose the host's part; those that no other host has go. */
function* takeIssues(db: Database, host: number, nowMs: number): Generator<Taken> {
  const next = statement<HostIssue>(db, `SELECT issue, denials FROM host_issues WHERE host = ? LIMIT ${CHUNK}`);
  const touched = new Set<number>();
  const place = { issue: 0, day: -1, part: 0 };
  let isDone = false;
  while (!isDone) {
    yield take(db, 'issues', nowMs, (budget) => {
      let gone = 0;
      const rows = next.all(host);
      isDone = rows.length === 0;
      for (const row of rows) {
        touched.add(row.issue);
        if (!takeDays(db, host, row.issue, place, budget)) break;
        gone += takePart(db, host, row);
        if (budget.isSpent(4)) break;
      }
      return gone;
    });
  }
  yield take(db, 'issues', nowMs, () => {
    setTimes(db, touched);
    return 0;
  });
}

interface DayPart {
  readonly day: number;
  readonly part: number;
  readonly hosts: string;
}

export const NEXT_DAY_PARTS_SQL = `
  SELECT day, part, hosts
  FROM issue_days
  WHERE issue = ? AND (day, part) > (?, ?)
  ORDER BY day, part
  LIMIT ${HOURS}`;

/** Takes the host out of the days of the issue; false where there are more after `place`, which it moves. */
function takeDays(
  db: Database,
  host: number,
  issue: number,
  place: { issue: number; day: number; part: number },
  budget: StepBudget,
): boolean {
  if (place.issue !== issue) Object.assign(place, { issue, day: -1, part: 0 });
  const remove = statement(db, 'DELETE FROM issue_days WHERE issue = ? AND day = ? AND part = ?');
  const set = statement(db, 'UPDATE issue_days SET denials = ?, hosts = ? WHERE issue = ? AND day = ? AND part = ?');
  for (;;) {
    const rows = statement<DayPart>(db, NEXT_DAY_PARTS_SQL).all(issue, place.day, place.part);
    for (const { day, part, hosts } of rows) {
      const counts = [...unpackCounts(hosts)];
      const kept = counts.filter(([code]) => Math.floor(code / HOURS_PER_DAY) !== host);
      const denials = kept.reduce((sum, [, n]) => sum + n, 0);
      if (kept.length === 0) remove.run(issue, day, part);
      else if (kept.length < counts.length) set.run(denials, packCounts(new Map(kept)), issue, day, part);
      Object.assign(place, { day, part });
      if (budget.isSpent(1)) return false;
    }
    if (rows.length < HOURS) return true;
  }
}

/** Answers how many issues are gone for it. */
function takePart(db: Database, host: number, { issue, denials }: HostIssue): number {
  statement(db, 'DELETE FROM host_issues WHERE host = ? AND issue = ?').run(host, issue);
  const part = 'UPDATE issues SET denials = denials - ?, hosts = hosts - 1 WHERE id = ?';
  statement(db, part).run(denials, issue);
  const unused =
    'DELETE FROM issues WHERE id = ? AND hosts <= 0 AND NOT EXISTS (SELECT 1 FROM denials WHERE issue = issues.id)';
  return statement(db, unused).run(issue).changes;
}

/** When issues were first and last seen, as far as that was on other hosts. */
function setTimes(db: Database, issues: ReadonlySet<number>): void {
  const times = statement<{ issue: number; first_ms: number; last_ms: number }>(
    db,
    'SELECT issue, min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM host_issues GROUP BY issue',
  );
  const set = statement(db, 'UPDATE issues SET first_ms = ?, last_ms = ? WHERE id = ?');
  for (const { issue, first_ms, last_ms } of times.all()) if (issues.has(issue)) set.run(first_ms, last_ms, issue);
}

/** Whether something has come from the host since it was looked through. */
function hasAny(db: Database, host: number): boolean {
  const sql = `
    SELECT EXISTS (SELECT 1 FROM denials WHERE host = @host) + EXISTS (SELECT 1 FROM domains WHERE host = @host)
      + EXISTS (SELECT 1 FROM malformed WHERE host = @host) + EXISTS (SELECT 1 FROM gaps WHERE host = @host)
      + EXISTS (SELECT 1 FROM sandbox_calls WHERE host = @host) + EXISTS (SELECT 1 FROM host_issues WHERE host = @host) AS n`;
  return (statement<{ n: number }>(db, sql).get({ host })?.n ?? 0) > 0;
}

/** Its agents' keys open nothing from now on: to come back it is enrolled again. */
function forgetAgents(db: Database, host: number): void {
  const own = 'SELECT a.id FROM agents a JOIN hosts h ON h.host_id = a.host_id WHERE h.id = ?';
  statement(db, `DELETE FROM agent_spools WHERE agent IN (${own})`).run(host);
  statement(db, `DELETE FROM agents WHERE id IN (${own})`).run(host);
}

function takeItself(db: Database, host: number, nowMs: number): Taken {
  return take(db, 'hosts', nowMs, () => {
    // Something came just now: it stays, with the host, and is for the next deletion.
    if (hasAny(db, host)) return 0;
    statement(db, 'DELETE FROM user_names WHERE host = ?').run(host);
    statement(db, 'DELETE FROM host_packages WHERE host = ?').run(host);
    statement(db, 'DELETE FROM collectors WHERE host = ?').run(host);
    statement(db, 'DELETE FROM silences WHERE host = ?').run(host);
    forgetAgents(db, host);
    statement(db, 'DELETE FROM repeat_ids WHERE boot IN (SELECT id FROM boots WHERE host = ?)').run(host);
    statement(db, 'DELETE FROM boots WHERE host = ?').run(host);
    return statement(db, 'DELETE FROM hosts WHERE id = ?').run(host).changes;
  });
}
