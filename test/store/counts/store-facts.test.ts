import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeFacts } from '../../../src/store/counts/store-facts.ts';
import { closeDatabase, openDatabase } from '../../../src/store/database/open.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-facts-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('tells the size by the pages where the file is out of reach', () => {
  const db = openDatabase(join(directory, 'facts.db'));
  const before = storeFacts(db).bytes;
  // As after giving rights away: the descriptor stays, the path does not.
  rmSync(directory, { recursive: true });
  const after = storeFacts(db).bytes;
  closeDatabase(db);
  expect(before).toBeGreaterThan(0);
  expect(after).toBeGreaterThan(0);
});
