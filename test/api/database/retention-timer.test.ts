import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startRetention } from '../../../src/api/database/retention-timer.ts';
import { openDatabase } from '../../../src/store/database/open.ts';
import { toRetentionPolicy } from '../../../src/store/retention/retention-policy.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { audited, denial, T0 } from '../../store/support/documents.ts';
import { temporaryDatabase } from '../../store/support/temporary-database.ts';

const POLICY = toRetentionPolicy({
  rawDays: 1,
  denialsDays: 1,
  sandboxCallsDays: 0,
  lossesDays: 0,
  rollupsDays: 0,
  issuesDays: 0,
  domainsDays: 0,
  adminActsDays: 0,
  maxBytes: 0,
});
const log = pino({ level: 'silent' });

function batch(first: number, ms: number) {
  return Array.from({ length: 1_000 }, (_, i) => ({ doc: audited(denial({ n: first + i, ms: ms + i })), raw: 'text' }));
}

describe('retention beside ingest', () => {
  it('takes what is old while others write, in turn with them', async () => {
    const db = temporaryDatabase();
    const writer = new EventWriter(db);
    for (let i = 0; i < 60; i++) writer.write(batch(i * 1_000, T0 + i * 1_000), T0);
    const count = () => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM denials').get()?.n;
    onTestFinished(startRetention(db, POLICY, log, { firstMs: 1, lookMs: 5 }));
    let written = 0;
    const ticks = setInterval(() => {
      writer.write(batch(1_000_000 + written, Date.now()), Date.now());
      written += 1_000;
    }, 50);
    onTestFinished(() => clearInterval(ticks));
    await vi.waitFor(() => expect(count()).toBe(written), { timeout: 50_000, interval: 50 });
    // The writes got their turn between its steps.
    expect(written).toBeGreaterThan(2_000);
    expect(db.prepare('SELECT removed FROM hosts').get()).toEqual({ removed: 60_000 });
  }, 60_000);

  it('waits for a database that another process holds, and goes on after', async () => {
    const db = temporaryDatabase();
    new EventWriter(db).write(batch(0, T0), T0);
    const other = openDatabase(db.name);
    onTestFinished(() => {
      other.close();
    });
    other.exec('BEGIN IMMEDIATE');
    onTestFinished(startRetention(db, POLICY, log, { firstMs: 1, lookMs: 5 }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    const count = () => other.prepare('SELECT count(*) AS n FROM denials').get();
    expect(count()).toEqual({ n: 1_000 });
    other.exec('COMMIT');
    await vi.waitFor(() => expect(count()).toEqual({ n: 0 }), { timeout: 5_000 });
  });
});
