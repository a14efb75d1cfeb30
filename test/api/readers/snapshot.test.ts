import { expect, it, onTestFinished } from 'vitest';
import { readSnapshot } from '../../../src/api/readers/snapshot.ts';
import { closeDatabase, openDatabase } from '../../../src/store/database/open.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { denial, T0 } from '../../store/support/documents.ts';
import { temporaryDatabase } from '../../store/support/temporary-database.ts';

it('a reader sees one state of the database, whatever is removed between its statements', () => {
  const db = temporaryDatabase();
  new EventWriter(db).write([{ doc: denial({ n: 1 }) }, { doc: denial({ n: 2 }) }], T0);
  const reading = openDatabase(db.name, { readonly: true });
  onTestFinished(() => closeDatabase(reading));
  const count = () => reading.prepare('SELECT count(*) FROM denials').pluck().get();
  const counts = readSnapshot(reading, () => {
    const before = count();
    db.prepare('DELETE FROM denials').run();
    return [before, count()];
  });
  expect(counts).toEqual([2, 2]);
  expect(count()).toBe(0);
});

it('a reader that fails leaves the next one a new state', () => {
  const db = temporaryDatabase();
  const reading = openDatabase(db.name, { readonly: true });
  onTestFinished(() => closeDatabase(reading));
  const fail = () => {
    reading.prepare('SELECT count(*) FROM denials').get();
    throw new Error('given up');
  };
  expect(() => readSnapshot(reading, fail)).toThrow('given up');
  new EventWriter(db).write([{ doc: denial({ n: 1 }) }], T0);
  expect(readSnapshot(reading, () => reading.prepare('SELECT count(*) FROM denials').pluck().get())).toBe(1);
});
