// Counts of hosts that tell nothing else: stored as what they are, by the hour, fleet and kind, under the id that the
// host has for a day. Which agent sent them is not kept. No host, domain or denial comes of them.

import { GAP_CAUSES } from '../../landlock/document.ts';
import { AGGREGATE_SUBJECTS, type Aggregate } from '../../landlock/privacy/aggregate.ts';
import { id, packageFields, path, time, timeMs } from '../columns/check-parts.ts';
import { type Check, integer, list, literal, matching, object, text } from '../columns/check-shape.ts';
import { toEventKey } from '../columns/event-key.ts';
import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';

const oneOf =
  (known: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && known.includes(value) ? undefined : ': none that is known';

const column: Check = (value) =>
  path(value) ?? (typeof value === 'string' && value.includes('\0') ? ': has a U+0000' : undefined);

const aggregate = object(
  {
    kind: literal('aggregate'),
    '@timestamp': time,
    event: object({ id }),
    reporter: object({ id: matching(/^[0-9a-f]{16}$/, '16 hexadecimal digits') }),
    of: oneOf(AGGREGATE_SUBJECTS),
    count: integer(1, Number.MAX_SAFE_INTEGER),
  },
  {
    cause: oneOf(GAP_CAUSES),
    landlock: object({ blockers: list(text(64), 128), object: object({ kind: text(64) }) }),
    file: object({ path: column }),
    process: object({ executable: column }),
    package: packageFields,
  },
);

const ADD = `
  INSERT INTO aggregate_counts (
    hour, event_key, event_rest, fleet, reporter, subject, cause, blockers, object_kind, object, program, package, count
  )
  VALUES (?, ?, ?, (SELECT id FROM fleets WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING`;

const ADD_TEXT = 'INSERT INTO strings (value) VALUES (?) ON CONFLICT (value) DO NOTHING';
const FIND_TEXT = 'SELECT id FROM strings WHERE value = ?';
const ADD_PACKAGE = 'INSERT INTO packages (name, version, type) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
const FIND_PACKAGE = 'SELECT id FROM packages WHERE name = ? AND version = ? AND type = ?';

/** Whether it is new; a string says why it never can be stored. In the writer's transaction. */
export function addAggregate(db: Database, fleet: string, doc: Aggregate): boolean | string {
  const complaint = aggregate(doc);
  if (complaint !== undefined) return `document${complaint}`;
  const { landlock, file, process, package: owner } = doc;
  const { key, rest } = toEventKey(doc.event.id);
  const blockers = landlock && JSON.stringify(landlock.blockers);
  const { changes } = statement(db, ADD).run(
    Math.floor((timeMs(doc['@timestamp']) ?? 0) / HOUR_MS),
    key,
    rest,
    fleet,
    doc.reporter.id,
    doc.of,
    doc.cause ?? null,
    textRow(db, blockers),
    landlock?.object.kind ?? null,
    textRow(db, file?.path),
    textRow(db, process?.executable),
    owner === undefined ? null : packageRow(db, owner),
    doc.count,
  );
  return changes > 0;
}

function textRow(db: Database, value: string | undefined): number | null {
  if (value === undefined) return null;
  statement(db, ADD_TEXT).run(value);
  return statement<{ id: number }>(db, FIND_TEXT).get(value)?.id ?? null;
}

function packageRow(db: Database, { name, version, type = '' }: NonNullable<Aggregate['package']>): number | null {
  statement(db, ADD_PACKAGE).run(name, version, type);
  return statement<{ id: number }>(db, FIND_PACKAGE).get(name, version, type)?.id ?? null;
}
