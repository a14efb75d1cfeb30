// `trespass issues` on a database file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { closeDatabase, openDatabase } from '../../src/store/database/open.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { denial, T0 } from '../store/support/documents.ts';
import { testIo } from '../support/test-io.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'trespass-issues-'));
  const db = openDatabase(join(directory, 'a.db'));
  const docs = [denial({ n: 1 }), denial({ n: 2 }), denial({ n: 3, path: '/etc/shadow' })];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  closeDatabase(db);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function issues(...argv: string[]) {
  const io = testIo({ cwd: directory });
  const exitCode = await runProgram(['issues', '--db', join(directory, 'a.db'), ...argv], io);
  return { exitCode, out: io.out() };
}

it('lists issues in the order asked for, as a table and as JSON', async () => {
  expect((await issues()).out).toMatch(/^ISSUE +STATUS +LAST SEEN +DENIALS +HOSTS +BLOCKERS +PROGRAM +OBJECT\n/);
  const { out } = await issues('--json', '--sort', 'denials');
  const rows = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.map((row) => [row.object.key, row.denials])).toEqual([
    ['/etc/passwd', 2],
    ['/etc/shadow', 1],
  ]);
});

it('refuses what it does not know, and says that nothing matched', async () => {
  expect((await issues('--status', 'nothing')).exitCode).toBe(2);
  expect((await issues('--sort', 'nothing')).exitCode).toBe(2);
  expect((await issues('--status', 'resolved')).exitCode).toBe(3);
});
