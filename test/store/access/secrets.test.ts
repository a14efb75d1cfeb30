import { describe, expect, it } from 'vitest';
import { LastUses } from '../../../src/store/access/last-uses.ts';
import {
  createSession,
  deleteSession,
  deleteSessionsOf,
  listSessions,
  SESSIONS_MAX,
  verifySession,
} from '../../../src/store/access/sessions.ts';
import { createSignInCode, SIGN_IN_CODES_MAX, useSignInCode } from '../../../src/store/access/sign-in-codes.ts';
import { checkToken, createToken, listTokens, revokeToken, TOKENS_MAX } from '../../../src/store/access/tokens.ts';
import { type Database, openDatabase } from '../../../src/store/database/open.ts';
import { answered } from '../support/answered.ts';
import { madeToken } from '../support/made-token.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const tokens = (db: Database) => answered(listTokens(db, {})).data;

describe('tokens', () => {
  it('are known by their text until they are revoked', () => {
    const db = temporaryDatabase();
    const { id, text } = madeToken(db, { name: 'grafana', scopes: ['read', 'ingest'] }, 1_000);
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
    expect(checkToken(db, text, 2_000)).toEqual({ state: 'valid', token: facts });
    expect(tokens(db)).toEqual([facts]);
    const revoked = { ...facts, revokedMs: 3_000 };
    expect([revokeToken(db, id, 3_000), revokeToken(db, id, 3_001), revokeToken(db, 99, 3_000)]).toEqual([
      revoked,
      undefined,
      undefined,
    ]);
    expect(checkToken(db, text, 3_002)).toEqual({ state: 'revoked' });
    expect(tokens(db)).toEqual([revoked]);
  });

  it('count no longer when they have expired', () => {
    const db = temporaryDatabase();
    const { text } = madeToken(db, { name: 'x', scopes: ['admin'], expiresMs: 10 }, 0);
    expect([9, 10].map((ms) => checkToken(db, text, ms).state)).toEqual(['valid', 'expired']);
  });

  it('are verified where nothing can be written', () => {
    const db = temporaryDatabase();
    const { text } = madeToken(db, { name: 'x', scopes: ['read'] }, 0);
    const reader = openDatabase(db.name, { readonly: true });
    expect(checkToken(reader, text, 5).state).toBe('valid');
    reader.close();
  });

  it('have their last use written when there is time, and only forward', () => {
    const db = temporaryDatabase();
    const ids = ['x', 'y', 'z'].map((name) => madeToken(db, { name, scopes: ['read'] }, 0).id);
    const uses = new LastUses(db);
    for (const [index, id] of ids.slice(0, 2).entries()) for (const ms of [5, 7]) uses.note('tokens', id, ms + index);
    const used = () => tokens(db).map(({ usedMs }) => usedMs);
    expect([used(), uses.noted('tokens', ids[0] ?? 0), uses.noted('sessions', ids[0] ?? 0)]).toEqual([
      [null, null, null],
      7,
      undefined,
    ]);
    uses.write();
    uses.note('tokens', ids[0] ?? 0, 3);
    uses.write();
    expect(used()).toEqual([null, 8, 7]);
  });

  it('have it written later where another process writes, without waiting for it', () => {
    const db = temporaryDatabase();
    const { id } = madeToken(db, { name: 'x', scopes: ['read'] }, 0);
    const other = openDatabase(db.name);
    other.exec('BEGIN IMMEDIATE');
    const uses = new LastUses(db);
    uses.note('tokens', id, 5);
    // Waiting for the other would be for ever: it cannot go on before we return.
    db.pragma('busy_timeout = 1000000');
    uses.write();
    other.exec('ROLLBACK');
    other.close();
    expect([tokens(db)[0]?.usedMs, db.pragma('busy_timeout', { simple: true })]).toEqual([null, 1_000_000]);
    uses.write();
    expect(tokens(db)[0]?.usedMs).toBe(5);
  });

  it('tell what is mistyped from what nobody has', () => {
    const db = temporaryDatabase();
    const { text } = madeToken(db, { name: 'x', scopes: ['read'] }, 0);
    const wrong = ['', 'trp_', text.slice(0, -1), `${text}0`, text.toUpperCase(), `trp_${'0'.repeat(46)}`, ` ${text}`];
    expect(wrong.map((candidate) => checkToken(db, candidate, 1).state)).toEqual(wrong.map(() => 'mistyped'));
    for (let place = 4; place < text.length; place++) {
      const other = text[place] === '0' ? '1' : '0';
      const typed = text.slice(0, place) + other + text.slice(place + 1);
      expect(checkToken(db, typed, 1).state).toBe('mistyped');
    }
    const foreign = madeToken(temporaryDatabase(), { name: 'x', scopes: ['read'] }, 0).text;
    expect(checkToken(db, foreign, 1)).toEqual({ state: 'unknown' });
  });

  it('are not in the database', () => {
    const db = temporaryDatabase();
    const { text } = madeToken(db, { name: 'x', scopes: ['read'] }, 0);
    expect(JSON.stringify(db.prepare('SELECT * FROM tokens').all())).not.toContain(text.slice(4, 44));
  });

  it('are bounded: those in force by refusal, those that have ended by forgetting', () => {
    const db = temporaryDatabase();
    const fill = db.transaction((nowMs: number) => {
      for (let n = 0; n < TOKENS_MAX; n++) madeToken(db, { name: 'x', scopes: ['read'], expiresMs: nowMs + 10 }, nowMs);
    });
    fill(0);
    expect(createToken(db, { name: 'x', scopes: ['read'] }, 5)).toBe('too-many');
    fill(10);
    fill(20);
    const count = () => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM tokens').get()?.n;
    expect(count()).toBe(2 * TOKENS_MAX);
  });
});

