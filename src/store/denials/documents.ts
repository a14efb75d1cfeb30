// Gives back any stored document by its event.id, exactly as it was written, with the records of its event.
import type { StoredDocument } from '../answers.ts';
import { type DomainCreationColumns, joinDomainCreation } from '../columns/domain-creation-columns.ts';
import { type DomainEventColumns, joinDomainEvent } from '../columns/domain-event-columns.ts';
import { isEventId, toEventKey } from '../columns/event-key.ts';
import { type GapColumns, joinGap, joinMalformed, type MalformedColumns } from '../columns/notice-columns.ts';
import { joinSandboxCall, type SandboxCallColumns } from '../columns/sandbox-call-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { getDenial } from './denials.ts';
import { recordsOf, recordsOfEvent } from './raw-records.ts';

interface WithRaw {
  readonly raw: number | null;
}

type DomainEventRow = DomainEventColumns & WithRaw & { readonly at_ms: number; readonly boot: number };

export const DOMAIN_EVENT_SQL = `
  SELECT e.at_ms, e.serial, e.flags, e.is_allocation, e.mode, e.creator_pid, e.creator_uid, e.total, e.raw, e.extra,
    executable.value AS creator_executable, name.value AS creator_name,
    m.number AS domain_number, m.boot, h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM domain_events e
  JOIN domains m ON m.id = e.domain
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = b.host
  LEFT JOIN strings executable ON executable.id = e.creator_executable
  LEFT JOIN strings name ON name.id = e.creator_name
  WHERE e.event_key = ? AND e.event_rest = ?`;

export const MALFORMED_SQL = `
  SELECT n.at_ms, n.flags, n.reason, n.text, file.value AS file, n.line, n.byte, n.raw, n.extra,
    h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM malformed n
  JOIN boots b ON b.id = n.boot
  JOIN hosts h ON h.id = n.host
  LEFT JOIN strings file ON file.id = n.file
  WHERE n.event_key = ? AND n.event_rest = ?`;

export const GAP_SQL = `
  SELECT g.seen_ms, g.since_ms, g.flags, g.cause, g.count, g.first, g.last, g.raw, g.extra,
    h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM gaps g
  JOIN boots b ON b.id = g.boot
  JOIN hosts h ON h.id = g.host
  WHERE g.event_key = ? AND g.event_rest = ?`;

export const DOMAIN_CREATION_SQL = `
  SELECT c.at_ms, c.flags, c.parent, c.ruleset, c.creator_pid, c.creator_thread, name.value AS creator_name, c.raw,
    c.extra, m.number AS domain_number, h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM domain_creations c
  JOIN domains m ON m.id = c.domain
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = b.host
  LEFT JOIN strings name ON name.id = c.creator_name
  WHERE c.event_key = ? AND c.event_rest = ?`;

export const SANDBOX_CALL_SQL = `
  SELECT c.at_ms, c.serial, c.flags, c.boot, c.call, c.is_success, c.makes_domain, c.is_probe, c.call_flags,
    c.ruleset_fd, c.rule_type, c.pid, c.parent_pid, program.value AS program, comm.value AS comm,
    details.value AS details, c.raw, c.extra, h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM sandbox_calls c
  JOIN boots b ON b.id = c.boot
  JOIN hosts h ON h.id = c.host
  JOIN strings details ON details.id = c.details
  LEFT JOIN strings program ON program.id = c.program
  LEFT JOIN strings comm ON comm.id = c.comm
  WHERE c.event_key = ? AND c.event_rest = ?`;

/** The document of any kind with this event.id; undefined where there is none. */
export function getDocument(db: Database, eventId: string): StoredDocument | undefined {
  return (
    getDenial(db, eventId) ??
    getDomainEvent(db, eventId) ??
    getMalformed(db, eventId) ??
    getGap(db, eventId) ??
    getDomainCreation(db, eventId) ??
    getSandboxCall(db, eventId)
  );
}

function getDomainCreation(db: Database, eventId: string): StoredDocument | undefined {
  const row = findByKey<DomainCreationColumns & WithRaw & { at_ms: number }>(db, DOMAIN_CREATION_SQL, eventId);
  if (row === undefined) return undefined;
  return { doc: joinDomainCreation(row, eventId, row.at_ms), records: recordsOf(db, row.raw) };
}

function getSandboxCall(db: Database, eventId: string): StoredDocument | undefined {
  const row = findByKey<SandboxCallColumns & WithRaw & { at_ms: number }>(db, SANDBOX_CALL_SQL, eventId);
  if (row === undefined) return undefined;
  return { doc: joinSandboxCall(row, eventId, row.at_ms), records: recordsOf(db, row.raw) };
}

function getDomainEvent(db: Database, eventId: string): StoredDocument | undefined {
  const row = findByKey<DomainEventRow>(db, DOMAIN_EVENT_SQL, eventId);
  if (row === undefined) return undefined;
  const event = { raw: row.raw, boot: row.boot, serial: row.serial, ms: row.at_ms, spillMs: 0 };
  return { doc: joinDomainEvent(row, eventId, row.at_ms), records: recordsOfEvent(db, event) };
}

function getMalformed(db: Database, eventId: string): StoredDocument | undefined {
  const row = findByKey<MalformedColumns & WithRaw>(db, MALFORMED_SQL, eventId);
  return row === undefined ? undefined : { doc: joinMalformed(row, eventId), records: recordsOf(db, row.raw) };
}

function getGap(db: Database, eventId: string): StoredDocument | undefined {
  const row = findByKey<GapColumns & WithRaw>(db, GAP_SQL, eventId);
  return row === undefined ? undefined : { doc: joinGap(row, eventId), records: recordsOf(db, row.raw) };
}

function findByKey<Row>(db: Database, sql: string, eventId: string): Row | undefined {
  if (!isEventId(eventId)) return undefined;
  const { key, rest } = toEventKey(eventId);
  return statement<Row>(db, sql).get(key, rest);
}
