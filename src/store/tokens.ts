// API tokens. Only the SHA-256 is kept: a token has 160 random bits, so a fast hash is enough, and whoever reads the
// database learns none. `trp_` and the checksum let scanners and people know a token when they see one.
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from './open.ts';
import { statement } from './statement.ts';

export const TOKEN_SCOPES = ['read', 'read-sensitive', 'write', 'admin', 'ingest'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

export interface TokenFacts {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly usedMs: number | null;
  readonly revokedMs: number | null;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly expiresMs?: number;
}

interface TokenRow extends Omit<TokenFacts, 'scopes'> {
  readonly scopes: string;
}

const RANDOM_LENGTH = 40;
const CHECKSUM_LENGTH = 6;
const TOKEN = new RegExp(`^trp_([0-9a-f]{${RANDOM_LENGTH}})([0-9a-f]{${CHECKSUM_LENGTH}})$`);
const tokensMax = 1_000;

const SELECT = `
  SELECT id, name, scopes, created_ms AS createdMs, expires_ms AS expiresMs, used_ms AS usedMs, revoked_ms AS revokedMs
  FROM tokens`;

/** Whether `text` may be a scope of a token. */
export function isTokenScope(text: string): text is TokenScope {
  return TOKEN_SCOPES.some((scope) => scope === text);
}

/** Makes a token; its text is given this once. */
export function createToken(
  db: Database,
  token: NewToken,
  nowMs: number,
): { readonly id: number; readonly text: string } {
  const random = randomBytes(RANDOM_LENGTH / 2).toString('hex');
  const text = `trp_${random}${checksum(random)}`;
  const insert = statement(
    db,
    'INSERT INTO tokens (name, hash, scopes, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const row = insert.run(token.name, hash(text), token.scopes.join(' '), nowMs, token.expiresMs ?? null);
  return { id: Number(row.lastInsertRowid), text };
}

/** The token's facts where `text` is one that may be used now. Only reads: TokenUses notes that it was used. */
export function verifyToken(db: Database, text: string, nowMs: number): TokenFacts | undefined {
  const parts = TOKEN.exec(text);
  if (parts === null || checksum(parts[1] ?? '') !== parts[2]) return undefined;
  const row = statement<TokenRow>(db, `${SELECT} WHERE hash = ?`).get(hash(text));
  if (row === undefined || row.revokedMs !== null || (row.expiresMs !== null && row.expiresMs <= nowMs))
    return undefined;
  return toFacts(row);
}

/** All tokens, also revoked and expired ones, oldest first. */
export function listTokens(db: Database): readonly TokenFacts[] {
  return statement<TokenRow>(db, `${SELECT} ORDER BY id LIMIT ?`).all(tokensMax).map(toFacts);
}

/** Whether there was such a token still in force. */
export function revokeToken(db: Database, id: number, nowMs: number): boolean {
  return (
    statement(db, 'UPDATE tokens SET revoked_ms = ? WHERE id = ? AND revoked_ms IS NULL').run(nowMs, id).changes > 0
  );
}

function toFacts(row: TokenRow): TokenFacts {
  return { ...row, scopes: row.scopes.split(' ').filter(isTokenScope) };
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Against typing and cutting mistakes; no secret. */
function checksum(random: string): string {
  return createHash('sha256').update(`trespass ${random}`).digest('hex').slice(0, CHECKSUM_LENGTH);
}
