// Takes texts, actors and shapes that no row refers to any more: after a deletion, as paths and names stay in them.
// Reads every row once, in one transaction: while it runs, writers wait. That is some seconds for ten million denials.
import type { Database } from '../database/open.ts';
import { countRemoved } from '../retention-marks.ts';
import { DAY_KINDS } from '../rollups/rollups.ts';
import type { Taken } from './retention-step.ts';

/** Where rows of strings are referred to; sets of blockers stay, as readers keep them by their number. */
const REFERENCES = [
  'SELECT blockers FROM shapes',
  'SELECT reason FROM shapes',
  'SELECT blockers FROM blocker_members',
  'SELECT program FROM actors',
  'SELECT comm FROM actors',
  'SELECT unit FROM actors',
  'SELECT user_unit FROM actors',
  'SELECT object FROM denials WHERE object IS NOT NULL',
  "SELECT args FROM denials WHERE typeof(args) = 'integer'",
  'SELECT program FROM issues',
  'SELECT blockers FROM issues',
  'SELECT creator_executable FROM domain_events WHERE creator_executable IS NOT NULL',
  'SELECT creator_name FROM domain_events WHERE creator_name IS NOT NULL',
  'SELECT creator_name FROM domain_creations WHERE creator_name IS NOT NULL',
  'SELECT program FROM sandbox_calls WHERE program IS NOT NULL',
  'SELECT comm FROM sandbox_calls WHERE comm IS NOT NULL',
  'SELECT details FROM sandbox_calls',
  'SELECT file FROM malformed WHERE file IS NOT NULL',
  'SELECT blockers FROM denial_hours',
  'SELECT blockers FROM blocker_hours',
  'SELECT program FROM program_hours',
  'SELECT program FROM hour_programs',
  'SELECT program FROM sandbox_hours',
  'SELECT blockers FROM aggregate_counts WHERE blockers IS NOT NULL',
  'SELECT object FROM aggregate_counts WHERE object IS NOT NULL',
  'SELECT program FROM aggregate_counts WHERE program IS NOT NULL',
  `SELECT key FROM day_counts WHERE kind <> ${DAY_KINDS.host}`,
];

export const UNUSED = {
  actors: 'DELETE FROM actors WHERE id NOT IN (SELECT actor FROM denials)',
  shapes: 'DELETE FROM shapes WHERE id NOT IN (SELECT shape FROM denials)',
  packages: `
    DELETE FROM packages
    WHERE id NOT IN (
      SELECT package FROM actors
      UNION ALL SELECT package FROM host_packages
      UNION ALL SELECT package FROM package_days
      UNION ALL SELECT package FROM aggregate_counts WHERE package IS NOT NULL)`,
  strings: `DELETE FROM strings WHERE id NOT IN (${REFERENCES.join(' UNION ALL ')})`,
} as const;

/** In one transaction. */
export function takeUnusedTexts(db: Database, nowMs: number): Taken {
  const sweep = db.transaction(() => {
    let strings = 0;
    for (const kind of ['actors', 'shapes', 'strings'] as const) {
      const { changes } = db.prepare(UNUSED[kind]).run();
      countRemoved(db, kind, changes, nowMs);
      strings = changes;
    }
    db.prepare(UNUSED.packages).run();
    return strings;
  });
  return { kind: 'strings', count: sweep.immediate() };
}
