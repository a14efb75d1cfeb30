// What the counted keys of a time series are called: from a row id to the names of the series that it adds to.
import type { SeriesKey } from '../answers.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import { blockersOf, classesOf } from './blocker-sets.ts';

/** null: the denials had no such thing, and add to no series. */
export type NamesOf = (key: number | null) => readonly string[];

const NAME_SQL = {
  program: 'SELECT value AS name FROM strings WHERE id = ?',
  host: 'SELECT ifnull(name, host_id) AS name FROM hosts WHERE id = ?',
  fleet: 'SELECT f.name FROM hosts h JOIN fleets f ON f.id = h.fleet WHERE h.id = ?',
  issue: 'SELECT fingerprint AS name FROM issues WHERE id = ?',
} as const;

/** Remembers what it found. */
export function namesFor(db: Database, groupBy: SeriesKey): NamesOf {
  const known = new Map<number, readonly string[]>();
  const find = namerOf(db, groupBy);
  return (key) => {
    if (key === null) return [];
    let names = known.get(key);
    if (names === undefined) {
      names = find(key);
      known.set(key, names);
    }
    return names;
  };
}

function namerOf(db: Database, groupBy: SeriesKey): (key: number) => readonly string[] {
  switch (groupBy) {
    case 'none':
      return () => ['denials'];
    case 'class':
      return (set) => classesOf(blockersOf(db, set));
    case 'blocker':
      return (set) => blockersOf(db, set);
    case 'program':
    case 'host':
    case 'fleet':
    case 'issue': {
      const select = statement<{ name: string }>(db, NAME_SQL[groupBy]);
      return (key) => [select.get(key)?.name ?? ''];
    }
  }
}
