// Database files for the tests of commands.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import type { AnyDocument } from '../../src/landlock/document.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { testIo } from '../support/test-io.ts';

/** Where the file is; its directory goes with the test. */
export interface DatabaseFile {
  readonly directory: string;
  path: string;
  /** Runs `trespass ARGV --db PATH`. */
  readonly trespass: (
    ...argv: string[]
  ) => Promise<{ readonly exitCode: number; readonly out: string; readonly err: string }>;
}

/** A file for each test, and the program run on it in this process. */
export function useDatabaseFile(): DatabaseFile {
  const file = {
    directory: '',
    path: '',
    async trespass(...argv: string[]) {
      const io = testIo({ cwd: file.directory });
      const exitCode = await runProgram([...argv, '--db', file.path], io);
      return { exitCode, out: io.out(), err: io.err() };
    },
  };
  beforeEach(() => {
    file.directory = mkdtempSync(join(tmpdir(), 'trespass-db-'));
    file.path = join(file.directory, 'test.db');
  });
  afterEach(() => rmSync(file.directory, { recursive: true, force: true }));
  return file;
}

/** One file for all tests of a file, which only read it, with the documents stored. */
export function useStoredDocuments(documents: readonly AnyDocument[]): { directory: string; path: string } {
  const file = { directory: '', path: '' };
  beforeAll(() => {
    file.directory = mkdtempSync(join(tmpdir(), 'trespass-stored-'));
    file.path = join(file.directory, 'test.db');
    const db = openDatabase(file.path);
    const lines = documents.map((doc) => ({ doc }));
    new EventWriter(db).write(lines, 0);
    closeDatabase(db);
  });
  afterAll(() => rmSync(file.directory, { recursive: true, force: true }));
  return file;
}
