// Lists denials, newest first, and gets one with its records. Also the one place that reads a row of denials.
import type { Denial } from '../../landlock/document.ts';
import type { Page, Scope, StoredDocument } from '../answers.ts';
import { type DenialColumns, joinDenial } from '../columns/denial-columns.ts';
import { indexOfFlags, isRepeated, spillOfFlags } from '../columns/denial-flags.ts';
import { fromEventKey, isEventId, toEventKey, toKey } from '../columns/event-key.ts';
import { FOREIGN_INDEX, idOfRecord } from '../columns/record-index.ts';
import { repeatsOfRow } from '../columns/repeats.ts';
import { slotMs } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { denialsOfKey } from '../interning/id-runs.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from '../query/cursor.ts';
import { stretchesOf } from '../query/scan.ts';
import { type Compiled, compileScope, slotsOf } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { recordsOfEvent } from './raw-records.ts';

export interface DenialsRequest extends PageRequest {
  readonly scope: Scope;
}

interface DenialRow extends DenialColumns {
  readonly id: number;
  readonly boot: number;
  readonly raw: number | null;
}

const SELECT_DENIAL = `
  SELECT d.id, d.flags, d.serial, d.number, d.pid, d.parent, d.source_port, d.destination_port, d.raw, d.extra,
    m.number AS domain_number, m.boot,
    h.host_id, b.boot_id, b.name AS boot_name, b.is_derived,
    blockers.value AS blockers, shape.value AS shape, shape.form, reason.value AS reason, actor.login,
    program.value AS program, comm.value AS comm, object.value AS object,
    CASE typeof(d.args) WHEN 'integer' THEN args.value ELSE d.args END AS args,
    r.count AS repeats, r.first_ms AS repeats_first_ms, r.last_ms AS repeats_last_ms
  FROM denials d
  JOIN domains m ON m.id = d.domain
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = b.host
  JOIN shapes shape ON shape.id = d.shape
  JOIN strings blockers ON blockers.id = shape.blockers
  JOIN strings reason ON reason.id = shape.reason
  JOIN actors actor ON actor.id = d.actor
  LEFT JOIN strings program ON program.id = actor.program
  LEFT JOIN strings comm ON comm.id = actor.comm
  LEFT JOIN strings object ON object.id = d.object
  LEFT JOIN strings args ON args.id = d.args AND typeof(d.args) = 'integer'
  LEFT JOIN repeats r ON r.denial = d.id`;

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

export const DENIAL_OF_FOREIGN_ID_SQL = `
  SELECT denial AS id
  FROM foreign_ids
  WHERE event_key = ? AND event_rest = ?`;

export const FOREIGN_ID_SQL = `
  SELECT event_key, event_rest
  FROM foreign_ids
  WHERE denial = ?`;

export const IDENTITY_SQL = `
  SELECT d.flags, d.serial, h.host_id, b.boot_id
  FROM denials d
  JOIN domains m ON m.id = d.domain
  JOIN boots b ON b.id = m.boot
  JOIN hosts h ON h.id = b.host
  WHERE d.id = ?`;

/** One page of the denials in `scope`, newest first. */
export function listDenials(db: Database, request: DenialsRequest): Answer<Page<Denial>> {
  const scope = compileScope(db, request.scope);
  if (isRefused(scope)) return scope;
  const before = fromCursor('denials', request.cursor);
  if (isRefused(before)) return before;
  const limit = pageLimit(request.limit);
  const ids = idsOfPage(db, scope, before ?? Number.POSITIVE_INFINITY, limit + 1);
  return toPage(
    'denials',
    ids,
    limit,
    (row) => row.id,
    ({ id }) => denialOfRow(db, id),
  );
}

export const ENDS_SQL = 'SELECT (SELECT min(id) FROM denials) AS first, (SELECT max(id) FROM denials) AS last';

/** In stretches, the newest first, as a filter that little matches reads much: it ends when nobody waits any more. */
function idsOfPage(db: Database, scope: Compiled, before: number, count: number): readonly { readonly id: number }[] {
  const ends = statement<{ first: number | null; last: number | null }>(db, ENDS_SQL).get();
  if (ends?.first == null || ends.last == null) return [];
  const { first, end } = slotsOf(scope.span);
  const last = Math.min(end, before, ends.last + 1);
  const span = {
    fromMs: Math.max(scope.span.fromMs, slotMs(ends.first)),
    toMs: Math.min(scope.span.toMs, slotMs(last) + 1),
  };
  const find = statement<{ id: number }>(db, denialIdsSql(scope.denials.sql));
  const ids: { readonly id: number }[] = [];
  for (const stretch of stretchesOf(db, span)) {
    const { first: from, end: to } = slotsOf(stretch);
    const left = count - ids.length;
    ids.push(...find.all(Math.max(first, from), Math.min(last, to), ...scope.denials.params, left));
    if (ids.length >= count) break;
  }
  return ids;
}

