// What must be true of a database after whatever happened to its writer: sound, every acknowledged batch in it once
// with all its documents and their text, and of any other batch either all or nothing.
import { expect } from 'vitest';
import type { Database } from '../../../src/store/database/open.ts';
import { getDocument } from '../../../src/store/denials/documents.ts';
import { expectExactRollups } from './rollups.ts';
import { LINES_OF_BATCH, linesOf } from './wire-batches.ts';

/** Batches that are looked at document by document; of the others the numbers must be right. */
const RECENT = 3;

/** Numbers of batches, which are written in their order: answered for, and sent. */
export interface Known {
  readonly acknowledged: number;
  readonly sent: number;
}

/**
 * Fails unless the database holds the first batches, each whole: all that were acknowledged and none that was not sent.
 * Answers how many.
 */
export function expectWhole(db: Database, { acknowledged, sent }: Known, recent = RECENT): number {
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(db.pragma('foreign_key_check')).toEqual([]);
  const batches = expectWholeBatches(db);
  expect(batches).toBeGreaterThanOrEqual(acknowledged);
  expect(batches).toBeLessThanOrEqual(sent);
  for (let batch = Math.max(0, batches - recent); batch < batches; batch++) {
    for (const { doc, raw } of linesOf(batch)) {
      const stored = getDocument(db, doc.event?.id ?? '');
      expect([stored?.doc, stored?.records]).toEqual([doc, [raw]]);
    }
  }
  return batches;
}

/** All numbers are those of whole batches. Answers how many. */
function expectWholeBatches(db: Database): number {
  const count = (sql: string) => db.prepare<[], { n: number | null }>(sql).get()?.n ?? 0;
  const denials = count('SELECT count(*) AS n FROM denials');
  const batches = denials / (LINES_OF_BATCH - 2);
  expect(Number.isInteger(batches)).toBe(true);
  expect({
    denial_hours: count('SELECT sum(denials) AS n FROM denial_hours'),
    program_hours: count('SELECT sum(denials) AS n FROM program_hours'),
    issues: count('SELECT sum(denials) AS n FROM issues'),
    hosts: count('SELECT sum(denials) AS n FROM hosts'),
    logged: count('SELECT sum(logged) AS n FROM domains'),
    domains: count('SELECT count(*) AS n FROM domains'),
    events: count('SELECT count(*) AS n FROM domain_events'),
  }).toEqual({
    denial_hours: denials,
    program_hours: denials,
    issues: denials,
    hosts: denials,
    logged: denials,
    domains: batches,
    events: batches * 2,
  });
  expectExactRollups(db);
  return batches;
}
