import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Denial } from '../../src/landlock/document.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/store/database/open.ts';
import { getDocument } from '../../src/store/denials/documents.ts';
import { EventWriter } from '../../src/store/writing/event-writer.ts';
import { batchOfChild } from './support/child-batches.ts';
import { expectExactRollups } from './support/rollups.ts';
import { temporaryDirectory } from './support/temporary-database.ts';

const child = fileURLToPath(new URL('./support/writing-child.ts', import.meta.url));
const kills = 6;

/** Runs the writing process, kills it some time after its first commit, and answers the last batch that it said. */
async function writeUntilKilled(path: string, first: number, afterMs: number): Promise<number> {
  const writing = spawn(process.execPath, ['--import', 'tsx', child, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    writing.kill('SIGKILL');
  });
  let last = -1;
  const closed = once(writing, 'close');
  for await (const line of createInterface({ input: writing.stdout })) {
    if (last < 0) setTimeout(() => writing.kill('SIGKILL'), afterMs);
    last = Number(line);
  }
  const [, signal] = await closed;
  expect(signal).toBe('SIGKILL');
  return last;
}

function sums(db: Database): unknown {
  return {
    hours: db.prepare('SELECT sum(denials) AS n FROM denial_hours').get(),
    programs: db.prepare('SELECT sum(denials) AS n FROM program_hours').get(),
    hosts: db.prepare('SELECT sum(denials) AS n FROM hosts').get(),
    domains: db.prepare('SELECT sum(logged) AS n FROM domains').get(),
  };
}

describe('a writer that is killed', () => {
  it('leaves a sound database with what it acknowledged, each once', async () => {
    const path = join(temporaryDirectory(), 'crash.db');
    let acknowledged = -1;
    for (let kill = 0; kill < kills; kill++) {
      // The collector that knows of no answer sends the same batch again.
      const last = await writeUntilKilled(path, acknowledged + 1, 40 + 37 * kill);
      acknowledged = Math.max(acknowledged, last);
      const db = openDatabase(path);
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(db.pragma('foreign_key_check')).toEqual([]);
      const { n } = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM denials').get() ?? { n: 0 };
      expect(sums(db)).toEqual({ hours: { n }, programs: { n }, hosts: { n }, domains: { n } });
      expectExactRollups(db);
      closeDatabase(db);
    }
    const db = openDatabase(path);
    onTestFinished(() => closeDatabase(db));
    const expected = new Map<string, { doc: unknown; raw: unknown }>();
    for (let batch = 0; batch <= acknowledged; batch++) {
      for (const { doc, raw } of batchOfChild(batch)) expected.set((doc as Denial).event.id, { doc, raw });
    }
    for (const [id, { doc, raw }] of expected) {
      const stored = getDocument(db, id);
      expect(stored?.doc).toEqual(doc);
      if (raw !== undefined) expect(stored?.records).toEqual([raw]);
    }
    // Written again, all of it is known.
    const again = new EventWriter(db).write(
      [...expected.values()].map(({ doc }) => ({ doc })),
      0,
    );
    expect([again.stored, again.duplicates]).toEqual([0, expected.size]);
  }, 120_000);
});
