import { expect, it } from 'vitest';
import { takeOlderThan } from '../../../src/store/retention/retention.ts';
import { takeRollupsBefore } from '../../../src/store/retention/retention-rollups.ts';
import { EventWriter } from '../../../src/store/writing/event-writer.ts';
import { denial, T0 } from '../support/documents.ts';
import { temporaryDatabase } from '../support/temporary-database.ts';

const DAY_MS = 86_400_000;

it('an issue has a positive number where it names the very path, and retention takes the days of both kinds', () => {
  const db = temporaryDatabase();
  const docs = [denial({ n: 1, path: '/etc/passwd' }), denial({ n: 2, path: '/home/me/x' })];
  new EventWriter(db).write(
    docs.map((doc) => ({ doc })),
    T0,
  );
  const issues = db.prepare('SELECT object_key AS path, id > 0 AS isExact FROM issues ORDER BY 1').all();
  expect(issues).toEqual([
    { path: '/etc/passwd', isExact: 1 },
    { path: '/home/*/x', isExact: 0 },
  ]);
  const days = () => db.prepare('SELECT count(*) AS n FROM issue_days').get();
  expect(days()).toEqual({ n: 2 });
  const laterMs = T0 + 40 * DAY_MS;
  // Counts stay as long as what they count.
  for (const _ of takeOlderThan(db, laterMs, laterMs));
  for (const _ of takeRollupsBefore(db, laterMs, laterMs));
  expect(days()).toEqual({ n: 0 });
});
