// Lists denials, newest first, and gets one with its records. Also the one place that reads a row of denials.
import type { Denial } from '../landlock/document.ts';
import type { Page, Scope, StoredDocument } from './answers.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from './cursor.ts';
import { type DenialColumns, joinDenial } from './denial-columns.ts';
import { fromEventKey, isEventId, toEventKey } from './event-key.ts';
import type { Database } from './open.ts';
import { recordsOfEvent } from './raw-records.ts';
import { type Answer, isRefused } from './refused.ts';
import { compileScope, slotsOf } from './scope.ts';
import { slotMs } from './slot.ts';
import { statement } from './statement.ts';

export interface DenialsRequest extends PageRequest {
  readonly scope: Scope;
}

/** A row with its true time. */
interface DenialRow extends DenialColumns {
  readonly id: number;
  readonly spill_ms: number;
  readonly boot: number;
  readonly raw: number | null;
  readonly event_key: number;
  readonly event_rest: Buffer;
}

const SELECT_DENIAL = `
  SELECT d.id, d.spill_ms, d.flags, d.serial, d.pid, d.parent_pid, d.inode, d.source_port, d.destination_port,
    d.raw, d.event_key, d.event_rest, d.extra,
    m.number AS domain_number, m.boot,
    h.host_id, b.boot_id, b.name AS boot_name, b.is_derived,
    blockers.value AS blockers, shape.value AS shape, login.value AS login, reason.value AS reason,
    program.value AS program, comm.value AS comm, path.value AS path, ifnull(d.args_text, args.value) AS args
  FROM denials d
  JOIN domains m ON m.id = d.domain
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = b.host
  JOIN strings blockers ON blockers.id = d.blockers
  JOIN shapes shape ON shape.id = d.shape
  JOIN logins login ON login.id = d.login
  JOIN strings reason ON reason.id = d.reason
  LEFT JOIN strings program ON program.id = d.program
  LEFT JOIN strings comm ON comm.id = d.comm
  LEFT JOIN strings path ON path.id = d.path
  LEFT JOIN strings args ON args.id = d.args`;

/** The ids of a page; the texts are looked up after, so that the planner sees one table. */
export function denialIdsSql(condition: string): string {
  return `
  SELECT d.id
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  ORDER BY d.id DESC
  LIMIT ?`;
}

export const DENIAL_BY_ID_SQL = `${SELECT_DENIAL}
  WHERE d.id = ?`;

export const DENIALS_BY_KEY_SQL = `${SELECT_DENIAL}
  WHERE d.event_key = ?`;

/** One page of the denials in `scope`, newest first. */
export function listDenials(db: Database, request: DenialsRequest): Answer<Page<Denial>> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const before = fromCursor('denials', request.cursor);
  if (isRefused(before)) return before;
  const limit = pageLimit(request.limit);
  const { first, end } = slotsOf(scope.span);
  const ids = statement<{ id: number }>(db, denialIdsSql(scope.denials.sql)).all(
    first,
    before === undefined ? end : Math.min(before, end),
    ...scope.denials.params,
    limit + 1,
  );
  return toPage(
    'denials',
    ids,
    limit,
    (row) => row.id,
    ({ id }) => toDenial(getRow(db, id)),
  );
}

/** The denial with this event.id and the records of its event; undefined where there is none. */
export function getDenial(db: Database, eventId: string): StoredDocument | undefined {
  if (!isEventId(eventId)) return undefined;
  const { key, rest } = toEventKey(eventId);
  const row = statement<DenialRow>(db, DENIALS_BY_KEY_SQL)
    .all(key)
    .find((candidate) => rest.equals(candidate.event_rest));
  if (row === undefined) return undefined;
  const ms = slotMs(row.id) - row.spill_ms;
  const event = { raw: row.raw, boot: row.boot, serial: row.serial, ms, spillMs: row.spill_ms };
  return { doc: toDenial(row), records: recordsOfEvent(db, event) };
}

function getRow(db: Database, id: number): DenialRow {
  const row = statement<DenialRow>(db, DENIAL_BY_ID_SQL).get(id);
  if (row === undefined) throw new Error(`the denial ${id} refers to a row that is not there`);
  return row;
}

function toDenial(row: DenialRow): Denial {
  return joinDenial(row, fromEventKey(row.event_key, row.event_rest), slotMs(row.id) - row.spill_ms);
}
