// API tokens. Only the SHA-256 is kept: a token has 160 random bits, so a fast hash is enough, and whoever reads the
// database learns none. `trp_` and the checksum let scanners and people know a token when they see one.
import { createHash, randomBytes } from 'node:crypto';
import type { Page } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { fromCursor, type PageRequest, pageLimit, toPage } from '../query/cursor.ts';
import { type Answer, isRefused } from '../refused.ts';
import { type EnrolmentLimits, saveEnrolment } from './enrolments.ts';

export const TOKEN_SCOPES = ['shared', 'read', 'read-sensitive', 'write', 'admin', 'ingest', 'enroll'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface TokenFacts {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly usedMs: number | null;
  readonly revokedMs: number | null;
  /** With the scope enroll: what it is limited to, and how many have come with it. */
  readonly enrolment?: EnrolmentLimits & { readonly uses: number };
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresMs?: number;
  /** Where `enroll` is among the scopes: into the fleet `default`, without approval, if it says nothing else. */
  readonly enrolment?: EnrolmentLimits;
}

const ENROLMENT: EnrolmentLimits = { fleet: 'default', needsApproval: false };

interface TokenRow extends Omit<TokenFacts, 'scopes' | 'enrolment'> {
  readonly scopes: string;
}

interface ListedRow extends TokenRow {
  readonly fleet: string | null;
  readonly needsApproval: number | null;
  readonly usesMax: number | null;
  readonly uses: number | null;
}

const RANDOM_LENGTH = 40;
const CHECKSUM_LENGTH = 6;
const TOKEN = new RegExp(`^trp_([0-9a-f]{${RANDOM_LENGTH}})([0-9a-f]{${CHECKSUM_LENGTH}})$`);
/** Tokens in force; those that have ended make room. */
export const TOKENS_MAX = 1_000;

const SELECT = `
  SELECT id, name, scopes, created_ms AS createdMs, expires_ms AS expiresMs, used_ms AS usedMs, revoked_ms AS revokedMs
  FROM tokens`;

/** Whether `text` may be a scope of a token. */
export function isTokenScope(text: string): text is TokenScope {
  return TOKEN_SCOPES.some((scope) => scope === text);
}

/** What is known of a token's text. `mistyped` needs no look-up; only `valid` may be used. */
export type TokenCheck =
  | { readonly state: 'valid'; readonly token: TokenFacts }
  | { readonly state: 'mistyped' | 'unknown' | 'expired' | 'revoked' };

/** Makes a token; its text is given this once. 'too-many' where there are TOKENS_MAX in force. */
export function createToken(
  db: Database,
  token: NewToken,
  nowMs: number,
): { readonly id: number; readonly text: string } | 'too-many' {
  const inForce = statement<{ n: number }>(
    db,
    'SELECT count(*) AS n FROM tokens WHERE revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?)',
  );
  if ((inForce.get(nowMs)?.n ?? 0) >= TOKENS_MAX) return 'too-many';
  const random = randomBytes(RANDOM_LENGTH / 2).toString('hex');
  const text = `trp_${random}${checksum(random)}`;
  const insert = statement(
    db,
    'INSERT INTO tokens (name, hash, scopes, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const row = insert.run(token.name, hash(text), token.scopes.join(' '), nowMs, token.expiresMs ?? null);
  const id = Number(row.lastInsertRowid);
  if (token.scopes.includes('enroll')) saveEnrolment(db, id, token.enrolment ?? ENROLMENT);
  forgetEnded(db, nowMs);
  return { id, text };
}

/** Of those that have ended only so many are kept to be looked at. */
function forgetEnded(db: Database, nowMs: number): void {
  statement(
    db,
    `DELETE FROM tokens WHERE id IN (
       SELECT id FROM tokens WHERE revoked_ms IS NOT NULL OR expires_ms <= ? ORDER BY id DESC LIMIT -1 OFFSET ?)`,
  ).run(nowMs, TOKENS_MAX);
}

/** Whether `text` may be used now, and whose it is. Only reads: LastUses notes that it was used. */
export function checkToken(db: Database, text: string, nowMs: number): TokenCheck {
  const parts = TOKEN.exec(text);
  if (parts === null || checksum(parts[1] ?? '') !== parts[2]) return { state: 'mistyped' };
  const row = statement<TokenRow>(db, `${SELECT} WHERE hash = ?`).get(hash(text));
  if (row === undefined) return { state: 'unknown' };
  if (row.revokedMs !== null) return { state: 'revoked' };
  if (row.expiresMs !== null && row.expiresMs <= nowMs) return { state: 'expired' };
  return { state: 'valid', token: toFacts(row) };
}

const LIST = `
  SELECT t.id, t.name, t.scopes, t.created_ms AS createdMs, t.expires_ms AS expiresMs, t.used_ms AS usedMs,
    t.revoked_ms AS revokedMs, e.fleet, e.needs_approval AS needsApproval, e.uses_max AS usesMax, e.uses
  FROM tokens t
  LEFT JOIN enrolments e ON e.token = t.id
  WHERE t.id < ?
  ORDER BY t.id DESC
  LIMIT ?`;

/** A page of all tokens, also of revoked and expired ones, newest first. */
export function listTokens(db: Database, request: PageRequest): Answer<Page<TokenFacts>> {
  const before = fromCursor('tokens', request.cursor);
  if (isRefused(before)) return before;
  const limit = pageLimit(request.limit);
  const rows = statement<ListedRow>(db, LIST).all(before ?? Number.MAX_SAFE_INTEGER, limit + 1);
  return toPage('tokens', rows, limit, ({ id }) => id, toListed);
}

/** The token that was in force until now; undefined where there was none. */
export function revokeToken(db: Database, id: number, nowMs: number): TokenFacts | undefined {
  const row = statement<TokenRow>(
    db,
    `UPDATE tokens SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL
     RETURNING id, name, scopes, created_ms AS createdMs, expires_ms AS expiresMs, used_ms AS usedMs,
       revoked_ms AS revokedMs`,
  ).get(nowMs, id);
  return row && toFacts(row);
}

function toFacts(row: TokenRow): TokenFacts {
  return { ...row, scopes: row.scopes.split(' ').filter(isTokenScope) };
}

function toListed({ fleet, needsApproval, usesMax, uses, ...row }: ListedRow): TokenFacts {
  const facts = toFacts(row);
  if (fleet === null) return facts;
  const limits = { fleet, needsApproval: needsApproval === 1, ...(usesMax !== null && { usesMax }) };
  return { ...facts, enrolment: { ...limits, uses: uses ?? 0 } };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Against typing and cutting mistakes; no secret. */
function checksum(random: string): string {
  return createHash('sha256').update(`trespass ${random}`).digest('hex').slice(0, CHECKSUM_LENGTH);
}
