// What hosts tell that only count: added up for a fleet and a span of whole hours. An id of a reporter holds for a day, so
// how many there are is said of the day that had the most.

import { HOUR_MS } from '../columns/slot.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Span } from '../query/scope.ts';
import { HOURS_PER_DAY } from '../rollups/rollups.ts';

export interface AggregatePart {
  readonly value: string;
  readonly denials: number;
  /** On the day that had the most. */
  readonly reporters: number;
}

export interface AggregateMetrics {
  readonly denials: number;
  readonly domains: number;
  readonly malformed: number;
  readonly lost: readonly { readonly cause: string; readonly count: number }[];
  readonly reporters: number;
  readonly by_program: readonly AggregatePart[];
  readonly by_blocker: readonly AggregatePart[];
  readonly by_object: readonly AggregatePart[];
  /** `name version`. */
  readonly by_package: readonly AggregatePart[];
}

const partsMax = 20;

export const AGGREGATES_SQL = `
  SELECT a.hour, a.reporter, a.subject, a.cause, a.count, b.value AS blockers, p.value AS program, o.value AS object,
    k.name, k.version
  FROM aggregate_counts a
  LEFT JOIN strings b ON b.id = a.blockers
  LEFT JOIN strings p ON p.id = a.program
  LEFT JOIN strings o ON o.id = a.object
  LEFT JOIN packages k ON k.id = a.package
  WHERE a.hour >= ? AND a.hour < ? AND a.fleet = ?`;

interface Row {
  readonly hour: number;
  readonly reporter: string;
  readonly subject: string;
  readonly cause: string | null;
  readonly count: number;
  readonly blockers: string | null;
  readonly program: string | null;
  readonly object: string | null;
  readonly name: string | null;
  readonly version: string | null;
}

/** undefined where nobody counts. */
export function aggregateMetrics(db: Database, fleet: number, span: Span): AggregateMetrics | undefined {
  const select = statement<Row>(db, AGGREGATES_SQL);
  const sums = { denials: 0, domains: 0, malformed: 0 };
  const lost = new Map<string, number>();
  const all = new Parts();
  const [programs, blockers, objects, packages] = [new Parts(), new Parts(), new Parts(), new Parts()];
  for (const row of select.iterate(span.fromMs / HOUR_MS, span.toMs / HOUR_MS, fleet)) {
    all.add('', row, 0);
    if (row.subject === 'lost') lost.set(row.cause ?? '', (lost.get(row.cause ?? '') ?? 0) + row.count);
    else if (row.subject in sums) sums[row.subject as keyof typeof sums] += row.count;
    if (row.subject !== 'denials') continue;
    if (row.program !== null) programs.add(row.program, row, row.count);
    if (row.object !== null) objects.add(row.object, row, row.count);
    if (row.name !== null) packages.add(`${row.name} ${row.version}`, row, row.count);
    for (const name of toNames(row.blockers)) blockers.add(name, row, row.count);
  }
  if (all.isEmpty) return undefined;
  return {
    ...sums,
    lost: [...lost].map(([cause, count]) => ({ cause, count })),
    reporters: all.ranked()[0]?.reporters ?? 0,
    by_program: programs.ranked(),
    by_blocker: blockers.ranked(),
    by_object: objects.ranked(),
    by_package: packages.ranked(),
  };
}

class Parts {
  readonly #parts = new Map<string, { denials: number; readonly days: Map<number, Set<string>> }>();

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  add(value: string, { hour, reporter }: Row, denials: number): void {
    const part = this.#parts.get(value) ?? { denials: 0, days: new Map<number, Set<string>>() };
    this.#parts.set(value, part);
    part.denials += denials;
    const day = Math.floor(hour / HOURS_PER_DAY);
    const reporters = part.days.get(day) ?? new Set<string>();
    part.days.set(day, reporters.add(reporter));
  }

  ranked(): readonly AggregatePart[] {
    return [...this.#parts]
      .map(([value, { denials, days }]) => ({
        value,
        denials,
        reporters: [...days.values()].reduce((most, { size }) => Math.max(most, size), 0),
      }))
      .sort((a, b) => b.reporters - a.reporters || b.denials - a.denials || (a.value < b.value ? -1 : 1))
      .slice(0, partsMax);
  }
}

/** Our own JSON. */
function toNames(blockers: string | null): readonly string[] {
  return blockers === null ? [] : JSON.parse(blockers);
}
