// The log of administration: who changed what about Trespass itself, when, from where, and what came of it. An act
// and its entry are one transaction: neither is there without the other.
import type { Page } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from '../query/cursor.ts';
import { type Answer, isRefused } from '../refused.ts';

/** Entries kept whatever the retention says; beyond it the oldest go. */
export const ADMIN_ACTS_MAX = 200_000;
/** What is logged of others' words: names of users who are none, addresses. */
const TEXT_LENGTH_MAX = 200;

/**
 * `user`: signed in with a password; `link`: by a one-time link; `token`; `socket`: by api.sock; `command`: on the
 * database itself, by the user id of the process; `agent`: a collector elsewhere; `nobody`: not signed in.
 */
export type ActorKind = 'user' | 'link' | 'token' | 'agent' | 'socket' | 'command' | 'nobody';

export interface Actor {
  readonly kind: ActorKind;
  readonly name: string;
  /** Absent where it did not come over a network. */
  readonly address?: string;
}

export interface AdminAct {
  readonly actor: Actor;
  /** `token-create` and so on: an open set, kebab-case. */
  readonly action: string;
  /** What it was done to. */
  readonly target?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export type ActOutcome = 'done' | 'refused';

/** In the shape that REST serves. */
export interface AdminActAnswer {
  readonly id: number;
  readonly at: string;
  readonly actor: Actor;
  readonly action: string;
  readonly target?: string;
  readonly outcome: ActOutcome;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AdminActsRequest extends PageRequest {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly action?: string | undefined;
  /** By name. */
  readonly actor?: string | undefined;
  readonly outcome?: ActOutcome | undefined;
}

interface ActRow {
  readonly id: number;
  readonly at_ms: number;
  readonly actor_kind: ActorKind;
  readonly actor: string;
  readonly address: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly outcome: ActOutcome;
  readonly detail: string | null;
}

/** Adds an entry, in the transaction that is open or in one of its own. */
export function recordAct(db: Database, act: AdminAct, outcome: ActOutcome, nowMs: number): void {
  const cut = (text: string | undefined) => text?.slice(0, TEXT_LENGTH_MAX) ?? null;
  const { actor, action, target, detail } = act;
  const insert = statement(
    db,
    `INSERT INTO admin_acts (at_ms, actor_kind, actor, address, action, target, outcome, detail)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const json = detail === undefined ? null : JSON.stringify(detail);
  const row = insert.run(nowMs, actor.kind, cut(actor.name), cut(actor.address), action, cut(target), outcome, json);
  // Ids run without holes but for those taken from the beginning.
  statement(db, 'DELETE FROM admin_acts WHERE id <= ?').run(Number(row.lastInsertRowid) - ADMIN_ACTS_MAX);
}

/**
 * Does `work` and logs it, both or neither. `describe` says what it was done to, and may say so from what came out;
 * undefined: it came to nothing, and there is nothing to log.
 */
export function performAct<T>(
  db: Database,
  work: () => T,
  describe: (result: T) => AdminAct | undefined,
  nowMs: number,
): T {
  const both = db.transaction(() => {
    const result = work();
    const act = describe(result);
    if (act !== undefined) recordAct(db, act, 'done', nowMs);
    return result;
  });
  return db.inTransaction ? both() : both.immediate();
}

/** Each condition is always there, so that there is one statement. */
export const ADMIN_ACTS_SQL = `
  SELECT *
  FROM admin_acts
  WHERE id < @before
    AND (@fromMs IS NULL OR at_ms >= @fromMs)
    AND (@toMs IS NULL OR at_ms < @toMs)
    AND (@action IS NULL OR action = @action)
    AND (@actor IS NULL OR actor = @actor)
    AND (@outcome IS NULL OR outcome = @outcome)
  ORDER BY id DESC
  LIMIT @rows`;

/** Newest first. */
export function listAdminActs(db: Database, request: AdminActsRequest): Answer<Page<AdminActAnswer>> {
  const before = fromCursor('acts', request.cursor);
  if (isRefused(before)) return before;
  const limit = pageLimit(request.limit);
  const { fromMs = null, toMs = null, action = null, actor = null, outcome = null } = request;
  const rows = statement<ActRow>(db, ADMIN_ACTS_SQL).all({
    before: before ?? Number.MAX_SAFE_INTEGER,
    fromMs,
    toMs,
    action,
    actor,
    outcome,
    rows: limit + 1,
  });
  return toPage('acts', rows, limit, (row) => row.id, toAnswer);
}

function toAnswer(row: ActRow): AdminActAnswer {
  return {
    id: row.id,
    at: new Date(row.at_ms).toISOString(),
    actor: { kind: row.actor_kind, name: row.actor, ...(row.address !== null && { address: row.address }) },
    action: row.action,
    ...(row.target !== null && { target: row.target }),
    outcome: row.outcome,
    ...(row.detail !== null && { detail: JSON.parse(row.detail) as Readonly<Record<string, unknown>> }),
  };
}
