// Real SQLite files for the tests of the store, each in a directory of its own that goes away with the test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { closeDatabase, type Database, openDatabase } from '../../../src/store/database/open.ts';

/** A directory that is removed when the test has finished. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'trespass-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An empty database in a file of its own, closed when the test has finished. */
export function temporaryDatabase(): Database {
  const directory = temporaryDirectory();
  const db = openDatabase(join(directory, 'trespass.db'));
  onTestFinished(() => closeDatabase(db));
  return db;
}
