// Versions of packages in the week of a fleet that is told to others: beside the table of programs, which the versions
// share their denials with.
import { pathTemplate } from '../../landlock/templates/path-template.ts';
import { HOUR_MS } from '../columns/slot.ts';
import { eachHost, forEachHostCount } from '../counts/host-counts.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Span } from '../query/scope.ts';
import { DAY_MS } from '../rollups/package-sums.ts';
import { OTHER, type SafeTable } from './k-anonymity.ts';
import { type NestedCell, suppressNested } from './k-anonymity-nested.ts';

/** What is denied to programs of no package that is known. */
export const NO_PACKAGE = '(no package)';

export const FLEET_PACKAGE_DAYS_SQL = `
  SELECT p.name, p.version, s.value AS program, d.host, sum(d.denials) AS denials
  FROM packages p
  CROSS JOIN package_days d ON d.package = p.id
  CROSS JOIN hosts h ON h.id = d.host
  CROSS JOIN issues i ON i.id = d.issue
  CROSS JOIN strings s ON s.id = i.program
  WHERE d.day >= ? AND d.day < ? AND h.fleet = ?
  GROUP BY p.name, p.version, s.value, d.host`;

interface PackageRow {
  readonly name: string;
  readonly version: string;
  /** A template. */
  readonly program: string;
  readonly host: number;
  readonly denials: number;
}

/** `programs`: as they are shown. The span is of whole days. */
export function sharedPackages(
  db: Database,
  fleet: number,
  span: Span,
  { programs, hostsMin }: { readonly programs: SafeTable; readonly hostsMin: number },
): SafeTable {
  const rows = new ProgramRows(programs);
  addPrograms(db, fleet, span, rows);
  const cells = new Map<string, { denials: number; readonly parts: Map<string | undefined, Set<number>> }>();
  const select = statement<PackageRow>(db, FLEET_PACKAGE_DAYS_SQL);
  for (const one of select.iterate(span.fromMs / DAY_MS, span.toMs / DAY_MS, fleet)) {
    const value = `${one.name} ${one.version}`;
    const cell = cells.get(value) ?? { denials: 0, parts: new Map<string | undefined, Set<number>>() };
    cells.set(value, cell);
    cell.denials += one.denials;
    const row = rows.take(one);
    cell.parts.set(row, (cell.parts.get(row) ?? new Set<number>()).add(one.host));
  }
  const nested = Array.from(cells, ([value, { denials, parts }]): NestedCell => {
    const hosts = new Set([...parts.values()].flatMap((part) => [...part]));
    return { value, denials, hosts, parts: Array.from(parts, ([row, of]) => ({ row, hosts: of })) };
  });
  return suppressNested(nested, rows.left, rows.rest, hostsMin);
}

function addPrograms(db: Database, fleet: number, span: Span, rows: ProgramRows): void {
  const nameOf = statement<{ value: string }>(db, 'SELECT value FROM strings WHERE id = ?');
  const ofFleet = {
    includeCanary: false,
    hosts: (column: string) => ({ sql: `${column} IN (SELECT id FROM hosts WHERE fleet = ?)`, params: [fleet] }),
  };
  const hours = { from: span.fromMs / HOUR_MS, to: span.toMs / HOUR_MS };
  const programs = new Map<number, Map<number, number>>();
  forEachHostCount(db, ofFleet, { list: 'programs', ...hours }, (counts) => {
    const byHost = programs.get(counts.key) ?? new Map<number, number>();
    programs.set(counts.key, byHost);
    eachHost(counts, (host, denials) => byHost.set(host, (byHost.get(host) ?? 0) + denials));
  });
  for (const [program, byHost] of programs) {
    const name = nameOf.get(program)?.value ?? '';
    for (const [host, denials] of byHost) rows.add(name, host, denials);
  }
}

/** What is denied by the program as it is shown and by host, less what is known to be of a package. */
class ProgramRows {
  readonly #shown: ReadonlySet<string>;
  readonly #left = new Map<string, Map<number, number>>();
  /** Rows of programs with the same template. */
  readonly #ofTemplate = new Map<string, Set<string>>();

  constructor({ shown }: SafeTable) {
    this.#shown = new Set(shown.map(({ value }) => value));
  }

  add(program: string, host: number, denials: number): void {
    const row = this.#shown.has(program) ? program : OTHER;
    const byHost = this.#left.get(row) ?? new Map<number, number>();
    this.#left.set(row, byHost.set(host, (byHost.get(host) ?? 0) + denials));
    const { template } = pathTemplate(program);
    this.#ofTemplate.set(template, (this.#ofTemplate.get(template) ?? new Set<string>()).add(row));
  }

  /** Which row it is of; undefined where it may be of several. */
  take({ program, host, denials }: PackageRow): string | undefined {
    const [row, ...others] = this.#ofTemplate.get(program) ?? [];
    const byHost = others.length === 0 && row !== undefined ? this.#left.get(row) : undefined;
    if (byHost === undefined) return undefined;
    const left = (byHost.get(host) ?? 0) - denials;
    if (left > 0) byHost.set(host, left);
    else byHost.delete(host);
    return row;
  }

  get left(): ReadonlyMap<string, ReadonlySet<number>> {
    return new Map([...this.#left].map(([row, byHost]) => [row, new Set(byHost.keys())]));
  }

  /** Of all rows. */
  get rest() {
    const hosts = new Set<number>();
    let denials = 0;
    for (const byHost of this.#left.values()) {
      for (const [host, count] of byHost) {
        hosts.add(host);
        denials += count;
      }
    }
    return hosts.size === 0 ? undefined : { value: NO_PACKAGE, denials, hosts };
  }
}