const BY_LINK = { account: null, address: '127.0.0.1', agent: 'Firefox' } as const;

describe('sessions', () => {
  it('count until they end or are ended', () => {
    const db = temporaryDatabase();
    const { id, secret } = createSession(db, { ...BY_LINK, expiresMs: 100 }, 0);
    const facts = { id, ...BY_LINK, createdMs: 0, usedMs: 0, expiresMs: 100 };
    expect([verifySession(db, secret, 99), verifySession(db, secret, 100), verifySession(db, 'x', 1)]).toEqual([
      facts,
      undefined,
      undefined,
    ]);
    expect([deleteSession(db, id, 7), deleteSession(db, id, null), deleteSession(db, id)]).toEqual([
      false,
      true,
      false,
    ]);
    expect(verifySession(db, secret, 1)).toBeUndefined();
  });

  it('are listed and ended all at once, and keep no more of what a browser says than a line', () => {
    const db = temporaryDatabase();
    const agent = 'x'.repeat(5_000);
    const ids = [1, 2].map((ms) => createSession(db, { ...BY_LINK, agent, expiresMs: 100 }, ms).id);
    expect(listSessions(db, null).map(({ id }) => id)).toEqual(ids.toReversed());
    expect(listSessions(db).map((session) => session.agent.length)).toEqual([200, 200]);
    expect(listSessions(db, 1)).toEqual([]);
    expect([deleteSessionsOf(db, 1), deleteSessionsOf(db, null), listSessions(db)]).toEqual([0, 2, []]);
  });

  it('are bounded, and expired ones go', () => {
    const db = temporaryDatabase();
    const make = (expiresMs: number, nowMs: number) => createSession(db, { ...BY_LINK, expiresMs }, nowMs).secret;
    const first = make(1e9, 0);
    for (let n = 0; n < SESSIONS_MAX; n++) make(n < 10 ? 50 : 1e9, n + 1);
    const count = () => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sessions').get()?.n;
    expect([count(), verifySession(db, first, 1)?.expiresMs]).toEqual([SESSIONS_MAX - 10 + 1, 1e9]);
    for (let n = 0; n < 10; n++) make(1e9, 5_000 + n);
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
