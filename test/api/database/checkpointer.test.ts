import { statSync } from 'node:fs';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startCheckpointer } from '../../../src/api/database/checkpointer.ts';
import { isLogBehind, LogMover, logState } from '../../../src/store/database/log-mover.ts';
import { type Database, openDatabase } from '../../../src/store/database/open.ts';
import { temporaryDatabase } from '../../store/support/temporary-database.ts';

const log = pino({ level: 'silent' });
const PAGE_BYTES = 4_096;

function writing(): Database {
  const db = openDatabase(temporaryDatabase().name, { checkpoints: 'elsewhere' });
  onTestFinished(() => {
    db.close();
  });
  db.exec('CREATE TABLE filler (bytes BLOB) STRICT');
  return db;
}

/** So many pages and a few more. */
function write(db: Database, pages: number): void {
  db.prepare('INSERT INTO filler VALUES (zeroblob(?))').run(pages * PAGE_BYTES);
}

const isMoved = ({ written, moved }: ReturnType<typeof logState>) => written === moved;

describe('the log of the server', () => {
  it('is moved into the file by a thread, and begins anew', async () => {
    const db = writing();
    const stop = await startCheckpointer(db, log);
    write(db, 10_000);
    await vi.waitFor(() => expect(isMoved(logState(db))).toBe(true), { timeout: 20_000 });
    expect(statSync(db.name).size).toBeGreaterThan(10_000 * PAGE_BYTES);
    write(db, 10);
    expect(logState(db).written).toBeLessThan(100);
    await stop();
    // Once more does nothing.
    await stop();
  }, 30_000);

  it('stays where it is as long as it is short, and as long as somebody reads what is older', () => {
    const db = writing();
    const mover = new LogMover(db);
    write(db, 100);
    expect(mover.look()).toBe(true);
    expect(logState(db).moved).toBe(0);
    const reader = openDatabase(db.name, { readonly: true });
    onTestFinished(() => {
      reader.close();
    });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM filler').get();
    write(db, 40_000);
    expect(isLogBehind(db)).toBe(true);
    expect(mover.look()).toBe(false);
    expect(isMoved(logState(db))).toBe(false);
    reader.exec('COMMIT');
    expect(mover.look()).toBe(true);
    expect([isMoved(logState(db)), isLogBehind(db)]).toEqual([true, false]);
  });
});
