import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/store/open.ts';
import { createSession, deleteSession, SESSIONS_MAX, verifySession } from '../../src/store/sessions.ts';
import { createSignInCode, SIGN_IN_CODES_MAX, useSignInCode } from '../../src/store/sign-in-codes.ts';
import { TokenUses } from '../../src/store/token-uses.ts';
import { createToken, listTokens, revokeToken, verifyToken } from '../../src/store/tokens.ts';
import { temporaryDatabase } from './support/temporary-database.ts';

describe('tokens', () => {
  it('are known by their text until they are revoked', () => {
    const db = temporaryDatabase();
    const { id, text } = createToken(db, { name: 'grafana', scopes: ['read', 'ingest'] }, 1_000);
    expect(text).toMatch(/^trp_[0-9a-f]{46}$/);
    const facts = {
      id,
      name: 'grafana',
      scopes: ['read', 'ingest'],
      createdMs: 1_000,
      expiresMs: null,
      usedMs: null,
      revokedMs: null,
    };
    expect(verifyToken(db, text, 2_000)).toEqual(facts);
    expect(listTokens(db)).toEqual([facts]);
    expect([revokeToken(db, id, 3_000), revokeToken(db, id, 3_001), revokeToken(db, 99, 3_000)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(verifyToken(db, text, 3_002)).toBeUndefined();
    expect(listTokens(db)[0]?.revokedMs).toBe(3_000);
  });

  it('count no longer when they have expired', () => {
    const db = temporaryDatabase();
    const { text } = createToken(db, { name: 'x', scopes: ['admin'], expiresMs: 10 }, 0);
    expect([verifyToken(db, text, 9)?.name, verifyToken(db, text, 10)]).toEqual(['x', undefined]);
  });

  it('are verified where nothing can be written', () => {
    const db = temporaryDatabase();
    const { text } = createToken(db, { name: 'x', scopes: ['read'] }, 0);
    const reader = openDatabase(db.name, { readonly: true });
    expect(verifyToken(reader, text, 5)?.name).toBe('x');
    reader.close();
  });

  it('have their last use written when there is time, and only forward', () => {
    const db = temporaryDatabase();
    const ids = ['x', 'y', 'z'].map((name) => createToken(db, { name, scopes: ['read'] }, 0).id);
    const uses = new TokenUses(db);
    for (const [index, id] of ids.slice(0, 2).entries()) for (const ms of [5, 7]) uses.note(id, ms + index);
    expect(listTokens(db).map(({ usedMs }) => usedMs)).toEqual([null, null, null]);
    uses.write();
    uses.note(ids[0] ?? 0, 3);
    uses.write();
    expect(listTokens(db).map(({ usedMs }) => usedMs)).toEqual([7, 8, null]);
  });

  it('have it written later where another process writes, without waiting for it', () => {
    const db = temporaryDatabase();
    const { id } = createToken(db, { name: 'x', scopes: ['read'] }, 0);
    const other = openDatabase(db.name);
    other.exec('BEGIN IMMEDIATE');
    const uses = new TokenUses(db);
    uses.note(id, 5);
    // Waiting for the other would be for ever: it cannot go on before we return.
    db.pragma('busy_timeout = 1000000');
    uses.write();
    other.exec('ROLLBACK');
    other.close();
    expect([listTokens(db)[0]?.usedMs, db.pragma('busy_timeout', { simple: true })]).toEqual([null, 1_000_000]);
    uses.write();
    expect(listTokens(db)[0]?.usedMs).toBe(5);
  });

  it('are not known by anything else', () => {
    const db = temporaryDatabase();
    const { text } = createToken(db, { name: 'x', scopes: ['read'] }, 0);
    const wrong = ['', 'trp_', text.slice(0, -1), `${text}0`, text.toUpperCase(), `trp_${'0'.repeat(46)}`, ` ${text}`];
    expect(wrong.map((candidate) => verifyToken(db, candidate, 1))).toEqual(wrong.map(() => undefined));
  });

  it('are not in the database', () => {
    const db = temporaryDatabase();
    const { text } = createToken(db, { name: 'x', scopes: ['read'] }, 0);
    expect(JSON.stringify(db.prepare('SELECT * FROM tokens').all())).not.toContain(text.slice(4, 44));
  });
});

describe('sessions', () => {
  it('count until they end or are ended', () => {
    const db = temporaryDatabase();
    const secret = createSession(db, 100, 0);
    expect([verifySession(db, secret, 99), verifySession(db, secret, 100), verifySession(db, 'x', 1)]).toEqual([
      { expiresMs: 100 },
      undefined,
      undefined,
    ]);
    expect([deleteSession(db, secret), deleteSession(db, secret), verifySession(db, secret, 1)]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it('are bounded, and expired ones go', () => {
    const db = temporaryDatabase();
    const first = createSession(db, 1e9, 0);
    for (let n = 0; n < SESSIONS_MAX; n++) createSession(db, n < 10 ? 50 : 1e9, n + 1);
    const count = () => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sessions').get()?.n;
    expect([count(), verifySession(db, first, 1)]).toEqual([SESSIONS_MAX - 10 + 1, { expiresMs: 1e9 }]);
    for (let n = 0; n < 10; n++) createSession(db, 1e9, 5_000 + n);
    expect([count(), verifySession(db, first, 1)]).toEqual([SESSIONS_MAX, undefined]);
  });
});

describe('sign-in codes', () => {
  it('work once and in time', () => {
    const db = temporaryDatabase();
    const code = createSignInCode(db, 100, 0);
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([useSignInCode(db, 'x', 1), useSignInCode(db, code, 1), useSignInCode(db, code, 1)]).toEqual([
      false,
      true,
      false,
    ]);
    const late = createSignInCode(db, 100, 0);
    expect([useSignInCode(db, late, 100), useSignInCode(db, late, 1)]).toEqual([false, false]);
  });

  it('are bounded', () => {
    const db = temporaryDatabase();
    const codes = Array.from({ length: SIGN_IN_CODES_MAX + 1 }, (_, n) => createSignInCode(db, 1e9, n));
    expect([useSignInCode(db, codes[0] ?? '', 1), useSignInCode(db, codes[1] ?? '', 1)]).toEqual([false, true]);
  });
});
