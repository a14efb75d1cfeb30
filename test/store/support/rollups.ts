// What the rollups must say, counted anew from the denials themselves.
import { expect } from 'vitest';
import { WEIGHTS } from '../../../src/store/columns/repeats.ts';
import { SLOTS_PER_HOUR, slotHour } from '../../../src/store/columns/slot.ts';
import type { Database } from '../../../src/store/database/open.ts';

/** Hours since 1970 of a slot, in SQL: the epoch of slots is a whole hour. Division towards minus infinity. */
const HOUR = `(d.id / ${SLOTS_PER_HOUR} - (d.id < 0 AND d.id % ${SLOTS_PER_HOUR} <> 0) + ${slotHour(0)})`;
const MS = `((d.id >> 8) + 1735689600000)`;
const FIRST = `min(${MS}, ifnull((SELECT r.first_ms FROM repeats r WHERE r.denial = d.id), ${MS}))`;
const LAST = `max(${MS}, ifnull((SELECT r.last_ms FROM repeats r WHERE r.denial = d.id), ${MS}))`;

const PAIRS: readonly (readonly [rollup: string, counted: string])[] = [
  [
    'SELECT issue, hour, host, sum(denials) AS denials FROM hour_issues GROUP BY 1, 2, 3 ORDER BY 1, 2, 3',
    `SELECT d.issue, ${HOUR} AS hour, d.host, ${WEIGHTS} AS denials FROM denials d GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ],
  [
    'SELECT issue, day, sum(denials) AS denials FROM issue_days GROUP BY 1, 2 ORDER BY 1, 2',
    `SELECT d.issue, ${HOUR} / 24 AS day, ${WEIGHTS} AS denials FROM denials d GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  [
    'SELECT host, issue, first_ms, last_ms, denials FROM host_issues ORDER BY 1, 2',
    `SELECT d.host, d.issue, min(${FIRST}) AS first_ms, max(${LAST}) AS last_ms, ${WEIGHTS} AS denials FROM denials d
     GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  [
    'SELECT id, is_canary, first_ms, last_ms, denials, hosts FROM issues ORDER BY 1',
    `SELECT d.issue AS id, min(d.flags & 1) AS is_canary, min(${FIRST}) AS first_ms, max(${LAST}) AS last_ms,
       ${WEIGHTS} AS denials, count(DISTINCT d.host) AS hosts FROM denials d GROUP BY 1 ORDER BY 1`,
  ],
  [
    'SELECT hour, host, blockers, is_canary, sum(denials) AS denials FROM denial_hours GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
    `SELECT ${HOUR} AS hour, d.host, s.blockers, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN shapes s ON s.id = d.shape GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  [
    'SELECT hour, blockers, is_canary, denials FROM blocker_hours ORDER BY 1, 2, 3',
    `SELECT ${HOUR} AS hour, s.blockers, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN shapes s ON s.id = d.shape GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ],
  [
    'SELECT kind, day, key, is_canary, denials FROM day_counts ORDER BY 1, 2, 3, 4',
    `SELECT 0 AS kind, ${HOUR} / 24 AS day, s.blockers AS key, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN shapes s ON s.id = d.shape GROUP BY 2, 3, 4
     UNION ALL
     SELECT 1, ${HOUR} / 24, d.host, d.flags & 1, ${WEIGHTS} FROM denials d GROUP BY 2, 3, 4
     UNION ALL
     SELECT 2, ${HOUR} / 24, a.program, d.flags & 1, ${WEIGHTS}
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.program <> 0 GROUP BY 2, 3, 4
     ORDER BY 1, 2, 3, 4`,
  ],
  [
    'SELECT hour, program, is_canary, denials FROM hour_programs ORDER BY 1, 2, 3',
    `SELECT ${HOUR} AS hour, a.program, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.program <> 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ],
  [
    'SELECT hour, program, host, is_canary, sum(denials) AS denials FROM program_hours GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
    `SELECT ${HOUR} AS hour, a.program, d.host, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.program <> 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  [
    'SELECT hour, uid, host, is_canary, sum(denials) AS denials FROM user_hours GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4',
    `SELECT ${HOUR} AS hour, a.uid, d.host, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.uid IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  [
    hostDays('blockers'),
    `SELECT ${HOUR} / 24 AS day, d.host, s.blockers AS key, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN shapes s ON s.id = d.shape GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  [
    hostDays('programs'),
    `SELECT ${HOUR} / 24 AS day, d.host, a.program AS key, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.program <> 0 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
  [
    hostDays('users'),
    `SELECT ${HOUR} / 24 AS day, d.host, a.uid AS key, d.flags & 1 AS is_canary, ${WEIGHTS} AS denials
     FROM denials d JOIN actors a ON a.id = d.actor WHERE a.uid IS NOT NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
  ],
];

/** Rows of host_days one by one. */
function hostDays(list: 'blockers' | 'programs' | 'users'): string {
  return `
    SELECT day, host, iif(code < 0, -1 - code, code) AS key, code < 0 AS is_canary, sum(n) AS denials
    FROM (
      SELECT h.day, h.host,
        iif(j.type = 'integer', j.value, j.value ->> 0) AS code, iif(j.type = 'integer', 1, j.value ->> 1) AS n
      FROM host_days h, json_each(h.${list}) j
    )
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4`;
}

const OPEN_DOMAINS = 'SELECT id, open_domains FROM boots ORDER BY id';
const OPEN_DOMAINS_COUNTED = `
  SELECT b.id, count(m.id) AS open_domains
  FROM boots b
  LEFT JOIN domains m ON m.boot = b.id AND m.deallocated_ms IS NULL AND m.is_canary = 0
  GROUP BY b.id
  ORDER BY b.id`;

/**
 * Fails unless each rollup has exactly the rows and numbers that the stored denials give. `ever`: a database with the
 * same documents in the same order, where none was taken by retention.
 */
export function expectExactRollups(db: Database, ever: Database = db): void {
  for (const [rollup, counted] of PAIRS) expect(db.prepare(rollup).all()).toEqual(ever.prepare(counted).all());
  expect(db.prepare(OPEN_DOMAINS).all()).toEqual(db.prepare(OPEN_DOMAINS_COUNTED).all());
}
