// When hosts were not heard of: from one heartbeat to the next where these lie too far apart, so that a chart can tell a
// quiet time from one in which nobody listened. What a host kept meanwhile comes later and is missing nowhere.
import { ONLINE_MS } from '../access/agent-rows.ts';
import type { Silence } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Compiled, Span } from '../query/scope.ts';

/** Of one host; the oldest go. */
const OF_HOST_MAX = 200;
/** Of one answer; the oldest are left out. */
const SILENCES_MAX = 200;

const LAST_CONTACT_SQL = `
  SELECT c.host, c.contact_ms AS contactMs
  FROM hosts h
  JOIN collectors c ON c.host = h.id
  WHERE h.host_id = ?`;

/** To be called before the contact of `nowMs` is saved, in its transaction. */
export function noteSilence(db: Database, hostId: string, nowMs: number): void {
  const last = statement<{ host: number; contactMs: number }>(db, LAST_CONTACT_SQL).get(hostId);
  if (last === undefined || nowMs - last.contactMs <= ONLINE_MS) return;
  statement(db, 'INSERT OR REPLACE INTO silences (host, since_ms, until_ms) VALUES (?, ?, ?)').run(
    last.host,
    last.contactMs,
    nowMs,
  );
  statement(
    db,
    `DELETE FROM silences
     WHERE host = ? AND since_ms < (
       SELECT since_ms FROM silences WHERE host = ? ORDER BY since_ms DESC LIMIT 1 OFFSET ${OF_HOST_MAX - 1})`,
  ).run(last.host, last.host);
}

/** Those that are over, and touch the span. */
export function silencesSql(hosts: string): string {
  return `
  SELECT h.host_id AS host, h.name, s.since_ms AS sinceMs, s.until_ms AS untilMs
  FROM silences s
  JOIN hosts h ON h.id = s.host
  WHERE s.until_ms > ? AND s.since_ms < ?
    AND ${hosts}
  ORDER BY s.until_ms DESC
  LIMIT ${SILENCES_MAX}`;
}

/** Those that go on, and began in the span: who has been gone for longer is a matter of the list of hosts. */
export function presentSilencesSql(hosts: string): string {
  return `
  SELECT h.host_id AS host, h.name, c.contact_ms AS sinceMs, NULL AS untilMs
  FROM collectors c
  JOIN hosts h ON h.id = c.host
  WHERE c.contact_ms >= ? AND c.contact_ms < ?
    AND ${hosts}
    AND NOT EXISTS (SELECT 1 FROM agents a WHERE a.host_id = h.host_id AND a.revoked_ms IS NOT NULL)
  ORDER BY c.contact_ms DESC
  LIMIT ${SILENCES_MAX}`;
}

interface SilenceRow {
  readonly host: string;
  readonly name: string;
  readonly sinceMs: number;
  readonly untilMs: number | null;
}

/** Of the hosts of the scope, the latest first. */
export function getSilences(db: Database, scope: Compiled, span: Span, nowMs: number): readonly Silence[] {
  const ended = scope.hosts('s.host') ?? { sql: '1', params: [] };
  const present = scope.hosts('c.host') ?? { sql: '1', params: [] };
  const rows = [
    ...statement<SilenceRow>(db, presentSilencesSql(present.sql)).all(
      span.fromMs,
      Math.min(span.toMs, nowMs - ONLINE_MS),
      ...present.params,
    ),
    ...statement<SilenceRow>(db, silencesSql(ended.sql)).all(span.fromMs, span.toMs, ...ended.params),
  ];
  return rows.slice(0, SILENCES_MAX).map(({ host, name, sinceMs, untilMs }) => ({
    host,
    name,
    since: new Date(sinceMs).toISOString(),
    ...(untilMs !== null && { until: new Date(untilMs).toISOString() }),
  }));
}