export const DENIALS_OF_ISSUE_SQL = `
  SELECT d.id
  FROM denials d
  WHERE d.issue = ?
  ORDER BY d.id DESC
  LIMIT ?`;

export const ISSUE_OF_DENIAL_SQL = `
  SELECT i.fingerprint
  FROM denials d
  JOIN issues i ON i.id = d.issue
  WHERE d.id = ?`;

/** The latest denials of an issue (its row). */
export function listDenialsOfIssue(db: Database, issue: number, limit: number): readonly Denial[] {
  const ids = statement<{ id: number }>(db, DENIALS_OF_ISSUE_SQL).all(issue, limit);
  return ids.map(({ id }) => denialOfRow(db, id));
}

export interface StoredDenial extends StoredDocument {
  /** The fingerprint of its issue. */
  readonly issue?: string;
}

/** The denial with this event.id and the records of its event; undefined where there is none. */
export function getDenial(db: Database, eventId: string): StoredDenial | undefined {
  const id = isEventId(eventId) ? findDenial(db, eventId) : undefined;
  if (id === undefined) return undefined;
  const row = getRow(db, id);
  const spillMs = spillOfFlags(row.flags);
  const event = { raw: row.raw, boot: row.boot, serial: row.serial, ms: slotMs(row.id) - spillMs, spillMs };
  const issue = statement<{ fingerprint: string }>(db, ISSUE_OF_DENIAL_SQL).get(id)?.fingerprint;
  return { doc: toDenial(db, row), records: recordsOfEvent(db, event), ...(issue !== undefined && { issue }) };
}

/** The denial of the row `id`, which must be there. */
export function denialOfRow(db: Database, id: number): Denial {
  return toDenial(db, getRow(db, id));
}

/** The event.id of the row `id`; undefined where there is none. */
export function eventIdOfDenial(db: Database, id: number): string | undefined {
  const row = statement<IdentityRow>(db, IDENTITY_SQL).get(id);
  return row === undefined ? undefined : eventIdOf(db, id, row);
}

/** An id that is made of what its row says goes before one that somebody gave to another denial. */
function findDenial(db: Database, eventId: string): number | undefined {
  const found = denialsOfKey(db, toKey(eventId)).find(
    (id) => eventIdOfDenial(db, id) === eventId || isRepeatOf(db, id, eventId),
  );
  if (found !== undefined) return found;
  const { key, rest } = toEventKey(eventId);
  return statement<{ id: number }>(db, DENIAL_OF_FOREIGN_ID_SQL).get(key, rest)?.id;
}

/** Whether the row `id` stands for the denial with this event.id, beside its own. */
function isRepeatOf(db: Database, id: number, eventId: string): boolean {
  const row = statement<IdentityRow>(db, IDENTITY_SQL).get(id);
  if (row === undefined || !isRepeated(row.flags)) return false;
  const { host_id: hostId, boot_id: bootId } = row;
  return repeatsOfRow(db, id).some(
    ({ ms, serial, index }) => idOfRecord({ hostId, bootId, ms, serial }, index) === eventId,
  );
}

type IdentityRow = Pick<DenialRow, 'flags' | 'serial' | 'host_id' | 'boot_id'>;

function eventIdOf(db: Database, id: number, row: IdentityRow): string {
  const index = indexOfFlags(row.flags);
  if (index !== FOREIGN_INDEX) {
    const ms = slotMs(id) - spillOfFlags(row.flags);
    return idOfRecord({ hostId: row.host_id, bootId: row.boot_id, ms, serial: row.serial }, index);
  }
  const foreign = statement<{ event_key: number; event_rest: Buffer }>(db, FOREIGN_ID_SQL).get(id);
  if (foreign === undefined) throw new Error(`the denial ${id} has no event.id`);
  return fromEventKey(foreign.event_key, foreign.event_rest);
}

function getRow(db: Database, id: number): DenialRow {
  const row = statement<DenialRow>(db, DENIAL_BY_ID_SQL).get(id);
  if (row === undefined) throw new Error(`the denial ${id} refers to a row that is not there`);
  return row;
}

function toDenial(db: Database, row: DenialRow): Denial {
  return joinDenial(row, eventIdOf(db, row.id, row), slotMs(row.id) - spillOfFlags(row.flags));
}
