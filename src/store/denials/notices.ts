// Lists what is missing (gaps) and what was not understood (malformed records), as the documents that told of them.
import type { Gap, Malformed } from '../../landlock/document.ts';
import type { Page, Scope } from '../answers.ts';
import { fromEventKey } from '../columns/event-key.ts';
import { type GapColumns, joinGap, joinMalformed, type MalformedColumns } from '../columns/notice-columns.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from '../query/condition.ts';
import { fromKeysCursor, type PageRequest, pageLimit, toKeysPage } from '../query/cursor.ts';
import { allOf, compileScope } from '../query/scope.ts';
import { type Answer, isRefused, type Refused } from '../refused.ts';

/** Host, fleet and times of the scope count; its query does not, as what is missing cannot be asked. */
export interface NoticesRequest extends PageRequest {
  readonly scope: Scope;
  /** Of losses. */
  readonly cause?: string | undefined;
}

interface EventKeyColumns {
  readonly id: number;
  readonly seen_ms: number;
  readonly event_key: number;
  readonly event_rest: Buffer;
}

export function gapsSql(condition: string): string {
  return `
  SELECT n.id, n.event_key, n.event_rest, n.seen_ms, n.since_ms, n.flags, n.cause, n.count, n.first, n.last, n.extra,
    h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM gaps n
  JOIN boots b ON b.id = n.boot
  JOIN hosts h ON h.id = n.host
  WHERE n.seen_ms >= ? AND n.seen_ms <= ? AND (n.seen_ms < ? OR n.id < ?)
    AND ${condition}
  ORDER BY n.seen_ms DESC, n.id DESC
  LIMIT ?`;
}

export function malformedListSql(condition: string): string {
  return `
  SELECT n.id, n.event_key, n.event_rest, n.seen_ms, n.at_ms, n.flags, n.reason, n.text, file.value AS file, n.line,
    n.byte, n.extra, h.host_id, b.boot_id, b.name AS boot_name, b.is_derived
  FROM malformed n
  JOIN boots b ON b.id = n.boot
  JOIN hosts h ON h.id = n.host
  LEFT JOIN strings file ON file.id = n.file
  WHERE n.seen_ms >= ? AND n.seen_ms <= ? AND (n.seen_ms < ? OR n.id < ?)
    AND ${condition}
  ORDER BY n.seen_ms DESC, n.id DESC
  LIMIT ?`;
}

/** One page of the losses, the last noticed first. */
export function listLosses(db: Database, request: NoticesRequest): Answer<Page<Gap>> {
  const { cause } = request;
  const also = cause === undefined ? [] : [{ sql: 'n.cause = ?', params: [cause] }];
  return page<GapColumns & EventKeyColumns, Gap>(db, 'losses', request, { sql: gapsSql, also }, joinGap);
}

/** One page of the malformed records, the last seen first. */
export function listMalformed(db: Database, request: NoticesRequest): Answer<Page<Malformed>> {
  type Row = MalformedColumns & EventKeyColumns;
  return page<Row, Malformed>(db, 'malformed', request, { sql: malformedListSql, also: [] }, joinMalformed);
}

interface Question {
  readonly sql: (condition: string) => string;
  readonly also: readonly Condition[];
}

function page<Row extends EventKeyColumns, T>(
  db: Database,
  kind: string,
  request: NoticesRequest,
  { sql, also }: Question,
  join: (row: Row, eventId: string) => T,
): Page<T> | Refused {
  const { query: _, ...asked } = request.scope;
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const after = fromKeysCursor(kind, request.cursor, 2);
  if (isRefused(after)) return after;
  const lastMs = scope.span.toMs - 1;
  const [seenMs = lastMs, id = Number.MAX_SAFE_INTEGER] = after ?? [];
  const limit = pageLimit(request.limit);
  const hosts = scope.hosts('n.host');
  const condition = allOf([...(hosts === undefined ? [] : [hosts]), ...also]);
  const upToMs = Math.min(seenMs, lastMs);
  const rows = statement<Row>(db, sql(condition.sql)).all(
    scope.span.fromMs,
    upToMs,
    seenMs,
    id,
    ...condition.params,
    limit + 1,
  );
  return toKeysPage(
    kind,
    rows,
    limit,
    (row) => [row.seen_ms, row.id],
    (row) => join(row, fromEventKey(row.event_key, row.event_rest)),
  );
}
