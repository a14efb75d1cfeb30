// Views that people keep: a name for a page with its query and time. Each is its owner's alone until it
// is shared. What a query means is not asked here: what is kept is what was asked.
import { createHash } from 'node:crypto';
import type { Page } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from '../query/cursor.ts';
import { type Answer, isRefused } from '../refused.ts';

/** Of one owner, and of all together. */
export const VIEWS_OF_OWNER_MAX = 100;
export const VIEWS_MAX = 10_000;
const VERSION_LENGTH = 22;

/** Pages that views can be of. */
export const VIEW_PAGES = ['denials', 'issues', 'domains', 'hosts', 'fleets', 'programs', 'users'] as const;
export type ViewPage = (typeof VIEW_PAGES)[number];

/** What is shown: members of a scope as they were written, so that `now-24h` stays so. */
export interface ViewContent {
  readonly from?: string;
  readonly to?: string;
  readonly q?: string;
  readonly host?: string;
  readonly fleet?: string;
  readonly include?: 'canary';
}

export interface NewView {
  readonly name: string;
  readonly page: ViewPage;
  readonly shared: boolean;
  readonly content: ViewContent;
}

/** Whose views are meant. `key` tells owners apart, also where names are the same. */
export interface ViewOwner {
  readonly key: string;
  readonly name: string;
}

export interface ViewFacts extends NewView {
  readonly id: number;
  readonly owner: ViewOwner;
  readonly createdMs: number;
  readonly changedMs: number;
}

export interface ViewsRequest extends PageRequest {
  /** Whose own views are listed beside those that are shared. */
  readonly owner: string;
  readonly page?: ViewPage | undefined;
}

interface ViewRow {
  readonly id: number;
  readonly owner: string;
  readonly owner_name: string;
  readonly name: string;
  readonly page: ViewPage;
  readonly is_shared: number;
  readonly content: string;
  readonly created_ms: number;
  readonly changed_ms: number;
}

/** The owner key of an account. */
export function accountOwner(account: number): string {
  return `account:${account}`;
}

/** The owner key of a token. */
export function tokenOwner(token: number): string {
  return `token:${token}`;
}

/** Of whoever owns the server: those who come in by a link or by its socket. */
export const SERVER_OWNER = 'server';

/** Each condition is always there, so that there is one statement. */
export const VIEWS_SQL = `
  SELECT *
  FROM views
  WHERE id > @after
    AND (is_shared = 1 OR owner = @owner)
    AND (@page IS NULL OR page = @page)
  ORDER BY id
  LIMIT @rows`;

export const VIEW_SQL = `
  SELECT *
  FROM views
  WHERE id = @id
    AND (is_shared = 1 OR owner = @owner)`;

/** A page of the owner's own and all shared views, in the order in which they were made. */
export function listViews(db: Database, request: ViewsRequest): Answer<Page<ViewFacts>> {
  const after = fromCursor('views', request.cursor);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const { owner, page = null } = request;
  const rows = statement<ViewRow>(db, VIEWS_SQL).all({ after: after ?? 0, owner, page, rows: limit + 1 });
  return toPage('views', rows, limit, (row) => row.id, toFacts);
}

/** One of the owner's own or of those that are shared; others are as if they were not there. */
export function getView(db: Database, { id, owner }: { readonly id: number; readonly owner: string }) {
  const row = statement<ViewRow>(db, VIEW_SQL).get({ id, owner });
  return row && toFacts(row);
}

/** The same for as long as nobody changes the view. */
export function viewVersion({ id, name, page, shared, content, changedMs }: ViewFacts): string {
  const text = JSON.stringify([id, name, page, shared, content, changedMs]);
  return createHash('sha256').update(text).digest('base64url').slice(0, VERSION_LENGTH);
}

/** What tokens kept for themselves that have ended: nobody can see it any more. */
const FORGET_ORPHANS = `
  DELETE FROM views
  WHERE is_shared = 0 AND owner GLOB 'token:*' AND owner NOT IN (
    SELECT 'token:' || id FROM tokens WHERE revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?))`;

/** What came of it, or why there is none: the owner has another of that name for the page, or as many as may be. */
export type ViewCreation = ViewFacts | 'exists' | 'too-many';

export function createView(db: Database, owner: ViewOwner, view: NewView, nowMs: number): ViewCreation {
  statement(db, FORGET_ORPHANS).run(nowMs);
  if (isTaken(db, owner.key, view, 0)) return 'exists';
  const count = statement<{ own: number; every: number }>(
    db,
    'SELECT count(*) AS every, count(*) FILTER (WHERE owner = ?) AS own FROM views',
  ).get(owner.key) ?? { own: 0, every: 0 };
  if (count.own >= VIEWS_OF_OWNER_MAX || count.every >= VIEWS_MAX) return 'too-many';
  const insert = statement(
    db,
    `INSERT INTO views (owner, owner_name, name, page, is_shared, content, created_ms, changed_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const { name, page, shared, content } = view;
  const json = JSON.stringify(content);
  const row = insert.run(owner.key, owner.name, name, page, Number(shared), json, nowMs, nowMs);
  return { ...view, id: Number(row.lastInsertRowid), owner, createdMs: nowMs, changedMs: nowMs };
}

/** Puts `view` in the place of the view `id` and answers it, with its owner as before. */
export function replaceView(db: Database, before: ViewFacts, view: NewView, nowMs: number): ViewFacts | 'exists' {
  if (isTaken(db, before.owner.key, view, before.id)) return 'exists';
  // Two changes within a millisecond are two versions.
  const changedMs = Math.max(nowMs, before.changedMs + 1);
  const { name, page, shared, content } = view;
  statement(db, 'UPDATE views SET name = ?, page = ?, is_shared = ?, content = ?, changed_ms = ? WHERE id = ?').run(
    name,
    page,
    Number(shared),
    JSON.stringify(content),
    changedMs,
    before.id,
  );
  return { ...before, ...view, changedMs };
}

export function deleteView(db: Database, id: number): void {
  statement(db, 'DELETE FROM views WHERE id = ?').run(id);
}

/** For when an owner goes: its own views go too, those that are shared become the server's. */
export function releaseViewsOf(db: Database, owner: string): void {
  statement(db, 'DELETE FROM views WHERE owner = ? AND is_shared = 0').run(owner);
  // Names are told apart where the server has a view of that name already.
  statement(
    db,
    `UPDATE views SET owner = ?, name = CASE
       WHEN EXISTS (SELECT 1 FROM views o WHERE o.owner = ? AND o.page = views.page AND o.name = views.name)
       THEN name || ' #' || id ELSE name END
     WHERE owner = ?`,
  ).run(SERVER_OWNER, SERVER_OWNER, owner);
}

function isTaken(db: Database, owner: string, { page, name }: NewView, except: number): boolean {
  const find = statement<{ id: number }>(db, 'SELECT id FROM views WHERE owner = ? AND page = ? AND name = ?');
  const found = find.get(owner, page, name);
  return found !== undefined && found.id !== except;
}

function toFacts(row: ViewRow): ViewFacts {
  return {
    id: row.id,
    owner: { key: row.owner, name: row.owner_name },
    name: row.name,
    page: row.page,
    shared: row.is_shared === 1,
    content: JSON.parse(row.content) as ViewContent,
    createdMs: row.created_ms,
    changedMs: row.changed_ms,
  };
}
