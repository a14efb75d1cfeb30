// Which programs use Landlock, and how: sandboxes made, rulesets, rules, log flags, domains, and what they were refused.
// Exact over any span: whole hours from the rollups, the rest of the first and last hour from what they are made of.
import type { Page, ProgramAnswer, Scope } from '../answers.ts';
import { WEIGHTS } from '../columns/repeats.ts';
import type { Database } from '../database/open.ts';
import { statement } from '../database/statement.ts';
import type { Condition } from '../query/condition.ts';
import { fromKeysCursor, type PageRequest, pageLimit, toKeysPage } from '../query/cursor.ts';
import { matchesPattern } from '../query/pattern.ts';
import { type Compiled, compileScope, type Span, slotsOf } from '../query/scope.ts';
import { type Answer, isRefused } from '../refused.ts';
import { NO_PROGRAM, USAGE_COUNTS, type UsageCounts, usageOf } from '../rollups/usage-hours.ts';
import { KEY_OF_DENIAL, splitSpan } from './counts.ts';
import { forEachHostCount, type HostCounts } from './host-counts.ts';
import { HostSet } from './host-set.ts';

/** By what, and by what among equals. */
const RANKS = {
  sandboxes: ['sandboxes', 'denials'],
  denials: ['denials', 'sandboxes'],
  hosts: ['hosts', 'denials'],
} as const;

export const PROGRAM_SORTS = ['sandboxes', 'denials', 'hosts'] as const;
export type ProgramSort = (typeof PROGRAM_SORTS)[number];

/** Its host, fleet, times and canary count; the query does not. */
export interface ProgramsRequest extends PageRequest {
  readonly scope: Scope;
  /** The path of the executable; `*` stands for any text. */
  readonly program?: string | undefined;
  /** The greatest first; default: sandboxes. */
  readonly sort?: ProgramSort | undefined;
}

const HOUR_SUMS = USAGE_COUNTS.map((name) => `sum(${name}) AS ${name}`).join(', ');

export function usageHoursSql(hosts: string): string {
  return `
  SELECT program, host, ${HOUR_SUMS}
  FROM sandbox_hours
  WHERE hour >= ? AND hour < ?
    AND ${hosts}
  GROUP BY program, host`;
}

export function usageCallsSql(hosts: string): string {
  return `
  SELECT ifnull(program, ${NO_PROGRAM}) AS program, host, call, is_success, is_probe, makes_domain, call_flags,
    count(*) AS calls
  FROM sandbox_calls
  WHERE at_ms >= ? AND at_ms < ? AND flags & 1 = 0
    AND ${hosts}
  GROUP BY program, host, call, is_success, is_probe, makes_domain, call_flags`;
}

export function programDomainsSql(hosts: string): string {
  return `
  SELECT ifnull(e.creator_executable, ${NO_PROGRAM}) AS program, m.host, count(*) AS domains
  FROM domains m
  JOIN domain_events e ON e.id = m.allocation
  WHERE m.allocated_ms >= ? AND m.allocated_ms < ? AND m.is_canary = 0
    AND ${hosts}
  GROUP BY program, m.host`;
}

export function deniedSql(condition: string): string {
  return `
  SELECT ${KEY_OF_DENIAL.program} AS program, d.host, ${WEIGHTS} AS denials
  FROM denials d
  WHERE d.id >= ? AND d.id < ?
    AND ${condition}
  GROUP BY program, d.host`;
}

const NAME_SQL = 'SELECT value FROM strings WHERE id = ?';

type Counts = UsageCounts & { denials: number };

interface Program {
  readonly id: number;
  readonly hosts: HostSet;
  readonly counts: Counts;
}

/** One page of the programs that did something within the span. */
export function listPrograms(db: Database, request: ProgramsRequest): Answer<Page<ProgramAnswer>> {
  const { query: _, ...asked } = request.scope;
  const scope = compileScope(db, asked);
  if (isRefused(scope)) return scope;
  const sort = request.sort ?? 'sandboxes';
  const kind = `programs-${sort}`;
  const after = fromKeysCursor(kind, request.cursor, 3);
  if (isRefused(after)) return after;
  const limit = pageLimit(request.limit);
  const [first, second] = RANKS[sort];
  const placed = named(db, countPrograms(db, scope, scope.span), request.program?.split('*'))
    .map(({ id, answer }) => ({ keys: [answer[first], answer[second], id], answer }))
    .filter(({ keys }) => after === undefined || byRank(after, keys) < 0)
    .sort((a, b) => byRank(a.keys, b.keys));
  return toKeysPage(
    kind,
    placed.slice(0, limit + 1),
    limit,
    ({ keys }) => keys,
    ({ answer }) => answer,
  );
}

/** What comes after a place in the ranking does so whatever was counted since. */
function byRank([a1 = 0, a2 = 0, a3 = 0]: readonly number[], [b1 = 0, b2 = 0, b3 = 0]: readonly number[]): number {
  return b1 - a1 || b2 - a2 || a3 - b3;
}

