// Makes a large database of a small one: copies of its denials, each so many hours later, with all that counts them. Far
// quicker than sending them through the writer, and the same for whoever reads: rows, indexes and rollups are filled in
// the order of time, as by ingest. The copies have no text, and are not found by event.id.

import { HOUR_MS, SLOTS_PER_HOUR } from '../src/store/columns/slot.ts';
import type { Database } from '../src/store/database/open.ts';
import { DAY_KINDS, HOURS_PER_DAY } from '../src/store/rollups/rollups.ts';

/** Rollups with a row for each hour: `hour` is shifted, all else stays. */
const HOUR_TABLES = ['host_hours', 'blocker_hours', 'hour_programs', 'hour_changes'] as const;

/** The same by the day, in parts. */
const DAY_TABLES = ['issue_days', 'host_days'] as const;

/** More than an issue or a host has of a day before it is copied. */
const PARTS_MAX = 1_000;

const CACHE_KIB = 1_500_000;

/** `times`: how many there are of each at the end; `hours`: what lies between two of them, whole days. */
export function multiplyDenials(db: Database, times: number, hours: number): void {
  db.pragma(`cache_size = -${CACHE_KIB}`);
  const end = Number(db.prepare('SELECT max(id) + 1 AS id FROM denials').pluck().get());
  const lastHour = Number(db.prepare('SELECT max(hour) FROM blocker_hours').pluck().get());
  for (let copy = 1; copy < times; copy++) {
    db.transaction(() => {
      const denials = copyOf(db, 'denials', { id: `id + ${copy * hours * SLOTS_PER_HOUR}`, raw: 'NULL' });
      db.prepare(`${denials} WHERE id < ? ORDER BY id`).run(end);
      for (const table of HOUR_TABLES) {
        const rows = copyOf(db, table, { hour: `hour + ${copy * hours}` });
        db.prepare(`${rows} WHERE hour <= ?`).run(lastHour);
      }
      const days = hours / HOURS_PER_DAY;
      // The last day of one copy may be the first of the next: parts of a day just add up.
      for (const table of DAY_TABLES) {
        const rows = copyOf(db, table, { day: `day + ${copy * days}`, part: `part + ${copy * PARTS_MAX}` });
        db.prepare(`${rows} WHERE part < ?`).run(PARTS_MAX);
      }
    })();
  }
  db.transaction(() => sumUp(db, times, (times - 1) * hours * HOUR_MS))();
}

function copyOf(db: Database, table: string, changed: Readonly<Record<string, string>>): string {
  const columns = db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)').all(table);
  const values = columns.map(({ name }) => changed[name] ?? name);
  return `INSERT INTO ${table} SELECT ${values.join(', ')} FROM ${table}`;
}

function sumUp(db: Database, times: number, laterMs: number): void {
  const later = (column: string) => `${column} = ${column} + ${laterMs}`;
  db.exec(`
    UPDATE issues SET denials = denials * ${times}, ${later('last_ms')};
    UPDATE host_issues SET denials = denials * ${times}, ${later('last_ms')};
    UPDATE hosts SET denials = denials * ${times}, ${later('last_ms')}, ${later('last_denial_ms')};
    UPDATE domains SET logged = logged * ${times}, ${later('last_ms')}, ${later('last_denial_ms')};
    UPDATE boots SET ${later('last_ms')};
    DELETE FROM day_counts;`);
  const days = (kind: number, key: string, table: string) =>
    db.exec(`
      INSERT INTO day_counts (day, kind, key, is_canary, denials)
      SELECT hour / ${HOURS_PER_DAY}, ${kind}, ${key}, is_canary, sum(denials) FROM ${table} GROUP BY 1, 3, 4`);
  days(DAY_KINDS.blockers, 'blockers', 'blocker_hours');
  days(DAY_KINDS.host, 'host', 'denial_hours');
  days(DAY_KINDS.program, 'program', 'program_hours');
}