class ProgramTable {
  readonly #programs = new Map<number, Program>();

  add(id: number, host: number, counts: Partial<Counts>, times = 1): void {
    if (id === NO_PROGRAM) return;
    const program = this.#of(id);
    let isSome = false;
    for (const name of COUNTS) {
      const more = (counts[name] ?? 0) * times;
      program.counts[name] += more;
      isSome ||= more > 0;
    }
    if (isSome) program.hosts.add(host);
  }

  addDenials(counts: HostCounts): void {
    const program = this.#of(counts.key);
    program.counts.denials += counts.denials;
    program.hosts.addEach(counts);
  }

  /** Those that did something. */
  values(): readonly Program[] {
    return [...this.#programs.values()].filter(({ hosts }) => hosts.size > 0);
  }

  #of(id: number): Program {
    let program = this.#programs.get(id);
    if (program === undefined) {
      const none = Object.fromEntries(USAGE_COUNTS.map((name) => [name, 0])) as UsageCounts;
      program = { id, hosts: new HostSet(), counts: { ...none, denials: 0 } };
      this.#programs.set(id, program);
    }
    return program;
  }
}

const COUNTS = [...USAGE_COUNTS, 'denials'] as const;

function countPrograms(db: Database, scope: Compiled, span: Span): readonly Program[] {
  const { from, to, rests } = splitSpan(span);
  const table = new ProgramTable();
  if (from < to) addHours(db, scope, from, to, table);
  for (const rest of rests) addRest(db, scope, rest, table);
  return table.values();
}

function addHours(db: Database, scope: Compiled, from: number, to: number, table: ProgramTable): void {
  const hosts = scope.hosts('host') ?? ANY;
  const usage = statement<UsageCounts & { program: number; host: number }>(db, usageHoursSql(hosts.sql));
  for (const row of usage.iterate(from, to, ...hosts.params)) table.add(row.program, row.host, row);
  forEachHostCount(db, scope, { list: 'programs', from, to }, (counts) => table.addDenials(counts));
}

function addRest(db: Database, scope: Compiled, rest: Span, table: ProgramTable): void {
  const hosts = scope.hosts('host') ?? ANY;
  const ofDomain = scope.hosts('m.host') ?? ANY;
  const calls = statement<CallsRow>(db, usageCallsSql(hosts.sql)).all(rest.fromMs, rest.toMs, ...hosts.params);
  for (const row of calls) {
    const usage = usageOf({
      call: row.call,
      isSuccess: row.is_success === 1,
      isProbe: row.is_probe === 1,
      makesDomain: row.makes_domain,
      callFlags: row.call_flags,
    });
    table.add(row.program, row.host, usage ?? {}, row.calls);
  }
  const domains = statement<DomainsRow>(db, programDomainsSql(ofDomain.sql));
  for (const row of domains.all(rest.fromMs, rest.toMs, ...ofDomain.params)) table.add(row.program, row.host, row);
  const { first, end } = slotsOf(rest);
  const denied = statement<DeniedRow>(db, deniedSql(scope.denials.sql));
  for (const row of denied.all(first, end, ...scope.denials.params)) {
    table.add(row.program ?? NO_PROGRAM, row.host, { denials: row.denials });
  }
}

const ANY: Condition = { sql: '1', params: [] };

interface DeniedRow {
  readonly program: number;
  readonly host: number;
  readonly denials: number;
}

interface DomainsRow {
  readonly program: number;
  readonly host: number;
  readonly domains: number;
}

interface CallsRow {
  readonly program: number;
  readonly host: number;
  readonly call: number;
  readonly is_success: number;
  readonly is_probe: number;
  readonly makes_domain: number | null;
  readonly call_flags: number | null;
  readonly calls: number;
}

interface Named {
  readonly id: number;
  readonly answer: ProgramAnswer;
}

/** Only those that match. */
function named(db: Database, programs: readonly Program[], pattern: readonly string[] | undefined): readonly Named[] {
  const nameOf = statement<{ value: string }>(db, NAME_SQL);
  return programs.flatMap(({ id, hosts, counts }): Named[] => {
    const program = nameOf.get(id)?.value;
    if (program === undefined || (pattern !== undefined && !matchesPattern(pattern, program))) return [];
    return [{ id, answer: toAnswer(program, hosts.size, counts) }];
  });
}

function toAnswer(program: string, hosts: number, counts: Counts): ProgramAnswer {
  const { sandboxes, failed, rulesets, rules, domains, denials } = counts;
  return {
    program,
    hosts,
    sandboxes,
    failed,
    rulesets,
    rules,
    log_flags: {
      same_exec_off: counts.log_same_exec_off,
      new_exec_on: counts.log_new_exec_on,
      subdomains_off: counts.log_subdomains_off,
    },
    domains,
    denials,
  };
}
